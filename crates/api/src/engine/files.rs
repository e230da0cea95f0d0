//! Files that people upload, and what refers to them.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;
use signoff_core::{
    actor::Person,
    id::{FileId, InstanceId, PersonId, TaskId, TenantId},
    pointer::Pointer,
    refusal::{Refusal, RefusalCode},
    schemas::FieldError,
};
use signoff_store::{FileRow, Load, Part, Target, sha256};

use crate::{
    call::{Call, Start, Verb, Who},
    engine::{Done, Engine, door},
    error::{Error, NotDone},
};

/// How long a file is kept that nobody refers to.
const UNUSED: SignedDuration = SignedDuration::from_hours(24);
/// How long a start may take from the claim of its files to its commit. What it claimed is abandoned when
/// it is not there by then: its process ended, or the store could not be reached.
const CLAIMED: SignedDuration = SignedDuration::from_secs(60);
/// The longest name and media type, in characters.
const LONGEST: usize = 200;
/// Deeper than what data and forms may be nested.
const DEEPEST: usize = 128;

/// A file on its way in.
///
/// # Example
/// ```
/// use signoff::Upload;
///
/// let upload = Upload::new("offer.pdf", b"%PDF-1.7".to_vec())
///     .content_type("application/pdf")
///     .by("ann");
/// ```
#[derive(Clone, Debug)]
pub struct Upload {
    id: Option<FileId>,
    tenant: TenantId,
    by: Option<PersonId>,
    name: String,
    content_type: String,
    content: Vec<u8>,
    to: Option<UploadTo>,
}

#[derive(Clone, Copy, Debug)]
enum UploadTo {
    Instance(InstanceId),
    Task(TaskId),
}

impl Upload {
    /// A file of the host's that nothing refers to yet. The name is shown, never used as a path: what
    /// stands before the last slash and control characters are left out.
    #[must_use]
    pub fn new(name: impl AsRef<str>, content: Vec<u8>) -> Self {
        Self {
            id: None,
            tenant: TenantId::default(),
            by: None,
            name: tidy(
                name.as_ref().rsplit(['/', '\\']).next().unwrap_or_default(),
                "file",
            ),
            content_type: "application/octet-stream".to_owned(),
            content,
            to: None,
        }
    }

    /// Its id; a new one when not given. The same file under the same id again is the file that there is.
    #[must_use]
    pub fn id(self, id: FileId) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// The tenant; `default` when not given.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            tenant: tenant.into(),
            ..self
        }
    }

    /// Who uploads it; the host when not given.
    #[must_use]
    pub fn by(self, person: impl Into<PersonId>) -> Self {
        Self {
            by: Some(person.into()),
            ..self
        }
    }

    /// Its media type; `application/octet-stream` when not given.
    #[must_use]
    pub fn content_type(self, content_type: impl AsRef<str>) -> Self {
        Self {
            content_type: tidy(content_type.as_ref(), "application/octet-stream"),
            ..self
        }
    }

    /// Adds it to an instance.
    #[must_use]
    pub fn to_instance(self, instance: InstanceId) -> Self {
        Self {
            to: Some(UploadTo::Instance(instance)),
            ..self
        }
    }

    /// Adds it to a task.
    #[must_use]
    pub fn to_task(self, task: TaskId) -> Self {
        Self {
            to: Some(UploadTo::Task(task)),
            ..self
        }
    }
}

/// A text that is shown: one line of bounded length.
fn tidy(text: &str, none: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST)
        .collect();
    match plain.trim() {
        "" => none.to_owned(),
        text => text.to_owned(),
    }
}

/// The files that a command newly refers to.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    tenant: TenantId,
    instance: Option<InstanceId>,
    ids: Vec<FileId>,
}

