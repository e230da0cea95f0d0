//! What a scene plays on: an engine on a store that fails, and one beside it that sees everything.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use signoff::{
    Clock, Engine, Error, Format, InstanceId, NotDone, Profile, TaskId, TenantId, VirtualClock,
    actions::{
        ActionError,
        mail::{Mailer, MemoryMailer},
    },
    store::{InstanceFilter, PageRequest, Store},
};
use signoff_tests::{builder, person};

use super::{Faulty, scenes::Scene};
use crate::picture::Picture;

pub(super) struct Stage {
    /// Its calls fail.
    pub(super) engine: Engine,
    /// Its do not.
    pub(super) eyes: Engine,
    pub(super) store: Arc<dyn Store>,
    pub(super) tenant: TenantId,
    clock: Arc<VirtualClock>,
    mailer: Arc<MemoryMailer>,
}

impl Stage {
    /// The stage before the command of the scene.
    pub(super) async fn set(scene: &Scene, faulty: &Faulty, tenant: &str) -> Self {
        let clock = Arc::new(VirtualClock::at(Timestamp::UNIX_EPOCH));
        let mailer = Arc::new(MemoryMailer::new());
        let tenant = TenantId::from(tenant);
        let engine = |store: Arc<dyn Store>| {
            let people = vec![
                person("ann", &[]),
                person("bob", &["lead"]),
                person("eve", &[]),
                Profile {
                    manager: Some("eve".into()),
                    ..person("max", &["lead", "boss"])
                },
                person("سلمى", &["lead"]),
            ];
            builder(store, people)
                .clock(Arc::clone(&clock) as Arc<dyn Clock>)
                .shared_mailer(Arc::clone(&mailer) as Arc<dyn Mailer>)
                .only_tenant(tenant.clone())
                .function("count", |_input| async { Ok(json!(1)) })
                .action("close", |_call| async { Ok(json!("closed")) })
                .action("broken", |_call| async {
                    Err(ActionError::permanent("broken", "never"))
                })
                .build()
                .unwrap()
        };
        let stage = Self {
            engine: engine(Arc::clone(&faulty.store)),
            eyes: engine(Arc::clone(&faulty.sound)),
            store: Arc::clone(&faulty.store),
            tenant,
            clock: Arc::clone(&clock),
            mailer: Arc::clone(&mailer),
        };
        for definition in scene.definitions {
            let source = (*definition, Format::Yaml);
            stage.eyes.publish(&stage.tenant, &[source]).await.unwrap();
        }
        (scene.prepare)(&stage).await.unwrap();
        stage
    }

    pub(super) fn pass(&self, time: SignedDuration) {
        self.clock.set(self.clock.now().checked_add(time).unwrap());
    }

    /// Everything that can be seen.
    pub(super) async fn picture(&self, timed: bool) -> Vec<String> {
        let picture = Picture::of_rows(&self.eyes, &self.tenant).await;
        picture.plain(timed)
    }

    /// Runs what the command left to do.
    pub(super) async fn drain(&self) {
        self.pass(SignedDuration::from_mins(2));
        self.eyes.tick().await.unwrap();
    }

    /// Every mail, once: its template and whom it went to.
    pub(super) fn mail(&self) -> Vec<(String, String)> {
        let mut sent = self.mailer.sent();
        sent.sort_by(|one, other| one.id.cmp(&other.id));
        sent.dedup_by(|one, other| one.id == other.id);
        let shown = sent
            .into_iter()
            .map(|mail| (mail.template, mail.to.address));
        let mut shown: Vec<_> = shown.collect();
        shown.sort();
        shown
    }

    /// The instance that began first.
    pub(super) async fn instance(&self) -> InstanceId {
        let (store, filter) = (self.eyes.store(), InstanceFilter::default());
        let page = PageRequest::default();
        let rows = store.instances(&self.tenant, &filter, &page).await;
        rows.unwrap().items.last().unwrap().id
    }

    /// The open task of a node of the instance that began first.
    pub(super) async fn task(&self, node: &str) -> TaskId {
        let id = self.instance().await;
        let view = self.eyes.instance(&self.tenant, id).await;
        let view = view.unwrap().unwrap();
        let mut tasks = view.instance.tasks();
        let found = tasks.find(|task| task.node.as_str() == node);
        found.unwrap_or_else(|| panic!("no task at {node}")).id
    }
}

/// A failure of the engine.
pub(super) fn failed(error: Error) -> NotDone {
    NotDone::Failed(error)
}
