//! What people are called.

use std::collections::{BTreeMap, BTreeSet};

use signoff::{
    PersonId,
    core::{actor::By, principal::Principal},
};

use crate::{
    app::App,
    fault::Fault,
    text::{Locale, fill},
};

/// The names of the people on one page.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: BTreeMap<PersonId, String>,
}

impl Names {
    /// Asks the directory once for all of them; one whom it does not know is called by the id.
    pub(crate) async fn of(app: &App, people: BTreeSet<PersonId>) -> Result<Self, Fault> {
        let mut known = BTreeMap::new();
        let directory = app.engine.directory();
        let found = directory.profiles(&app.tenant, &people).await;
        for profile in found.map_err(|error| Fault::directory(&error))? {
            known.insert(profile.id.clone(), profile.display_name().to_owned());
        }
        Ok(Self { known })
    }

    /// The person's name; the id of one who was not asked for.
    pub(crate) fn get<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.known.get(id).map_or(id.as_str(), String::as_str)
    }

    /// Whoever acted.
    pub(crate) fn by(&self, locale: Locale, by: &By) -> String {
        match by {
            By::Engine => locale.words().the_engine.to_owned(),
            By::Host => locale.words().the_host.to_owned(),
            By::Person(id) => locale.name(self.get(id)),
        }
    }

    /// A person, or anyone with a role.
    pub(crate) fn principal(&self, locale: Locale, principal: &Principal) -> String {
        match principal {
            Principal::Anyone => locale.words().anyone.to_owned(),
            Principal::Role(role) => {
                let role = locale.name(&locale.of_key(role.as_str()));
                fill(locale.words().anyone_of, &[("role", &role)])
            }
            Principal::User(id) => locale.name(self.get(id)),
        }
    }
}
