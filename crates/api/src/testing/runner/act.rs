//! What a step does.

use serde_json::{Map, Value};
use signoff_core::{
    command::Place,
    id::InstanceId,
    refusal::{Refusal, RefusalCode},
};

use super::{Failure, Went, World};
use crate::{
    call::{Call, Start},
    clock::Clock,
    engine::{Done, Message, Sent, Signal},
    error::{ErrorKind, NotDone},
    migration::Migration,
    testing::{
        read::invalid,
        verbs::{InstanceVerb, PlaceVerb, TaskVerb, Verb, Words, duration},
    },
};

impl World {
    pub(super) async fn act(&mut self, verb: &Verb) -> Result<Went, Failure> {
        match verb {
            Verb::Advance(by) => self.advance(*by).await,
            Verb::Work => Ok(Went::Accepted(Vec::new())),
            Verb::Substitute(substitution) => {
                self.directory.put_substitution(substitution.clone());
                Ok(Went::Accepted(Vec::new()))
            }
            Verb::Start { start, name } => self.start(start, name.as_deref()).await,
            Verb::Publish(document) => self.publish(document).await,
            Verb::Send(words) => self.send(words).await,
            Verb::Signal(words) => self.signal(words).await,
            Verb::Migrate { words, .. }
            | Verb::OnInstance { words, .. }
            | Verb::OnPlace { words, .. }
            | Verb::OnTask { words, .. } => {
                let Some(id) = self.subject(verb)? else {
                    return Err("no instance has been started yet".to_owned());
                };
                let call = match verb {
                    Verb::Migrate { plan, .. } => Call::migrate(id, Migration::clone(plan)),
                    Verb::OnInstance { verb, .. } => on_instance(*verb, words, id)?,
                    Verb::OnPlace { verb, .. } => self.on_place(*verb, words, id).await?,
                    Verb::OnTask { verb, .. } => match self.on_task(*verb, words, id).await? {
                        Ok(call) => call,
                        Err(refusal) => return Ok(Went::Refused(refusal)),
                    },
                    _ => return Err("the verb is about no instance".to_owned()),
                };
                let call = words.with(call.tenant(self.tenant.clone()));
                went(self.engine.call(call).await)
            }
        }
    }

