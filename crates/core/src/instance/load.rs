//! From rows back to state.

use std::{fmt, sync::Arc};

use rpds::RedBlackTreeSetSync;
use serde::de::DeserializeOwned;

use crate::instance::{
    Activation, ActivationRow, Instance, InstanceRow, Task, TaskRow, live::Live,
};

/// The rows of an instance that a store found.
///
/// Always the instance row with data and forms; of the activations and tasks all that live, or all
/// of the activations that were asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedRows {
    /// The instance row, with data and forms.
    pub instance: InstanceRow,
    /// Rows of activations without open tasks.
    pub activations: Vec<ActivationRow>,
    /// Rows of open tasks.
    pub tasks: Vec<TaskRow>,
}

/// A stored row that is not what was once written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot read the stored {what} of `{id}`: {message}")]
pub struct CorruptRow {
    /// What was read.
    pub what: &'static str,
    /// Whose row it is.
    pub id: String,
    /// What is wrong with it.
    pub message: String,
}

impl Instance {
    /// The state that `rows` hold.
    ///
    /// # Errors
    /// When a row is not what was once written.
    pub fn from_rows(rows: &LoadedRows) -> Result<Self, CorruptRow> {
        let row = &rows.instance;
        let text = |part: &Option<String>| part.clone().unwrap_or_else(|| "{}".to_owned());
        let mut instance = Self {
            version: row.version,
            data: Arc::new(read("data", row.id, &text(&row.data))?),
            forms: Arc::new(read("forms", row.id, &text(&row.forms))?),
            header: read("state", row.id, &row.state)?,
            activations: Live::new(),
            tasks: Live::new(),
            seats: RedBlackTreeSetSync::new_sync(),
        };
        let (activations, tasks) = read_live(&rows.activations, &rows.tasks)?;
        instance.admit(activations, tasks);
        Ok(instance)
    }

    /// Whether it is of the same moment as `whole`, and nothing of it differs; less of it may be loaded.
    #[must_use]
    pub fn is_part_of(&self, whole: &Self) -> bool {
        let of_row = (self.version, &self.data, &self.forms, &self.header);
        let of_whole = (whole.version, &whole.data, &whole.forms, &whole.header);
        of_row == of_whole
            && self
                .activations()
                .all(|found| whole.activation(found.id) == Some(found))
            && self
                .tasks()
                .all(|found| whole.task(found.id) == Some(found))
    }

    /// Adds what was loaded later; what is known already stays as it is.
    pub(crate) fn admit(&mut self, activations: Vec<Activation>, tasks: Vec<Task>) {
        for task in tasks {
            if !self.activations.contains(task.activation) && !self.tasks.contains(task.id) {
                self.add_task(task);
            }
        }
        for activation in activations {
            if !self.activations.contains(activation.id) {
                self.activations.insert(activation.id, activation);
            }
        }
    }
}

/// The activations and tasks that rows hold.
///
/// # Errors
/// When a row is not what was once written.
pub fn read_live(
    activations: &[ActivationRow],
    tasks: &[TaskRow],
) -> Result<(Vec<Activation>, Vec<Task>), CorruptRow> {
    let alone = activations
        .iter()
        .map(|row| read("activation", row.id, &row.body));
    let carried = tasks.iter().filter_map(|row| {
        let body = row.activation_body.as_ref()?;
        Some(read("activation", row.activation, body))
    });
    Ok((
        alone.chain(carried).collect::<Result<_, _>>()?,
        tasks
            .iter()
            .map(|row| read("task", row.id, &row.body))
            .collect::<Result<_, _>>()?,
    ))
}

impl TaskRow {
    /// The task that the row holds, open or closed.
    ///
    /// # Errors
    /// When the row is not what was once written.
    pub fn task(&self) -> Result<Task, CorruptRow> {
        read("task", self.id, &self.body)
    }
}

fn read<T: DeserializeOwned>(
    what: &'static str,
    id: impl fmt::Display,
    text: &str,
) -> Result<T, CorruptRow> {
    serde_json::from_str(text).map_err(|error| CorruptRow {
        what,
        id: id.to_string(),
        message: error.to_string(),
    })
}
