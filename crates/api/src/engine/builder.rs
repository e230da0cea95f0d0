//! Building an engine from its parts.

use std::{collections::BTreeMap, fmt, future::Future, sync::Arc};

use serde_json::Value;
use signoff_actions::{Action, ActionCall, ActionError, Registry, Templates, mail::Mailer};
use signoff_core::{
    facts::{FunctionFailure, Settings},
    id::TenantId,
    limits::Limits,
};
use signoff_store::Store;
use tokio::sync::Notify;

use crate::{
    clock::{Aligned, Clock, SystemClock},
    directory::Directory,
    engine::{
        Engine, Inner,
        definitions::Shelf,
        kept::{Bounds, Kept},
        newest::Newest,
        queue::Queue,
        settings::Configured,
    },
    error::{Error, ErrorKind},
    function::{Function, Plain, SharedFunction},
    mail::Post,
};

/// The parts of an engine; a store and a directory are required.
#[derive(Default)]
pub struct Builder {
    store: Option<Arc<dyn Store>>,
    directory: Option<Arc<dyn Directory>>,
    clock: Option<Arc<dyn Clock>>,
    mailer: Option<Arc<dyn Mailer>>,
    templates: Option<Templates>,
    base_url: Option<String>,
    only_tenant: Option<TenantId>,
    subject_types: std::collections::BTreeSet<String>,
    configured: BTreeMap<String, Value>,
    begins_with_mail: bool,
    is_tool: bool,
    #[cfg(feature = "testing")]
    observed: bool,
    limits: Limits,
    kept: Bounds,
    actions: Registry,
    functions: BTreeMap<String, SharedFunction>,
    problems: Vec<String>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("store", &self.store)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Where everything is kept; required.
    #[must_use]
    pub fn store(self, store: impl Store + 'static) -> Self {
        self.shared_store(Arc::new(store))
    }

    /// As [`store`](Self::store), with a store that others use too.
    #[must_use]
    pub fn shared_store(self, store: Arc<dyn Store>) -> Self {
        Self {
            store: Some(store),
            ..self
        }
    }

    /// Who exists, who has a role, who leads whom; required.
    #[must_use]
    pub fn directory(self, directory: impl Directory + 'static) -> Self {
        self.shared_directory(Arc::new(directory))
    }

    /// As [`directory`](Self::directory), with a directory that others use too.
    #[must_use]
    pub fn shared_directory(self, directory: Arc<dyn Directory>) -> Self {
        Self {
            directory: Some(directory),
            ..self
        }
    }

