//! People: `has_role(…)` and `manager(…)`, which only the directory can answer.
//!
//! What is not known is noted in the meter: the evaluation fails, whatever it came to, and is tried
//! again once the directory was asked.

use cel_interpreter::{
    ExecutionError,
    common::{
        types::{CelBool, CelNull, CelString},
        value::{CowVal, Val},
    },
};
use signoff_core::{
    conditions::AboutPerson,
    id::{PersonId, RoleId},
};

use crate::{
    error::function,
    functions::{arguments, metered},
};

/// `has_role(person, role)`: whether the person is active and has the role.
pub(crate) const HAS_ROLE: &str = "has_role";
/// `manager(person)`: who leads the person; null for nobody.
pub(crate) const MANAGER: &str = "manager";

type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

pub(crate) fn has_role<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, person, role] = arguments(args)?;
    let meter = metered(&meter)?;
    let person = PersonId::from(text(HAS_ROLE, person.as_ref())?);
    let role = RoleId::from(text(HAS_ROLE, role.as_ref())?);
    meter.charge(1)?;
    match meter.people().known.roles.get(&person) {
        Some(roles) => Ok(CowVal::owned(CelBool::from(roles.contains(&role)))),
        None => {
            meter.people().note(AboutPerson::Roles(person));
            Err(function(HAS_ROLE, "the person is not known yet"))
        }
    }
}

pub(crate) fn manager<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Answer<'b, 'v> {
    let [meter, person] = arguments(args)?;
    let meter = metered(&meter)?;
    let person = PersonId::from(text(MANAGER, person.as_ref())?);
    meter.charge(1)?;
    match meter.people().known.managers.get(&person) {
        Some(Some(manager)) => {
            let manager = CelString::from(manager.as_str().to_owned());
            Ok(CowVal::owned(manager))
        }
        Some(None) => Ok(CowVal::owned(CelNull)),
        None => {
            meter.people().note(AboutPerson::Manager(person));
            Err(function(MANAGER, "the person is not known yet"))
        }
    }
}

fn text<'a>(name: &str, value: &'a dyn Val) -> Result<&'a str, ExecutionError> {
    let text = value.downcast_ref::<CelString<'_>>();
    text.map(|text| text.inner()).ok_or_else(|| {
        let found = value.get_type().name().to_owned();
        ExecutionError::no_such_overload(name, vec![found])
    })
}
