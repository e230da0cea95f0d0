//! Every source file says what it is, and a `mod.rs` only lists its parts.

use super::Findings;
use crate::tree::Tree;

/// Checks the first line of every source file and the content of each `mod.rs`.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Findings> {
    let mut findings = Findings::new("headers");
    for path in tree.with_extension(&["rs"]) {
        let text = tree.text(path)?;
        let first = text.lines().find(|line| !line.trim().is_empty());
        if !first.is_some_and(|line| line.starts_with("//!")) {
            findings.problem(format!("{path} does not begin with `//!`"));
        }
        if path.ends_with("/mod.rs")
            && let Some(line) = text.lines().find(|line| is_function(line))
        {
            findings.problem(format!(
                "{path} holds logic, which belongs in a file of its own: `{}`",
                line.trim()
            ));
        }
    }
    Ok(findings)
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace().peekable();
    while words
        .next_if(|word| {
            word.starts_with("pub") || matches!(*word, "const" | "async" | "unsafe" | "extern")
        })
        .is_some()
    {}
    words.next() == Some("fn")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn file_without_a_header_is_a_problem() {
        let (_folder, tree) = tree::sample(&[
            ("src/bare.rs", "use std::fmt;\n"),
            ("src/empty.rs", ""),
            ("src/good.rs", "\n//! Good.\n"),
            ("src/item.rs", "/// An item.\n"),
        ]);
        assert_eq!(
            check(&tree).unwrap().problems,
            [
                "src/bare.rs does not begin with `//!`",
                "src/empty.rs does not begin with `//!`",
                "src/item.rs does not begin with `//!`",
            ]
        );
    }

    #[test]
    fn function_in_mod_rs_is_a_problem_and_elsewhere_is_not() {
        let text = "//! Parts.\nmod a;\npub(crate) async fn logic() {}\n";
        let (_folder, tree) = tree::sample(&[("a/mod.rs", text), ("a/other.rs", text)]);
        assert_eq!(
            check(&tree).unwrap().problems,
            [
                "a/mod.rs holds logic, which belongs in a file of its own: `pub(crate) async fn logic() {}`"
            ]
        );
    }

    #[test]
    fn docs_and_imports_are_no_functions() {
        for line in [
            "//! a fn here",
            "pub use a::fn_name;",
            "// fn old()",
            "mod fns;",
        ] {
            assert!(!is_function(line), "{line}");
        }
    }
}
