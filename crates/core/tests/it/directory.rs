//! Who exists, who has a role, who leads whom.

use std::collections::{BTreeMap, BTreeSet};

use signoff_core::{
    actor::{Actor, Person},
    graph::Unit,
    id::{PersonId, RoleId},
};

/// The host's people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directory {
    people: BTreeMap<PersonId, Entry>,
    /// The role above a role.
    pub(crate) parents: BTreeMap<RoleId, RoleId>,
    /// Who stands in for whom.
    pub(crate) away: BTreeMap<PersonId, PersonId>,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    person: Person,
    manager: Option<PersonId>,
    team: Option<String>,
}

impl Directory {
    /// Reads people written as `name role role >manager @head ~substitute`, separated by `;`.
    ///
    /// `name-` is not active, `name*` is an admin; a team is called as its head.
    pub(crate) fn of(text: &str) -> Self {
        let mut directory = Self::default();
        for line in text.split(';').filter(|line| !line.trim().is_empty()) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap();
            let mut entry = Entry::default();
            entry.person.id = name.trim_end_matches(['-', '*']).into();
            entry.person.active = !name.ends_with('-');
            entry.person.admin = name.ends_with('*');
            for word in words {
                match word.split_at(1) {
                    (">", manager) => entry.manager = Some(manager.into()),
                    ("@", team) => entry.team = Some(team.to_owned()),
                    ("~", substitute) => {
                        let person = entry.person.id.clone();
                        directory.away.insert(person, substitute.into());
                    }
                    _ => {
                        entry.person.roles.insert(word.into());
                    }
                }
            }
            directory.people.insert(entry.person.id.clone(), entry);
        }
        directory
    }

    /// What is different from now on, written as in [`of`](Self::of).
    pub(crate) fn change(&mut self, text: &str) {
        self.people.extend(Self::of(text).people);
    }

    /// The actor `name`: `host`, `engine`, or a person, known or not.
    pub(crate) fn actor(&self, name: &str) -> Actor {
        match name {
            "host" => Actor::Host,
            "engine" => Actor::Engine,
            name => Actor::Person(self.person(&name.into()).unwrap_or_else(|| Person {
                id: name.into(),
                active: true,
                ..Person::default()
            })),
        }
    }

    /// The person, if there is one.
    pub(crate) fn person(&self, id: &PersonId) -> Option<Person> {
        self.people.get(id).map(|entry| entry.person.clone())
    }

    /// Who leads the person.
    pub(crate) fn manager(&self, of: &PersonId) -> Option<PersonId> {
        self.people.get(of)?.manager.clone()
    }

    /// Who leads the team of the person; nobody has a department.
    pub(crate) fn head(&self, unit: Unit, of: &PersonId) -> Option<PersonId> {
        let team = self.people.get(of)?.team.as_deref();
        team.filter(|_| unit == Unit::Team).map(PersonId::from)
    }

    /// The active persons who have the role.
    pub(crate) fn members(&self, role: &RoleId) -> BTreeSet<PersonId> {
        self.people
            .values()
            .filter(|entry| entry.person.active && entry.person.roles.contains(role))
            .map(|entry| entry.person.id.clone())
            .collect()
    }
}
