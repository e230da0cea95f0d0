//! The parts of `cargo metadata` that the tooling reads.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::process;

/// The workspace as cargo sees it, without the packages from outside.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    /// The members.
    pub(crate) packages: Vec<Package>,
    /// Where cargo builds.
    pub(crate) target_directory: PathBuf,
    /// The folder of the root manifest.
    pub(crate) workspace_root: PathBuf,
}

/// A member of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    /// Its name on a registry.
    pub(crate) name: String,
    /// What it depends on, of every kind.
    pub(crate) dependencies: Vec<Dependency>,
    /// Its `Cargo.toml`.
    pub(crate) manifest_path: PathBuf,
}

/// A direct dependency, under the package's own name even where it is renamed.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    /// The package's name.
    pub(crate) name: String,
    /// `dev` or `build`; none for a normal one.
    pub(crate) kind: Option<String>,
    /// Whether a feature switches it on.
    pub(crate) optional: bool,
}

impl Metadata {
    /// Asks cargo, without resolving anything from outside.
    ///
    /// # Errors
    /// A manifest is invalid, or the answer is not what cargo promises.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let output = process::cargo(["metadata", "--format-version", "1", "--no-deps"])
            .stdin(Stdio::null())
            .output()
            .context("cannot run cargo metadata")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        serde_json::from_slice(&output.stdout).context("cannot read the output of cargo metadata")
    }

    /// Each package's name and its folder relative to the root, with `/`.
    pub(crate) fn folders(&self) -> Vec<(&str, String)> {
        self.packages
            .iter()
            .map(|package| (package.name.as_str(), self.folder_of(package)))
            .collect()
    }

    fn folder_of(&self, package: &Package) -> String {
        let folder = package
            .manifest_path
            .parent()
            .unwrap_or_else(|| Path::new(""));
        let relative = folder.strip_prefix(&self.workspace_root).unwrap_or(folder);
        relative.to_string_lossy().replace('\\', "/")
    }
}

impl Package {
    /// The dependencies that are neither for tests nor for build scripts.
    pub(crate) fn normal_dependencies(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_package_is_found_in_its_folder() {
        let metadata = Metadata::load().unwrap();
        let folders = metadata.folders();
        assert!(folders.contains(&("xtask", "xtask".to_owned())));
        assert!(folders.contains(&("signoff-core", "crates/core".to_owned())));
    }
}
