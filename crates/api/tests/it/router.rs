//! Tenants in stores of their own.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;
use signoff::{
    BoxError, Call, Clock, Done, Engine, Format, Start, TenantId, TenantMap, TenantRouter,
    VirtualClock,
    actions::ActionCall,
    store::{
        ErrorKind, InstanceFilter, Instances, Jobs, Lease, Load, MemoryStore, PageRequest, Part,
        Store, Target,
    },
};

use crate::{
    counted::Counted,
    world::{clock, people},
};

const PAY: &str = "
format: signoff/v1
kind: flow
key: pay
nodes:
  start: {start: {}, next: pay}
  pay: {job: pay, next: check}
  check: {task: {}, next: end}
  end: {end: {}}
";
const NIGHTLY: &str = "
format: signoff/v1
kind: flow
key: nightly
nodes:
  start: {start: {every: P1D}, next: check}
  check: {task: {}, next: end}
  end: {end: {}}
";

/// Acme lives in Europe, Globex and Initech in America, and Hooli in a place that nobody built.
fn router() -> TenantRouter {
    TenantRouter::new(|tenant: &TenantId| {
        let name = match tenant.as_str() {
            "acme" => "europe",
            "globex" | "initech" => "america",
            "hooli" => "moon",
            _ => return None,
        };
        Some(name.to_owned())
    })
}

struct World {
    engine: Engine,
    clock: Arc<VirtualClock>,
    /// Which instances were paid.
    paid: Arc<Mutex<Vec<String>>>,
}

/// Two stores, an engine on both, and what is to happen when something is paid.
fn world(router: &TenantRouter, paying: impl Fn() + Send + Sync + 'static) -> World {
    let clock = clock();
    let paid = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&paid);
    let pay = move |call: ActionCall| {
        seen.lock().unwrap().push(call.tenant.clone());
        paying();
        async { Ok(Value::Null) }
    };
    let engine = Engine::builder()
        .store(router.clone())
        .directory(people())
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .action("pay", pay)
        .build()
        .unwrap();
    World {
        engine,
        clock,
        paid,
    }
}

impl World {
    async fn publish(&self, tenant: &str, definition: &str) {
        let documents = [(definition, Format::Yaml)];
        let engine = &self.engine;
        engine.publish(&tenant.into(), &documents).await.unwrap();
    }

    async fn start(&self, tenant: &str) -> Done {
        let start = Start::of("pay").tenant(tenant).by("ann");
        self.engine.start(start).await.unwrap()
    }

    /// Who was paid since the last look, in order of the name.
    fn take_paid(&self) -> Vec<String> {
        let mut paid = std::mem::take(&mut *self.paid.lock().unwrap());
        paid.sort();
        paid
    }
}

async fn two() -> (World, TenantRouter, [Counted; 2]) {
    let stores = [Counted::default(), Counted::default()];
    let router = router();
    router.add("europe", stores[0].clone());
    router.add("america", stores[1].clone());
    let world = world(&router, || {});
    for tenant in ["acme", "globex", "initech"] {
        world.publish(tenant, PAY).await;
    }
    (world, router, stores)
}

async fn instances(store: &dyn Store, tenant: &str) -> usize {
    let (all, page) = (InstanceFilter::default(), PageRequest::default());
    let found = store.instances(&tenant.into(), &all, &page).await.unwrap();
    found.items.len()
}

#[tokio::test]
async fn a_tenant_is_kept_in_its_store_and_in_no_other() {
    let (world, router, [europe, america]) = two().await;
    for tenant in ["acme", "acme", "globex", "initech"] {
        world.start(tenant).await;
    }
    for (tenant, here, there) in [("acme", 2, 0), ("globex", 0, 1), ("initech", 0, 1)] {
        assert_eq!(instances(&europe, tenant).await, here, "{tenant}");
        assert_eq!(instances(&america, tenant).await, there, "{tenant}");
        assert_eq!(instances(&router, tenant).await, here + there, "{tenant}");
    }
    assert_eq!(router.names(), ["america", "europe"]);
    // What Acme does is not asked of America at all.
    let id = world.start("acme").await.id();
    america.take();
    world.engine.tick().await.unwrap();
    america.take();
    let view = world.engine.instance(&"acme".into(), id).await.unwrap();
    let task = view.unwrap().instance.tasks().next().unwrap().id;
    let done = Call::complete(task).tenant("acme").by("ann");
    let done = world.engine.call(done).await.unwrap();
    assert_eq!(done.instance.status().as_str(), "completed");
    assert_eq!(america.take(), 0);
    // Its instance is nobody else's, in the same store or in another.
    for other in ["globex", "initech"] {
        let theirs = world.engine.instance(&other.into(), id).await.unwrap();
        assert!(theirs.is_none());
    }
}