    /// Publishes one more version, or one more workflow.
    pub(super) async fn publish(&self, document: &str) -> Result<Went, Failure> {
        let sources = [(document, signoff_definition::Format::Json)];
        match self.engine.publish(&self.tenant, &sources).await {
            Ok(_) => Ok(Went::Accepted(Vec::new())),
            Err(error) if error.kind() == ErrorKind::Definition => {
                let code = RefusalCode::DefinitionInvalid;
                Ok(Went::Refused(Refusal::new(code, error.to_string())))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    pub(super) async fn send(&mut self, words: &Words) -> Result<Went, Failure> {
        let name = words.node.clone().unwrap_or_default();
        let mut message = Message::new(name).tenant(self.tenant.clone());
        if let Some(key) = &words.key {
            message = message.key(key);
        }
        if let Some(id) = &words.id {
            message = message.id(id.as_str());
        }
        if let Some(data) = &words.data {
            message = message.payload(data).map_err(|error| error.to_string())?;
        }
        if let Some(by) = &words.by {
            message = message.by(by.as_str());
        }
        match self.engine.send(message).await {
            Ok(Sent::Delivered(id)) => {
                if let Some(name) = &words.as_name {
                    self.names.insert(name.clone(), id);
                }
                Ok(Went::Accepted(Vec::new()))
            }
            Ok(_) => Ok(Went::Accepted(Vec::new())),
            Err(NotDone::Refused(refusal)) => Ok(Went::Refused(refusal)),
            Err(NotDone::Failed(error)) => Err(error.to_string()),
        }
    }

    pub(super) async fn signal(&self, words: &Words) -> Result<Went, Failure> {
        let name = words.node.clone().unwrap_or_default();
        let mut signal = Signal::new(name).tenant(self.tenant.clone());
        if let Some(data) = &words.data {
            signal = signal.payload(data).map_err(|error| error.to_string())?;
        }
        if let Some(by) = &words.by {
            signal = signal.by(by.as_str());
        }
        match self.engine.signal(signal).await {
            Ok(_) => Ok(Went::Accepted(Vec::new())),
            Err(NotDone::Refused(refusal)) => Ok(Went::Refused(refusal)),
            Err(NotDone::Failed(error)) => Err(error.to_string()),
        }
    }

    /// The call about the activation that is meant: of the open task, else the latest that lives,
    /// else of the last closed task.
    pub(super) async fn on_place(
        &self,
        verb: PlaceVerb,
        words: &Words,
        id: InstanceId,
    ) -> Result<Call, Failure> {
        if let (PlaceVerb::Jump, None) = (verb, &words.node) {
            return Ok(Call::jump_whole(id));
        }
        let node = words.node.clone().unwrap_or_default();
        let id = self.owner(words, id).await?;
        let starts = self
            .view(id)
            .await?
            .definition
            .graph
            .start_named(&node)
            .is_some();
        let task = if starts {
            None
        } else {
            self.find_task(words, id).await?
        };
        let instance = self.view(id).await?.instance;
        let mut live = instance.activations();
        let lives = live.any(|found| found.node.as_str() == node);
        let place = match task {
            Some(task) if task.is_open() || !lives => Place::Activation(task.activation),
            _ => Place::from(node.as_str()),
        };
        Ok(match verb {
            PlaceVerb::CancelTask => Call::cancel_task(id, place),
            PlaceVerb::Jump => Call::jump(id, place),
            PlaceVerb::Retry => Call::retry(id, place),
            PlaceVerb::Revive => Call::revive(id, place),
            PlaceVerb::Skip => Call::skip(id, place),
            PlaceVerb::Undo => Call::undo(id, place),
        })
    }

    /// The moment of `until`: itself, or so long from now.
    fn until(&self, words: &Words) -> Result<Option<jiff::Timestamp>, Failure> {
        let Some(until) = &words.until else {
            return Ok(None);
        };
        if let Ok(moment) = until.parse() {
            return Ok(Some(moment));
        }
        let after = duration(until, &words.path).map_err(|error| error.to_string())?;
        Ok(self.clock.now().checked_add(after).ok())
    }

    pub(super) async fn advance(&self, by: jiff::SignedDuration) -> Result<Went, Failure> {
        let target = self
            .clock
            .now()
            .checked_add(by)
            .map_err(|error| error.to_string())?;
        loop {
            let next = self
                .engine
                .next_due()
                .await
                .map_err(|error| error.to_string())?;
            match next.filter(|due| *due <= target && !self.manual) {
                Some(due) => {
                    self.clock.set(due);
                    let ran = self
                        .engine
                        .tick()
                        .await
                        .map_err(|error| error.to_string())?;
                    if ran == 0 {
                        return Err("law: a job is due, but none could be claimed".to_owned());
                    }
                }
                None => break,
            }
        }
        self.clock.set(target);
        Ok(Went::Accepted(Vec::new()))
    }

    pub(super) async fn start(
        &mut self,
        start: &Start,
        name: Option<&str>,
    ) -> Result<Went, Failure> {
        let mut start = start.clone().tenant(self.tenant.clone());
        if start.workflow.as_str().is_empty() {
            start.workflow = self.workflow.clone();
        }
        let done = match self.engine.start(start).await {
            Ok(done) => done,
            Err(not_done) => return went(Err(not_done)),
        };
        self.started = true;
        if !self.instances.contains(&done.id()) {
            self.instances.push(done.id());
        }
        if let Some(name) = name {
            self.names.insert(name.to_owned(), done.id());
        }
        Ok(Went::Accepted(done.notices))
    }

    pub(super) async fn on_task(
        &self,
        verb: TaskVerb,
        words: &Words,
        id: InstanceId,
    ) -> Result<Result<Call, Refusal>, Failure> {
        let status = words.node.as_deref().unwrap_or_default();
        let at_step;
        let words = match verb {
            TaskVerb::SetStatus => {
                at_step = self.at_step(words, id).await?;
                &at_step
            }
            _ => words,
        };
        let owner = self.owner(words, id).await?;
        let node = words.node.as_deref().unwrap_or_default();
        if let (TaskVerb::Complete, true) = (verb, self.receives(owner, node).await?) {
            return Ok(Ok(Call::receive(owner, node)));
        }
        let words = &Words {
            // Counted over all children, the n-th is the first of its own child.
            task: words.task.filter(|_| owner == id),
            ..words.clone()
        };
        let Some(task) = self
            .find(words, owner, matches!(verb, TaskVerb::Answer))
            .await?
        else {
            let running = self
                .snapshot(Some(owner))
                .await?
                .is_some_and(|found| found.status().is_running());
            let code = if running {
                RefusalCode::NotOpen
            } else {
                RefusalCode::NotRunning
            };
            return Ok(Err(Refusal::new(
                code,
                format!("no task of `{node}` has been opened"),
            )));
        };
        Ok(Ok(match verb {
            TaskVerb::AddApprover => Call::add_approver(task.id),
            TaskVerb::RemoveApprover => Call::remove_approver(task.id),
            TaskVerb::Approve | TaskVerb::CheckIn => Call::approve(task.id),
            TaskVerb::Answer => Call::answer(task.id),
            TaskVerb::Assign => Call::assign(task.id),
            TaskVerb::Claim => Call::claim(task.id),
            TaskVerb::Comment => Call::comment_task(task.id),
            TaskVerb::Complete => Call::complete(task.id),
            TaskVerb::Delegate => Call::delegate(task.id),
            TaskVerb::Escalate => Call::escalate(task.id),
            TaskVerb::Reject => Call::reject(task.id),
            TaskVerb::Release => Call::release(task.id),
            TaskVerb::RequestInfo => Call::request_info(task.id),
            TaskVerb::Resubmit => Call::resubmit(task.id),
            TaskVerb::Return => Call::return_to_requester(task.id),
            TaskVerb::Transfer => Call::transfer(task.id),
            TaskVerb::SetStatus => Call::set_status(task.id, status),
            TaskVerb::ResumeTask => Call::resume_task(task.id),
            TaskVerb::SaveDraft => Call::save_draft(task.id),
            TaskVerb::Snooze => Call::snooze_until(task.id, self.until(words)?),
            TaskVerb::StartWork => Call::start_work(task.id),
            TaskVerb::Suspend => Call::suspend(task.id),
            TaskVerb::Unsnooze => Call::unsnooze(task.id),
        }))
    }

    /// The same words about the step where the instance stands; `set_status` names a status instead.
    async fn at_step(&self, words: &Words, id: InstanceId) -> Result<Words, Failure> {
        let view = self.view(id).await?;
        let Some((step, _)) = view.instance.step() else {
            let message = "`set_status` is for `kind: steps`, and this instance has no step";
            return Err(invalid(&words.path, message).to_string());
        };
        Ok(Words {
            node: Some(step.as_str().to_owned()),
            ..words.clone()
        })
    }
}

impl Words {
    fn with(&self, mut call: Call) -> Call {
        if let Some(by) = &self.by {
            call = call.by(by.as_str());
        }
        if let Some(comment) = &self.comment {
            call = call.comment(comment);
        }
        if let Some(reason) = &self.reason {
            call = call.reason(reason);
        }
        if let Some(form) = &self.form {
            call = call.form(form.clone());
        }
        call = call.context(self.context.clone());
        if let Some(metadata) = &self.metadata {
            call = call.metadata(Map::clone(metadata));
        }
        match &self.to {
            Some(to) => call.to(to),
            None => call,
        }
    }
}

/// The call about a whole instance.
fn on_instance(verb: InstanceVerb, words: &Words, id: InstanceId) -> Result<Call, Failure> {
    Ok(match verb {
        InstanceVerb::AddBranch => {
            let node = words.node.clone().unwrap_or_default();
            let item = words.item.clone().or_else(|| words.data.clone());
            Call::add_branch(id, node, item.unwrap_or_default())
        }
        InstanceVerb::Begin => Call::begin(id),
        InstanceVerb::Cancel if words.force => Call::cancel(id).force(),
        InstanceVerb::Cancel => Call::cancel(id),
        InstanceVerb::Comment => Call::comment_instance(id),
        InstanceVerb::Hold => Call::hold(id),
        InstanceVerb::Resume => Call::resume(id),
        InstanceVerb::SetMetadata => match &words.data {
            Some(Value::Object(values)) => Call::set_metadata(id, values.clone()),
            _ => {
                let message = "`set_metadata` needs `data`, a mapping";
                return Err(invalid(&words.path, message).to_string());
            }
        },
        InstanceVerb::SetData => match &words.data {
            Some(Value::Object(values)) => Call::set_data(id, values.clone()),
            _ => return Err(invalid(&words.path, "`set_data` needs `data`, a mapping").to_string()),
        },
        InstanceVerb::Withdraw => Call::withdraw(id),
    })
}

fn went(result: Result<Done, NotDone>) -> Result<Went, Failure> {
    match result {
        Ok(done) => Ok(Went::Accepted(done.notices)),
        Err(NotDone::Refused(refusal)) => Ok(Went::Refused(refusal)),
        Err(NotDone::Failed(error)) => Err(error.to_string()),
    }
}
