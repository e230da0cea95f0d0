//! What the checker finds, as problems of the document.

use crate::{
    check::{self, Bounds, Finding, Report},
    compile::{Compiler, steps::gates},
    document::Shape,
    graph::Graph,
    pointer::Pointer,
    problem::Problem,
};

/// Steps of a counter-example that are shown.
const STEPS: usize = 12;

impl Compiler<'_> {
    /// A graph with other faults is not looked at: what it misses would be told once more.
    pub(super) fn check(&mut self, graph: &Graph) {
        let others = self.problems.iter().filter(|problem| problem.is_error());
        if others.count() > self.count("unreachable_node") {
            return;
        }
        let report = check::check(graph, Bounds::default());
        for finding in &report.findings {
            let problem = Problem::error(finding.code, self.place(finding), &finding.message);
            let help = help(finding);
            self.problems.push(problem.help(help));
        }
        self.problems.extend(incomplete(&report));
    }

    fn count(&self, code: &str) -> usize {
        let problems = self.problems.iter();
        problems.filter(|problem| problem.code == code).count()
    }

    fn place(&self, finding: &Finding) -> Pointer {
        let key = finding.node.as_str();
        match &self.document.shape {
            Shape::Approval(shape) => {
                let mut stages = self.stages(shape).into_iter();
                let stage = stages.find(|stage| stage.key == key);
                stage.map_or_else(Pointer::root, |stage| stage.path)
            }
            Shape::Steps(shape) => {
                let steps = shape.steps.iter();
                let steps = steps.map(|step| (step.key.clone(), step.path.clone()));
                let gates = gates(shape).into_iter().map(|gate| (gate.key, gate.path));
                let mut places = steps.chain(gates);
                let place = places.find(|(place, _)| place == key);
                place.map_or_else(Pointer::root, |(_, path)| path)
            }
            Shape::Flow(nodes) => {
                let Some(node) = nodes.get(key) else {
                    return Pointer::root();
                };
                // Of what runs beside a node, the way there is at fault.
                let beside = node.on_timeout.iter().find(|timeout| {
                    let there = timeout.next.value.as_str();
                    let mut after = finding
                        .trace
                        .iter()
                        .skip_while(|step| step.node != finding.node);
                    let next = after.nth(1).is_some_and(|step| step.node.as_str() == there);
                    finding.code == "intersecting_scopes" && !timeout.interrupting && next
                });
                beside.map_or_else(|| node.path.clone(), |beside| beside.next.path.clone())
            }
        }
    }
}

fn incomplete(report: &Report) -> Option<Problem> {
    let message = format!(
        "whether every run comes to an end was not found out in {} steps",
        report.explored
    );
    report.exhausted.then(|| {
        Problem::warning("check_incomplete", Pointer::root(), message)
            .help("move parts of it to workflows of their own, run by `subprocess`")
    })
}

fn help(finding: &Finding) -> String {
    let advice = match finding.code {
        "dead_node" => "lead another node there, or remove it",
        "endless_loop" => "give the loop a way out, or a node that waits",
        "first_of_automatic" => "offer only nodes that wait, such as `task`, `receive` or `timer`",
        "intersecting_scopes" => {
            "give each split one join of its own, and end what runs beside by itself"
        }
        "join_never_completes" => {
            "need fewer tokens, or lead the other branches to the join or to an `end`"
        }
        "no_way_to_end" => "give the loop a way out, to an `end`",
        "tokens_left_over" => {
            "lead it on to the join or to an `end`, or let the join cancel the rest"
        }
        "unbounded_scopes" => "lead the branches to the join before the split comes again",
        _ => "lead a node there, or remove it",
    };
    match finding.trace.is_empty() {
        true => advice.to_owned(),
        false => format!("{advice}; for example {}", finding.path(STEPS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_hits_its_bound_is_a_warning() {
        let mut report = Report {
            findings: Vec::new(),
            explored: 7,
            exhausted: true,
        };
        let told = incomplete(&report).unwrap();
        assert_eq!(told.code, "check_incomplete");
        assert!(!told.is_error() && told.message.ends_with("in 7 steps"));
        report.exhausted = false;
        assert_eq!(incomplete(&report), None);
    }
}
