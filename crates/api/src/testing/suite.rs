//! The scenarios of one file.

use std::{fmt, path::PathBuf, sync::Arc};

use serde_json::Value;
use signoff_core::{pointer::Pointer, problem::Problem};
use signoff_definition::{Format, parse};
use signoff_store::{MemoryStore, Store};

use crate::testing::{
    read::{Fields, invalid, list, text},
    report::Report,
    runner,
    scenario::SCENARIO,
};

/// Where scenarios find the definitions that they name by path.
#[derive(Clone, Debug, Default)]
pub struct Files {
    root: Option<PathBuf>,
}

impl Files {
    /// Nowhere: a scenario that names a file is an error.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Relative to a folder.
    #[must_use]
    pub fn below(root: impl Into<PathBuf>) -> Self {
        Self {
            root: Some(root.into()),
        }
    }

    fn read(&self, name: &str, path: &Pointer) -> Result<(String, Format), Problem> {
        let Some(root) = &self.root else {
            return Err(invalid(path, "no file can be read here"));
        };
        let file = root.join(name);
        let format = Format::from_path(&file).ok_or_else(|| {
            invalid(
                path,
                format!("`{name}` is neither YAML nor JSON by its name"),
            )
        })?;
        std::fs::read_to_string(&file)
            .map(|text| (text, format))
            .map_err(|error| invalid(path, format!("cannot read `{name}`: {error}")))
    }
}

/// Which store each scenario runs on.
#[derive(Clone, Default)]
pub enum Stores {
    /// A fresh memory store for each scenario.
    #[default]
    Memory,
    /// One store for all; each scenario has a tenant of its own.
    Shared(Arc<dyn Store>),
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "Memory",
            Self::Shared(_) => "Shared",
        })
    }
}

/// The scenarios of one file.
#[derive(Clone, Debug)]
pub struct Suite {
    cases: Vec<Case>,
    stores: Stores,
    keeps: bool,
}

/// One scenario with the definitions that it runs on.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) scenario: Value,
    pub(super) path: Pointer,
    /// The texts of the definitions, the one under test first.
    pub(super) definitions: Vec<(String, Format)>,
}

/// Scenarios that cannot be read.
#[derive(Clone, Debug)]
pub struct ScenarioError {
    /// What is wrong, each with its place.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problems: Vec<String> = self.problems.iter().map(ToString::to_string).collect();
        f.write_str(&problems.join("; "))
    }
}

impl std::error::Error for ScenarioError {}

impl Suite {
    /// Reads the `tests:` of a definition, or the scenario or list of scenarios of a scenario file.
    ///
    /// # Errors
    /// When the text or a scenario cannot be read: unknown verbs and keys name the nearest known one.
    pub fn read(
        file: &str,
        source: &str,
        format: Format,
        files: &Files,
    ) -> Result<Self, ScenarioError> {
        let failed = |problems| ScenarioError { problems };
        let parsed = parse(source, format).map_err(failed)?;
        let located = |problem: Problem| {
            let mut problems = vec![problem];
            parsed.positions.locate_all(&mut problems);
            failed(problems)
        };
        let cases = cases(file, source, format, &parsed.value, files).map_err(located)?;
        for case in &cases {
            runner::read(case).map_err(located)?;
        }
        Ok(Self {
            cases,
            stores: Stores::Memory,
            keeps: true,
        })
    }

    /// Runs on other stores than fresh ones in memory.
    #[must_use]
    pub fn on(self, stores: Stores) -> Self {
        Self { stores, ..self }
    }

    /// Each command on what it loads itself: nothing is kept from the one before.
    #[must_use]
    pub fn keeping_nothing(self) -> Self {
        Self {
            keeps: false,
            ..self
        }
    }

    /// How many scenarios there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// Runs every scenario.
    pub async fn run(&self) -> Report {
        let mut report = Report::default();
        for case in &self.cases {
            let store = match &self.stores {
                Stores::Memory => Arc::new(MemoryStore::default()),
                Stores::Shared(store) => Arc::clone(store),
            };
            report
                .results
                .push(runner::run(case, store, self.keeps).await);
        }
        report
    }
}

fn cases(
    file: &str,
    source: &str,
    format: Format,
    value: &Value,
    files: &Files,
) -> Result<Vec<Case>, Problem> {
    let root = Pointer::root();
    if value.get("format").is_some() || value.get("kind").is_some() {
        let Some(tests) = value.get("tests") else {
            return Ok(Vec::new());
        };
        let own = vec![(source.to_owned(), format)];
        return Ok(list(tests, &root.key("tests"))?
            .into_iter()
            .map(|(scenario, path)| Case {
                scenario: scenario.clone(),
                path,
                definitions: own.clone(),
            })
            .collect());
    }
    let scenarios = match value {
        Value::Array(_) => list(value, &root)?,
        Value::Object(_) => vec![(value, root)],
        _ => {
            return Err(invalid(
                &root,
                format!("`{file}` has neither scenarios nor a definition"),
            ));
        }
    };
    scenarios
        .into_iter()
        .map(|(scenario, path)| {
            let definitions = definitions(scenario, &path, files)?;
            Ok(Case {
                scenario: scenario.clone(),
                path,
                definitions,
            })
        })
        .collect()
}

/// The definitions that a scenario of a file of its own names.
fn definitions(
    scenario: &Value,
    path: &Pointer,
    files: &Files,
) -> Result<Vec<(String, Format)>, Problem> {
    let fields = Fields::read(scenario, path, "scenario", SCENARIO)?;
    if let Some(inline) = fields.get("definition") {
        return Ok(vec![(inline.to_string(), Format::Json)]);
    }
    if fields.get("workflows").is_some() {
        return fields
            .list("workflows")?
            .into_iter()
            .map(|(name, path)| files.read(&text(name, &path)?, &path))
            .collect();
    }
    let name = fields.text("workflow")?.ok_or_else(|| {
        invalid(
            path,
            "the scenario names no definition: `workflow: FILE` is missing",
        )
    })?;
    Ok(vec![files.read(&name, &fields.at("workflow"))?])
}
