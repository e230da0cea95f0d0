//! A change as one statement, for databases where one statement can change several tables.
//!
//! Its text holds what the change has and nothing else, so there is one for each shape of a change.
//! All parts see the tables as they were before the statement and run in no order; so no row is
//! touched by two of them. Each reads from `changed`, which is empty when the version was not the
//! expected one: then nothing is written.

use signoff_core::change::Rows;

use crate::{
    error::Result,
    sql::{
        Bound,
        commit::{
            parts::{
                COMMON, Change, EVENT, MAY_START, MAY_UPDATE, START, UPDATE, filled, pieces_text,
            },
            shapes::Shapes,
            steps,
        },
    },
};

/// Commits one change: whole, or fails with a unique constraint, or changes nothing.
pub(super) fn commit(rows: &Rows) -> Result<Vec<Bound>> {
    match Change::joint(rows)? {
        Some(change) => Ok(vec![statement(change)]),
        None => steps::commit(rows),
    }
}

/// The statement of a change.
pub(in crate::sql) fn statement(change: Change) -> Bound {
    static SHAPES: Shapes<(bool, usize)> = Shapes::new();
    let sql = SHAPES.get((change.is_start(), change.shape()), || text(&change));
    let count = common(&change);
    let (common, own) = change.into_args();
    Bound::new(sql)
        .bind_all(common.into_iter().take(count))
        .bind_all(own)
        .expecting(1)
}

/// How many of the common parameters it needs: only a start can go by a newest version.
fn common(change: &Change) -> usize {
    COMMON - usize::from(!change.is_start())
}

fn text(change: &Change) -> String {
    let row = if change.is_start() {
        [START, MAY_START]
    } else {
        [UPDATE, MAY_UPDATE]
    };
    let place = |number| format!("?{number}");
    let changed = format!("WITH changed AS (\n{}\nRETURNING 1)", row.concat());
    let counts = change.pieces().map(|args| Some(args?.len()));
    let pieces = pieces_text(
        counts,
        (!change.is_start(), false),
        common(change) + 1,
        place,
    );
    let event = filled(EVENT, 0, place);
    format!("{changed}{event}{pieces}\nSELECT 1 FROM changed")
}