#[tokio::test]
async fn a_tenant_that_nobody_knows_is_told() {
    let (world, router, _) = two().await;
    let start = |tenant: &str| {
        let start = Start::of("pay").tenant(tenant).by("ann");
        async { world.engine.start(start).await.unwrap_err() }
    };
    let unknown = start("umbrella").await;
    assert_eq!(unknown.code(), "tenant_unknown");
    assert_eq!(
        unknown.to_string(),
        "no store is named for the tenant `umbrella`"
    );
    let homeless = start("hooli").await;
    assert_eq!(homeless.code(), "store_failed");
    assert_eq!(
        homeless.to_string(),
        "the tenant `hooli` lives in the store `moon`, which the router does not have"
    );
    // A store may come at any time, and go.
    router.add("moon", MemoryStore::new());
    world.publish("hooli", PAY).await;
    world.start("hooli").await;
    assert_eq!(world.engine.tick().await.unwrap(), 1);
    assert!(router.remove("moon"));
    assert!(!router.remove("moon"));
    assert_eq!(start("hooli").await.code(), "store_failed");
}

struct Registry(AtomicBool);

#[async_trait::async_trait]
impl TenantMap for Registry {
    async fn store_of(&self, _: &TenantId) -> Result<Option<String>, BoxError> {
        match self.0.swap(false, Ordering::SeqCst) {
            true => Err("the registry sleeps".into()),
            false => Ok(Some("only".to_owned())),
        }
    }
}

