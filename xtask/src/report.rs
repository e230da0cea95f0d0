//! What the parts of a subcommand came to, as a table and an exit code.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

/// How one part ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It did what it should.
    Passed,
    /// It did not; the text says why, in a few words.
    Failed(String),
    /// It did not run; the text says why.
    Skipped(String),
}

impl Outcome {
    fn describe(&self) -> String {
        match self {
            Self::Passed => "passed".to_owned(),
            Self::Failed(why) => format!("failed: {why}"),
            Self::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

impl From<anyhow::Result<Self>> for Outcome {
    /// A part that could not run is a failed part, so that the others still run.
    fn from(result: anyhow::Result<Self>) -> Self {
        result.unwrap_or_else(|error| Self::Failed(format!("{error:#}")))
    }
}

#[derive(Debug)]
struct Part {
    name: String,
    outcome: Outcome,
    seconds: f64,
}

/// The parts of a run, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    parts: Vec<Part>,
}

impl Report {
    /// Runs a part, measures it and keeps its outcome.
    pub(crate) fn part(&mut self, name: &str, run: impl FnOnce() -> anyhow::Result<Outcome>) {
        eprintln!("\n== {name}");
        let begun = Instant::now();
        let outcome = Outcome::from(run());
        if outcome != Outcome::Passed {
            eprintln!("{name}: {}", outcome.describe());
        }
        self.add(name, outcome, begun.elapsed().as_secs_f64());
    }

    /// Prints the table and turns it into the process's exit code.
    pub(crate) fn finish(&self) -> ExitCode {
        print!("\n{}", self.table());
        if self.count(|outcome| matches!(outcome, Outcome::Failed(_))) > 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn add(&mut self, name: &str, outcome: Outcome, seconds: f64) {
        self.parts.push(Part {
            name: name.to_owned(),
            outcome,
            seconds,
        });
    }

    fn count(&self, which: impl Fn(&Outcome) -> bool) -> usize {
        self.parts
            .iter()
            .filter(|part| which(&part.outcome))
            .count()
    }

    fn table(&self) -> String {
        let width = |text: fn(&Part) -> usize, least: usize| {
            self.parts.iter().map(text).max().unwrap_or(0).max(least)
        };
        let name_width = width(|part| part.name.chars().count(), "part".len());
        let result_width = width(
            |part| part.outcome.describe().chars().count(),
            "result".len(),
        );

        let mut table = format!(
            "{:name_width$}  {:result_width$}  seconds\n",
            "part", "result"
        );
        for part in &self.parts {
            // Writing to a String cannot fail.
            let _ = writeln!(
                table,
                "{:name_width$}  {:result_width$}  {:>7.1}",
                part.name,
                part.outcome.describe(),
                part.seconds
            );
        }
        let _ = writeln!(
            table,
            "{} passed, {} failed, {} skipped",
            self.count(|outcome| *outcome == Outcome::Passed),
            self.count(|outcome| matches!(outcome, Outcome::Failed(_))),
            self.count(|outcome| matches!(outcome, Outcome::Skipped(_)))
        );
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_aligns_parts_and_ends_with_the_counts() {
        let mut report = Report::default();
        report.add("unit tests", Outcome::Passed, 12.34);
        report.add("doctests", Outcome::Failed("exit code 101".to_owned()), 3.0);
        report.add("e2e", Outcome::Skipped("no chromium".to_owned()), 0.0);

        let expected = "\
part        result                 seconds
unit tests  passed                    12.3
doctests    failed: exit code 101      3.0
e2e         skipped: no chromium       0.0
1 passed, 1 failed, 1 skipped
";
        assert_eq!(report.table(), expected);
    }

    #[test]
    fn only_a_failed_part_fails_the_run() {
        let mut report = Report::default();
        report.add("e2e", Outcome::Skipped("no chromium".to_owned()), 0.0);
        assert_eq!(report.finish(), ExitCode::SUCCESS);
        report.add("doctests", Outcome::Failed("exit code 1".to_owned()), 0.0);
        assert_eq!(report.finish(), ExitCode::FAILURE);
    }

    #[test]
    fn part_that_cannot_run_is_a_failed_part() {
        let mut report = Report::default();
        report.part("fmt", || Err(anyhow::anyhow!("no such program")));
        assert_eq!(
            report.parts[0].outcome,
            Outcome::Failed("no such program".to_owned())
        );
    }
}
