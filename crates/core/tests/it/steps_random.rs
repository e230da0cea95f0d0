//! Random documents of kind `steps`.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A step of a random document; its ways in file order.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) clerk: bool,
    pub(crate) hold: bool,
    pub(crate) cancellation: bool,
    pub(crate) last: bool,
    pub(crate) approved: bool,
    pub(crate) ways: Vec<Way>,
}

#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) to: usize,
    pub(crate) priority: i64,
    /// None: always. A number above 5: it fails.
    pub(crate) from: Option<i64>,
    pub(crate) boss: bool,
    pub(crate) approved: bool,
    pub(crate) no: No,
}

/// What a no to a way means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum No {
    Stay,
    Anew,
    Cancel,
    Move(usize),
}

/// A few steps, each with ways to others.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    (2..5_usize).prop_flat_map(|n| {
        let no = prop_oneof![
            Just(No::Stay),
            Just(No::Anew),
            Just(No::Cancel),
            (0..n).prop_map(No::Move),
        ];
        let from = prop_oneof![2 => Just(None), 3 => (0..8_i64).prop_map(Some)];
        let way = (0..n, 0..2_i64, from, 0..4_u8, 0..3_u8, no);
        let way = way.prop_map(|(to, priority, from, boss, approved, no)| Way {
            to,
            priority,
            from,
            boss: boss == 0,
            approved: approved == 0,
            no,
        });
        let ways = prop::collection::vec(way, 1..4);
        let step = (0..2_u8, 0..3_u8, 0..2_u8, 0..4_u8, ways);
        let step = step.prop_map(|(clerk, hold, cancellation, approved, ways)| Step {
            clerk: clerk == 0,
            hold: hold != 0,
            cancellation: cancellation == 0,
            last: false,
            approved: approved == 0,
            ways,
        });
        prop::collection::vec(step, n).prop_map(whole)
    })
}

/// The last step is final, the others lead to the one after them, and no way is there twice.
fn whole(mut steps: Vec<Step>) -> Vec<Step> {
    let end = steps.len() - 1;
    for (index, step) in steps.iter_mut().enumerate() {
        // What comes after a step must be reached all the same.
        step.last = index == end;
        if step.last {
            step.ways.clear();
            continue;
        }
        step.ways[0].to = index + 1;
        let mut seen = std::collections::BTreeSet::new();
        step.ways.retain(|way| seen.insert((way.to, way.priority)));
    }
    steps
}

/// The document of kind `steps` that has them.
pub(crate) fn document(steps: &[Step]) -> Value {
    let asks = || json!([{"user": "rita"}]);
    let key = |index: usize| format!("s{index}");
    let written = steps.iter().enumerate().map(|(index, step)| {
        let mut statuses = vec![
            json!({"key": "new", "default": true}),
            json!({"key": "busy"}),
            json!({"key": "done", "completion": true}),
        ];
        if step.hold {
            statuses.push(json!({"key": "held", "hold": true}));
        }
        if step.cancellation {
            statuses.push(json!({"key": "gone", "cancellation": true}));
        }
        let mut document = json!({
            "key": key(index), "initial": index == 0, "final": step.last, "statuses": statuses,
        });
        if step.clerk {
            document["role"] = json!("clerk");
        }
        if step.approved {
            document["approvals"] = asks();
        }
        document
    });
    let ways = steps.iter().enumerate().flat_map(|(index, step)| {
        step.ways.iter().map(move |way| {
            let mut document = json!({
                "from": key(index), "to": key(way.to), "priority": way.priority,
                "on_reject": match way.no {
                    No::Stay => json!("stay"),
                    No::Anew => json!("request_changes"),
                    No::Cancel => json!("cancel"),
                    No::Move(to) => json!({"move": key(to)}),
                },
            });
            if let Some(from) = way.from {
                let when = if from > 5 {
                    "none.of >= 1".to_owned()
                } else {
                    format!("n >= {from}")
                };
                document["when"] = json!(when);
            }
            if way.boss {
                document["by"] = json!(["role:boss"]);
            }
            if way.approved {
                document["approvals"] = asks();
            }
            document
        })
    });
    json!({
        "format": "signoff/v1", "kind": "steps", "key": "wild", "managers": ["role:chief"],
        "steps": written.collect::<Vec<_>>(), "transitions": ways.collect::<Vec<_>>(),
    })
}
