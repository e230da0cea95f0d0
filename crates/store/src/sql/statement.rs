//! Statements as data: a text for each kind of database, and what it is run with.

use std::sync::OnceLock;

use jiff::Timestamp;
use uuid::Uuid;

use crate::sql::{Dialect, nanos};

/// The text of a statement, one for all databases or one
/// for each where they differ.
///
/// Parameters are numbered from `?1` in every text, whatever a database writes for them, and have the
/// same meaning in all texts of one statement.
#[derive(Debug)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
    /// The text as PostgreSQL wants it.
    for_postgres: OnceLock<String>,
    /// The text as MySQL wants it, and which parameter each of its places takes.
    for_mysql: OnceLock<(String, Vec<usize>)>,
}

impl Sql {
    /// A statement whose text every database understands.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self {
            sqlite: text,
            postgres: text,
            mysql: text,
            for_postgres: OnceLock::new(),
            for_mysql: OnceLock::new(),
        }
    }

    /// The same with another text on PostgreSQL.
    #[must_use]
    pub const fn postgres(mut self, text: &'static str) -> Self {
        self.postgres = text;
        self
    }

    /// The same with another text on MySQL and MariaDB.
    #[must_use]
    pub const fn mysql(mut self, text: &'static str) -> Self {
        self.mysql = text;
        self
    }

    fn text(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self
                .for_postgres
                .get_or_init(|| self.postgres.replace('?', "$")),
            Dialect::MySql => &self.for_mysql().0,
        }
    }

    fn for_mysql(&self) -> &(String, Vec<usize>) {
        self.for_mysql.get_or_init(|| positional(self.mysql))
    }
}

/// A text whose parameters have no numbers, and the index of the argument for each of them.
fn positional(numbered: &str) -> (String, Vec<usize>) {
    let mut parts = numbered.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut order = Vec::new();
    for part in parts {
        let rest = part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let number = part.get(..part.len() - rest.len()).unwrap_or_default();
        order.push(number.parse::<usize>().unwrap_or(1).saturating_sub(1));
        text.push('?');
        text.push_str(rest);
    }
    (text, order)
}

/// A statement with its arguments, for any driver.
#[derive(Clone, Debug)]
pub struct Bound {
    sql: &'static Sql,
    args: Vec<Arg>,
    returns: bool,
    expected: Option<u64>,
}

/// An argument. What is none has a kind too: some databases must know the type of a NULL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Arg {
    /// What is in a file.
    Bytes(Option<Vec<u8>>),
    /// An id: 16 bytes, or the type that the database has for it.
    Id(Option<Uuid>),
    /// A number, a truth or a moment.
    Integer(Option<i64>),
    /// A text.
    Text(Option<String>),
}

impl Arg {
    /// None of the same kind.
    pub(super) const fn none(&self) -> Self {
        match self {
            Self::Bytes(_) => Self::Bytes(None),
            Self::Id(_) => Self::Id(None),
            Self::Integer(_) => Self::Integer(None),
            Self::Text(_) => Self::Text(None),
        }
    }

    /// The name of its type on PostgreSQL.
    pub(super) const fn postgres_type(&self) -> &'static str {
        match self {
            Self::Bytes(_) => "bytea",
            Self::Id(_) => "uuid",
            Self::Integer(_) => "bigint",
            Self::Text(_) => "text",
        }
    }

    /// How many bytes it sends, about.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Id(_) | Self::Integer(_) => 16,
        }
    }
}

impl Bound {
    /// The statement without arguments.
    #[must_use]
    pub const fn new(sql: &'static Sql) -> Self {
        Self {
            sql,
            args: Vec::new(),
            returns: false,
            expected: None,
        }
    }

    /// The same with the next argument.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }

    /// The same with the next arguments.
    #[must_use]
    pub fn bind_all(mut self, args: impl IntoIterator<Item = Arg>) -> Self {
        self.args.extend(args);
        self
    }

    /// The same, when it writes and gives rows.
    #[must_use]
    pub const fn returning(mut self) -> Self {
        self.returns = true;
        self
    }

    /// The same, when another number of changed rows than this one is a conflict. Alone and without
    /// a transaction around it, it may then not have changed anything.
    #[must_use]
    pub const fn expecting(mut self, rows: u64) -> Self {
        self.expected = Some(rows);
        self
    }

    /// The text for a database.
    #[must_use]
    pub fn text(&self, dialect: Dialect) -> &'static str {
        self.sql.text(dialect)
    }

    /// The arguments in the order of the places in the text.
    pub fn args(&self, dialect: Dialect) -> impl Iterator<Item = &Arg> {
        let order = match dialect {
            Dialect::Sqlite | Dialect::Postgres => None,
            Dialect::MySql => Some(self.sql.for_mysql().1.as_slice()),
        };
        let count = order.map_or(self.args.len(), <[usize]>::len);
        (0..count).filter_map(move |place| {
            let at = order.map_or(Some(place), |order| order.get(place).copied());
            self.args.get(at?)
        })
    }

    /// Whether it writes and gives rows.
    #[must_use]
    pub const fn returns(&self) -> bool {
        self.returns
    }

    /// How many rows it must change, if that matters.
    #[must_use]
    pub const fn expected(&self) -> Option<u64> {
        self.expected
    }
}

impl From<Uuid> for Arg {
    fn from(id: Uuid) -> Self {
        Self::Id(Some(id))
    }
}

impl From<Option<Uuid>> for Arg {
    fn from(id: Option<Uuid>) -> Self {
        Self::Id(id)
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Arg {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<Timestamp> for Arg {
    fn from(at: Timestamp) -> Self {
        Self::Integer(Some(nanos(at)))
    }
}

impl From<Option<Timestamp>> for Arg {
    fn from(at: Option<Timestamp>) -> Self {
        Self::Integer(at.map(nanos))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Arg {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Arg {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_places() {
        static TEXT: Sql = Sql::new("SELECT ?2 WHERE ?1 IS NULL OR a = ?1 AND b = ?10");
        let mut bound = Bound::new(&TEXT);
        for number in 1..=10 {
            bound = bound.bind(number);
        }
        assert!(bound.text(Dialect::Sqlite).contains("?10"));
        assert_eq!(
            bound.text(Dialect::Postgres),
            "SELECT $2 WHERE $1 IS NULL OR a = $1 AND b = $10"
        );
        assert_eq!(bound.args(Dialect::Postgres).count(), 10);
        assert_eq!(
            bound.text(Dialect::MySql),
            "SELECT ? WHERE ? IS NULL OR a = ? AND b = ?"
        );
        let args = [2, 1, 1, 10].map(Arg::from);
        assert!(bound.args(Dialect::MySql).eq(args.iter()));
    }

    #[test]
    fn a_text_of_its_own_replaces_the_common_one() {
        static TEXT: Sql = Sql::new("a").postgres("b").mysql("c");
        let bound = Bound::new(&TEXT);
        let texts = [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql].map(|d| bound.text(d));
        assert_eq!(texts, ["a", "b", "c"]);
    }
}
