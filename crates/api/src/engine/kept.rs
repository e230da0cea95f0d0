//! Recent instances, kept so that the next command on one needs no load.
//!
//! What is kept may be stale where several engines share a database. So it only ever is what a command
//! is decided on: the version decides when that is written, and no refusal of it is told. Nothing is
//! kept that a host's transaction may still roll back, nor what a commit of unknown outcome left.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use signoff_core::{
    change::{Rows, TaskOp},
    id::{InstanceId, TaskId, TenantId},
    instance::{ActivationRow, Instance, LoadedRows, TaskRow},
};

use crate::call::CallTarget;

/// What an instance, an activation or a task takes beside the text of its stored form, in bytes.
const BESIDE: usize = 512;
/// One instance takes at most this part of what all may take.
const PART_OF_ONE: usize = 8;

/// How much is kept; nothing when either is 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) instances: usize,
    /// Of all together, in their stored form.
    pub(super) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            instances: 1_024,
            bytes: 8 * 1_024 * 1_024,
        }
    }
}

/// Recent instances.
#[derive(Debug)]
pub(crate) struct Kept {
    bounds: Bounds,
    books: Mutex<Books>,
}

/// An instance to decide on, and what it takes.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub(super) instance: Arc<Instance>,
    pub(super) size: Size,
}

/// What an instance takes in its stored form, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    state: usize,
    data: usize,
    forms: usize,
    parts: usize,
}

#[derive(Debug, Default)]
struct Books {
    instances: HashMap<InstanceId, (Recent, u64)>,
    /// The open tasks of those that are kept, as far as they are known.
    tasks: HashMap<TaskId, InstanceId>,
    /// The instances by their last use.
    used: BTreeMap<u64, InstanceId>,
    uses: u64,
    bytes: usize,
}

