//! What the definitions in `tests/patterns` show.

use super::FOLDER;
use super::list::{CATALOGS, Catalog};
use crate::scenarios;
use crate::tree::Tree;

/// A pattern, and what shows it.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Where it is numbered.
    pub(crate) catalog: &'static Catalog,
    /// Its number, from 1.
    pub(crate) number: usize,
    /// Its name.
    pub(crate) name: &'static str,
    /// The definition; none when nobody has written it.
    pub(crate) path: Option<String>,
    /// The titles of its scenarios.
    pub(crate) scenarios: Vec<String>,
}

/// Every pattern in the order of the page, and what is wrong with the files.
///
/// # Errors
/// A definition cannot be read.
pub(crate) fn load(tree: &Tree) -> anyhow::Result<(Vec<Shown>, Vec<String>)> {
    let mut all: Vec<Shown> = CATALOGS.iter().flat_map(missing).collect();
    let mut problems = Vec::new();
    let prefix = format!("{FOLDER}/");
    for path in tree.with_extension(&["yaml"]) {
        let Some(file) = path.strip_prefix(&prefix) else {
            continue;
        };
        let Some(shown) = all.iter_mut().find(|shown| shown.owns(file)) else {
            problems.push(format!(
                "{path}: begin its name with the number of a pattern, `07_` or `r07_`"
            ));
            continue;
        };
        if let Some(other) = &shown.path {
            problems.push(format!("{path}: `{other}` shows the pattern already"));
            continue;
        }
        let text = tree.text(path)?;
        let heading = shown.heading();
        if !text.starts_with(&heading) {
            problems.push(format!("{path}: expected `{heading} …` in the first line"));
        }
        shown.path = Some(path.to_owned());
        shown.scenarios = scenarios::titles(&text).map(str::to_owned).collect();
    }
    Ok((all, problems))
}

/// How many patterns of the catalog are shown, and how many it has.
pub(crate) fn count(shown: &[Shown], catalog: &Catalog) -> (usize, usize) {
    let held = of(shown, catalog).filter(|shown| !shown.scenarios.is_empty());
    (held.count(), catalog.patterns.len())
}

/// The patterns of the catalog.
pub(crate) fn of<'a>(shown: &'a [Shown], catalog: &Catalog) -> impl Iterator<Item = &'a Shown> {
    shown
        .iter()
        .filter(move |shown| shown.catalog.name == catalog.name)
}

fn missing(catalog: &'static Catalog) -> impl Iterator<Item = Shown> {
    let names = catalog.patterns.iter().enumerate();
    names.map(move |(idx, name)| Shown {
        catalog,
        number: idx + 1,
        name,
        path: None,
        scenarios: Vec::new(),
    })
}

impl Shown {
    /// Whether a file of this name shows it.
    fn owns(&self, file: &str) -> bool {
        file.starts_with(&format!("{}{:02}_", self.catalog.prefix, self.number))
    }

    /// How the first line of its definition begins.
    fn heading(&self) -> String {
        format!("# {} {}: {}.", self.catalog.word, self.number, self.name)
    }
}
