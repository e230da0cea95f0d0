//! What no file of the repository may hold: paths of somebody's machine, leftovers of a merge.

use super::Findings;
use crate::tree::Tree;

/// The words, each with what is wrong with it. Split, so that this file passes.
const WORDS: &[(&str, &str)] = &[
    (concat!("/wo", "rk/main"), "a path of one machine"),
    (concat!("/wo", "rk/shared"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("<<<", "<<<< "), "a merge conflict"),
    (concat!(">>>", ">>>> "), "a merge conflict"),
];

/// Looks for the words in every text file.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Findings> {
    let mut findings = Findings::new("forbidden");
    for path in tree.files() {
        let Some(text) = tree.text_or_binary(path)? else {
            continue;
        };
        for (idx, line) in text.lines().enumerate() {
            for (word, why) in WORDS {
                if line.contains(word) {
                    findings.problem(format!("{path}:{}: `{word}`: {why}", idx + 1));
                }
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn forbidden_word_is_reported_with_its_line() {
        let (word, why) = WORDS[0];
        let text = format!("fine\nsee {word}notes\n");
        let (_folder, tree) = tree::sample(&[("docs/a.md", &text), ("b.rs", "//! b\n")]);
        assert_eq!(
            check(&tree).unwrap().problems,
            [format!("docs/a.md:2: `{word}`: {why}")]
        );
    }

    #[test]
    fn binary_files_are_passed_over() {
        let (folder, _) = tree::sample(&[]);
        std::fs::write(folder.path().join("logo.png"), [0xff, 0xfe]).unwrap();
        let tree = Tree::of(folder.path().to_path_buf(), ["logo.png".to_owned()]);
        assert!(check(&tree).unwrap().problems.is_empty());
    }
}
