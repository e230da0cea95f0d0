//! What the checker tells.

use std::fmt;

use crate::id::NodeKey;

/// What a check came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    /// What is wrong, in the order of the nodes; empty when the graph is sound.
    pub findings: Vec<Finding>,
    /// How many steps were looked at.
    pub explored: usize,
    /// Whether the bound was hit: then there may be more findings, and those after a join may be
    /// missing.
    pub exhausted: bool,
}

/// One thing that is wrong, with a run that shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The stable code; each has a page in `docs/errors`.
    pub code: &'static str,
    /// The node that it is about.
    pub node: NodeKey,
    /// What is wrong, as a lowercase fragment without a final period.
    pub message: String,
    /// The way of one token to the trouble, from its start; empty when nothing leads there.
    pub trace: Vec<Step>,
}

impl Finding {
    /// The trace as one line: `start → work[carrier] → ready`, with at most `most` steps, those in
    /// the middle left out.
    #[must_use]
    pub fn path(&self, most: usize) -> String {
        let steps: Vec<String> = self.trace.iter().map(ToString::to_string).collect();
        if steps.len() <= most {
            return steps.join(" → ");
        }
        let head = most / 2;
        let tail = steps.len() - (most - head);
        format!(
            "{} → … → {}",
            steps[..head].join(" → "),
            steps[tail..].join(" → ")
        )
    }
}

/// A node on the way of a token, and how the token left it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Step {
    /// The node, or the key of the start.
    pub node: NodeKey,
    /// How the token left it; `None` where it just went on.
    pub exit: Option<Exit>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.exit {
            None => write!(f, "{}", self.node),
            Some(exit) => write!(f, "{}[{exit}]", self.node),
        }
    }
}

/// How a token leaves a node other than by just going on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Exit {
    /// As the branch that begins with that node.
    Branch(NodeKey),
    /// Something that it did is taken back.
    Compensation,
    /// It failed.
    Error,
    /// A child raised a code, and a token runs beside it.
    Escalation,
    /// It was rejected.
    Rejection,
    /// Its guard, or that of its group, is false.
    Skip,
    /// It waited too long.
    Timeout,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Branch(node) => node.as_str(),
            Self::Compensation => "compensation",
            Self::Error => "error",
            Self::Escalation => "escalation",
            Self::Rejection => "rejected",
            Self::Skip => "skipped",
            Self::Timeout => "timeout",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_lose_their_middle() {
        let step = |index: usize| Step {
            node: NodeKey::from(format!("n{index}").as_str()),
            exit: (index == 0).then(|| Exit::Branch("b".into())),
        };
        let finding = |length| Finding {
            code: "no_way_to_end",
            node: "n".into(),
            message: String::new(),
            trace: (0..length).map(step).collect(),
        };
        assert_eq!(finding(3).path(3), "n0[b] → n1 → n2");
        assert_eq!(finding(9).path(4), "n0[b] → n1 → … → n7 → n8");
        assert_eq!(finding(0).path(4), "");
    }
}
