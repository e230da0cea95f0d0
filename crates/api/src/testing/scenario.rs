//! A scenario as written.

use jiff::Timestamp;
use serde_json::Value;
use signoff_core::pointer::Pointer;

use crate::testing::{
    expect::Expect,
    read::{Fields, Result, invalid, list, not_yet},
    verbs::Verb,
};

pub(super) const SCENARIO: &[&str] = &[
    "scenario",
    "workflow",
    "definition",
    "workflows",
    "clock",
    "people",
    "roles",
    "departments",
    "teams",
    "settings",
    "functions",
    "steps",
];
pub(super) const SETTINGS: &[&str] = &["actions", "bindings", "mail", "worker", "substitutions"];

/// One scenario, everything but its people and stubs read.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) clock: Timestamp,
    pub(super) mail: bool,
    pub(super) manual: bool,
    /// Actions by type of subject.
    pub(super) actions: Vec<(String, Value)>,
    pub(super) steps: Vec<Step>,
}

/// One step: something that somebody does, and what is expected after it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) verb: Verb,
    pub(super) expect: Expect,
    pub(super) path: Pointer,
}

impl Scenario {
    pub(super) fn read(value: &Value, path: &Pointer) -> Result<Self> {
        let fields = Fields::read(value, path, "scenario", SCENARIO)?;
        fields
            .text("scenario")?
            .ok_or_else(|| invalid(path, "the scenario has no name: `scenario: …` is missing"))?;
        let Settings {
            mail,
            manual,
            actions,
        } = settings(&fields)?;
        let steps = list(fields.required("steps")?, &fields.at("steps"))?;
        Ok(Self {
            clock: clock(&fields)?,
            mail,
            manual,
            actions,
            steps: steps
                .into_iter()
                .map(|(value, path)| Step::read(value, &path))
                .collect::<Result<_>>()?,
        })
    }
}

fn clock(fields: &Fields<'_>) -> Result<Timestamp> {
    const DEFAULT: &str = "2026-01-01T00:00:00Z";
    let text = fields.text("clock")?;
    text.as_deref()
        .unwrap_or(DEFAULT)
        .parse()
        .map_err(|error| invalid(&fields.at("clock"), format!("not a moment: {error}")))
}

/// What a scenario sets beside its clock.
struct Settings {
    mail: bool,
    manual: bool,
    actions: Vec<(String, Value)>,
}

fn settings(fields: &Fields<'_>) -> Result<Settings> {
    let Some(value) = fields.get("settings") else {
        return Ok(Settings {
            mail: true,
            manual: false,
            actions: Vec::new(),
        });
    };
    let path = fields.at("settings");
    let settings = Fields::read(value, &path, "scenario's settings", SETTINGS)?;
    if settings.get("bindings").is_some() {
        return Err(not_yet(&settings.at("bindings"), "setting", "bindings"));
    }
    let actions = match settings.get("actions") {
        None => Vec::new(),
        Some(Value::Object(types)) => types
            .iter()
            .map(|(kind, actions)| (kind.clone(), actions.clone()))
            .collect(),
        Some(_) => {
            let message = "expected a mapping of types of subjects to actions";
            return Err(invalid(&settings.at("actions"), message));
        }
    };
    let mail = match settings.text("mail")?.as_deref() {
        None | Some("on") => true,
        Some("off") => false,
        Some(_) => return Err(invalid(&settings.at("mail"), "expected `on` or `off`")),
    };
    let manual = match settings.text("worker")?.as_deref() {
        None | Some("automatic") => false,
        Some("manual") => true,
        Some(_) => return Err(invalid(&settings.at("worker"), "expected `manual`")),
    };
    Ok(Settings {
        mail,
        manual,
        actions,
    })
}

impl Step {
    fn read(value: &Value, path: &Pointer) -> Result<Self> {
        let verb = Verb::read(value, path)?;
        let expect = match value.get("expect") {
            Some(expect) => Expect::read(expect, &path.key("expect"))?,
            None => Expect::default(),
        };
        Ok(Self {
            verb,
            expect,
            path: path.clone(),
        })
    }
}
