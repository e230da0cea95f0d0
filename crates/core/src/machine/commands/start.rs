//! Start: an instance begins.
//!
//! | command | from | guard | events | to |
//! | --- | --- | --- | --- | --- |
//! | start | nothing | named in `start.by`, data fit the schema, no other instance runs for the subject or has the business key, where that matters | `instance_started` `node_entered` … | instance running |
//! | start | nothing | the same, to begin later | `instance_attached` | instance pending |

use std::{borrow::Cow, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    actor::Actor,
    command::{Begins, Start},
    conditions::Scope,
    event::{Event, InstanceStarted},
    facts::Question,
    graph::{IfRunning, StartRule},
    id::{InstanceId, NodeKey, PersonId, Subject},
    instance::Instance,
    limits::Name,
    machine::{
        context::{Context, Halt},
        data,
        draft::Draft,
        leave,
        variables::{self, Variables},
        work::{Enter, Work},
    },
    pointer::Pointer,
    refusal::{Refusal, RefusalCode},
    schemas::{FieldError, with_defaults},
    text::Text,
};

pub(super) fn begin(cx: &Context<'_>, draft: &mut Draft, start: &Start) -> Result<(), Halt> {
    if let Ok(instance) = draft.instance() {
        return Err(already_started(instance));
    }
    let rule = rule(cx, start.start.as_ref())?;
    let requester = permitted(cx, start, rule)?;
    check_subject(cx, start)?;
    check_business_key(start)?;
    let data = data(cx, start, rule)?;
    let exclusive = rule.if_running != IfRunning::Allow && start.subject.is_some();
    let unique = rule.unique && start.business_key.is_some();
    check_others(cx, start, exclusive, unique)?;
    let instance = start
        .instance
        .unwrap_or_else(|| InstanceId::new(draft.id()));
    let started = Box::new(InstanceStarted {
        tenant: start.tenant.clone(),
        instance,
        definition: start.definition.clone(),
        title: title(cx, start, &data)?,
        subject: start.subject.clone(),
        requester,
        data,
        metadata: Arc::clone(&start.metadata),
        exclusive,
        business_key: start.business_key.clone(),
        unique,
        follows: start.follows,
        start: start.start.clone(),
        parent: start.parent.clone(),
        seed: start.seed.clone(),
        artifact: start.artifact.clone(),
        message: start.message.clone(),
    });
    if start.begins == Begins::Later {
        draft.emit(Event::InstanceAttached(started));
        return Ok(());
    }
    draft.emit(Event::InstanceStarted(started));
    enter_first(cx, draft, rule)
}

/// The first token comes to the first node.
pub(super) fn enter_first(
    cx: &Context<'_>,
    draft: &mut Draft,
    rule: &StartRule,
) -> Result<(), Halt> {
    let first = rule.first.as_ref().unwrap_or_else(|| cx.graph.first());
    let variables = Variables::here(cx, draft.instance()?);
    let given = leave::give(&rule.passes, &variables)
        .map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    draft.next.push(Work::Enter(Enter {
        given,
        ..Enter::new(first.clone())
    }));
    Ok(())
}

/// Starting twice is refused naming the status.
pub(super) fn already_started(instance: &Instance) -> Halt {
    Halt::refuse(
        RefusalCode::AlreadyStarted,
        format!(
            "the instance has been started before and is {}",
            instance.status().as_str()
        ),
    )
}

/// The way to start that is taken.
pub(super) fn rule<'a>(cx: &Context<'a>, start: Option<&NodeKey>) -> Result<&'a StartRule, Halt> {
    let Some(key) = start else {
        return Ok(cx.graph.start());
    };
    cx.graph.start_named(key.as_str()).ok_or_else(|| {
        let message = format!("`{}` has no start `{key}`", cx.graph.key());
        Halt::refuse(RefusalCode::NotFound, message)
    })
}

/// The requester, when the actor may start.
fn permitted(cx: &Context<'_>, start: &Start, rule: &StartRule) -> Result<Option<PersonId>, Halt> {
    let Actor::Person(person) = &cx.facts.actor else {
        return Ok(start.requester.as_ref().or(start.from.as_ref()).cloned());
    };
    if !rule.may_be_taken_by(person) {
        return Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("`{}` may not start `{}`", person.id, cx.graph.key()),
        ));
    }
    match &start.requester {
        Some(other) if *other != person.id && !person.admin => Err(Halt::refuse(
            RefusalCode::NotPermitted,
            format!("`{}` may not start in the name of `{other}`", person.id),
        )),
        Some(other) => Ok(Some(other.clone())),
        None => Ok(Some(start.from.as_ref().unwrap_or(&person.id).clone())),
    }
}

fn check_subject(cx: &Context<'_>, start: &Start) -> Result<(), Halt> {
    match (cx.graph.subject(), &start.subject) {
        (Some(expected), Some(subject)) if subject.kind != expected => Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            format!(
                "expected a subject of type `{expected}`, found `{}`",
                subject.kind
            ),
        )),
        (_, Some(Subject { kind, id })) if kind.is_empty() || id.is_empty() => Err(Halt::refuse(
            RefusalCode::TargetInvalid,
            "a subject has a type and an id: what is not stored yet cannot be started on",
        )),
        _ => Ok(()),
    }
}

