//! From a place in the whole document back to what its author wrote.

use serde_json::Value;
use signoff_core::{pointer::Pointer, problem::Problem};

use super::merge::key_of;

/// Moves a problem of the whole document to its place in the author's; to `extends` when the part is
/// inherited.
pub(super) fn locate(problem: &mut Problem, own: &Value, whole: &Value, base: &str) {
    if let Some(path) = written(own, whole, &problem.path) {
        problem.path = path;
        return;
    }
    let at = Pointer::root().key("extends");
    if !problem.path.as_str().starts_with(at.as_str()) {
        let place = &problem.path;
        problem.message = format!("{} (at `{place}`, of the base `{base}`)", problem.message);
    }
    problem.path = at;
}

fn written(own: &Value, whole: &Value, path: &Pointer) -> Option<Pointer> {
    let mut found = Pointer::root();
    let (mut own, mut whole) = (own, whole);
    for token in path.as_str().split('/').skip(1) {
        let key = token.replace("~1", "/").replace("~0", "~");
        if let (Value::Array(mine), Value::Array(all)) = (own, whole) {
            let index: usize = key.parse().ok()?;
            let at = same(mine, all, index)?;
            found = found.index(at);
            (own, whole) = (mine.get(at)?, all.get(index)?);
        } else {
            found = found.key(&key);
            (own, whole) = (own.get(&key)?, whole.get(&key)?);
        }
    }
    Some(found)
}

/// Where the element of the whole list stands in the author's.
fn same(mine: &[Value], all: &[Value], index: usize) -> Option<usize> {
    if mine == all {
        return Some(index);
    }
    let item = all.get(index)?;
    match key_of(item) {
        Some(key) => mine.iter().position(|own| key_of(own) == Some(key)),
        None => mine.iter().position(|own| own == item),
    }
}
