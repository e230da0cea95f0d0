//! The allow-list of actions.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use serde_json::Value;

use crate::action::{Action, action_fn};
use crate::action_error::ActionError;
use crate::call::ActionCall;
use crate::error::{Error, ErrorKind};
use crate::name::check_name;

/// The actions that definitions may name; nothing else can run.
#[derive(Clone, Default)]
pub struct Registry {
    actions: BTreeMap<String, Arc<dyn Action>>,
}

impl Registry {
    /// A registry without actions.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers `action` under `name`: `[a-z][a-z0-9_]*`, at most 64 characters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`], or [`ErrorKind::DuplicateAction`] when the name is taken; the
    /// action registered first stays.
    pub fn register(
        &mut self,
        name: impl Into<String>,
        action: impl Action + 'static,
    ) -> Result<(), Error> {
        let name = name.into();
        check_name("action", &name)?;
        match self.actions.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(Arc::new(action));
                Ok(())
            }
            Entry::Occupied(entry) => Err(Error::new(
                ErrorKind::DuplicateAction,
                format!("action `{}` is registered already", entry.key()),
            )),
        }
    }

    /// Registers an async function or closure under `name`; see [`Registry::register`].
    ///
    /// # Errors
    ///
    /// As [`Registry::register`].
    pub fn register_fn<F, Fut>(&mut self, name: impl Into<String>, function: F) -> Result<(), Error>
    where
        F: Fn(ActionCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, ActionError>> + Send + 'static,
    {
        self.register(name, action_fn(function))
    }

    /// The action registered under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Action>> {
        self.actions.get(name)
    }

    /// All registered names in alphabetical order, for help such as "did you mean".
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.actions.keys().map(String::as_str)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
