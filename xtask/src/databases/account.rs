//! As whom a server runs: servers refuse root.

use std::process::Command;

#[cfg(unix)]
pub(crate) use self::unix::{Account, leave_terminal};

/// Without Unix accounts, a server runs as who starts it.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Account {}

#[cfg(not(unix))]
impl Account {
    pub(crate) fn instead_of_root(_names: &[&str]) -> anyhow::Result<Option<Self>> {
        Ok(None)
    }

    pub(crate) fn give(self, _folder: &std::path::Path) -> std::io::Result<()> {
        match self {}
    }

    pub(crate) fn run(self, _command: &mut Command) {
        match self {}
    }
}

#[cfg(not(unix))]
pub(crate) fn leave_terminal(_command: &mut Command) {}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::io;
    use std::os::unix::process::CommandExt as _;
    use std::path::Path;

    use anyhow::Context as _;

    use super::Command;
    use crate::setup::is_root;

    /// An account of the machine that may do nothing.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct Account {
        user: u32,
        group: u32,
    }

    impl Account {
        /// For root, the first of these accounts that the machine has.
        ///
        /// # Errors
        /// It has none of them.
        pub(crate) fn instead_of_root(names: &[&str]) -> anyhow::Result<Option<Self>> {
            if !is_root() {
                return Ok(None);
            }
            let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
            let found = names.iter().find_map(|name| Self::find(&passwd, name));
            let why = || format!("no account to run as instead of root: {}", names.join(", "));
            found.with_context(why).map(Some)
        }

        fn find(passwd: &str, name: &str) -> Option<Self> {
            let mut lines = passwd.lines().map(|line| line.split(':'));
            let mut fields = lines.find_map(|mut fields| {
                let is_it = fields.next() == Some(name);
                is_it.then_some(fields)
            })?;
            let _password = fields.next();
            Some(Self {
                user: fields.next()?.parse().ok()?,
                group: fields.next()?.parse().ok()?,
            })
        }

        /// Makes it the owner of a folder.
        pub(crate) fn give(self, folder: &Path) -> io::Result<()> {
            std::os::unix::fs::chown(folder, Some(self.user), Some(self.group))
        }

        /// Lets a command run as it.
        pub(crate) fn run(self, command: &mut Command) {
            command.uid(self.user).gid(self.group);
        }
    }

    /// Keeps a command out of the reach of the terminal's Ctrl-C.
    pub(crate) fn leave_terminal(command: &mut Command) {
        command.process_group(0);
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn account_is_found_by_its_whole_name() {
            let passwd = "root:x:0:0:root:/root:/bin/sh\n\
                nobody2:x:7:7::/:/bin/false\n\
                nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
            let expected = Account {
                user: 65534,
                group: 65533,
            };
            assert_eq!(Account::find(passwd, "nobody"), Some(expected));
            assert_eq!(Account::find(passwd, "postgres"), None);
        }
    }
}