impl Engine {
    /// Keeps a file. Data and forms refer to it by [`FileId::reference`]; what nobody refers to within
    /// a day is dropped. One that is added to an instance or a task is referred to by that.
    ///
    /// # Errors
    /// Refused: `not_found`, `not_running`, `limit_exceeded`; `conflict` when another file has the id that
    /// was given. Failed: the store.
    pub async fn upload(&self, upload: Upload) -> Result<FileRow, NotDone> {
        door::tenant(&upload.tenant)?;
        if let Some(by) = &upload.by {
            door::person("/by", by)?;
        }
        let limit = self.inner().settings.limits.file_bytes;
        let size = upload.content.len();
        if size > limit {
            let message = format!("the file is {size} bytes long, {limit} are allowed");
            return Err(Refusal::new(RefusalCode::LimitExceeded, message).into());
        }
        let (instance, task) = self.place_of(&upload).await?;
        let clock = &self.inner().clock;
        let row = FileRow {
            id: upload
                .id
                .unwrap_or_else(|| FileId::new(clock.command_id().uuid())),
            instance,
            task,
            name: upload.name,
            content_type: upload.content_type,
            size: u64::try_from(size).unwrap_or(u64::MAX),
            sha256: sha256(&upload.content),
            uploaded_by: upload.by,
            uploaded_at: clock.now(),
        };
        let store = &self.inner().store;
        let put = store.file_put(&upload.tenant, &row, &upload.content).await;
        match put {
            Err(error) if error.kind() == signoff_store::ErrorKind::Conflict => {}
            put => return Ok(put.map(|()| row)?),
        }
        let there = store.file(&upload.tenant, row.id).await?;
        let same = |there: &FileRow| there.sha256 == row.sha256 && there.name == row.name;
        there.filter(same).ok_or_else(|| {
            let message = format!("another file has the id {}", row.id);
            Refusal::new(RefusalCode::Conflict, message).into()
        })
    }

    /// What it is added to: the person may see that, and it goes on.
    async fn place_of(
        &self,
        upload: &Upload,
    ) -> Result<(Option<InstanceId>, Option<TaskId>), NotDone> {
        let unknown = || Refusal::new(RefusalCode::NotFound, "there is no such task or instance");
        let person = match &upload.by {
            Some(id) => Some(self.person(&upload.tenant, id).await?.ok_or_else(unknown)?),
            None => None,
        };
        let sees = |may: &dyn Fn(&Person) -> bool| person.as_ref().is_none_or(may);
        let (instance, task, ended) = match upload.to {
            None => return Ok((None, None)),
            Some(UploadTo::Instance(id)) => {
                let view = self.instance(&upload.tenant, id).await?;
                let view = view.filter(|view| sees(&|person| view.may_be_seen_by(person)));
                let view = view.ok_or_else(unknown)?;
                (id, None, view.instance.status().ended_at().is_some())
            }
            Some(UploadTo::Task(id)) => {
                let view = self.task(&upload.tenant, id).await?;
                let view = view.filter(|view| sees(&|person| view.may_be_seen_by(person)));
                let view = view.ok_or_else(unknown)?;
                let ended = view.instance.status().ended_at().is_some();
                (view.instance.id(), Some(id), ended)
            }
        };
        if ended {
            let message = "the instance has ended: nothing is added to it";
            return Err(Refusal::new(RefusalCode::NotRunning, message).into());
        }
        Ok((Some(instance), task))
    }

