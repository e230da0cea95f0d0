//! A scenario's directory.

use jiff::Timestamp;
use serde_json::{Map, Value};
use signoff_core::{graph::Unit, id::PersonId, pointer::Pointer};

use crate::{
    directory::{MemoryDirectory, Profile, Substitution},
    testing::{
        read::{Fields, Result, invalid, text},
        scenario::SETTINGS,
    },
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
    let directory = MemoryDirectory::new(people.collect::<Result<Vec<_>>>()?);
    for (role, value, path) in fields.entries("roles")? {
        let role_fields = Fields::read(value, &path, "role", &["parent"])?;
        if let Some(parent) = role_fields.text("parent")? {
            directory.put_role_parent(role.as_str(), parent.as_str());
        }
    }
    for (unit, key) in [(Unit::Department, "departments"), (Unit::Team, "teams")] {
        for (name, value, path) in fields.entries(key)? {
            let unit_fields = Fields::read(value, &path, unit.as_str(), &["head"])?;
            if let Some(head) = unit_fields.text("head")? {
                directory.put_head(unit, name, head.as_str());
            }
        }
    }
    if let Some(settings) = fields.get("settings") {
        let path = fields.at("settings");
        for (value, path) in
            Fields::read(settings, &path, "scenario's settings", SETTINGS)?.list("substitutions")?
        {
            directory.put_substitution(substitution(value, &path)?);
        }
    }
    Ok(directory)
}

/// The verb: `substitute: PERSON` with `to` beside it, or a mapping; without a principal it is whoever
/// acts.
pub(super) fn substitute(
    value: &Value,
    map: &Map<String, Value>,
    path: &Pointer,
    at: &Pointer,
) -> Result<Substitution> {
    let mut all = match value {
        Value::String(person) => Map::from_iter([("principal".to_owned(), person.as_str().into())]),
        other => Fields::read(other, at, "substitution", SUBSTITUTION)
            .and_then(|_| {
                other
                    .as_object()
                    .ok_or_else(|| invalid(at, "expected a mapping"))
            })?
            .clone(),
    };
    let word = |key: &str| {
        map.get(key)
            .map(|word| text(word, &path.key(key)))
            .transpose()
    };
    if let (Some(to), None) = (word("to")?, all.get("substitute")) {
        all.insert("substitute".to_owned(), to.into());
    }
    if let (Some(by), None) = (word("by")?, all.get("principal")) {
        all.insert("principal".to_owned(), by.into());
    }
    substitution(&Value::Object(all), at)
}

const SUBSTITUTION: &[&str] = &["principal", "substitute", "from", "until"];

/// Who stands in for whom, and from when until when.
pub(super) fn substitution(value: &Value, path: &Pointer) -> Result<Substitution> {
    let fields = Fields::read(value, path, "substitution", SUBSTITUTION)?;
    let person = |key: &str| {
        Ok(PersonId::from(text(
            fields.required(key)?,
            &fields.at(key),
        )?))
    };
    let moment = |key: &str| match fields.text(key)? {
        None => Ok(None),
        Some(text) => text
            .parse()
            .map(Some)
            .map_err(|error| invalid(&fields.at(key), format!("not a moment: {error}"))),
    };
    Ok(Substitution {
        principal: person("principal")?,
        substitute: person("substitute")?,
        from: moment("from")?.unwrap_or(Timestamp::MIN),
        until: moment("until")?,
    })
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
        team: fields.text("team")?,
        active: fields.flag("active", true)?,
        admin: fields.flag("admin", false)?,
    })
}
