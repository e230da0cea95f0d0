//! From a document and its base to the whole document.

use serde_json::{Map, Value, json};
use signoff_core::{
    pointer::Pointer,
    problem::{Problem, nearest, shown},
};

use super::{merge, place};

/// Documents that extend each other, in one chain.
const DEEPEST: usize = 32;

/// What a document says of its base.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct BaseRef {
    /// The key of the base.
    pub workflow: String,
    /// Its version; the newest when not given.
    pub version: Option<u32>,
}

/// A base that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Base {
    /// Its version; `None` when it is not published yet: it is then not resolved either.
    pub version: Option<u32>,
    /// Its document.
    pub document: Value,
}

/// A document with everything that it inherits.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The whole document.
    pub document: Value,
    /// How many bases above it are not published yet: they come first.
    pub unpublished: usize,
    own: Option<(Value, String)>,
}

impl BaseRef {
    /// What `document` extends; `None` when it extends nothing, or says it in a way that the reader of
    /// documents refuses.
    #[must_use]
    pub fn of(document: &Value) -> Option<Self> {
        let (workflow, version) = match document.get("extends")? {
            Value::String(workflow) => (workflow.clone(), None),
            extends => {
                let version = match extends.get("version") {
                    None => None,
                    Some(version) => Some(u32::try_from(version.as_u64()?).ok()?),
                };
                (extends.get("workflow")?.as_str()?.to_owned(), version)
            }
        };
        Some(Self { workflow, version })
    }
}

impl Resolved {
    fn alone(document: Value) -> Self {
        Self {
            document,
            unpublished: 0,
            own: None,
        }
    }

    /// Brings the places of problems of the whole document back to what its author wrote: what is wrong
    /// with an inherited part is told at `extends`.
    pub fn locate(&self, problems: &mut [Problem]) {
        let Some((own, base)) = &self.own else {
            return;
        };
        for problem in problems {
            place::locate(problem, own, &self.document, base);
        }
    }
}

/// The whole of a document that may extend another one. `lookup` gives bases: those that are published,
/// and those that are about to be.
///
/// # Errors
/// `unknown_base`, `extends_cycle`, `base_of_other_kind`, `not_inherited`, `limit_exceeded`; each with
/// its place in `document`.
pub fn resolve(
    document: Value,
    lookup: &dyn Fn(&BaseRef) -> Option<Base>,
) -> Result<Resolved, Vec<Problem>> {
    let key = document.get("key").and_then(Value::as_str);
    let chain = &mut vec![key.unwrap_or_default().to_owned()];
    resolve_in(document, lookup, chain)
}

