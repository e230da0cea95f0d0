//! Relative links in the documents lead somewhere.

use pulldown_cmark::{Event, Parser, Tag};

use super::Findings;
use crate::tree::Tree;

/// Follows the links of the documents at the root, in `docs/`, and of every README.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn check(tree: &Tree) -> anyhow::Result<Findings> {
    let mut findings = Findings::new("links");
    for path in tree
        .with_extension(&["md"])
        .filter(|path| is_document(path))
    {
        for link in relative_links(&tree.text(path)?) {
            match resolve(path, &link) {
                Some(target) if tree.exists(&target) => {}
                _ => findings.problem(format!("{path} links to `{link}`, which does not exist")),
            }
        }
    }
    Ok(findings)
}

/// Markdown beside sources belongs to rustdoc, which checks its links itself.
fn is_document(path: &str) -> bool {
    !path.contains('/') || path.starts_with("docs/") || path.ends_with("/README.md")
}

/// The links and images that stay in the repository, without fragments.
fn relative_links(text: &str) -> Vec<String> {
    Parser::new(text)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let path = dest_url.split(['#', '?']).next().unwrap_or_default();
                let is_elsewhere = path.contains("://") || path.starts_with("mailto:");
                (!path.is_empty() && !is_elsewhere).then(|| path.to_owned())
            }
            _ => None,
        })
        .collect()
}

/// The target relative to the root; none for one outside of the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if link.starts_with('/') {
        parts.clear();
    }
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn dead_links_are_problems() {
        let (_folder, tree) = tree::sample(&[
            (
                "README.md",
                "[a](docs/a.md) [gone](docs/gone.md) ![i](docs) [web](https://example.com/x)\n",
            ),
            (
                "docs/a.md",
                "[up](../README.md#top) [self](#here) [out](../../x.md) [root](/README.md)\n",
            ),
            ("crates/core/src/docs/tour.md", "[item](crate::Item)\n"),
        ]);
        assert_eq!(
            check(&tree).unwrap().problems,
            [
                "README.md links to `docs/gone.md`, which does not exist",
                "docs/a.md links to `../../x.md`, which does not exist",
            ]
        );
    }

    #[test]
    fn brackets_and_code_are_no_links() {
        assert!(relative_links("Said by [D3, W15], see `[a](b.md)`.\n").is_empty());
        assert_eq!(relative_links("[a][r]\n\n[r]: b.md#x\n"), ["b.md"]);
    }
}
