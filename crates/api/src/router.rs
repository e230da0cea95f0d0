//! A database per tenant, or per group of tenants.

mod every;
mod member;
mod parts;
mod transaction;

use std::{
    fmt,
    future::Future,
    sync::{Arc, PoisonError, RwLock, atomic::AtomicUsize},
    time::Duration,
};

use async_trait::async_trait;
use signoff_core::id::TenantId;
use signoff_store::{Error, ErrorKind, Result, Store};

use self::member::Member;
use crate::directory::BoxError;

/// Which store a tenant lives in: the host's rule.
///
/// It is asked at every call of the store, so it answers from memory or a short cache of its own. The
/// router remembers nothing of it: from the next call on, a tenant is where the rule says.
///
/// # Example: the smallest rule
/// A function from tenant to name is a rule; so is a type that may ask elsewhere first:
/// ```
/// use signoff::{BoxError, TenantId, TenantMap};
///
/// struct ByPrefix;
///
/// #[async_trait::async_trait]
/// impl TenantMap for ByPrefix {
///     async fn store_of(&self, tenant: &TenantId) -> Result<Option<String>, BoxError> {
///         Ok(tenant.as_str().split_once('-').map(|(region, _)| region.to_owned()))
///     }
/// }
/// ```
#[async_trait]
pub trait TenantMap: Send + Sync {
    /// The name of the store that the tenant lives in; `None` when there is no such tenant.
    ///
    /// # Errors
    /// When it cannot be told now: the call of the engine fails, and may be tried again.
    async fn store_of(&self, tenant: &TenantId) -> std::result::Result<Option<String>, BoxError>;
}

#[async_trait]
impl<F> TenantMap for F
where
    F: Fn(&TenantId) -> Option<String> + Send + Sync,
{
    async fn store_of(&self, tenant: &TenantId) -> std::result::Result<Option<String>, BoxError> {
        Ok(self(tenant))
    }
}

/// A store made of several: each tenant lives in one of them, as the host's [`TenantMap`] says.
///
/// What names a tenant goes to its store, and to no other; a tenant that the map does not know is an
/// error of kind [`UnknownTenant`](ErrorKind::UnknownTenant). What is for all tenants (claiming jobs,
/// schedules, cleaning up) goes to every store: each gets its share, so that the backlog of one does
/// not keep the others waiting, and one that fails is left alone for a while, from 5 seconds up to a
/// minute, and told in the log and by [`down`](Self::down), while work goes on in the others. Only
/// when none answers is the call an error.
///
/// A commit, and a transaction, is of one tenant. In a transaction of the host
/// ([`Engine::within`](crate::Engine::within)) the host answers for its being one of the tenant's own
/// database.
///
/// A clone is another handle of the same router.
///
/// # Example: two groups of tenants
/// ```
/// use signoff::{Engine, Format, MemoryDirectory, Profile, Start, TenantId, TenantRouter};
/// use signoff::store::MemoryStore;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let router = TenantRouter::new(|tenant: &TenantId| match tenant.as_str() {
///     "acme" | "globex" => Some("europe".to_owned()),
///     "initech" => Some("america".to_owned()),
///     _ => None,
/// });
/// router.add("europe", MemoryStore::new());
/// // Opened when it is needed first, and again whenever that failed.
/// router.add_opened_by("america", || async { Ok(MemoryStore::new()) });
///
/// let ann = Profile { id: "ann".into(), active: true, ..Profile::default() };
/// let engine = Engine::builder()
///     .store(router.clone())
///     .directory(MemoryDirectory::new([ann]))
///     .build()?;
/// let definition = "{format: signoff/v1, kind: approval, key: leave, approvals: [{user: ann}]}";
/// engine.publish(&"initech".into(), &[(definition, Format::Yaml)]).await?;
///
/// let started = engine.start(Start::of("leave").tenant("initech").by("ann")).await?;
/// let europe = router.store_of(&"acme".into()).await?;
/// assert_eq!(europe.history(&"initech".into(), started.id()).await?, []);
/// let nobody = engine.start(Start::of("leave").tenant("hooli").by("ann")).await.unwrap_err();
/// assert_eq!(nobody.code(), "tenant_unknown");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TenantRouter {
    inner: Arc<Inner>,
}

