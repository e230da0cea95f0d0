//! The small print of a node: whom it asks, what it waits for, which statuses it has.

use std::collections::BTreeMap;

use signoff_core::{
    calendar::Period,
    graph::{
        ApprovalNode, Duty, EntrySpec, ForEach, JoinNeed, Led, Moment, Need, Node, NodeKind,
        SignalNode, StartRule, SubprocessNode, Trigger, Unit, Who,
    },
    text::Text,
};

use super::words::{Words, say};

/// The lines below the title of a node.
pub(super) fn of_node(node: &Node) -> Vec<Text> {
    let when = node.when.as_ref();
    let when = when.map(|when| say(|words| format!("{} {}", words.if_, when.source())));
    let statuses = statuses(&node.kind);
    let notes = of_kind(&node.kind).into_iter().chain(statuses);
    notes.chain(when).collect()
}

/// The statuses of a step, in each language that one of them has.
fn statuses(kind: &NodeKind) -> Option<Text> {
    let NodeKind::Step(step) = kind else {
        return None;
    };
    let titles = || step.statuses.values().map(|status| &status.title);
    let joined = |locale: &str| {
        let titles: Vec<&str> = titles().map(|title| title.for_locale(locale)).collect();
        titles.join(", ")
    };
    let locales = titles().filter_map(|title| match title {
        Text::Plain(_) => None,
        Text::Localized(texts) => Some(texts.keys()),
    });
    let locales = locales.flatten();
    let all: BTreeMap<String, String> = locales
        .map(|locale| (locale.clone(), joined(locale)))
        .collect();
    Some(match all.is_empty() {
        true => Text::Plain(joined("en")),
        false => Text::Localized(all),
    })
}

/// The lines below the title of a start.
pub(super) fn of_start(start: &StartRule) -> Vec<Text> {
    let note = match &start.trigger {
        Trigger::Code => Some(say(|words| words.by_code.to_owned())),
        Trigger::Cron(cron) => Some(Text::Plain(cron.clone())),
        Trigger::Every(every) => Some(say(|words| {
            format!("{} {}", words.every, duration(every.as_secs(), words))
        })),
        Trigger::Message(name) | Trigger::Signal(name) => Some(Text::Plain(name.clone())),
        Trigger::Person => None,
    };
    note.into_iter().collect()
}

fn of_kind(kind: &NodeKind) -> Option<Text> {
    match kind {
        NodeKind::Approval(approval) => Some(of_approval(approval)),
        NodeKind::Choice(_) | NodeKind::First(_) | NodeKind::Split(_) => None,
        NodeKind::Compensate(nodes) => keys(nodes.iter().map(|node| node.as_str())),
        NodeKind::End(outcome) | NodeKind::Terminate(outcome) => outcome.clone().map(Text::Plain),
        NodeKind::Fail(code) | NodeKind::Raise(code) => Some(Text::Plain(code.clone())),
        NodeKind::Function(function) => Some(Text::Plain(function.name.clone())),
        NodeKind::Job(job) => Some(Text::Plain(job.name.clone())),
        NodeKind::Join(join) => of_join(&join.need),
        NodeKind::Receive(receive) => Some(match &receive.message {
            Some(message) => Text::Plain(message.name.clone()),
            None => say(|words| words.by_code.to_owned()),
        }),
        NodeKind::Set(assignments) => {
            let paths: Vec<String> = assignments
                .iter()
                .map(|(path, _)| path.to_string())
                .collect();
            keys(paths.iter().map(String::as_str))
        }
        NodeKind::Signal(SignalNode::Catch { name, .. } | SignalNode::Throw { name, .. }) => {
            Some(Text::Plain(name.clone()))
        }
        NodeKind::Subprocess(child) => Some(of_subprocess(child)),
        NodeKind::Step(step) => Some(say(|words| who(&step.entry.who, words))),
        NodeKind::Task(task) => Some(say(|words| who(&task.entry.who, words))),
        NodeKind::Timer(moment) => Some(of_moment(moment)),
        NodeKind::Wait(condition) => Some(Text::Plain(condition.source().to_owned())),
    }
}

fn keys<'a>(keys: impl Iterator<Item = &'a str>) -> Option<Text> {
    let keys: Vec<&str> = keys.collect();
    (!keys.is_empty()).then(|| Text::Plain(keys.join(", ")))
}