#[tokio::test]
async fn a_map_that_cannot_tell_now_may_be_asked_again() {
    let router = TenantRouter::new(Registry(AtomicBool::new(true)));
    router.add("only", MemoryStore::new());
    let error = router.store_of(&"acme".into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert!(router.store_of(&"acme".into()).await.is_ok());
}

#[tokio::test]
async fn one_worker_does_the_work_of_all_stores() {
    let (world, router, _) = two().await;
    for tenant in ["acme", "globex", "initech"] {
        world.start(tenant).await;
    }
    world.publish("acme", NIGHTLY).await;
    world.publish("globex", NIGHTLY).await;
    let now = world.clock.now();
    assert_eq!(world.engine.next_due().await.unwrap(), Some(now));
    assert_eq!(world.engine.tick().await.unwrap(), 5);
    assert_eq!(world.take_paid(), ["acme", "globex", "initech"]);
    for (tenant, expected) in [("acme", 2), ("globex", 2), ("initech", 1)] {
        assert_eq!(instances(&router, tenant).await, expected, "{tenant}");
    }
    assert_eq!(world.engine.tick().await.unwrap(), 0);
    let tomorrow = "2026-01-06T09:00:00Z".parse::<Timestamp>().unwrap();
    assert_eq!(world.engine.next_due().await.unwrap(), Some(tomorrow));
}

#[tokio::test]
async fn the_backlog_of_one_store_does_not_keep_another_waiting() {
    let (world, router, _) = two().await;
    for _ in 0..40 {
        world.start("acme").await;
    }
    // Later than all of those.
    let later = "2026-01-05T10:00:00Z".parse::<Timestamp>().unwrap();
    world.clock.set(later);
    for _ in 0..3 {
        world.start("globex").await;
    }
    let claim = async |limit| {
        let lease = Lease {
            tenant: None,
            behind: None,
            now: later,
            until: later + Duration::from_secs(60),
            limit,
        };
        let jobs = router.claim(lease).await.unwrap();
        let moments: Vec<_> = jobs
            .iter()
            .map(|one| (one.job.due_at, one.job.id))
            .collect();
        assert!(moments.is_sorted());
        let theirs = |tenant: &str| {
            let of = jobs.iter().filter(|one| one.job.tenant.as_str() == tenant);
            of.count()
        };
        (theirs("acme"), theirs("globex"))
    };
    assert_eq!(claim(2).await, (1, 1));
    let (one, other) = (claim(1).await, claim(1).await);
    assert_eq!(
        (one.0 + other.0, one.1 + other.1),
        (1, 1),
        "they take turns"
    );
    assert_eq!(claim(16).await, (15, 1), "what one leaves, the other gets");
    assert_eq!(claim(100).await, (23, 0));
    assert_eq!(claim(100).await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_stops_nobody_else() {
    let (world, router, [europe, america]) = two().await;
    for tenant in ["acme", "globex"] {
        world.start(tenant).await;
    }
    america.cut(true);
    assert_eq!(world.engine.tick().await.unwrap(), 1);
    assert_eq!(world.take_paid(), ["acme"]);
    let down = router.down();
    assert_eq!(down.len(), 1);
    assert_eq!(down[0].name, "america");
    assert_eq!(down[0].error, "the cable was cut");
    // Its own tenants are told, the others go on.
    let start = Start::of("pay").tenant("globex").by("ann");
    let error = world.engine.start(start).await.unwrap_err();
    assert_eq!(error.code(), "store_failed");
    world.start("acme").await;
    america.take();
    assert_eq!(world.engine.tick().await.unwrap(), 1);
    assert_eq!(america.take(), 0, "it is left alone for a while");
    // All are down: that is an error, and names each.
    europe.cut(true);
    let error = world.engine.tick().await.unwrap_err().to_string();
    assert!(error.contains("`europe`: the cable was cut"), "{error}");
    assert!(error.contains("`america`: the cable was cut"), "{error}");
    // They come back, and what waited is done.
    europe.cut(false);
    america.cut(false);
    tokio::time::advance(Duration::from_secs(61)).await;
    world.take_paid();
    assert_eq!(world.engine.tick().await.unwrap(), 1);
    assert_eq!(world.take_paid(), ["globex"]);
    assert_eq!(router.down(), []);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_falls_silent_stops_nobody_else() {
    let router = router();
    router.add("europe", MemoryStore::new());
    router.add_opened_by(
        "america",
        std::future::pending::<signoff::store::Result<MemoryStore>>,
    );
    let world = world(&router, || {});
    world.publish("acme", PAY).await;
    world.start("acme").await;
    assert_eq!(world.engine.tick().await.unwrap(), 1);
    let down = router.down();
    assert_eq!(down[0].error, "no answer within 30 seconds");
    assert!(down[0].lasting < Duration::from_secs(60));
}

#[tokio::test]
async fn a_store_that_goes_down_under_its_jobs_stops_no_job_of_another() {
    let stores = [Counted::default(), Counted::default()];
    let router = router();
    router.add("europe", stores[0].clone());
    router.add("america", stores[1].clone());
    let america = stores[1].clone();
    let cut = Arc::new(AtomicBool::new(true));
    let once = Arc::clone(&cut);
    // Both were claimed by then; the one of America cannot be finished.
    let world = world(&router, move || america.cut(once.load(Ordering::SeqCst)));
    for tenant in ["acme", "globex", "initech"] {
        world.publish(tenant, PAY).await;
    }
    let ids = [
        world.start("initech").await.id(),
        world.start("globex").await.id(),
        world.start("acme").await.id(),
    ];
    assert!(world.engine.tick().await.is_err());
    assert_eq!(world.paid.lock().unwrap().len(), 3);
    let acme = world.engine.instance(&"acme".into(), ids[2]).await.unwrap();
    assert_eq!(acme.unwrap().instance.tasks().count(), 1, "it went on");
    // The jobs of America are not lost: they run again when their claims have ended.
    cut.store(false, Ordering::SeqCst);
    stores[1].cut(false);
    let later = world.clock.now() + Duration::from_secs(61);
    world.clock.set(later);
    assert_eq!(world.engine.tick().await.unwrap(), 2);
    for (tenant, id) in [("initech", ids[0]), ("globex", ids[1])] {
        let theirs = world.engine.instance(&tenant.into(), id).await.unwrap();
        assert_eq!(theirs.unwrap().instance.tasks().count(), 1);
    }
}

#[tokio::test]
async fn a_transaction_is_of_one_tenant() {
    let (world, router, _) = two().await;
    let id = world.start("acme").await.id();
    let load = |tenant: &str| Load {
        tenant: tenant.into(),
        target: Target::Instance(id),
        part: Part::Header,
    };
    let mut tx = router.begin(&"acme".into()).await.unwrap();
    assert!(tx.load(&load("acme")).await.unwrap().is_some());
    let error = tx.load(&load("globex")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "one transaction is of one tenant, and this names `acme` and `globex`"
    );
    assert_eq!(error.kind(), ErrorKind::Other);
    let turn = tx.turn(&"globex".into(), "clerks", &["ann".into()]).await;
    assert!(turn.is_err());
    tx.finish().await.unwrap();
    assert!(router.begin(&"umbrella".into()).await.is_err());
}

#[tokio::test]
async fn what_all_stores_can_do_the_router_can() {
    let (_, router, _) = two().await;
    assert_eq!(router.capabilities(), MemoryStore::new().capabilities());
    router.add_opened_by("moon", || async { Ok(MemoryStore::new()) });
    assert_eq!(
        router.capabilities(),
        signoff::store::Capabilities::NONE,
        "nobody has seen it yet"
    );
    router.open().await.unwrap();
    assert_eq!(router.capabilities(), MemoryStore::new().capabilities());
}
