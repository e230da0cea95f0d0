//! Several changes as one statement.
//!
//! It is the statement of one change with another `changed`: the changes are the rows of `given`, and
//! those whose version was the expected one are in `changed`; the others are left out, each for
//! itself. Whatever else fails, fails all of them.

use crate::sql::{
    Arg, Bound,
    commit::{
        parts::{COMMON, Change, EVENT, MAY_START, MAY_UPDATE, START, UPDATE, filled, pieces_text},
        shapes::Shapes,
    },
};

/// How many changes one statement commits at most.
pub(in crate::sql) const MOST: usize = 16;

/// How many statements are made at most. Changes that would need one more go alone.
const STATEMENTS: usize = 256;

/// What a statement must have room for.
#[derive(Debug, Eq, Hash, PartialEq)]
struct Shape {
    starts: bool,
    updates: bool,
    /// The pieces that any of the changes has.
    pieces: usize,
    /// How many changes: a power of two. Rows that are not needed are NULL and change nothing.
    rows: usize,
}

/// The statement that commits changes, at most [`MOST`], of an instance each; it returns the ids of the
/// instances that it changed.
pub(in crate::sql) fn statement(changes: &[Change]) -> Option<Bound> {
    static SHAPES: Shapes<Shape> = Shapes::new();
    let columns = columns(changes);
    let rows = changes.len().next_power_of_two();
    let shape = Shape {
        starts: changes.iter().any(Change::is_start),
        updates: changes.iter().any(|change| !change.is_start()),
        pieces: changes.iter().fold(0, |all, change| all | change.shape()),
        rows,
    };
    let (starts, updates) = (shape.starts, shape.updates);
    let sql = SHAPES.one_of(STATEMENTS, shape, || text(&columns, rows, starts, updates))?;
    let mut bound = Bound::new(sql).returning();
    for change in changes {
        bound = bound.bind_all(change.common().iter().cloned());
        for (own, column) in change.pieces().zip(&columns.pieces) {
            let none = column.unwrap_or_default().iter().map(Arg::none);
            bound = match own {
                Some(own) => bound.bind_all(own.iter().cloned()),
                None => bound.bind_all(none),
            };
        }
    }
    for _ in changes.len()..rows {
        bound = bound.bind_all(columns.types().map(Arg::none));
    }
    Some(bound)
}

/// The columns of `given`, each by an argument of its type.
struct Columns<'a> {
    common: &'a [Arg],
    /// Those of each piece that any of the changes has.
    pieces: Vec<Option<&'a [Arg]>>,
}

impl<'a> Columns<'a> {
    fn types(&self) -> impl Iterator<Item = &'a Arg> {
        let own = self.pieces.iter().flatten().copied().flatten();
        self.common.iter().chain(own)
    }
}

fn columns(changes: &[Change]) -> Columns<'_> {
    let mut pieces: Vec<Option<&[Arg]>> = Vec::new();
    for change in changes {
        pieces.resize(change.pieces().count(), None);
        for (all, own) in pieces.iter_mut().zip(change.pieces()) {
            *all = all.or(own);
        }
    }
    Columns {
        common: changes.first().map_or(&[], Change::common),
        pieces,
    }
}

fn text(columns: &Columns<'_>, rows: usize, starts: bool, updates: bool) -> String {
    let given = |number| format!("given.p{number}");
    let changed = |number| format!("changed.p{number}");
    let mut text = values(columns, rows);
    let mut done = Vec::new();
    if starts {
        let [row, may] = [START, MAY_START].map(|text| filled(text, COMMON, given));
        text.push_str(&format!(
            ", started AS (\n{row}\nFROM given{may}\nRETURNING id)"
        ));
        done.push("SELECT id FROM started");
    }
    if updates {
        let [row, may] = [UPDATE, MAY_UPDATE].map(|text| filled(text, COMMON, given));
        text.push_str(&format!(
            ", updated AS (\n{row}\nFROM given{may}\nRETURNING id)"
        ));
        done.push("SELECT id FROM updated");
    }
    let done = done.join(" UNION ALL ");
    text.push_str(&format!(
        ", done AS ({done}), changed AS (SELECT given.* FROM given JOIN done ON id = p2)"
    ));
    text.push_str(&filled(EVENT, COMMON, changed));
    let counts = columns
        .pieces
        .iter()
        .map(|piece| Some(piece.as_ref()?.len()));
    text.push_str(&pieces_text(counts, (updates, true), COMMON + 1, changed));
    text.push_str("\nSELECT p2 FROM changed");
    text
}

/// `WITH given (p1, …) AS (VALUES …)`, with the types in the first row.
fn values(columns: &Columns<'_>, rows: usize) -> String {
    let types: Vec<&str> = columns.types().map(Arg::postgres_type).collect();
    let names: Vec<String> = (1..=types.len())
        .map(|number| format!("p{number}"))
        .collect();
    let row = |row: usize| {
        let places = types.iter().enumerate().map(|(column, name)| {
            let number = row * types.len() + column + 1;
            let cast = if row == 0 {
                ["::", name].concat()
            } else {
                String::new()
            };
            format!("?{number}{cast}")
        });
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    let (names, rows) = (names.join(", "), rows.join(",\n"));
    format!("WITH given ({names}) AS (VALUES\n{rows})")
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::sql::Dialect;

    fn starts(count: u128) -> Vec<Change> {
        let start = |id| Change::sample(Uuid::from_u128(id), 1);
        (1..=count).map(start).collect()
    }

    #[test]
    fn rows_that_are_not_needed_are_null() {
        let [three, four] = [3, 4].map(|count| statement(&starts(count)).unwrap());
        let text = three.text(Dialect::Postgres);
        assert_eq!(text, four.text(Dialect::Postgres), "one text for both");
        for bound in [&three, &four] {
            assert_eq!(bound.args(Dialect::Postgres).count(), 4 * COMMON);
        }
        let last = three.args(Dialect::Postgres).skip(3 * COMMON);
        assert!(last.into_iter().all(|arg| *arg == arg.none()));
    }

    #[test]
    fn parts_read_from_the_changes_that_were_made() {
        let bound = statement(&starts(2)).unwrap();
        let text = bound.text(Dialect::Postgres);
        assert!(text.starts_with("WITH given (p1, p2,"), "{text}");
        assert!(text.contains("($1::bigint, $2::uuid,") && text.contains("($26, $27,"));
        assert!(text.contains("\nFROM given\nWHERE given.p21 = 0"));
        assert!(text.contains("SELECT changed.p1, changed.p2, changed.p3, changed.p22"));
        assert!(!text.contains("UPDATE signoff_instance"), "none goes on");
        assert!(text.ends_with("\nSELECT p2 FROM changed"));
    }
}
