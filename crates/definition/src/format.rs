//! The formats of definition files.

use std::{fmt, path::Path};

/// How the text of a definition is written.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// Strict JSON (RFC 8259).
    Json,
    /// YAML 1.2 with the core schema: `no`, `yes` and `on` are strings.
    Yaml,
}

impl Format {
    /// The word as stored: `json`, `yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }

    /// The format of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Json, Self::Yaml]
            .into_iter()
            .find(|format| format.as_str() == word)
    }

    /// The format that the ending of `path` names: `.json`, `.yaml` or `.yml` in any case.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Option<Self> {
        let ending = path.as_ref().extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_names_the_format() {
        for (path, format) in [
            ("a.yaml", Some(Format::Yaml)),
            ("dir.json/a.YML", Some(Format::Yaml)),
            ("a.json", Some(Format::Json)),
            ("a.toml", None),
            ("json", None),
        ] {
            assert_eq!(Format::from_path(path), format, "{path}");
        }
    }
}