impl Kept {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            books: Mutex::default(),
        }
    }

    /// The instance that a call is about, if that is known without asking the store.
    pub(super) fn instance_of(&self, target: CallTarget) -> Option<InstanceId> {
        match target {
            CallTarget::Instance(id) | CallTarget::Activation(id, _) => Some(id),
            CallTarget::Task(task) => self.books().tasks.get(&task).copied(),
        }
    }

    /// The instance with what the target needs of it.
    pub(super) fn get(&self, tenant: &TenantId, target: CallTarget) -> Option<Recent> {
        let id = self.instance_of(target)?;
        let mut books = self.books();
        let Books {
            instances,
            used,
            uses,
            ..
        } = &mut *books;
        let (recent, last) = instances.get_mut(&id)?;
        let instance = &recent.instance;
        let suffices = match target {
            CallTarget::Instance(_) => true,
            CallTarget::Activation(_, activation) => {
                instance.is_complete() || instance.activation(activation).is_some()
            }
            CallTarget::Task(task) => instance.task(task).is_some(),
        };
        if !suffices || instance.tenant() != tenant {
            return None;
        }
        *uses += 1;
        used.remove(&mem::replace(last, *uses));
        used.insert(*uses, id);
        Some(recent.clone())
    }

    /// Keeps an instance as a commit left it: `base` is what that was decided on, if it was there
    /// before, and `rows` what was written.
    pub(super) fn put(&self, instance: &Instance, base: Option<&Recent>, rows: &Rows) {
        // One that is over gets no more commands, or few; one that follows needs more than itself.
        let goes_on = !instance.status().is_over() && !instance.follows_latest();
        let size = base
            .map_or_else(Size::default, |base| base.size)
            .after(rows);
        let mut books = self.books();
        let known = books.instances.get(&instance.id());
        let known = known.map(|(recent, _)| Arc::clone(&recent.instance));
        if let Some(known) = &known
            && known.version() > instance.version()
        {
            return;
        }
        if !goes_on || self.bounds.instances == 0 || size.bytes() > self.bounds.bytes / PART_OF_ONE
        {
            books.remove(instance.id());
            return;
        }
        let same = |base: &Recent| {
            known
                .as_ref()
                .is_some_and(|known| Arc::ptr_eq(known, &base.instance))
        };
        if base.is_some_and(same) {
            // Only what changed: an instance may have many tasks.
            books.replace(instance, size, rows);
        } else {
            books.remove(instance.id());
            books.add(instance, size);
        }
        while books.instances.len() > self.bounds.instances || books.bytes > self.bounds.bytes {
            let Some((_, oldest)) = books.used.pop_first() else {
                break;
            };
            books.remove(oldest);
        }
    }

    /// Forgets one: it was changed where that may still be undone, or nobody knows whether it was.
    pub(super) fn forget(&self, id: InstanceId) {
        self.books().remove(id);
    }

    /// Forgets all: a database that was away may have come back with less.
    pub(super) fn forget_all(&self) {
        *self.books() = Books::default();
    }

    /// Whether its lists agree with each other: nothing is left of what was forgotten.
    #[cfg(feature = "testing")]
    pub(crate) fn is_tidy(&self) -> bool {
        let books = self.books();
        let known = |(task, id): (&TaskId, &InstanceId)| {
            let kept = books.instances.get(id);
            kept.is_some_and(|(kept, _)| kept.instance.task(*task).is_some())
        };
        let sizes = books.instances.values().map(|(kept, _)| kept.size.bytes());
        books.tasks.iter().all(known)
            && books.bytes == sizes.sum::<usize>()
            && books.used.len() == books.instances.len()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn add(&mut self, instance: &Instance, size: Size) {
        let id = instance.id();
        self.tasks
            .extend(instance.tasks().map(|task| (task.id, id)));
        self.uses += 1;
        self.bytes += size.bytes();
        self.used.insert(self.uses, id);
        let instance = Arc::new(instance.clone());
        self.instances
            .insert(id, (Recent { instance, size }, self.uses));
    }

    /// Puts an instance in the place of the one that it was decided on.
    fn replace(&mut self, instance: &Instance, size: Size, rows: &Rows) {
        for (_, task) in &rows.tasks {
            match task.closed_at {
                None => self.tasks.insert(task.id, task.instance),
                Some(_) => self.tasks.remove(&task.id),
            };
        }
        if let Some((recent, _)) = self.instances.get_mut(&instance.id()) {
            self.bytes = self.bytes - recent.size.bytes() + size.bytes();
            *recent = Recent {
                instance: Arc::new(instance.clone()),
                size,
            };
        }
    }

    fn remove(&mut self, id: InstanceId) {
        if let Some((recent, used)) = self.instances.remove(&id) {
            self.bytes -= recent.size.bytes();
            self.used.remove(&used);
            for task in recent.instance.tasks() {
                self.tasks.remove(&task.id);
            }
        }
    }
}

impl Size {
    /// What loaded rows take.
    pub(super) fn of(rows: &LoadedRows) -> Self {
        let row = &rows.instance;
        let tasks = rows.tasks.iter().map(of_task);
        let activations = rows.activations.iter().map(of_activation);
        Self {
            state: row.state.len(),
            data: length(row.data.as_ref()),
            forms: length(row.forms.as_ref()),
            parts: tasks.chain(activations).sum(),
        }
    }

    /// The same after a change. What an open task or activation took before is not taken off: the sum
    /// is never too low, and what is loaded anew is counted anew.
    fn after(self, rows: &Rows) -> Self {
        let row = &rows.instance;
        let open = |(_, task): &&(TaskOp, TaskRow)| task.closed_at.is_none();
        let tasks = rows.tasks.iter().filter(open).map(|(_, row)| of_task(row));
        let activations = rows.activations.iter().map(|(_, row)| of_activation(row));
        Self {
            state: row.state.len(),
            data: row.data.as_ref().map_or(self.data, String::len),
            forms: row.forms.as_ref().map_or(self.forms, String::len),
            parts: self.parts + tasks.chain(activations).sum::<usize>(),
        }
    }

    fn bytes(self) -> usize {
        BESIDE + self.state + self.data + self.forms + self.parts
    }
}

fn of_task(row: &TaskRow) -> usize {
    BESIDE + row.body.len() + length(row.activation_body.as_ref())
}

fn of_activation(row: &ActivationRow) -> usize {
    BESIDE + row.body.len()
}

fn length(text: Option<&String>) -> usize {
    text.map_or(0, String::len)
}
