//! Whether the scenario or test that an entry names exists.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenarios;
use crate::tree::Tree;

/// The names of the test functions of every package.
#[derive(Debug)]
pub(crate) struct Tests {
    by_package: BTreeMap<String, BTreeSet<String>>,
}

impl Tests {
    /// Collects them from the sources in each package's folder.
    ///
    /// # Errors
    /// A source cannot be read.
    pub(crate) fn collect(tree: &Tree, folders: &[(&str, String)]) -> anyhow::Result<Self> {
        let mut by_package = BTreeMap::new();
        for (package, folder) in folders {
            let prefix = format!("{folder}/");
            let mut names = BTreeSet::new();
            for path in tree.with_extension(&["rs"]) {
                if path.starts_with(&prefix) {
                    names.extend(test_functions(&tree.text(path)?));
                }
            }
            by_package.insert((*package).to_owned(), names);
        }
        Ok(Self { by_package })
    }
}

/// What is wrong with the entries of one feature.
pub(crate) fn check(tree: &Tree, tests: &Tests, id: &str, entries: &[String]) -> Vec<String> {
    let mut problems = Vec::new();
    for (idx, entry) in entries.iter().enumerate() {
        if entries[..idx].contains(entry) {
            problems.push(format!("{id}: `{entry}` stands twice"));
        } else if let Some(problem) = problem_of(tree, tests, entry) {
            problems.push(format!("{id}: {problem}"));
        }
    }
    problems
}

fn problem_of(tree: &Tree, tests: &Tests, entry: &str) -> Option<String> {
    if let Some((path, title)) = entry
        .strip_prefix("scenario:")
        .and_then(|rest| rest.split_once('#'))
    {
        return scenario_problem(tree, path, title);
    }
    if let Some((package, function)) = entry
        .strip_prefix("test:")
        .and_then(|rest| rest.split_once("::"))
    {
        return test_problem(tests, package, function);
    }
    Some(format!(
        "`{entry}` is neither `scenario:<path>#<title>` nor `test:<package>::<function>`"
    ))
}

fn scenario_problem(tree: &Tree, path: &str, title: &str) -> Option<String> {
    match tree.text(path) {
        Err(_) => Some(format!("`{path}` does not exist")),
        Ok(text) if has_scenario(&text, title) => None,
        Ok(_) => Some(format!("`{path}` has no scenario `{title}`")),
    }
}

fn test_problem(tests: &Tests, package: &str, function: &str) -> Option<String> {
    match tests.by_package.get(package) {
        None => Some(format!("there is no package `{package}`")),
        Some(names) if names.contains(function) => None,
        Some(_) => Some(format!("package `{package}` has no test `{function}`")),
    }
}

fn has_scenario(text: &str, title: &str) -> bool {
    scenarios::titles(text).any(|found| found == title)
}

/// The functions that stand under a test attribute, `#[test]`, `#[tokio::test]` or `#[rstest]`, and are not ignored.
fn test_functions(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_test = false;
    let mut is_ignored = false;
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= line.contains("test") && !line.starts_with("#[cfg");
            is_ignored |= line.starts_with("#[ignore");
        } else if let Some(name) = function_name(line) {
            if is_test && !is_ignored {
                names.push(name.to_owned());
            }
            (is_test, is_ignored) = (false, false);
        } else if line.is_empty() || line == "}" {
            // An attribute binds to the item that follows it, not to one further down.
            (is_test, is_ignored) = (false, false);
        }
    }
    names
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let rest = line.strip_prefix("fn ")?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenario_titles_match_whole_and_with_quotes() {
        let text = "tests:\n  - scenario: plain title\n  - scenario: \"quoted: title\"\n";
        assert!(has_scenario(text, "plain title"));
        assert!(has_scenario(text, "quoted: title"));
        assert!(!has_scenario(text, "plain"));
    }

    #[test]
    fn only_functions_under_a_test_attribute_count() {
        let source = r"
#[cfg(test)]
fn helper() {}

#[test]
fn plain() {}

#[tokio::test]
async fn with_runtime() {}

#[rstest]
#[case(1)]
fn with_cases(#[case] n: u8) {}

/// A table.
#[test]
// Why it is so.
fn commented() {}

#[test]
#[ignore]
fn ignored() {}

struct Attested;
fn beside() {}
";
        assert_eq!(
            test_functions(source),
            ["plain", "with_runtime", "with_cases", "commented"]
        );
    }
}