struct Inner {
    map: Box<dyn TenantMap>,
    members: RwLock<Vec<Arc<Member>>>,
    /// Whose turn it is to be asked first.
    turn: AtomicUsize,
}

/// A store of a router that could not be reached.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreDown {
    /// The name of the store.
    pub name: String,
    /// What it said last.
    pub error: String,
    /// For how long it has been failing.
    pub lasting: Duration,
}

impl TenantRouter {
    /// A router without stores; [`add`](Self::add) them.
    #[must_use]
    pub fn new(map: impl TenantMap + 'static) -> Self {
        Self {
            inner: Arc::new(Inner {
                map: Box::new(map),
                members: RwLock::default(),
                turn: AtomicUsize::new(0),
            }),
        }
    }

    /// Adds a store, in place of the one that had this name. It may be done at any time; calls under
    /// way end where they began.
    pub fn add(&self, name: impl Into<String>, store: impl Store + 'static) {
        self.add_shared(name, Arc::new(store));
    }

    /// As [`add`](Self::add), with a store that others use too.
    pub fn add_shared(&self, name: impl Into<String>, store: Arc<dyn Store>) {
        self.put(Member::of(name.into(), store));
    }

    /// As [`add`](Self::add), with a store that `open` opens when it is needed first, and again as long
    /// as that fails: a database that is down does not keep the process from starting.
    pub fn add_opened_by<F, Fut, S>(&self, name: impl Into<String>, open: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<S>> + Send + 'static,
        S: Store + 'static,
    {
        self.put(Member::opened_by(name.into(), open));
    }

    /// Takes a store out; `false` when there is none of this name. Its tenants have none from now on.
    #[must_use]
    pub fn remove(&self, name: &str) -> bool {
        let mut members = self.write();
        let before = members.len();
        members.retain(|member| member.name != name);
        members.len() < before
    }

    /// The names of the stores, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let members = self.members();
        members.iter().map(|member| member.name.clone()).collect()
    }

    /// Opens every store that is not open yet.
    ///
    /// # Errors
    /// The first that cannot be opened; the others are all the same.
    pub async fn open(&self) -> Result<()> {
        let mut failed = None;
        for member in self.members() {
            if let Err(error) = member.store().await {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// The stores that failed when they were asked last, by name; for health pages.
    ///
    /// Asked for are only calls for all tenants, such as those of the worker.
    #[must_use]
    pub fn down(&self) -> Vec<StoreDown> {
        let members = self.members();
        members.iter().filter_map(|member| member.down()).collect()
    }

    /// The store that a tenant lives in.
    ///
    /// # Errors
    /// `UnknownTenant` when the map knows no such tenant; `Unavailable` when the map cannot tell, or
    /// the store cannot be opened; `Other` when the map names a store that the router does not have.
    pub async fn store_of(&self, tenant: &TenantId) -> Result<Arc<dyn Store>> {
        let name = self.inner.map.store_of(tenant).await.map_err(|source| {
            let message = format!("failed to ask in which store the tenant `{tenant}` lives");
            Error::new(ErrorKind::Unavailable, message).caused_by(source)
        })?;
        let Some(name) = name else {
            let message = format!("no store is named for the tenant `{tenant}`");
            return Err(Error::new(ErrorKind::UnknownTenant, message));
        };
        let member = self.members().into_iter().find(|one| one.name == name);
        let Some(member) = member else {
            let message = format!(
                "the tenant `{tenant}` lives in the store `{name}`, which the router does not have"
            );
            return Err(Error::new(ErrorKind::Other, message));
        };
        member.store().await
    }

    fn put(&self, member: Member) {
        let mut members = self.write();
        members.retain(|one| one.name != member.name);
        members.push(Arc::new(member));
        members.sort_by(|one, other| one.name.cmp(&other.name));
    }

    fn members(&self) -> Vec<Arc<Member>> {
        let members = self.inner.members.read();
        members.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Vec<Arc<Member>>> {
        let members = self.inner.members.write();
        members.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TenantRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantRouter")
            .field("stores", &self.names())
            .finish_non_exhaustive()
    }
}