    /// What time it is; the machine's clock when not given.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock: Some(clock),
            ..self
        }
    }

    /// How mail is sent; without a mailer built-in mail is off, and mail that a definition names fails.
    #[must_use]
    pub fn mailer(self, mailer: impl Mailer + 'static) -> Self {
        self.shared_mailer(Arc::new(mailer))
    }

    /// As [`mailer`](Self::mailer), with a mailer that others use too.
    #[must_use]
    pub fn shared_mailer(self, mailer: Arc<dyn Mailer>) -> Self {
        Self {
            mailer: Some(mailer),
            ..self
        }
    }

    /// The texts of mails; the built-in ones when not given.
    #[must_use]
    pub fn templates(self, templates: Templates) -> Self {
        Self {
            templates: Some(templates),
            ..self
        }
    }

    /// Where the pages are, for links in mails: `https://example.com/signoff`.
    #[must_use]
    pub fn base_url(self, url: impl Into<String>) -> Self {
        Self {
            base_url: Some(url.into()),
            ..self
        }
    }

    /// The worker runs the jobs of this tenant only; of all tenants when not given.
    #[must_use]
    pub fn only_tenant(self, tenant: impl Into<TenantId>) -> Self {
        Self {
            only_tenant: Some(tenant.into()),
            ..self
        }
    }

    /// This engine is a tool beside the one that runs things: to name an action, function or template
    /// that it does not have is a warning, not an error, and that it has no mailer is nothing to tell.
    #[must_use]
    pub fn tool(self) -> Self {
        Self {
            is_tool: true,
            ..self
        }
    }

    /// The laws are checked after every command, and what ran is kept, for the test kit.
    #[cfg(feature = "testing")]
    pub(crate) fn observed(self) -> Self {
        Self {
            observed: true,
            ..self
        }
    }

    /// What reacts to events that neither a workflow nor its parts name, for subjects of a type; of the
    /// type `default`, for all that have no actions here, and for none. As in a document it is a mapping
    /// of events to lists of actions. An event with an empty list runs nothing, not even the built-in mail;
    /// `[]` in place of the mapping does so for every event.
    ///
    /// # Example
    /// ```
    /// use serde_json::json;
    /// use signoff::Engine;
    ///
    /// let builder = Engine::builder()
    ///     .action("archive", |_| async { Ok(json!(null)) })
    ///     .actions_of("order", json!({"on_workflow_complete": [{"run": "archive"}]}))
    ///     .actions_of("default", json!([]));
    /// ```
    #[must_use]
    pub fn actions_of(mut self, subject_type: impl Into<String>, actions: Value) -> Self {
        self.configured.insert(subject_type.into(), actions);
        self
    }

    /// A workflow that is published first begins with stored actions that mail what the built-in mail
    /// says of five events: `after_approve`, `after_reject`, `after_resubmission`, `after_delegate` and
    /// `after_move_stage`; admins change and drop them as any others. One whose document has `actions`
    /// for the whole of it begins with those alone. Without a mailer nothing is kept.
    #[must_use]
    pub fn begin_with_mail(self) -> Self {
        Self {
            begins_with_mail: true,
            ..self
        }
    }

    /// Allows a type of subject; where one is allowed, the others are not. Without it any is.
    #[must_use]
    pub fn subject_type(mut self, subject_type: impl Into<String>) -> Self {
        self.subject_types.insert(subject_type.into());
        self
    }

    /// Upper bounds.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// How many instances are kept after a command, so that the next one on them needs no load; 1,024
    /// when not given, none when 0.
    ///
    /// Any number of engines may work on one database all the same: what is kept is only what a command
    /// is decided on, and the version of the instance tells whether that was still so.
    #[must_use]
    pub fn keep_instances(mut self, instances: usize) -> Self {
        self.kept.instances = instances;
        self
    }

    /// How much all [kept](Self::keep_instances) instances may take together, in bytes of their stored
    /// form; 8 MiB when not given, in memory some three times that. One that takes more than an eighth
    /// of it is loaded for each command.
    #[must_use]
    pub fn keep_bytes(mut self, bytes: usize) -> Self {
        self.kept.bytes = bytes;
        self
    }

    /// A function that actions run after the commit, at least once: `- {run: name}`.
    #[must_use]
    pub fn action<F, Fut>(mut self, name: impl Into<String>, action: F) -> Self
    where
        F: Fn(ActionCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, ActionError>> + Send + 'static,
    {
        let registered = self.actions.register_fn(name, action);
        self.note(registered.map_err(|error| error.to_string()));
        self
    }

    /// As [`action`](Self::action), with a type of the host's own.
    #[must_use]
    pub fn action_type(mut self, name: impl Into<String>, action: impl Action + 'static) -> Self {
        let registered = self.actions.register(name, action);
        self.note(registered.map_err(|error| error.to_string()));
        self
    }

    /// A function that nodes call inside the transaction: `function: name`.
    #[must_use]
    pub fn function<F, Fut>(self, name: impl Into<String>, function: F) -> Self
    where
        F: Fn(Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Value, FunctionFailure>> + Send + 'static,
    {
        self.function_type(name, Plain(function))
    }

    /// As [`function`](Self::function), with a type of the host's own, which may use the transaction.
    #[must_use]
    pub fn function_type(
        mut self,
        name: impl Into<String>,
        function: impl Function + 'static,
    ) -> Self {
        let name = name.into();
        if self
            .functions
            .insert(name.clone(), Arc::new(function))
            .is_some()
        {
            self.problems
                .push(format!("the function `{name}` is registered twice"));
        }
        self
    }

    fn note(&mut self, registered: Result<(), String>) {
        if let Err(problem) = registered {
            self.problems.push(problem);
        }
    }

    /// The engine.
    ///
    /// # Errors
    /// Of kind `Configuration`: a part is missing, a name is invalid or registered twice, or configured
    /// actions cannot be read or name what nobody registered.
    pub fn build(self) -> Result<Engine, Error> {
        let missing = |part: &str| {
            Error::new(
                ErrorKind::Configuration,
                format!("an engine needs a {part}"),
            )
        };
        if let Some(problem) = self.problems.first() {
            return Err(Error::new(ErrorKind::Configuration, problem.clone()));
        }
        if self.mailer.is_none() && !self.is_tool {
            tracing::warn!("no mailer is configured: built-in mail is off");
        }
        let mut configured = Configured::read(&self.configured)?;
        let settings = Settings {
            limits: self.limits,
            mail: self.mailer.is_some(),
            actions: std::mem::take(&mut configured.tables),
        };
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let aligned = Arc::new(Aligned::new(clock));
        let engine = Engine {
            inner: Arc::new(Inner {
                store: self.store.ok_or_else(|| missing("store"))?,
                directory: self.directory.ok_or_else(|| missing("directory"))?,
                clock: Arc::clone(&aligned) as Arc<dyn Clock>,
                aligned,
                settings: Arc::new(settings),
                functions: self.functions,
                actions: self.actions,
                post: Post::new(
                    self.mailer,
                    self.templates.unwrap_or_default(),
                    self.base_url,
                ),
                shelf: Shelf::default(),
                reactions: super::actions::Reactions::default(),
                substitutes: super::substitutions::Substitutes::default(),
                queue: Queue::new(),
                kept: Kept::new(self.kept),
                newest: Newest::new(self.kept.instances),
                nudge: Notify::new(),
                only_tenant: self.only_tenant,
                subject_types: self.subject_types,
                cleans_at: std::sync::atomic::AtomicI64::new(i64::MIN),
                last_turn: std::sync::Mutex::default(),
                begins_with_mail: self.begins_with_mail,
                is_tool: self.is_tool,
                #[cfg(feature = "testing")]
                observed: self.observed,
                #[cfg(feature = "testing")]
                broken_law: std::sync::Mutex::default(),
                #[cfg(feature = "testing")]
                executed: crate::worker::Executed::default(),
            }),
        };
        configured.check(&engine)?;
        Ok(engine)
    }
}
