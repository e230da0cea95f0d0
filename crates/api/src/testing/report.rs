//! How scenarios went.

use std::fmt;

/// How the scenarios of a suite went.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Each scenario, in file order.
    pub results: Vec<ScenarioResult>,
}

/// How one scenario went.
#[derive(Clone, Debug)]
pub struct ScenarioResult {
    /// Its name.
    pub name: String,
    /// How many steps were run.
    pub steps: usize,
    /// What went wrong, and where; the scenario ended there.
    pub failure: Option<String>,
}

impl Report {
    /// How many scenarios went as expected.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.results.len() - self.failed()
    }

    /// How many did not.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.results
            .iter()
            .filter(|result| result.failure.is_some())
            .count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for result in &self.results {
            match &result.failure {
                None => writeln!(f, "ok    {} ({} steps)", result.name, result.steps)?,
                Some(failure) => writeln!(
                    f,
                    "FAIL  {}\n      {}",
                    result.name,
                    failure.replace('\n', "\n      ")
                )?,
            }
        }
        Ok(())
    }
}