/// A business key is a text of a character or more that every database keeps.
fn check_business_key(start: &Start) -> Result<(), Halt> {
    const PLACE: &str = "/business_key";
    match start.business_key.as_deref() {
        None => Ok(()),
        Some("") => {
            let message = "a business key has a character at least".to_owned();
            let wrong = FieldError {
                pointer: Pointer::from_encoded(PLACE.to_owned()),
                code: "min_length".to_owned(),
                message: message.clone(),
            };
            let refusal = Refusal::new(RefusalCode::FormInvalid, message);
            Err(Halt::Refuse(refusal.fields(vec![wrong])))
        }
        Some(key) => Name::BusinessKey.check(PLACE, key).map_err(Halt::Refuse),
    }
}

/// The title of the instance, made from what is known before there is one.
fn title(cx: &Context<'_>, start: &Start, data: &Value) -> Result<Text, Halt> {
    let Some(template) = cx.graph.instance_title() else {
        return Ok(cx.graph.title().clone());
    };
    template
        .render(&AtStart { cx, start, data })
        .map(Text::from)
        .map_err(|error| Halt::refuse(RefusalCode::NodeFailed, format!("the title: {error}")))
}

/// What conditions see before there is an instance.
struct AtStart<'a> {
    cx: &'a Context<'a>,
    start: &'a Start,
    data: &'a Value,
}

impl Scope for AtStart<'_> {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        let facts = self.cx.facts;
        Some(match name {
            "actor" => Cow::Owned(variables::actor(&facts.actor)),
            "data" => Cow::Borrowed(self.data),
            "now" => Cow::Owned(Value::from(facts.now.to_string())),
            "subject" => Cow::Owned(variables::subject(self.start.subject.as_ref()?)),
            key => match self.data.get(key) {
                Some(value) => Cow::Borrowed(value),
                None if self.cx.graph.subject() == Some(key) => Cow::Borrowed(self.data),
                None => return None,
            },
        })
    }
}

/// The data with the schema's defaults, checked.
fn data(cx: &Context<'_>, start: &Start, rule: &StartRule) -> Result<Arc<Value>, Halt> {
    let limits = &cx.facts.settings.limits;
    let more = [&start.seed, &start.artifact];
    let more = more.into_iter().flatten();
    for value in more.chain([&start.data, &start.metadata]) {
        data::shallow("what it starts with", value)
            .map_err(|failure| Halt::refuse(failure.code, failure.message))?;
    }
    let given = match &*start.data {
        Value::Null => Arc::new(Value::Object(Map::new())),
        Value::Object(_) => Arc::clone(&start.data),
        _ => {
            return Err(Halt::refuse(
                RefusalCode::FormInvalid,
                "data must be a JSON object",
            ));
        }
    };
    let data = match cx.graph.data() {
        Some(schema) => with_defaults(&schema.source, given),
        None => given,
    };
    for (what, size, limit) in [
        ("data", data.to_string().len(), limits.data_bytes),
        (
            "metadata",
            start.metadata.to_string().len(),
            limits.metadata_bytes,
        ),
    ] {
        if size > limit {
            return Err(Halt::refuse(
                RefusalCode::LimitExceeded,
                format!("the {what} are {size} bytes long, {limit} are allowed"),
            ));
        }
    }
    let schema = cx.graph.data().map(|schema| &schema.schema);
    let form = rule.form.as_ref().map(|form| &form.schema);
    let mut wrong: Vec<FieldError> = schema
        .into_iter()
        .chain(form)
        .flat_map(|schema| schema.check(&data))
        .collect();
    wrong.dedup();
    if wrong.is_empty() {
        return Ok(data);
    }
    Err(Halt::Refuse(
        Refusal::new(RefusalCode::FormInvalid, "the data do not fit their schema").fields(wrong),
    ))
}

/// What other instances forbid; both are asked for at once.
fn check_others(
    cx: &Context<'_>,
    start: &Start,
    exclusive: bool,
    unique: bool,
) -> Result<(), Halt> {
    let subject = start.subject.as_ref().filter(|_| exclusive);
    let key = start.business_key.as_ref().filter(|_| unique);
    let workflow = cx.graph.key();
    let (running, keyed) = (cx.facts.answers.get_running(), cx.facts.answers.get_keyed());
    let mut questions = Vec::new();
    if let (Some(subject), None) = (subject, running) {
        questions.push(Question::Running(workflow.clone(), subject.clone()));
    }
    if let (Some(key), None) = (key, keyed) {
        questions.push(Question::Keyed(workflow.clone(), key.clone()));
    }
    if !questions.is_empty() {
        return Err(Halt::Ask(questions));
    }
    // What runs for the subject is told first: a start may be content with it.
    if let (Some(_), Some(Some(running))) = (subject, running) {
        return Err(Halt::Refuse(Refusal::already_runs(workflow, running)));
    }
    if let (Some(key), Some(Some(keyed))) = (key, keyed) {
        return Err(Halt::Refuse(Refusal::not_unique(workflow, key, keyed)));
    }
    Ok(())
}
