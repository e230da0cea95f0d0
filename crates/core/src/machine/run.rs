//! One command, from question to question to its end.

use crate::{
    change::Change,
    command::{Command, Migration},
    event::HistoryEntry,
    facts::{Facts, LoadedPart, Question},
    graph::{ActionEvent, Graph},
    instance::Instance,
    machine::{
        children, commands,
        context::{Context, Halt, gather},
        draft::{Draft, Fired},
        join, reactions, regions, watch,
        work::Work,
    },
    refusal::{Refusal, RefusalCode},
};

/// One command being decided.
///
/// # Example
/// ```
/// # use signoff_core::{machine::{Run, Step}, graph::{GraphBuilder, Node, NodeKind}, command::{Command, Start}, facts::{Answers, Facts}, actor::Actor, id::{CommandId, DefinitionId}};
/// let graph = GraphBuilder::new("nothing").node(Node::new("end", NodeKind::End(None))).build()?;
/// let definition = DefinitionId { workflow: "nothing".into(), version: 1 };
/// let start = Command::Start(Box::new(Start::new(Default::default(), definition)));
/// let facts = Facts {
///     command: CommandId::new("01900000-0000-7000-8000-000000000000".parse()?),
///     now: "2026-01-01T00:00:00Z".parse()?,
///     actor: Actor::Host,
///     context: Default::default(),
///     settings: Default::default(),
///     answers: Answers::default(),
/// };
/// let mut run = Run::new(&graph, None, &start);
/// let Step::Accept(accepted) = run.poll(&facts) else { panic!("nothing to ask, nothing to refuse") };
/// assert_eq!(accepted.change.instance().status().as_str(), "completed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Run<'a> {
    graph: &'a Graph,
    before: Option<&'a Instance>,
    command: &'a Command,
    follow: Option<&'a Migration>,
    stage: Stage,
}

/// What a poll says.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// It may happen; this is what it writes.
    Accept(Box<Accepted>),
    /// Something must be answered: add the answers to the facts and poll again.
    Ask(Vec<Question>),
    /// It may not happen, and nothing changes.
    Refuse(Refusal),
}

/// An accepted command.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// What the store must write.
    pub change: Change,
    /// Stable codes beside the acceptance.
    pub notices: Vec<&'static str>,
}

/// How far the command came.
#[derive(Debug)]
enum Stage {
    /// It has not been checked yet.
    Begin,
    /// Its waves run.
    Waves { draft: Box<Draft>, wave: Vec<Work> },
    /// Nothing can run any more; reactions are worked out.
    React(Box<Draft>),
    /// It was accepted or refused.
    Over,
}

impl<'a> Run<'a> {
    /// Begins to decide `command` on `instance`; a start has none.
    #[must_use]
    pub const fn new(
        graph: &'a Graph,
        instance: Option<&'a Instance>,
        command: &'a Command,
    ) -> Self {
        Self {
            graph,
            before: instance,
            command,
            follow: None,
            stage: Stage::Begin,
        }
    }

    /// The same on the newest version, to which the instance goes first; `graph` is that of it. Asked
    /// only of what [`may_follow`](super::may_follow).
    #[must_use]
    pub fn following(self, plan: &'a Migration) -> Self {
        Self {
            follow: Some(plan),
            ..self
        }
    }

    /// Goes on as far as `facts` allow. After `Accept` or `Refuse` it begins anew.
    pub fn poll(&mut self, facts: &Facts) -> Step {
        match self.advance(facts) {
            Ok(accepted) => {
                self.stage = Stage::Begin;
                Step::Accept(Box::new(accepted))
            }
            Err(Halt::Ask(questions)) => Step::Ask(questions),
            Err(Halt::Refuse(refusal)) => {
                self.stage = Stage::Begin;
                Step::Refuse(refusal)
            }
        }
    }

