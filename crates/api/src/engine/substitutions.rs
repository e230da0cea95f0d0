//! Who stands in for whom, as kept in the store.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use signoff_core::{
    id::{PersonId, SubstitutionId, TenantId},
    refusal::{Refusal, RefusalCode},
};
use signoff_store::{SubstitutionFilter, SubstitutionRow};
use uuid::Uuid;

use crate::{
    directory::Substitution,
    engine::{Engine, actions::HOLDS, door},
    error::{Error, NotDone},
};

/// What is known of the substitutions of each tenant, and since when.
#[derive(Debug, Default)]
pub(crate) struct Substitutes(Mutex<HashMap<TenantId, Known>>);

type Known = (Timestamp, Arc<[SubstitutionRow]>);

impl Substitutes {
    fn known(&self) -> MutexGuard<'_, HashMap<TenantId, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Lets somebody stand in for somebody who is out of office, beside what the directory says; where
    /// both name somebody for one person, the store does. It holds for tasks that are given to one person
    /// while it is in force; open tasks stay. Other engines on the same database see it within a second.
    ///
    /// # Errors
    /// Refused: `unknown_user` when the directory knows either of them not as active, `target_invalid`
    /// when they are one person, or it ends before it begins. Failed: store or directory.
    pub async fn substitute(
        &self,
        tenant: &TenantId,
        substitution: &Substitution,
        by: Option<&PersonId>,
    ) -> Result<SubstitutionRow, NotDone> {
        let id = SubstitutionId::new(Uuid::now_v7());
        self.put_substitution(tenant, id, substitution, by).await
    }

    /// As [`substitute`](Self::substitute), under an id of the caller's: in place of the substitution
    /// that has it, if any.
    ///
    /// # Errors
    /// As [`substitute`](Self::substitute).
    pub async fn put_substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
        substitution: &Substitution,
        by: Option<&PersonId>,
    ) -> Result<SubstitutionRow, NotDone> {
        let Substitution {
            principal,
            substitute,
            from,
            until,
        } = substitution;
        door::tenant(tenant)?;
        door::person("/principal", principal)?;
        door::person("/substitute", substitute)?;
        let invalid =
            |message: &str| NotDone::Refused(Refusal::new(RefusalCode::TargetInvalid, message));
        if principal == substitute {
            return Err(invalid("nobody stands in for themselves"));
        }
        if until.is_some_and(|until| until <= *from) {
            return Err(invalid("it ends before it begins"));
        }
        for person in [principal, substitute] {
            let profile = self.profile(tenant, person).await?;
            if !profile.is_some_and(|profile| profile.active) {
                let message = format!("no active person is called `{person}`");
                return Err(Refusal::new(RefusalCode::UnknownUser, message).into());
            }
        }
        let row = SubstitutionRow {
            id,
            principal: principal.clone(),
            substitute: substitute.clone(),
            from: *from,
            until: *until,
            changed_by: by.cloned(),
            changed_at: self.inner().clock.now(),
        };
        self.inner().store.substitution_put(tenant, &row).await?;
        self.inner().substitutes.known().remove(tenant);
        Ok(row)
    }

    /// Substitutions as kept in the store: of one person or of all, at a moment or ever.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn substitutions(
        &self,
        tenant: &TenantId,
        filter: &SubstitutionFilter,
    ) -> Result<Vec<SubstitutionRow>, Error> {
        Ok(self.inner().store.substitutions(tenant, filter).await?)
    }

    /// One substitution as kept in the store.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
    ) -> Result<Option<SubstitutionRow>, Error> {
        Ok(self.inner().store.substitution(tenant, id).await?)
    }

    /// Ends a substitution for good; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_substitution(
        &self,
        tenant: &TenantId,
        id: SubstitutionId,
    ) -> Result<bool, Error> {
        let dropped = self.inner().store.substitution_drop(tenant, id).await?;
        self.inner().substitutes.known().remove(tenant);
        Ok(dropped)
    }

    /// Who stands in for whom at a moment: what the directory says, and over it the store, where of
    /// several for one person the one that began last holds.
    pub(super) async fn substitutes(
        &self,
        tenant: &TenantId,
        at: Timestamp,
    ) -> Result<BTreeMap<PersonId, PersonId>, Error> {
        let found = self.inner().directory.substitutions(tenant, at).await;
        let mut found = found.map_err(Error::directory)?;
        let known = self.not_over(tenant, at).await?;
        let in_force = known
            .iter()
            .filter(|row| row.from <= at && row.until.is_none_or(|until| at < until));
        found.extend(in_force.map(|row| (row.principal.clone(), row.substitute.clone())));
        Ok(found)
    }

    /// Those in force and those to come, by principal, then beginning; read once a second.
    async fn not_over(
        &self,
        tenant: &TenantId,
        at: Timestamp,
    ) -> Result<Arc<[SubstitutionRow]>, Error> {
        let substitutes = &self.inner().substitutes;
        if let Some((read_at, rows)) = substitutes.known().get(tenant) {
            let age = at.duration_since(*read_at);
            if !age.is_negative() && age < HOLDS {
                return Ok(Arc::clone(rows));
            }
        }
        let filter = SubstitutionFilter {
            not_over: Some(at),
            ..SubstitutionFilter::default()
        };
        let rows = self.inner().store.substitutions(tenant, &filter).await?;
        let rows: Arc<[SubstitutionRow]> = rows.into();
        let known = (at, Arc::clone(&rows));
        substitutes.known().insert(tenant.clone(), known);
        Ok(rows)
    }
}
