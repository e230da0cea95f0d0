//! The engine inside a transaction that the host holds.

use std::fmt;

use signoff_store::UnitOfWork;

use crate::{
    call::{Call, Start},
    engine::{Done, Engine},
    error::NotDone,
};

/// The engine inside a transaction that the host holds.
///
/// A lost race is not run again: it is a store error of kind `Conflict`, and the host's transaction
/// can go on.
pub struct Within<'a> {
    engine: Engine,
    tx: &'a mut dyn UnitOfWork,
}

impl fmt::Debug for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Within")
            .field("engine", &self.engine)
            .finish_non_exhaustive()
    }
}

impl<'a> Within<'a> {
    pub(super) fn new(engine: Engine, tx: &'a mut dyn UnitOfWork) -> Self {
        Self { engine, tx }
    }

    /// As [`Engine::start`].
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub async fn start(&mut self, start: Start) -> Result<Done, NotDone> {
        self.engine.start_on(Some(&mut *self.tx), start).await
    }

    /// As [`Engine::call`].
    ///
    /// # Errors
    /// As [`Engine::call`].
    pub async fn call(&mut self, call: Call) -> Result<Done, NotDone> {
        self.engine.call_on(Some(&mut *self.tx), call).await
    }
}
