//! How each kind of node looks, and what it is called.

use signoff_core::graph::{
    ChildMode, JoinNeed, NodeKind, ReceiveNode, SignalNode, SplitNode, SubprocessNode, Symbol,
    Trigger,
};

use super::{
    face::{Face, Glyph, Marker, Ring},
    words::Words,
};

/// The look of a node.
pub(super) fn face(kind: &NodeKind) -> Face {
    match kind {
        NodeKind::Approval(_) => task(Glyph::Check),
        NodeKind::Choice(_) => Face::Gateway(Glyph::Choice),
        NodeKind::Compensate(_) => between(Glyph::Rewind),
        NodeKind::End(_) => end(None),
        NodeKind::Fail(_) => end(Some(Glyph::Bolt)),
        NodeKind::First(_) => Face::Gateway(Glyph::Pentagon),
        NodeKind::Function(function) => called(function.symbol, Glyph::Braces),
        NodeKind::Job(job) => called(job.symbol, Glyph::Gear),
        NodeKind::Join(join) => Face::Gateway(match join.need {
            JoinNeed::All => Glyph::Parallel,
            _ => Glyph::Star,
        }),
        NodeKind::Raise(_) => between(Glyph::Escalation),
        NodeKind::Receive(ReceiveNode { message, .. }) => between(match message {
            Some(_) => Glyph::Envelope,
            None => Glyph::Code,
        }),
        NodeKind::Set(_) => task(Glyph::Assign),
        NodeKind::Signal(SignalNode::Catch { .. }) => between(Glyph::Signal),
        NodeKind::Signal(SignalNode::Throw { .. }) => between(Glyph::SignalThrown),
        NodeKind::Split(split) => Face::Gateway(split_glyph(split)),
        NodeKind::Subprocess(child) => subprocess(child),
        NodeKind::Step(_) | NodeKind::Task(_) => task(Glyph::Person),
        NodeKind::Terminate(_) => end(Some(Glyph::Disc)),
        NodeKind::Timer(_) => between(Glyph::Clock),
        NodeKind::Wait(_) => between(Glyph::Page),
    }
}

/// The look of a start.
pub(super) fn start_face(trigger: &Trigger) -> Face {
    Face::Event {
        ring: Ring::Thin,
        glyph: match trigger {
            Trigger::Code => Some(Glyph::Code),
            Trigger::Cron(_) | Trigger::Every(_) => Some(Glyph::Clock),
            Trigger::Message(_) => Some(Glyph::Envelope),
            Trigger::Person => None,
            Trigger::Signal(_) => Some(Glyph::Signal),
        },
    }
}

/// An end.
pub(super) const fn end(glyph: Option<Glyph>) -> Face {
    Face::Event {
        ring: Ring::Thick,
        glyph,
    }
}

/// The word for a kind of node.
pub(super) const fn word(kind: &NodeKind, words: &Words) -> &'static str {
    match kind {
        NodeKind::Approval(_) => words.approval,
        NodeKind::Choice(_) => words.switch,
        NodeKind::Compensate(_) => words.compensate,
        NodeKind::End(_) => words.end,
        NodeKind::Fail(_) => words.fail,
        NodeKind::First(_) => words.first,
        NodeKind::Function(function) => called_word(function.symbol, words.function, words),
        NodeKind::Job(job) => called_word(job.symbol, words.job, words),
        NodeKind::Join(_) => words.join,
        NodeKind::Raise(_) => words.raise,
        NodeKind::Receive(_) => words.receive,
        NodeKind::Set(_) => words.set,
        NodeKind::Step(_) => words.step,
        NodeKind::Signal(_) => words.signal,
        NodeKind::Split(_) => words.split,
        NodeKind::Subprocess(_) => words.subprocess,
        NodeKind::Task(_) => words.task,
        NodeKind::Terminate(_) => words.terminate,
        NodeKind::Timer(_) => words.timer,
        NodeKind::Wait(_) => words.wait,
    }
}

/// A call of the host's code, as what it stands for.
fn called(symbol: Option<Symbol>, own: Glyph) -> Face {
    match symbol {
        None => task(own),
        Some(Symbol::Message) => between(Glyph::EnvelopeSent),
        Some(Symbol::Rule) => task(Glyph::Table),
        Some(Symbol::Send) => task(Glyph::EnvelopeSent),
    }
}

const fn called_word(symbol: Option<Symbol>, own: &'static str, words: &Words) -> &'static str {
    match symbol {
        None => own,
        Some(Symbol::Message) => words.message,
        Some(Symbol::Rule) => words.rule,
        Some(Symbol::Send) => words.send,
    }
}

const fn task(glyph: Glyph) -> Face {
    Face::Task {
        glyph,
        markers: Vec::new(),
    }
}

const fn between(glyph: Glyph) -> Face {
    Face::Event {
        ring: Ring::Double,
        glyph: Some(glyph),
    }
}

/// Readers of BPMN expect a circle where not every branch is always taken.
fn split_glyph(split: &SplitNode) -> Glyph {
    if split.branches.iter().any(|branch| branch.when.is_some()) {
        Glyph::Inclusive
    } else {
        Glyph::Parallel
    }
}

fn subprocess(child: &SubprocessNode) -> Face {
    let repeats = child.each.as_ref().map(|_| match child.mode {
        ChildMode::Parallel => Marker::Parallel,
        ChildMode::Sequence => Marker::Sequence,
    });
    Face::Task {
        glyph: Glyph::Process,
        markers: repeats.into_iter().chain([Marker::Subprocess]).collect(),
    }
}
