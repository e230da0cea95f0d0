//! Running instances go on by another version of their definition.

use std::{collections::BTreeMap, sync::Arc};

use signoff_core::{
    command::{Command, Migration as Plan},
    event::Event,
    id::{ActivationId, InstanceId, TenantId},
    machine::Accepted,
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{Choice, InstanceFilter, PageRequest};

use crate::{
    call::Call,
    engine::{Definition, Engine},
    error::{Error, NotDone},
    migration::{Becomes, MigrateAll, MigratedInstance, MigratedVisit, Migration},
};

impl Engine {
    /// What would become of the visits of an instance, were it migrated; nothing is written.
    ///
    /// # Errors
    /// As [`call`](Self::call) of [`Call::migrate`].
    pub async fn foresee_migration(&self, call: Call) -> Result<Vec<MigratedVisit>, NotDone> {
        Ok(visits(&*self.foresee(call).await?))
    }

    /// Migrates every running instance of a workflow that is not of the version yet, one after
    /// another, the latest started first; each is migrated or refused by itself.
    ///
    /// Instances that begin meanwhile are of the newest version.
    ///
    /// # Errors
    /// When the store or the directory fails; those before are migrated then.
    pub async fn migrate_all(&self, all: MigrateAll) -> Result<Vec<MigratedInstance>, Error> {
        let newest = self
            .definition(&all.tenant, &all.workflow, all.plan.to)
            .await?;
        let to = newest.map(|definition| definition.id.version);
        let mut done = Vec::new();
        for (id, from) in self.running_of(&all).await? {
            if to != Some(from) {
                done.push(self.migrate_one(&all, id, from).await?);
            }
        }
        Ok(done)
    }

    /// The running instances that are meant, with their versions.
    async fn running_of(&self, all: &MigrateAll) -> Result<Vec<(InstanceId, u32)>, Error> {
        let filter = InstanceFilter {
            status: Choice::of("running"),
            workflow: Choice::of(all.workflow.as_str()),
            ..InstanceFilter::default()
        };
        let mut found = Vec::new();
        let mut page = PageRequest::default();
        loop {
            let store = &self.inner().store;
            let rows = store.instances(&all.tenant, &filter, &page).await?;
            found.extend(rows.items.iter().map(|row| (row.id, row.definition)));
            match rows.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        found.retain(|(_, version)| all.from.is_none_or(|from| from == *version));
        Ok(found)
    }

    async fn migrate_one(
        &self,
        all: &MigrateAll,
        id: InstanceId,
        from: u32,
    ) -> Result<MigratedInstance, Error> {
        let call = Call {
            by: all.by.clone(),
            ..Call::migrate(id, all.plan.clone()).tenant(all.tenant.clone())
        };
        let mut outcome = self.foresee_migration(call.clone()).await;
        if outcome.is_ok() && !all.dry_run {
            let once = all.once.as_ref();
            let call = Call {
                once: once.map(|once| once.part(&id.to_string())),
                ..call
            };
            outcome = match (self.call(call).await, outcome) {
                (Ok(_), foreseen) => foreseen,
                (Err(not_done), _) => Err(not_done),
            };
        }
        let outcome = match outcome {
            Ok(visits) => Ok(visits),
            Err(NotDone::Refused(refusal)) => Err(refusal),
            Err(NotDone::Failed(error)) => return Err(error),
        };
        Ok(MigratedInstance { id, from, outcome })
    }

    /// The command of a migration, with the definition that it is decided on.
    pub(super) async fn migration(
        &self,
        tenant: &TenantId,
        from: &Definition,
        plan: &Migration,
    ) -> Result<(Arc<Definition>, Command), NotDone> {
        let workflow = &from.id.workflow;
        let Some(to) = self.definition(tenant, workflow, plan.to).await? else {
            let version = plan.to.unwrap_or_default();
            return Err(NotDone::Refused(Refusal::new(
                RefusalCode::TargetInvalid,
                format!("`{workflow}` has no version {version}"),
            )));
        };
        let to = self.reacting(tenant, to).await?;
        let command = Command::Migrate(Box::new(Plan {
            to: to.id.clone(),
            from: Arc::new(from.graph.clone()),
            nodes: plan.nodes.clone(),
            anew: plan.anew.clone(),
            removed: plan.removed.into(),
            data: plan.data.clone(),
        }));
        Ok((to, command))
    }
}

/// What became of the visits that there were.
fn visits(accepted: &Accepted) -> Vec<MigratedVisit> {
    let after = accepted.change.instance();
    let mut seen: BTreeMap<ActivationId, Option<MigratedVisit>> = BTreeMap::new();
    for event in &accepted.change.entry.events {
        let (id, node, becomes) = match event {
            // It has not been there before.
            Event::NodeEntered(entered) => {
                seen.insert(entered.activation, None);
                continue;
            }
            Event::NodeCancelled { activation, node } => (activation, node, Becomes::Cancelled),
            Event::NodeCompleted {
                activation, node, ..
            } => (activation, node, Becomes::Completed),
            Event::NodeObsolete {
                activation, node, ..
            } => (activation, node, Becomes::Obsolete),
            Event::NodeRevived { activation, node } => (activation, node, Becomes::Anew),
            _ => continue,
        };
        seen.entry(*id).or_insert_with(|| {
            Some(MigratedVisit {
                activation: *id,
                node: node.clone(),
                becomes,
            })
        });
    }
    for found in after.activations() {
        let obsolete = matches!(
            found.state,
            signoff_core::instance::ActivationState::Obsolete(_)
        );
        seen.entry(found.id).or_insert_with(|| {
            Some(MigratedVisit {
                activation: found.id,
                node: found.node.clone(),
                becomes: if obsolete {
                    Becomes::Obsolete
                } else {
                    Becomes::Kept
                },
            })
        });
    }
    seen.into_values().flatten().collect()
}