    /// A file without its content.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn file(&self, tenant: &TenantId, id: FileId) -> Result<Option<FileRow>, Error> {
        Ok(self.inner().store.file(tenant, id).await?)
    }

    /// What is in a file.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn file_content(
        &self,
        tenant: &TenantId,
        id: FileId,
    ) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.inner().store.file_content(tenant, id).await?)
    }

    /// The files that an instance refers to, the first uploaded first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn files_of(
        &self,
        tenant: &TenantId,
        instance: InstanceId,
    ) -> Result<Vec<FileRow>, Error> {
        Ok(self.inner().store.files_of(tenant, instance).await?)
    }

    /// Drops what was uploaded more than a day ago and nobody refers to; gives how many. The worker
    /// does it by itself.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_unused_files(&self) -> Result<u64, Error> {
        let now = self.inner().clock.now();
        let before = now.checked_sub(UNUSED).unwrap_or(now);
        let tenant = self.inner().only_tenant.as_ref();
        Ok(self.inner().store.files_drop(tenant, before).await?)
    }

    /// As [`start`](Self::start) of one whose data refer to files.
    pub(super) async fn start_with_files(&self, start: Start) -> Result<Done, NotDone> {
        let (start, claimed) = self.claim_for_start(start).await?;
        let done = self.start_on(None, start).await;
        self.settle(claimed, &done).await;
        done
    }

    /// As [`call`](Self::call) of one that refers to files.
    pub(super) async fn call_with_files(&self, call: Call) -> Result<Done, NotDone> {
        let claimed = self.claim_for_call(&call).await?;
        let done = self.call_on(None, call).await;
        self.settle(claimed, &done).await;
        done
    }

    /// The start with the files that its data refer to: they are its own from now on.
    async fn claim_for_start(&self, start: Start) -> Result<(Start, Claimed), NotDone> {
        let found = referred(&start.data);
        if found.is_empty() || start.by == Who::Engine {
            return Ok((start, Claimed::default()));
        }
        let made = InstanceId::new(self.inner().clock.command_id().uuid());
        let id = start.made.id.unwrap_or(made);
        let ids = self
            .check_files(&start.tenant, &start.by, None, &found)
            .await?;
        let claimed = self.claim(&start.tenant, id, ids).await?;
        let made = crate::call::Made {
            id: Some(id),
            ..start.made
        };
        Ok((Start { made, ..start }, claimed))
    }

    /// The files that a call refers to belong to its instance from now on.
    async fn claim_for_call(&self, call: &Call) -> Result<Claimed, NotDone> {
        let found = of_call(call);
        if found.is_empty() || call.by == Who::Engine {
            return Ok(Claimed::default());
        }
        let Some(id) = self.instance_of(call).await? else {
            return Ok(Claimed::default());
        };
        match self
            .check_files(&call.tenant, &call.by, Some(id), &found)
            .await
        {
            Ok(ids) => self.claim(&call.tenant, id, ids).await,
            Err(wrong) => {
                // What else is refused is told first: who may not act learns nothing of files.
                self.foresee(call.clone()).await?;
                Err(wrong)
            }
        }
    }

    /// A start inside a transaction of the host refers to no file that somebody else would drop.
    pub(super) async fn only_claimed_by_start(&self, start: &Start) -> Result<(), NotDone> {
        let found = referred(&start.data);
        let free = self.check_files(&start.tenant, &start.by, None, &found);
        only_claimed(&free.await?)
    }

    /// The same of a call.
    pub(super) async fn only_claimed_by_call(&self, call: &Call) -> Result<(), NotDone> {
        let found = of_call(call);
        if found.is_empty() {
            return Ok(());
        }
        let id = self.instance_of(call).await?;
        let free = self.check_files(&call.tenant, &call.by, id, &found);
        only_claimed(&free.await?)
    }

    async fn instance_of(&self, call: &Call) -> Result<Option<InstanceId>, Error> {
        use crate::call::CallTarget;
        Ok(match call.target {
            CallTarget::Activation(id, _) | CallTarget::Instance(id) => Some(id),
            CallTarget::Task(id) => {
                let found = self.inner().store.task(&call.tenant, id).await?;
                found.map(|found| found.task.instance)
            }
        })
    }

    /// Those of the files that nobody refers to yet; refused unless each is the instance's already or
    /// was uploaded by whoever refers to it.
    async fn check_files(
        &self,
        tenant: &TenantId,
        by: &Who,
        instance: Option<InstanceId>,
        found: &[(Pointer, FileId)],
    ) -> Result<Vec<FileId>, NotDone> {
        let (mut free, mut wrong) = (BTreeSet::new(), Vec::new());
        for (pointer, id) in found {
            let row = match self.inner().store.file(tenant, *id).await? {
                Some(row) => Some(self.without_abandoned(tenant, row).await?),
                None => None,
            };
            let fits = row.as_ref().is_some_and(|row| match (row.instance, by) {
                (Some(of), Who::Person(_)) => instance == Some(of),
                (None, Who::Person(person)) => row.uploaded_by.as_ref() == Some(person),
                (_, Who::Engine | Who::Host) => true,
            });
            if !fits {
                wrong.push(FieldError {
                    pointer: pointer.clone(),
                    code: "file".to_owned(),
                    message: "is no file that you have uploaded".to_owned(),
                });
            } else if row.is_some_and(|row| row.instance.is_none()) {
                free.insert(*id);
            }
        }
        if wrong.is_empty() {
            return Ok(free.into_iter().collect());
        }
        let refusal = Refusal::new(RefusalCode::FormInvalid, "files are missing");
        Err(NotDone::Refused(refusal.fields(wrong)))
    }

    /// The file, given back when it was claimed by a start that came to nothing and could not say so.
    async fn without_abandoned(&self, tenant: &TenantId, row: FileRow) -> Result<FileRow, Error> {
        let Some(instance) = row.instance.filter(|_| row.task.is_none()) else {
            return Ok(row);
        };
        let made = instance
            .uuid()
            .get_timestamp()
            .map_or(0, |at| at.to_unix().0);
        let now = self.inner().clock.now().as_second();
        let age = now.saturating_sub(i64::try_from(made).unwrap_or(i64::MAX));
        let store = &self.inner().store;
        let load = Load {
            tenant: tenant.clone(),
            target: Target::Instance(instance),
            part: Part::Header,
        };
        if age < CLAIMED.as_secs() || store.load(&load).await?.is_some() {
            return Ok(row);
        }
        store.files_release(tenant, &[row.id], instance).await?;
        let instance = None;
        Ok(FileRow { instance, ..row })
    }

    async fn claim(
        &self,
        tenant: &TenantId,
        instance: InstanceId,
        ids: Vec<FileId>,
    ) -> Result<Claimed, NotDone> {
        let claimed = Claimed {
            tenant: tenant.clone(),
            instance: Some(instance),
            ids,
        };
        if !claimed.ids.is_empty() {
            let store = &self.inner().store;
            let kept = store.files_keep(tenant, &claimed.ids, instance).await;
            if let Err(error) = kept {
                // They may be kept all the same.
                self.release(&claimed).await;
                return Err(error.into());
            }
        }
        Ok(claimed)
    }

    /// Gives back what a refused command referred to. Files are claimed before the command is written:
    /// should the process end between the two, or nobody know whether it was written, one is kept too
    /// long, and none is lost.
    async fn settle(&self, claimed: Claimed, done: &Result<Done, NotDone>) {
        if matches!(done, Err(NotDone::Refused(_))) {
            self.release(&claimed).await;
        }
    }

    async fn release(&self, claimed: &Claimed) {
        let Some(instance) = claimed.instance.filter(|_| !claimed.ids.is_empty()) else {
            return;
        };
        let store = &self.inner().store;
        let released = store.files_release(&claimed.tenant, &claimed.ids, instance);
        if let Err(error) = released.await {
            tracing::warn!(%error, "files of a refused command stay with its instance");
        }
    }
}

