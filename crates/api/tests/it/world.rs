//! An engine on memory with a clock that is set by hand.

use std::sync::Arc;

use signoff::{
    Builder, Call, Clock, Done, Engine, Format, InstanceId, InstanceView, MemoryDirectory, Profile,
    Start, TaskId, TenantId, VirtualClock, store::MemoryStore,
};

/// An engine with its clock.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) tenant: TenantId,
}

/// The people: `ann` and `bob` are clerks, `max` is a lead, `ada` an admin.
pub(crate) fn people() -> MemoryDirectory {
    let person = |id: &str, roles: &[&str]| Profile {
        id: id.into(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        active: true,
        admin: id == "ada",
        ..Profile::default()
    };
    MemoryDirectory::new([
        person("ann", &["clerk"]),
        person("bob", &["clerk"]),
        person("max", &["lead"]),
        person("ada", &[]),
        Profile {
            active: false,
            ..person("off", &["clerk", "lead"])
        },
    ])
}

pub(crate) fn clock() -> Arc<VirtualClock> {
    Arc::new(VirtualClock::at("2026-01-05T09:00:00Z".parse().unwrap()))
}

/// A builder on a store of memory; a clone of the store is the same store.
pub(crate) fn builder(store: &MemoryStore, clock: &Arc<VirtualClock>) -> Builder {
    Engine::builder()
        .store(store.clone())
        .directory(people())
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
}

impl World {
    /// An engine with what `with` adds to it, and these definitions.
    pub(crate) async fn with(with: impl FnOnce(Builder) -> Builder, definitions: &[&str]) -> Self {
        let clock = clock();
        let engine = with(builder(&MemoryStore::new(), &clock)).build().unwrap();
        let world = Self {
            engine,
            clock,
            tenant: TenantId::default(),
        };
        for definition in definitions {
            world.publish(definition).await;
        }
        world
    }

    pub(crate) async fn new(definitions: &[&str]) -> Self {
        Self::with(|builder| builder, definitions).await
    }

    pub(crate) async fn publish(&self, definition: &str) {
        self.engine
            .publish(&self.tenant, &[(definition, Format::Yaml)])
            .await
            .unwrap();
    }

    pub(crate) async fn start(&self, workflow: &str, by: &str) -> Done {
        self.engine.start(Start::of(workflow).by(by)).await.unwrap()
    }

    pub(crate) async fn view(&self, id: InstanceId) -> InstanceView {
        self.engine
            .instance(&self.tenant, id)
            .await
            .unwrap()
            .unwrap()
    }

    /// The nodes where something lives, in the order of their beginning.
    pub(crate) async fn at(&self, id: InstanceId) -> Vec<String> {
        let view = self.view(id).await;
        let nodes = view.instance.activations();
        nodes
            .filter(|activation| activation.is_live())
            .map(|activation| activation.node.to_string())
            .collect()
    }

    /// The open task on a node.
    pub(crate) async fn task(&self, id: InstanceId, node: &str) -> TaskId {
        let view = self.view(id).await;
        let mut tasks = view.instance.tasks();
        tasks.find(|task| task.node.as_str() == node).unwrap().id
    }

    pub(crate) async fn complete(&self, id: InstanceId, node: &str, by: &str) -> Done {
        let task = self.task(id, node).await;
        self.engine.call(Call::complete(task).by(by)).await.unwrap()
    }

    pub(crate) async fn status(&self, id: InstanceId) -> &'static str {
        self.view(id).await.instance.status().as_str()
    }

    /// The names of all that happened.
    pub(crate) async fn events(&self, id: InstanceId) -> Vec<&'static str> {
        let history = self.engine.history(&self.tenant, id).await.unwrap();
        let events = history.iter().flat_map(|entry| &entry.events);
        events.map(signoff::core::event::Event::name).collect()
    }

    /// Moves the clock and runs what is due.
    pub(crate) async fn after(&self, seconds: i64) -> usize {
        let now = self.clock.now();
        let then = now.checked_add(jiff::SignedDuration::from_secs(seconds));
        self.clock.set(then.unwrap());
        self.engine.tick().await.unwrap()
    }
}
