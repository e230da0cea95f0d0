//! Workflows that begin on a schedule.

use std::str::FromStr;

use croner::Cron;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};
use signoff_core::{
    graph::{Graph, Trigger},
    id::InstanceId,
    pointer::Pointer,
    problem::Problem,
    refusal::RefusalCode,
};
use signoff_store::{Load, Part, ScheduleRow, StartsOf, Target};

use crate::{
    call::{Made, Start, Who},
    engine::{Engine, is_conflict},
    error::{Error, NotDone},
};

/// When a start that the store or the directory kept from beginning is tried again.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// Why a schedule has not moved on.
enum NotBegun {
    /// Nothing began: it is tried at another moment.
    Later(Error),
    /// Something may have begun.
    Unknown(Error),
}

impl From<Error> for NotBegun {
    fn from(error: Error) -> Self {
        Self::Later(error)
    }
}

impl From<signoff_store::Error> for NotBegun {
    fn from(error: signoff_store::Error) -> Self {
        Self::Later(error.into())
    }
}

impl Engine {
    /// The moments at which a newly published workflow begins by itself: an interval at once.
    pub(super) fn starts_of(&self, graph: &Graph) -> StartsOf {
        let now = self.inner().clock.now();
        let rows: Vec<(String, Timestamp)> = graph
            .starts()
            .filter_map(|start| {
                let first = match &start.trigger {
                    Trigger::Every(_) => now,
                    Trigger::Cron(cron) => next_of(cron, graph.calendar().zone(), now)?,
                    _ => return None,
                };
                Some((start.key.as_str().to_owned(), first))
            })
            .collect();
        StartsOf {
            workflow: graph.key().clone(),
            rows,
        }
    }

    /// Starts what is due on a schedule; gives how many began.
    pub(crate) async fn run_schedules(&self, now: Timestamp, limit: u32) -> Result<usize, Error> {
        let store = &self.inner().store;
        let tenant = self.inner().only_tenant.as_ref();
        let due = store.schedules_due(tenant, now, limit).await?;
        let mut began = 0;
        for row in due {
            match self.run_schedule(&row, now).await {
                Ok(one) => began += usize::from(one),
                // Where nobody can tell whether it began, its moment stays.
                Err(NotBegun::Unknown(error)) => return Err(error),
                Err(NotBegun::Later(error)) => {
                    // What one workflow lacks must not keep all the others from their work.
                    tracing::error!(%error, workflow = %row.workflow, "a schedule is tried again");
                    let later = now.checked_add(AGAIN).unwrap_or(now);
                    if let Err(error) = store.schedule_move(&row, later).await {
                        tracing::error!(%error, workflow = %row.workflow, "a schedule stays due");
                    }
                }
            }
        }
        Ok(began)
    }

    async fn run_schedule(&self, row: &ScheduleRow, now: Timestamp) -> Result<bool, NotBegun> {
        let store = &self.inner().store;
        let workflow = store.workflow(&row.tenant, &row.workflow).await?;
        let definition = match &workflow {
            Some(found) => {
                self.definition(&row.tenant, &row.workflow, Some(found.latest))
                    .await?
            }
            None => None,
        };
        let graph = definition.as_ref().map(|found| &found.graph);
        let rule = graph.and_then(|graph| Some((graph, graph.start_named(&row.start)?)));
        let next = rule.and_then(|(graph, rule)| match &rule.trigger {
            Trigger::Every(every) => Some(after(row.due_at, *every, now)),
            Trigger::Cron(cron) => next_of(cron, graph.calendar().zone(), now),
            _ => None,
        });
        let Some(next) = next else {
            // No version has it any more; nothing comes of it.
            let far = Timestamp::MAX;
            store.schedule_move(row, far).await?;
            return Ok(false);
        };
        if workflow.is_none_or(|found| !found.is_active()) {
            store.schedule_move(row, next).await?;
            return Ok(false);
        }
        // Begun under an id that only this moment gives: whoever comes second begins nothing.
        let mut start = Start::of(row.workflow.clone())
            .tenant(row.tenant.clone())
            .at(row.start.as_str());
        start.by = Who::Engine;
        start.made = Made {
            id: Some(id_of(row)),
            ..Made::default()
        };
        let began = match self.start(start).await {
            Ok(_) => true,
            Err(NotDone::Refused(refusal)) => {
                if refusal.code != RefusalCode::AlreadyStarted {
                    tracing::error!(%refusal, workflow = %row.workflow, "a schedule starts nothing");
                }
                false
            }
            Err(NotDone::Failed(error)) if is_conflict(&error) => false,
            // Its answer may be lost: moved to another moment, what began would begin again.
            Err(NotDone::Failed(error)) => match self.has_begun(row).await {
                Ok(true) => true,
                Ok(false) => return Err(NotBegun::Later(error)),
                Err(error) => return Err(NotBegun::Unknown(error)),
            },
        };
        let moved = store.schedule_move(row, next).await;
        moved.map_err(|error| NotBegun::Unknown(error.into()))?;
        Ok(began)
    }

    /// Whether the instance is there that this moment begins.
    async fn has_begun(&self, row: &ScheduleRow) -> Result<bool, Error> {
        let load = Load {
            tenant: row.tenant.clone(),
            target: Target::Instance(id_of(row)),
            part: Part::Header,
        };
        Ok(self.inner().store.load(&load).await?.is_some())
    }
}

/// What is wrong with the schedules of a graph.
pub(super) fn problems(graph: &Graph) -> Vec<Problem> {
    graph
        .starts()
        .filter_map(|start| {
            let Trigger::Cron(cron) = &start.trigger else {
                return None;
            };
            let error = Cron::from_str(cron).err()?;
            let path = Pointer::root().key("nodes").key(start.key.as_str());
            let path = path.key("start").key("cron");
            let message = format!("`{cron}` is no schedule: {error}");
            Some(
                Problem::error("invalid_cron", path, message)
                    .help("write minute, hour, day, month, weekday: `0 9 * * 1-5`"),
            )
        })
        .collect()
}

/// The next moment of a schedule after `now`, by the clocks of the zone.
fn next_of(cron: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let cron = Cron::from_str(cron).ok()?;
    let now = now.to_zoned(zone.clone());
    let next = cron.find_next_occurrence(&now, false).ok()?;
    Some(next.timestamp())
}

/// An interval after the last start; missed ones are not made up for.
fn after(last: Timestamp, every: SignedDuration, now: Timestamp) -> Timestamp {
    let next = last.checked_add(every).unwrap_or(Timestamp::MAX);
    if next > now {
        return next;
    }
    now.checked_add(every).unwrap_or(Timestamp::MAX)
}

/// The id of the instance that one moment of a schedule begins.
fn id_of(row: &ScheduleRow) -> InstanceId {
    let moment = row.due_at.to_string();
    derived(&[
        row.tenant.as_str(),
        row.workflow.as_str(),
        &row.start,
        &moment,
    ])
}

/// An id that only these parts give.
pub(super) fn derived(parts: &[&str]) -> InstanceId {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    InstanceId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