/// Whether the data of a start refer to files.
pub(super) fn start_refers(start: &Start) -> bool {
    mentions(&start.data)
}

/// Whether a call refers to files.
pub(super) fn call_refers(call: &Call) -> bool {
    let set = match &call.verb {
        Verb::SetData(values) => values.values().any(mentions),
        _ => false,
    };
    set || call.answer.form.as_deref().is_some_and(mentions)
}

/// The files that a call refers to.
fn of_call(call: &Call) -> Vec<(Pointer, FileId)> {
    let form = call.answer.form.as_deref();
    let mut found = form.map(referred).unwrap_or_default();
    if let Verb::SetData(values) = &call.verb {
        found.extend(referred(&Value::Object(values.clone())));
    }
    found
}

fn only_claimed(free: &[FileId]) -> Result<(), NotDone> {
    match free {
        [] => Ok(()),
        [id, ..] => {
            let message = format!(
                "`{}` belongs to no instance yet: inside a transaction of the host, files are added to \
                 an instance first",
                id.reference()
            );
            Err(Refusal::new(RefusalCode::FormInvalid, message).into())
        }
    }
}

/// The files that a value refers to, each with its place; what lies deeper than is ever accepted is not
/// looked at.
fn referred(value: &Value) -> Vec<(Pointer, FileId)> {
    let mut found = Vec::new();
    // Most values refer to none: that is known without a place for each part.
    if !mentions(value) {
        return found;
    }
    let mut level = vec![(Pointer::root(), value)];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for (at, value) in level {
            match value {
                Value::String(text) => found.extend(FileId::referred(text).map(|id| (at, id))),
                Value::Array(items) => {
                    let items = items.iter().enumerate();
                    below.extend(items.map(|(index, item)| (at.index(index), item)));
                }
                Value::Object(fields) => {
                    below.extend(fields.iter().map(|(key, field)| (at.key(key), field)));
                }
                _ => {}
            }
        }
        level = below;
    }
    found
}

fn mentions(value: &Value) -> bool {
    let mut level = vec![value];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for value in level {
            match value {
                Value::String(text) if FileId::referred(text).is_some() => return true,
                Value::Array(items) => below.extend(items),
                Value::Object(fields) => below.extend(fields.values()),
                _ => {}
            }
        }
        level = below;
    }
    false
}
