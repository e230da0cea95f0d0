//! Functions of the host that run inside the engine's transaction.

use std::{fmt, future::Future, sync::Arc};

use async_trait::async_trait;
use serde_json::Value;
use signoff_core::{facts::FunctionFailure, id::TenantId};
use signoff_store::UnitOfWork;

/// A function of the host, called by a node inside the transaction of the command.
#[async_trait]
pub trait Function: Send + Sync {
    /// Runs it. What it writes through [`FunctionContext::tx`] commits with the command, or not at all.
    ///
    /// # Errors
    /// The node fails: the whole call is refused, or an incident is left when nobody called.
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure>;
}

/// What a function may use.
pub struct FunctionContext<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) input: Value,
    pub(crate) tx: &'a mut dyn UnitOfWork,
}

impl FunctionContext<'_> {
    /// The tenant of the instance.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        self.tenant
    }

    /// What the definition gives: the evaluated `with`.
    #[must_use]
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// The open transaction; its `host()` gives the connection by type.
    #[must_use]
    pub fn tx(&mut self) -> &mut dyn UnitOfWork {
        self.tx
    }
}

impl fmt::Debug for FunctionContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionContext")
            .field("tenant", &self.tenant)
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

/// A closure from input to output, as a function that does not use the transaction.
pub(crate) struct Plain<F>(pub(crate) F);

#[async_trait]
impl<F, Fut> Function for Plain<F>
where
    F: Fn(Value) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Value, FunctionFailure>> + Send,
{
    async fn call(&self, cx: &mut FunctionContext<'_>) -> Result<Value, FunctionFailure> {
        (self.0)(cx.input.clone()).await
    }
}

pub(crate) type SharedFunction = Arc<dyn Function>;