/// When something comes that waits for a moment.
pub(super) fn of_moment(moment: &Moment) -> Text {
    match moment {
        Moment::After(after) => {
            say(|words| match after {
                Period::Exact(after) => {
                    format!("{} {}", words.after, duration(after.as_secs(), words))
                }
                // As it is written.
                other => format!("{} {other}", words.after),
            })
        }
        Moment::At(at) => say(|words| format!("{} {}", words.at, at.source())),
        Moment::Fixed(at) => say(|words| format!("{} {at}", words.at)),
    }
}

/// What a branch or a child is made for.
pub(super) fn of_each(each: &ForEach) -> Text {
    say(|words| each_of(each, words))
}

fn of_join(need: &JoinNeed) -> Option<Text> {
    match need {
        JoinNeed::All => None,
        JoinNeed::Any => Some(say(|words| words.any.to_owned())),
        JoinNeed::Count(count) => Some(Text::Plain(count.to_string())),
        JoinNeed::Percent(percent) => Some(Text::Plain(format!("{percent} %"))),
        JoinNeed::When(condition) => Some(Text::Plain(condition.source().to_owned())),
        // What a later version needs is in its own title.
        _ => None,
    }
}

fn of_subprocess(child: &SubprocessNode) -> Text {
    say(|words| {
        let mut note = child.workflow.as_str().to_owned();
        if let Some(each) = &child.each {
            note = format!("{note}, {}", each_of(each, words));
        }
        if !child.awaits {
            note = format!("{note} ({})", words.not_waiting);
        }
        note
    })
}

fn each_of(each: &ForEach, words: &Words) -> String {
    format!("{} {}", words.each, each.items.source())
}

fn of_approval(approval: &ApprovalNode) -> Text {
    say(|words| {
        let entries = approval.entries.iter().map(|entry| of_entry(entry, words));
        entries.collect::<Vec<_>>().join(", ")
    })
}

fn of_entry(entry: &EntrySpec, words: &Words) -> String {
    let who = who(&entry.who, words);
    match entry.duty {
        Duty::Hierarchy(rule) => format!("{} {} {who}", rule.levels, words.levels_above),
        Duty::Each(Need::All) => format!("{who} ({})", words.all),
        Duty::Each(Need::Majority) => format!("{who} ({})", words.majority),
        Duty::Each(Need::Percent(percent)) => format!("{who} ({percent} %)"),
        Duty::Each(Need::Quorum(quorum)) => format!("{who} ({quorum})"),
        _ => who,
    }
}

fn who(who: &Who, words: &Words) -> String {
    match who {
        Who::ActorOf(node) => format!("{} {node}", words.who_did),
        Who::Anyone => words.anyone.to_owned(),
        Who::From(condition) => condition.source().to_owned(),
        Who::HeadOf(Unit::Department) => words.head_of_department.to_owned(),
        Who::HeadOf(Unit::Team) => words.head_of_team.to_owned(),
        Who::ManagerOf(led, levels) => {
            let text = match led {
                Led::ActorOf(node) => format!("{} {node}", words.manager_of_actor),
                Led::Assignee => words.manager_of_assignee.to_owned(),
                _ => words.manager_of_requester.to_owned(),
            };
            match levels {
                1 => text,
                levels => format!("{text} ({levels})"),
            }
        }
        Who::Requester => words.requester.to_owned(),
        Who::Role(role) => format!("{}: {role}", words.role),
        Who::User(person) => format!("{}: {person}", words.person),
        // Whom a later version asks is in the definition.
        _ => String::new(),
    }
}

/// A duration as people read it: `1 d 12 h`.
fn duration(seconds: i64, words: &Words) -> String {
    let parts: Vec<String> = [
        (seconds / 86_400, words.days),
        (seconds / 3_600 % 24, words.hours),
        (seconds / 60 % 60, words.minutes),
        (seconds % 60, words.seconds),
    ]
    .into_iter()
    .filter(|(n, _)| *n != 0)
    .map(|(n, unit)| format!("{n} {unit}"))
    .collect();
    if parts.is_empty() {
        return format!("0 {}", words.seconds);
    }
    parts.join(" ")
}
