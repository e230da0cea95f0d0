//! The engine inside a transaction that the host holds.

use std::fmt;

use signoff_store::UnitOfWork;

use crate::{
    call::{Call, Start},
    engine::{
        Done, Engine, door,
        files::{call_refers, start_refers},
    },
    error::NotDone,
};

/// The engine inside a transaction that the host holds.
///
/// A lost race is not run again: it is a store error of kind `Conflict`, and the host's transaction
/// can go on. Data and forms refer only to files that the instance has already: what nobody refers to yet
/// would be kept outside the transaction.
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
        door::start(&start)?;
        let answered = self.engine.answered(&start.tenant, start.once.as_ref());
        if let Some(done) = Box::pin(answered).await? {
            return Ok(done);
        }
        if start_refers(&start) {
            Box::pin(self.engine.only_claimed_by_start(&start)).await?;
        }
        self.engine.start_on(Some(&mut *self.tx), start).await
    }

    /// As [`Engine::call`].
    ///
    /// # Errors
    /// As [`Engine::call`].
    pub async fn call(&mut self, call: Call) -> Result<Done, NotDone> {
        door::call(&call)?;
        let answered = self.engine.answered(&call.tenant, call.once.as_ref());
        if let Some(done) = Box::pin(answered).await? {
            return Ok(done);
        }
        if call_refers(&call) {
            Box::pin(self.engine.only_claimed_by_call(&call)).await?;
        }
        self.engine.call_on(Some(&mut *self.tx), call).await
    }
}
