//! Persons and roles as definitions and tasks name them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    id::{PersonId, RoleId},
    problem::shown,
};

/// Somebody: one person, whoever has a role at the moment, or any active person. Written `user:ID`,
/// `role:ID` or `anyone`.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Principal {
    /// Any active person.
    Anyone,
    /// Whoever has the role now.
    Role(RoleId),
    /// One person.
    User(PersonId),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anyone => f.write_str("anyone"),
            Self::Role(id) => write!(f, "role:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// The text is neither `user:ID` nor `role:ID` nor `anyone`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected `user:ID` or `role:ID`, found `{0}`")]
pub struct NotAPrincipal(String);

impl FromStr for Principal {
    type Err = NotAPrincipal;

    fn from_str(text: &str) -> Result<Self, NotAPrincipal> {
        match text.split_once(':') {
            None if text == "anyone" => Ok(Self::Anyone),
            Some(("role", id)) if !id.is_empty() => Ok(Self::Role(id.into())),
            Some(("user", id)) if !id.is_empty() => Ok(Self::User(id.into())),
            _ => Err(NotAPrincipal(shown(text))),
        }
    }
}

impl TryFrom<String> for Principal {
    type Error = NotAPrincipal;

    fn try_from(text: String) -> Result<Self, NotAPrincipal> {
        text.parse()
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.to_string()
    }
}
