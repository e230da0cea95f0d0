//! An engine on each store, with a clock that stands still.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use signoff::{
    Builder, Call, Clock, Done, Engine, InstanceId, InstanceView, NotDone, Start, TenantId,
    VirtualClock,
    core::{
        change::SubscriptionKind,
        instance::{ActivationState, fold},
    },
    store::{
        Choice, IncidentFilter, InstanceFilter, InstanceSummary, Lease, PageRequest, Store,
        SubscriberFilter,
    },
};
use signoff_tests::{builder, person, publish};

use crate::stores::{self, Opened};

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) opened: Opened,
}

/// A world on every store: `ann` and `bob` do tasks, `max` leads, and `eve` may nothing.
pub(crate) async fn worlds(definitions: &[&str], also: impl Fn(Builder) -> Builder) -> Vec<World> {
    let mut worlds = Vec::new();
    for opened in stores::every().await {
        let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
        let people = vec![
            person("ann", &[]),
            person("bob", &[]),
            person("eve", &[]),
            person("max", &["lead"]),
        ];
        let builder =
            builder(Arc::clone(&opened.store), people).clock(Arc::clone(&clock) as Arc<dyn Clock>);
        let engine = also(builder).build().unwrap();
        for definition in definitions {
            publish(&engine, definition).await;
        }
        worlds.push(World {
            engine,
            clock,
            opened,
        });
    }
    worlds
}

/// The code that somebody was refused with.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, NotDone>) -> &'static str {
    match result {
        Err(NotDone::Refused(refusal)) => refusal.code.as_str(),
        other => panic!("not refused: {other:?}"),
    }
}

impl World {
    pub(crate) fn name(&self) -> &'static str {
        self.opened.name
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.opened.store
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now().checked_add(time).unwrap());
    }

    /// Starts an instance, and runs what is due.
    pub(crate) async fn start(&self, workflow: &str, data: Value) -> InstanceId {
        let start = Start::of(workflow).by("ann").data(&data).unwrap();
        let id = self.engine.start(start).await.unwrap().id();
        self.engine.tick().await.unwrap();
        id
    }

    /// Does the one open task of a node, and runs what is due.
    pub(crate) async fn complete(&self, id: InstanceId, node: &str) -> Done {
        let view = self.view(id).await;
        let mut tasks = view.instance.tasks();
        let task = tasks.find(|task| task.node.as_str() == node).unwrap().id;
        let done = self.engine.call(Call::complete(task)).await.unwrap();
        self.engine.tick().await.unwrap();
        done
    }

    pub(crate) async fn view(&self, id: InstanceId) -> InstanceView {
        let found = self.engine.instance(&TenantId::default(), id).await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn status(&self, id: InstanceId) -> &'static str {
        self.view(id).await.instance.status().as_str()
    }

    /// The nodes where something waits, runs or failed.
    pub(crate) async fn at(&self, id: InstanceId) -> Vec<String> {
        let view = self.view(id).await;
        let live = view.instance.activations();
        let live = live.filter(|found| found.state != ActivationState::Ended);
        let mut nodes: Vec<String> = live.map(|found| found.node.to_string()).collect();
        nodes.sort();
        nodes
    }

    pub(crate) async fn incidents(&self) -> Vec<String> {
        let (tenant, filter) = (TenantId::default(), IncidentFilter::default());
        let page = PageRequest::default();
        let found = self.store().incidents(&tenant, &filter, &page).await;
        let found = found.unwrap().items;
        found.into_iter().map(|incident| incident.code).collect()
    }

    /// The rows of instances, all pages of them.
    pub(crate) async fn instances(&self, filter: &InstanceFilter) -> Vec<InstanceSummary> {
        let tenant = TenantId::default();
        let mut rows = Vec::new();
        let mut page = PageRequest::default();
        loop {
            let found = self
                .store()
                .instances(&tenant, filter, &page)
                .await
                .unwrap();
            rows.extend(found.items);
            match found.next {
                Some(next) => page.after = Some(next),
                None => return rows,
            }
        }
    }

    /// How many instances of a workflow have that status.
    pub(crate) async fn count(&self, workflow: &str, status: &str) -> usize {
        let filter = InstanceFilter {
            workflow: Choice::of(workflow),
            status: Choice::of(status),
            ..InstanceFilter::default()
        };
        self.instances(&filter).await.len()
    }

    /// Whether a message of that id is kept and was consumed; `None` when there is none.
    pub(crate) async fn is_consumed(&self, id: &str) -> Option<bool> {
        let (tenant, id) = (TenantId::default(), id.into());
        let found = self.store().message(&tenant, &id).await.unwrap();
        found.map(|(_, by)| by.is_some())
    }

    pub(crate) async fn waiting(&self, kind: SubscriptionKind, name: &str) -> usize {
        let filter = SubscriberFilter {
            tenant: TenantId::default(),
            kind,
            name: name.to_owned(),
            key: None,
            until: Timestamp::MAX,
            after: None,
            limit: 1_000,
        };
        self.store().subscribers(&filter).await.unwrap().len()
    }

    /// No job is left, claimed or not, whenever it would be due.
    pub(crate) async fn has_no_jobs(&self) {
        let lease = Lease {
            tenant: None,
            behind: None,
            now: Timestamp::MAX,
            until: Timestamp::MAX,
            limit: 10,
        };
        assert_eq!(
            self.store().claim(lease).await.unwrap(),
            [],
            "{}",
            self.name()
        );
    }

    /// The fold of the history is the stored state. What a call that was dropped has sent to a server may
    /// be written between the two looks; then both are repeated.
    pub(crate) async fn is_consistent(&self, id: InstanceId) {
        loop {
            let before = self.view(id).await.instance;
            let history = self.engine.history(&TenantId::default(), id).await.unwrap();
            if self.view(id).await.instance.version() == before.version() {
                assert_eq!(fold(&history), Some(before), "{}", self.name());
                return;
            }
        }
    }
}
