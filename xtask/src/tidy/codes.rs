//! Every code that a person can meet has a page in `docs/errors`, and every page a code.

use std::collections::BTreeSet;
use std::process::Stdio;

use super::Findings;
use crate::process::cargo;
use crate::tree::Tree;

const FOLDER: &str = "docs/errors/";

/// Asks `signoff codes` and compares its answer with the pages.
///
/// # Errors
/// cargo cannot be started.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Findings> {
    let output = cargo(["run", "--quiet", "-p", "signoff-cli", "--", "codes"])
        .stdin(Stdio::null())
        .output()?;
    let findings = Findings::new("codes");
    if !output.status.success() {
        return Ok(findings.skip("`signoff codes` does not run"));
    }
    let codes = String::from_utf8_lossy(&output.stdout);
    if codes.trim().is_empty() {
        return Ok(findings.skip("`signoff codes` prints nothing"));
    }
    Ok(compare(findings, tree, &codes))
}

fn compare(mut findings: Findings, tree: &Tree, codes: &str) -> Findings {
    let codes: BTreeSet<&str> = codes
        .lines()
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .collect();
    let pages: BTreeSet<&str> = tree
        .files()
        .filter_map(|path| path.strip_prefix(FOLDER)?.strip_suffix(".md"))
        .filter(|page| *page != "README")
        .collect();
    for code in codes.difference(&pages) {
        findings.problem(format!("{FOLDER}{code}.md is missing"));
    }
    for page in pages.difference(&codes) {
        findings.problem(format!("{FOLDER}{page}.md is about no code"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn codes_and_pages_must_match_one_to_one() {
        let (_folder, tree) = tree::sample(&[
            ("docs/errors/README.md", ""),
            ("docs/errors/not_open.md", ""),
            ("docs/errors/old_code.md", ""),
        ]);
        let findings = compare(Findings::new("codes"), &tree, "not_found\nnot_open\n");
        assert_eq!(
            findings.problems,
            [
                "docs/errors/not_found.md is missing",
                "docs/errors/old_code.md is about no code"
            ]
        );
    }
}
