//! What is for all tenants: it goes to every store, and each gets its share.

use std::{
    future::Future,
    sync::{Arc, atomic::Ordering},
};

use futures_util::future::join_all;
use jiff::Timestamp;
use signoff_core::id::TenantId;
use signoff_store::{ClaimedJob, Error, ErrorKind, Lease, Result, ScheduleRow, Store};

use crate::router::{TenantRouter, member::Member};

impl TenantRouter {
    /// Asks every store at once; the answers of those that gave one.
    pub(super) async fn ask_all<T, Fut>(
        &self,
        call: impl Fn(Arc<dyn Store>) -> Fut,
    ) -> Result<Vec<T>>
    where
        Fut: Future<Output = Result<T>>,
    {
        let answered = self.ask_each(call).await?;
        Ok(answered.into_iter().map(|(_, answer)| answer).collect())
    }

    /// As [`ask_all`](Self::ask_all), with the store of each, beginning at another one each time.
    async fn ask_each<T, Fut>(
        &self,
        call: impl Fn(Arc<dyn Store>) -> Fut,
    ) -> Result<Vec<(Arc<Member>, T)>>
    where
        Fut: Future<Output = Result<T>>,
    {
        let members = self.by_turn();
        let answers = join_all(members.iter().map(|member| member.ask(&call))).await;
        let mut failures = Failures::default();
        let mut answered = Vec::new();
        for (member, answer) in members.into_iter().zip(answers) {
            match answer {
                Ok(answer) => answered.push((member, answer)),
                Err(error) => failures.add(&member, &error),
            }
        }
        failures.unless(!answered.is_empty())?;
        Ok(answered)
    }

    /// Claims jobs of all tenants. Each store is asked for its share; what some leave of theirs goes to
    /// those that have more.
    pub(super) async fn claim_all(&self, lease: &Lease) -> Result<Vec<ClaimedJob>> {
        let mut members = self.by_turn();
        let mut failures = Failures::default();
        let mut claimed: Vec<ClaimedJob> = Vec::new();
        let mut is_answered = false;
        loop {
            let shares = shares(left(lease.limit, &claimed), members.len());
            if shares.iter().all(|share| *share == 0) {
                break;
            }
            // Whose turn it was in the round before has it again when the others have had theirs.
            let turn = lease.last_turn(&claimed);
            let answers = members.iter().zip(&shares).map(async |(member, share)| {
                if *share == 0 {
                    return Ok(Vec::new());
                }
                let lease = Lease {
                    limit: *share,
                    behind: turn.clone(),
                    ..lease.clone()
                };
                member
                    .ask(|store| async move { store.claim(lease).await })
                    .await
            });
            let answers = join_all(answers).await;
            let mut more = Vec::new();
            for ((member, share), answer) in members.into_iter().zip(shares).zip(answers) {
                match answer {
                    Ok(jobs) => {
                        is_answered |= share > 0;
                        if left(share, &jobs) == 0 {
                            more.push(Arc::clone(&member));
                        }
                        for job in jobs {
                            if self.lives_in(&job.job.tenant, &member).await {
                                claimed.push(job);
                            }
                        }
                    }
                    Err(error) => failures.add(&member, &error),
                }
            }
            members = more;
        }
        failures.unless(is_answered)?;
        claimed.sort_by_key(|claimed| (claimed.job.due_at, claimed.job.id));
        Ok(claimed)
    }

    /// What is due of all tenants, one of each store in turn.
    pub(super) async fn schedules_due_of_all(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ScheduleRow>> {
        let due =
            |store: Arc<dyn Store>| async move { store.schedules_due(None, now, limit).await };
        let mut lists = Vec::new();
        for (member, rows) in self.ask_each(due).await? {
            let mut theirs = Vec::new();
            for row in rows {
                if self.lives_in(&row.tenant, &member).await {
                    theirs.push(row);
                }
            }
            lists.push(theirs);
        }
        let mut rows = Vec::new();
        while left(limit, &rows) > 0 && lists.iter().any(|list| !list.is_empty()) {
            for list in lists.iter_mut().filter(|list| !list.is_empty()) {
                if left(limit, &rows) > 0 {
                    rows.push(list.remove(0));
                }
            }
        }
        rows.sort_by(|one, other| key(one).cmp(&key(other)));
        Ok(rows)
    }

    /// Whether the tenant lives in that store. What the store has of others, such as a tenant that
    /// moved away, is not to be worked on: their calls would go elsewhere.
    async fn lives_in(&self, tenant: &TenantId, member: &Member) -> bool {
        let name = self.inner.map.store_of(tenant).await;
        let lives = matches!(&name, Ok(Some(name)) if *name == member.name);
        if !lives {
            let store = &member.name;
            tracing::warn!(%tenant, store, "work of a tenant that does not live here is left alone");
        }
        lives
    }

    /// The stores, beginning with the one whose turn it is.
    fn by_turn(&self) -> Vec<Arc<Member>> {
        let mut members = self.members();
        let turn = self.inner.turn.fetch_add(1, Ordering::Relaxed);
        if !members.is_empty() {
            let first = turn % members.len();
            members.rotate_left(first);
        }
        members
    }
}

fn key(row: &ScheduleRow) -> (Timestamp, &str, &str, &str) {
    (
        row.due_at,
        row.tenant.as_str(),
        row.workflow.as_str(),
        &row.start,
    )
}

/// How many more there may be.
fn left<T>(limit: u32, items: &[T]) -> u32 {
    limit.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX))
}

/// `limit` dealt out to `n`, the first get what is over.
fn shares(limit: u32, n: usize) -> Vec<u32> {
    let Ok(n) = u32::try_from(n) else {
        return Vec::new();
    };
    (0..n)
        .map(|i| limit / n + u32::from(i < limit % n))
        .collect()
}

/// What stores said that could not be reached.
#[derive(Default)]
struct Failures(Vec<String>);

impl Failures {
    fn add(&mut self, member: &Member, error: &Error) {
        self.0.push(format!("`{}`: {error}", member.name));
    }

    /// An error when there were failures and nobody answered.
    fn unless(self, answered: bool) -> Result<()> {
        if answered || self.0.is_empty() {
            return Ok(());
        }
        let message = format!("no store answers: {}", self.0.join("; "));
        Err(Error::new(ErrorKind::Unavailable, message))
    }
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn shares_are_equal_and_none_is_lost() {
        assert_eq!(shares(16, 3), [6, 5, 5]);
        assert_eq!(shares(2, 3), [1, 1, 0]);
        assert_eq!(shares(0, 2), [0, 0]);
        assert!(shares(5, 0).is_empty());
    }
}