    fn advance(&mut self, facts: &Facts) -> Result<Accepted, Halt> {
        let cx = Context {
            graph: self.graph,
            command: self.command,
            facts,
        };
        loop {
            match std::mem::replace(&mut self.stage, Stage::Over) {
                Stage::Begin | Stage::Over => {
                    let mut draft = Box::new(Draft::new(self.before, facts));
                    let followed = match self.follow {
                        Some(plan) => commands::follow(&cx, &mut draft, plan),
                        None => Ok(()),
                    };
                    let began = followed.and_then(|()| commands::begin(&cx, &mut draft));
                    match cx.asked().and(began) {
                        Ok(()) => {
                            self.stage = Stage::Waves {
                                draft,
                                wave: Vec::new(),
                            }
                        }
                        Err(halt) => {
                            self.stage = Stage::Begin;
                            return Err(halt);
                        }
                    }
                }
                Stage::Waves { mut draft, wave } => {
                    let ran = run_wave(&cx, &mut draft, &wave);
                    // What came of not knowing somebody is void: all begins anew with the answers.
                    cx.asked()?;
                    match ran {
                        Ok(None) => {
                            let ended = draft.instance()?.status().is_over();
                            if ended {
                                children::tell_parent(&cx, &mut draft)?;
                            }
                            self.stage = Stage::React(draft);
                        }
                        Ok(Some(wave)) => self.stage = Stage::Waves { draft, wave },
                        Err(halt) => {
                            self.stage = Stage::Waves { draft, wave };
                            return Err(halt);
                        }
                    }
                }
                Stage::React(mut draft) => match reactions::resolve(&cx, &mut draft) {
                    Ok(jobs) => return self.accept(&cx, *draft, jobs),
                    Err(halt) => {
                        self.stage = Stage::React(draft);
                        return Err(halt);
                    }
                },
            }
        }
    }

    fn accept(
        &self,
        cx: &Context<'_>,
        mut draft: Draft,
        jobs: Vec<crate::change::JobRow>,
    ) -> Result<Accepted, Halt> {
        let notices = std::mem::take(&mut draft.notices);
        let (instance, events, loaded) = draft.into_parts();
        let Some(after) = instance else {
            return Err(Halt::refuse(
                RefusalCode::NotFound,
                "there is no such instance",
            ));
        };
        let entry = HistoryEntry {
            version: self.before.map_or(0, Instance::version) + 1,
            command: cx.facts.command,
            at: cx.facts.now,
            by: cx.facts.actor.by(),
            events,
        };
        // What was loaded on the way is no news: the change is from it, not from its absence.
        let widened = (loaded != LoadedPart::default()).then(|| {
            let mut before = self.before.cloned()?;
            before.admit(loaded.activations, loaded.tasks);
            Some(before)
        });
        let before = widened.as_ref().map_or(self.before, Option::as_ref);
        Ok(Accepted {
            change: Change::net(before, after, entry, jobs, cx.graph.indexed()),
            notices,
        })
    }
}

/// Runs one wave whole, or asks without having written anything of it.
///
/// Gives the next wave, or `None` when nothing can run any more.
fn run_wave(cx: &Context<'_>, draft: &mut Draft, wave: &[Work]) -> Result<Option<Vec<Work>>, Halt> {
    let (wave, later) = order(cx, draft.instance()?, wave);
    gather(wave.iter().map(|work| work.load(cx, draft)))?;
    let plans = gather(wave.iter().map(|work| work.plan(cx, draft)));
    cx.asked()?;
    let plans = plans?;
    draft.next.extend(later);
    for (work, plan) in wave.into_iter().zip(plans) {
        work.emit(cx, draft, plan)?;
        if !draft.instance()?.status().is_running() {
            // The instance has ended in this wave: the rest of it has no place to go.
            draft.next.clear();
            draft.dirty.clear();
            return Ok(None);
        }
    }
    if !draft.instance()?.status().is_running() {
        // It has ended, has not begun, or stands still.
        return Ok(None);
    }
    if draft.next.is_empty() {
        join::look(cx, draft)?;
    }
    if draft.next.is_empty() {
        regions::hand_on(draft)?;
    }
    if draft.next.is_empty() {
        watch::look(cx, draft)?;
    }
    if !draft.next.is_empty() {
        return Ok(Some(std::mem::take(&mut draft.next)));
    }
    if cx.command.begins() {
        // Only now do the first approvals exist.
        let started = Fired::new(ActionEvent::OnWorkflowStart, None);
        draft.fired.push(started);
    }
    let instance = draft.instance()?;
    if instance.status().is_running() && instance.is_drained() {
        draft.emit(crate::event::Event::InstanceCompleted);
        draft
            .fired
            .push(Fired::new(ActionEvent::OnWorkflowComplete, None));
    }
    Ok(None)
}

/// What runs now, and what waits for the next wave: what withdraws others comes before them, and
/// what comes after a terminate is not even asked about. A function must not run for nothing.
fn order(cx: &Context<'_>, instance: &Instance, wave: &[Work]) -> (Vec<Work>, Vec<Work>) {
    if wave.iter().any(Work::comes_first) {
        return wave.iter().cloned().partition(Work::comes_first);
    }
    let last = wave.iter().position(|work| work.terminates(cx, instance));
    let now = last.map_or(wave, |last| &wave[..=last]);
    (now.to_vec(), Vec::new())
}
