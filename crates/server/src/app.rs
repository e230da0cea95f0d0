//! What every request shares.

use std::sync::Arc;

use signoff::{Engine, TenantId, actions::mail::FolderMailer};

use crate::{
    auth::{Authenticator, Sessions},
    error::{Error, ErrorKind},
};

/// What every request shares.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) tenant: TenantId,
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
    /// Present in a demo only.
    pub(crate) sessions: Option<Sessions>,
    pub(crate) mailbox: Option<FolderMailer>,
    pub(crate) base: Base,
}

impl App {
    /// Whether anybody may sign in as anybody.
    pub(crate) fn is_demo(&self) -> bool {
        self.sessions.is_some()
    }
}

/// Where the router is nested: empty, or `/like/this`.
#[derive(Clone, Debug)]
pub(crate) struct Base(String);

impl Base {
    pub(crate) fn new(path: &str) -> Result<Self, Error> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        let valid = path.is_empty()
            || (path.starts_with('/')
                && !path.ends_with('/')
                && !path.contains("//")
                && path.chars().all(plain));
        if valid {
            return Ok(Self(path.to_owned()));
        }
        Err(Error::new(
            ErrorKind::InvalidBasePath,
            format!(
                "expected a base path like `/approvals`, found `{}`",
                path.escape_debug()
            ),
        ))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The link to a place of the server.
    pub(crate) fn link(&self, place: &str) -> String {
        format!("{}{place}", self.0)
    }

    /// The `Path` of cookies.
    pub(crate) fn cookie_path(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }
}

/// `next` when it is a place of this server; never an address of another one.
///
/// Browsers read a backslash as a slash and skip control characters, so neither may stand in it.
pub(crate) fn local(next: &str) -> Option<&str> {
    let odd = |c: char| c.is_control() || c == '\\';
    let local = next.starts_with('/') && !next.starts_with("//") && !next.chars().any(odd);
    local.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_of_this_server_are_gone_to() {
        for (next, expected) in [
            ("/tasks/1?lang=ar", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("/\t/evil.example", false),
            ("https://evil.example", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(local(next).is_some(), expected, "{next:?}");
        }
    }

    #[test]
    fn a_base_path_is_checked() {
        for (path, valid) in [
            ("", true),
            ("/a/b-c", true),
            ("/", false),
            ("a", false),
            ("/a/", false),
            ("/a//b", false),
            ("/a b", false),
            ("/\"", false),
        ] {
            assert_eq!(Base::new(path).is_ok(), valid, "{path:?}");
        }
    }
}
