//! A scenario's directory.

use serde_json::Value;
use signoff_core::{id::PersonId, pointer::Pointer};

use crate::{
    directory::{MemoryDirectory, Profile},
    testing::read::{Fields, Result},
};

const PERSON: &[&str] = &[
    "roles",
    "manager",
    "email",
    "department",
    "team",
    "active",
    "admin",
    "name",
    "locale",
];

pub(super) fn read(fields: &Fields<'_>) -> Result<MemoryDirectory> {
    let people = fields
        .entries("people")?
        .into_iter()
        .map(|(id, value, path)| person(id, value, &path));
    Ok(MemoryDirectory::new(people.collect::<Result<Vec<_>>>()?))
}

fn person(id: &str, value: &Value, path: &Pointer) -> Result<Profile> {
    let fields = Fields::read(value, path, "person", PERSON)?;
    Ok(Profile {
        id: PersonId::from(id),
        name: fields.text("name")?.unwrap_or_default(),
        email: fields.text("email")?,
        locale: fields.text("locale")?,
        roles: fields.texts("roles")?.into_iter().map(Into::into).collect(),
        manager: fields.text("manager")?.map(Into::into),
        department: fields.text("department")?,
        active: fields.flag("active", true)?,
        admin: fields.flag("admin", false)?,
    })
}
