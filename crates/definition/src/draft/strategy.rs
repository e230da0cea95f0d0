//! The three shapes of an approval.

use serde_json::Value;
use signoff_core::{pointer::Pointer, problem::Problem};

/// Which of the three shapes an approval is to have.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Strategy {
    /// 1: pipelines with stages, approvals on the stages.
    #[default]
    Stages,
    /// 2: pipelines with approvals, no stages.
    Pipelines,
    /// 3: approvals on the workflow, no pipelines.
    Approvals,
}

impl Strategy {
    /// Every strategy, by number.
    pub const ALL: [Self; 3] = [Self::Stages, Self::Pipelines, Self::Approvals];

    /// 1, 2 or 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Stages => 1,
            Self::Pipelines => 2,
            Self::Approvals => 3,
        }
    }

    /// The strategy of that number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|strategy| strategy.number() == number)
    }

    /// What the shape of a document tells: nothing while it is empty, mixed, or no approval.
    #[must_use]
    pub fn of_document(document: &Value) -> Option<Self> {
        if !is_approval(document) {
            return None;
        }
        let mut fitting = Self::ALL
            .into_iter()
            .filter(|strategy| strategy.check(document).is_empty());
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Everything in a document that this strategy has no place for.
    #[must_use]
    pub fn check(self, document: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        let root = Pointer::root();
        let refused = |path: Pointer, what: String, help: &str| {
            let message = format!("{self} takes {what}");
            Problem::error("invalid_shape", path, message).help(help)
        };
        if self != Self::Approvals && holds(document, "approvals") {
            let what = "no approvals on the workflow".to_owned();
            let help = match self {
                Self::Stages => "configure them on stages",
                _ => "configure them on pipelines",
            };
            problems.push(refused(root.key("approvals"), what, help));
        }
        let path = root.key("pipelines");
        if self == Self::Approvals && holds(document, "stages") {
            let help = "configure approvals on the workflow";
            problems.push(refused(root.key("stages"), "no stages".to_owned(), help));
        }
        for (index, pipeline) in list(document, "pipelines").iter().enumerate() {
            let path = path.index(index);
            let key = name(pipeline, index);
            if self == Self::Approvals {
                let help = "configure approvals on the workflow";
                let what = format!("no pipelines and no stages: `{key}` cannot be one");
                problems.push(refused(path.clone(), what, help));
                continue;
            }
            if self == Self::Stages && holds(pipeline, "approvals") {
                let what = format!("no approvals on a pipeline: `{key}` has some");
                problems.push(refused(
                    path.key("approvals"),
                    what,
                    "configure them on its stages",
                ));
            }
            for key_of in ["stages", "number_of_stages"] {
                if self == Self::Pipelines && holds(pipeline, key_of) {
                    let what = format!("no stages: the pipeline `{key}` has `{key_of}`");
                    let help = "configure approvals on the pipeline";
                    problems.push(refused(path.key(key_of), what, help));
                }
            }
        }
        problems
    }
}

impl std::fmt::Display for Strategy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stages => "strategy 1 (pipelines with stages)",
            Self::Pipelines => "strategy 2 (pipelines with approvals)",
            Self::Approvals => "strategy 3 (approvals alone)",
        })
    }
}

/// Whether a document is, or may become, an approval.
pub(super) fn is_approval(document: &Value) -> bool {
    match document.get("kind").and_then(Value::as_str) {
        Some(kind) => kind.eq_ignore_ascii_case("approval"),
        None => document.get("nodes").is_none() && document.get("steps").is_none(),
    }
}

/// Whether something stands under the key that is not empty.
pub(super) fn holds(value: &Value, key: &str) -> bool {
    match value.get(key) {
        None | Some(Value::Null) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

/// The list under the key; empty when there is none.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// What an element is called in messages.
pub(super) fn name(value: &Value, index: usize) -> String {
    let key = value.get("key").and_then(Value::as_str);
    key.map_or_else(|| format!("#{}", index + 1), str::to_owned)
}
