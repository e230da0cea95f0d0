//! Substitutions in memory.

use async_trait::async_trait;
use signoff_core::id::{SubstitutionId, TenantId};

use crate::{
    contract::{SubstitutionFilter, SubstitutionRow, Substitutions},
    error::Result,
    memory::MemoryStore,
};

fn is_meant(row: &SubstitutionRow, filter: &SubstitutionFilter) -> bool {
    let SubstitutionFilter {
        principal,
        at,
        not_over,
    } = filter;
    let lasts = |at| row.until.is_none_or(|until| at < until);
    principal.as_ref().is_none_or(|one| row.principal == *one)
        && at.is_none_or(|at| row.from <= at && lasts(at))
        && not_over.is_none_or(lasts)
}

#[async_trait]
impl Substitutions for MemoryStore {
    async fn substitutions(
        &self,
        tenant: &TenantId,
        filter: &SubstitutionFilter,
    ) -> Result<Vec<SubstitutionRow>> {
        let books = self.books();
        let all = books.substitutions.iter();
        let meant = all.filter(|((owner, _), row)| owner == tenant && is_meant(row, filter));
        let mut rows: Vec<SubstitutionRow> = meant.map(|(_, row)| row.clone()).collect();
        rows.sort_by(|one, other| {
            let key = |row: &SubstitutionRow| (row.principal.clone(), row.from, row.id);
            key(one).cmp(&key(other))
        });
        Ok(rows)
    }

    async fn substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
    ) -> Result<Option<SubstitutionRow>> {
        let key = (tenant.clone(), id);
        Ok(self.books().substitutions.get(&key).cloned())
    }

    async fn substitution_put(&self, tenant: &TenantId, row: &SubstitutionRow) -> Result<()> {
        let key = (tenant.clone(), row.id);
        self.books().substitutions.insert(key, row.clone());
        Ok(())
    }

    async fn substitution_drop(&self, tenant: &TenantId, id: SubstitutionId) -> Result<bool> {
        let dropped = self.books().substitutions.remove(&(tenant.clone(), id));
        Ok(dropped.is_some())
    }
}
