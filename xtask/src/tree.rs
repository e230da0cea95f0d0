//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The files that git tracks or would track, so a new file is checked before it is added.
#[derive(Debug)]
pub(crate) struct Tree {
    root: PathBuf,
    files: Vec<String>,
}

impl Tree {
    /// Lists the files of this repository.
    ///
    /// # Errors
    /// git is missing, or the folder is no repository.
    pub(crate) fn open() -> anyhow::Result<Self> {
        let root = root();
        let output = Command::new("git")
            // A clone may belong to another user than the one who runs this.
            .args(["-c", "safe.directory=*", "ls-files", "-z"])
            .args(["--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()
            .context("cannot run git to list the files")?;
        ensure!(
            output.status.success(),
            "git cannot list the files: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        let listed = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        let files = listed.split('\0').filter(|path| !path.is_empty());
        Ok(Self::of(root, files.map(str::to_owned)))
    }

    /// A tree of the named files, as far as they exist.
    pub(crate) fn of(root: PathBuf, files: impl IntoIterator<Item = String>) -> Self {
        let mut files: Vec<String> = files
            .into_iter()
            .filter(|path| root.join(path).is_file())
            .collect();
        files.sort();
        files.dedup();
        Self { root, files }
    }

    /// The paths, relative to the root, with `/`, sorted.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(String::as_str)
    }

    /// The paths with one of these extensions (without the dot).
    pub(crate) fn with_extension(&self, extensions: &[&str]) -> impl Iterator<Item = &str> {
        self.files().filter(move |path| {
            Path::new(path)
                .extension()
                .and_then(|extension| extension.to_str())
                .is_some_and(|extension| extensions.contains(&extension))
        })
    }

    /// Whether a file or folder of this name exists under the root.
    pub(crate) fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// The text of a file.
    ///
    /// # Errors
    /// The file is missing or not UTF-8.
    pub(crate) fn text(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.root.join(path)).with_context(|| format!("cannot read {path}"))
    }

    /// The text of a file, or `None` for one that is not UTF-8.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn text_or_binary(&self, path: &str) -> anyhow::Result<Option<String>> {
        let bytes =
            fs::read(self.root.join(path)).with_context(|| format!("cannot read {path}"))?;
        Ok(String::from_utf8(bytes).ok())
    }

    /// Writes a file unless it already has this text; says whether it wrote.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(&self, path: &str, text: &str) -> anyhow::Result<bool> {
        if self.text(path).is_ok_and(|old| old == text) {
            return Ok(false);
        }
        let file = self.root.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {path}"))?;
        }
        fs::write(file, text).with_context(|| format!("cannot write {path}"))?;
        Ok(true)
    }
}

/// A folder of files for a test, and the tree over it.
#[cfg(test)]
pub(crate) fn sample(files: &[(&str, &str)]) -> (tempfile::TempDir, Tree) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let names = files.iter().map(|(path, _)| (*path).to_owned());
    let tree = Tree::of(folder.path().to_path_buf(), names);
    (folder, tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repository_lists_its_manifest_and_not_its_build_output() {
        let tree = Tree::open().unwrap();
        assert!(tree.files().any(|path| path == "Cargo.toml"));
        assert!(!tree.files().any(|path| path.starts_with("target/")));
    }

    #[test]
    fn listed_file_that_is_gone_is_left_out() {
        let (folder, _) = sample(&[("a.rs", "")]);
        let tree = Tree::of(
            folder.path().to_path_buf(),
            ["a.rs".to_owned(), "gone.rs".to_owned()],
        );
        assert_eq!(tree.files().collect::<Vec<_>>(), ["a.rs"]);
    }

    #[test]
    fn unchanged_file_is_not_written_again() {
        let (_folder, tree) = sample(&[]);
        assert!(tree.write("docs/page.md", "one\n").unwrap());
        assert!(!tree.write("docs/page.md", "one\n").unwrap());
        assert!(tree.write("docs/page.md", "two\n").unwrap());
        assert_eq!(tree.text("docs/page.md").unwrap(), "two\n");
    }
}
