//! What is refused before anything is read: texts that not every database keeps where they belong.

use signoff_core::{
    id::{PersonId, TenantId},
    limits::{Name, check_plain},
    refusal::Refusal,
};

use crate::{
    call::{Call, Start, Verb, Who},
    error::Error,
};

pub(super) fn start(start: &Start) -> Result<(), Refusal> {
    tenant(&start.tenant)?;
    by(&start.by)?;
    Name::Workflow.check("/workflow", start.workflow.as_str())?;
    if let Some(subject) = &start.subject {
        Name::SubjectType.check("/subject/type", &subject.kind)?;
        Name::SubjectId.check("/subject/id", &subject.id)?;
    }
    for (place, person) in [
        ("/requester", &start.requester),
        ("/creator", &start.creator),
        ("/starter", &start.starter),
    ] {
        if let Some(id) = person {
            self::person(place, id)?;
        }
    }
    Ok(())
}

pub(super) fn call(call: &Call) -> Result<(), Refusal> {
    tenant(&call.tenant)?;
    by(&call.by)?;
    if let Some(to) = &call.to {
        Name::Person.check("/to", to)?;
    }
    match &call.verb {
        Verb::PersonLeft(id) => person("/person", id),
        _ => Ok(()),
    }
}

pub(super) fn tenant(id: &TenantId) -> Result<(), Refusal> {
    Name::Tenant.check("/tenant", id.as_str())
}

pub(super) fn by(who: &Who) -> Result<(), Refusal> {
    match who {
        Who::Person(id) => person("/by", id),
        Who::Engine | Who::Host => Ok(()),
    }
}

pub(super) fn person(place: &str, id: &PersonId) -> Result<(), Refusal> {
    Name::Person.check(place, id.as_str())
}

/// The name, the key and the id of a message.
pub(super) fn message(name: &str, key: &str, id: &str) -> Result<(), Refusal> {
    check_plain("name", "/name", name)?;
    check_plain("key", "/key", key)?;
    check_plain("id", "/id", id)
}

/// A directory names nobody whom a task could not be given to.
pub(super) fn named(id: &PersonId) -> Result<(), Error> {
    person("/id", id).map_err(|refusal| Error::directory(refusal.message.into()))
}