fn resolve_in(
    document: Value,
    lookup: &dyn Fn(&BaseRef) -> Option<Base>,
    chain: &mut Vec<String>,
) -> Result<Resolved, Vec<Problem>> {
    let (Some(found), Value::Object(own)) = (BaseRef::of(&document), &document) else {
        return Ok(Resolved::alone(document));
    };
    let base = above(&found, lookup, chain).map_err(|problem| vec![problem])?;
    let version = base.version.or(found.version);
    let resolved = match base.version {
        Some(_) => Resolved::alone(base.document),
        None => resolve_in(base.document, lookup, chain)
            .map_err(|problems| of_base(&found, problems))?,
    };
    let Value::Object(mut inherited) = resolved.document else {
        return Err(vec![unknown(&found)]);
    };
    let mut problems: Vec<Problem> = other_kind(own, &inherited, &found).into_iter().collect();
    if problems.is_empty() {
        problems.extend(take_out(own, &mut inherited, &found));
        problems.extend(merge::not_inherited(own, &inherited, &found.workflow));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut whole = merge::whole(own, &inherited);
    whole.insert("extends".to_owned(), pinned(own, &found, version));
    Ok(Resolved {
        document: whole.into(),
        unpublished: resolved.unpublished + usize::from(base.version.is_none()),
        own: Some((document, found.workflow)),
    })
}

/// The base, when nothing above it leads back here.
fn above(
    found: &BaseRef,
    lookup: &dyn Fn(&BaseRef) -> Option<Base>,
    chain: &mut Vec<String>,
) -> Result<Base, Problem> {
    let base = enter(found, lookup, chain)?;
    let mut next = base.version.and_then(|_| BaseRef::of(&base.document));
    let known = chain.len();
    while let Some(above) = next {
        next = match enter(&above, lookup, chain) {
            Ok(base) => BaseRef::of(&base.document),
            // A published base is whole: it does not matter that the one above it is gone.
            Err(problem) if problem.code == "unknown_base" => None,
            Err(problem) => return Err(problem),
        };
    }
    chain.truncate(known);
    Ok(base)
}

fn enter(
    found: &BaseRef,
    lookup: &dyn Fn(&BaseRef) -> Option<Base>,
    chain: &mut Vec<String>,
) -> Result<Base, Problem> {
    let at = Pointer::root().key("extends");
    if chain.contains(&found.workflow) {
        chain.push(found.workflow.clone());
        let way = chain.join("` extends `");
        let problem = Problem::error("extends_cycle", at, format!("`{way}`"));
        return Err(problem.help("let one of them stand alone"));
    }
    if chain.len() >= DEEPEST {
        let message = format!("more than {DEEPEST} definitions extend each other");
        return Err(Problem::error("limit_exceeded", at, message));
    }
    chain.push(found.workflow.clone());
    lookup(found).ok_or_else(|| unknown(found))
}

fn unknown(found: &BaseRef) -> Problem {
    let at = Pointer::root().key("extends");
    let message = match found.version {
        Some(version) => format!("there is no version {version} of `{}`", found.workflow),
        None => format!("nothing of `{}` is published", found.workflow),
    };
    Problem::error("unknown_base", at, message)
        .help("publish the base before, or together with what extends it")
}

/// What is wrong with a base that is published together with this document is told at the base; here
/// only that it cannot be used, or leads in a circle.
fn of_base(found: &BaseRef, problems: Vec<Problem>) -> Vec<Problem> {
    let circle = problems
        .into_iter()
        .find(|problem| problem.code == "extends_cycle" || problem.code == "limit_exceeded");
    let at = Pointer::root().key("extends");
    let message = format!("the base `{}` cannot be read", found.workflow);
    vec![circle.unwrap_or_else(|| Problem::error("unknown_base", at, message))]
}

fn other_kind(
    own: &Map<String, Value>,
    inherited: &Map<String, Value>,
    found: &BaseRef,
) -> Option<Problem> {
    let mine = own.get("kind")?.as_str()?;
    let theirs = inherited.get("kind")?.as_str()?;
    if mine.eq_ignore_ascii_case(theirs) {
        return None;
    }
    let at = Pointer::root().key("kind");
    let message = format!(
        "the base `{}` is of the kind `{theirs}`, not `{mine}`",
        found.workflow
    );
    Some(
        Problem::error("base_of_other_kind", at, message).help("leave `kind` out: it is inherited"),
    )
}

/// Takes out what `without` names.
fn take_out(
    own: &Map<String, Value>,
    inherited: &mut Map<String, Value>,
    found: &BaseRef,
) -> Vec<Problem> {
    let without = own
        .get("extends")
        .and_then(|extends| extends.get("without"));
    let at = Pointer::root().key("extends").key("without");
    let (names, at): (Vec<&Value>, _) = match without {
        Some(Value::Array(names)) => (names.iter().collect(), Some(at)),
        other => (other.into_iter().collect(), None),
    };
    let known = merge::keys_of(inherited);
    let mut problems = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        // What is no string is refused by the reader.
        let Some(name) = name.as_str().filter(|name| !merge::remove(inherited, name)) else {
            continue;
        };
        let path = match &at {
            Some(at) => at.index(index),
            None => Pointer::root().key("extends").key("without"),
        };
        let shown = shown(name);
        let message = format!("the base `{}` has no `{shown}` to take out", found.workflow);
        let problem = Problem::error("not_inherited", path, message);
        problems.push(match nearest(name, known.iter().map(String::as_str)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
    problems
}

/// Names the version of a base that was published together with the document.
pub fn pin(document: &mut Value, version: impl Fn(&str) -> Option<u32>) {
    let Some(Value::Object(extends)) = document.get_mut("extends") else {
        return;
    };
    if extends.contains_key("version") {
        return;
    }
    let base = extends.get("workflow").and_then(Value::as_str);
    if let Some(version) = base.and_then(version) {
        extends.insert("version".to_owned(), version.into());
    }
}

/// What is stored of the base: its version, and what was taken out of it.
fn pinned(own: &Map<String, Value>, found: &BaseRef, version: Option<u32>) -> Value {
    let mut pinned = json!({"workflow": found.workflow});
    if let (Some(version), Value::Object(fields)) = (version, &mut pinned) {
        fields.insert("version".to_owned(), version.into());
    }
    let without = own
        .get("extends")
        .and_then(|extends| extends.get("without"));
    if let (Some(without), Value::Object(fields)) = (without, &mut pinned) {
        fields.insert("without".to_owned(), without.clone());
    }
    pinned
}
