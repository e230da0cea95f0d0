//! What is expected after a step; only what is named is compared.

use serde_json::Value;
use signoff_core::pointer::Pointer;

use crate::testing::read::{Fields, Result, invalid, list, not_yet, text};

/// Every expectation of the format.
const EXPECT: &[&str] = &[
    "status",
    "outcome",
    "at",
    "tasks",
    "data",
    "status_of",
    "refused",
    "notices",
    "events",
    "actions",
    "mail",
    "incidents",
    "progress",
    "subject",
    "children",
];
const TASK: &[&str] = &["node", "state", "assignee", "candidates"];
const MAIL: &[&str] = &["to", "template", "subject"];
const ACTION: &[&str] = &["event", "run"];
const CHILD: &[&str] = &["workflow", "status"];

/// What is expected after a step.
#[derive(Debug, Default)]
pub(super) struct Expect {
    pub(super) status: Option<String>,
    pub(super) status_of: Option<String>,
    pub(super) outcome: Option<String>,
    pub(super) children: Option<Vec<Value>>,
    pub(super) at: Option<Vec<String>>,
    pub(super) tasks: Option<Vec<Value>>,
    pub(super) data: Option<Value>,
    pub(super) refused: Option<String>,
    pub(super) notices: Option<Vec<String>>,
    pub(super) events: Option<Vec<String>>,
    pub(super) actions: Option<Vec<Value>>,
    pub(super) mail: Option<Vec<Value>>,
    pub(super) incidents: Option<Vec<String>>,
    pub(super) progress: Option<u64>,
}

/// What was found after a step, in the words of the expectations.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) status: String,
    pub(super) status_of: String,
    pub(super) outcome: String,
    pub(super) children: Vec<Value>,
    pub(super) at: Vec<String>,
    pub(super) tasks: Vec<Value>,
    pub(super) data: Value,
    pub(super) notices: Vec<String>,
    pub(super) events: Vec<String>,
    pub(super) actions: Vec<Value>,
    pub(super) mail: Vec<Value>,
    pub(super) incidents: Vec<String>,
    pub(super) progress: u64,
}

impl Expect {
    pub(super) fn read(value: &Value, path: &Pointer) -> Result<Self> {
        let fields = Fields::read(value, path, "expectation", EXPECT)?;
        for key in ["subject"] {
            if fields.get(key).is_some() {
                return Err(not_yet(&fields.at(key), "expectation", key));
            }
        }
        let texts = |key: &str| fields.get(key).map(|_| fields.texts(key)).transpose();
        let mappings = |key: &str, keys: &[&str]| {
            let Some(value) = fields.get(key) else {
                return Ok(None);
            };
            let items = list(value, &fields.at(key))?;
            for (item, path) in &items {
                Fields::read(item, path, &format!("`{key}` entry"), keys)?;
            }
            Ok(Some(
                items.into_iter().map(|(item, _)| item.clone()).collect(),
            ))
        };
        let mut at = texts("at")?;
        if let Some(at) = &mut at {
            at.sort();
        }
        Ok(Self {
            status: fields.text("status")?,
            status_of: fields.text("status_of")?,
            outcome: fields.text("outcome")?,
            children: mappings("children", CHILD)?,
            at,
            tasks: mappings("tasks", TASK)?,
            data: fields.get("data").cloned(),
            refused: refused(&fields)?,
            notices: texts("notices")?,
            events: texts("events")?,
            actions: mappings("actions", ACTION)?,
            mail: mappings("mail", MAIL)?,
            incidents: texts("incidents")?,
            progress: fields.number("progress")?,
        })
    }

    /// Everything that is not as expected.
    pub(super) fn compare(&self, found: &Found) -> Vec<String> {
        let mut wrong = Vec::new();
        same(&mut wrong, "status", self.status.as_ref(), &found.status);
        same(
            &mut wrong,
            "status_of",
            self.status_of.as_ref(),
            &found.status_of,
        );
        same(&mut wrong, "outcome", self.outcome.as_ref(), &found.outcome);
        same(
            &mut wrong,
            "children",
            self.children.as_ref(),
            &found.children,
        );
        same(&mut wrong, "at", self.at.as_ref(), &found.at);
        same(&mut wrong, "notices", self.notices.as_ref(), &found.notices);
        same(
            &mut wrong,
            "incidents",
            self.incidents.as_ref(),
            &found.incidents,
        );
        same(
            &mut wrong,
            "progress",
            self.progress.as_ref(),
            &found.progress,
        );
        same(&mut wrong, "actions", self.actions.as_ref(), &found.actions);
        each(&mut wrong, "tasks", self.tasks.as_deref(), &found.tasks);
        each(&mut wrong, "mail", self.mail.as_deref(), &found.mail);
        if let Some(data) = self
            .data
            .as_ref()
            .filter(|data| !includes(&found.data, data))
        {
            wrong.push(differs("data", data, &found.data));
        }
        if let Some(events) = self
            .events
            .as_ref()
            .filter(|events| !subsequence(events, &found.events))
        {
            wrong.push(format!(
                "events: expected {events:?} in this order, found {:?}",
                found.events
            ));
        }
        wrong
    }
}

fn refused(fields: &Fields<'_>) -> Result<Option<String>> {
    let Some(value) = fields.get("refused") else {
        return Ok(None);
    };
    let path = fields.at("refused");
    let code = text(value, &path)?;
    if code.is_empty() {
        return Err(invalid(&path, "expected the code of a refusal"));
    }
    Ok(Some(code))
}

fn same<T: PartialEq + serde::Serialize>(
    wrong: &mut Vec<String>,
    what: &str,
    expected: Option<&T>,
    found: &T,
) {
    if let Some(expected) = expected.filter(|expected| *expected != found) {
        wrong.push(differs(what, expected, found));
    }
}

fn differs(what: &str, expected: &impl serde::Serialize, found: &impl serde::Serialize) -> String {
    let json = |value: serde_json::Result<String>| value.unwrap_or_else(|error| error.to_string());
    format!(
        "{what}: expected {}, found {}",
        json(serde_json::to_string(expected)),
        json(serde_json::to_string(found))
    )
}

/// As many as expected, each expected one included in another found one, in any order.
fn each(wrong: &mut Vec<String>, what: &str, expected: Option<&[Value]>, found: &[Value]) {
    if let Some(expected) = expected
        && (expected.len() != found.len()
            || !assign(expected, &mut vec![false; found.len()], found))
    {
        wrong.push(differs(what, &expected, &found));
    }
}

fn assign(expected: &[Value], taken: &mut Vec<bool>, found: &[Value]) -> bool {
    let Some((first, rest)) = expected.split_first() else {
        return true;
    };
    for index in 0..found.len() {
        if !taken[index] && includes(&found[index], first) {
            taken[index] = true;
            if assign(rest, taken, found) {
                return true;
            }
            taken[index] = false;
        }
    }
    false
}

/// Whether `found` has everything that `expected` names; numbers are compared by value.
fn includes(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(key, value)| found.get(key).is_some_and(|found| includes(found, value))),
        (Value::Number(found), Value::Number(expected)) => {
            found == expected || found.as_f64() == expected.as_f64()
        }
        (found, expected) => found == expected,
    }
}

fn subsequence(expected: &[String], found: &[String]) -> bool {
    let mut found = found.iter();
    expected
        .iter()
        .all(|event| found.any(|candidate| candidate == event))
}
