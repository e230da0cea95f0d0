//! Events become starts, ends, and what waits or tells.

use serde_json::{Value, json};

use super::{
    node::{self, Body, Draft, Flow},
    shown,
};
use crate::bpmn::{
    exact::{self, Keys},
    xml::{Element, Ns},
};

/// Whether the element says what an event waits for or throws.
pub(super) fn is_definition(element: &Element) -> bool {
    element.ns == Ns::Bpmn && element.name.ends_with("EventDefinition")
}

/// What an event waits for or throws, without `EventDefinition`.
fn kind(definition: &Element) -> &str {
    let name = definition.name.as_str();
    name.strip_suffix("EventDefinition").unwrap_or(name)
}

impl<'x> Flow<'_, 'x, '_> {
    pub(super) fn event(&mut self, draft: &mut Draft<'x>) -> Option<Body> {
        let element = draft.element;
        let definitions: Vec<&Element> = element
            .children
            .iter()
            .filter(|child| is_definition(child))
            .collect();
        let only = match definitions.as_slice() {
            [] => None,
            [one] => Some(*one),
            all if all.iter().all(|one| kind(one) == "compensate") => Some(all[0]),
            [_, second, ..] => {
                self.report
                    .not_yet(second, "more than one trigger of an event");
                return None;
            }
        };
        let body = match element.name.as_str() {
            "startEvent" => self.start(draft, only)?,
            "intermediateCatchEvent" => self.catch(draft, only)?,
            "endEvent" => match only.map(kind) {
                None => return Some(Body::new("end", draft.inside("end"))),
                Some("terminate") => {
                    return Some(Body::new("terminate", draft.inside("terminate")));
                }
                Some("error") => return self.fail(draft, only?),
                Some(_) => self.throw(draft, only, &definitions)?,
            },
            _ => self.throw(draft, only, &definitions)?,
        };
        let next = self.next(draft.id, &draft.key);
        Some(body.way("next", next))
    }

    fn start(&mut self, draft: &mut Draft<'x>, trigger: Option<&Element>) -> Option<Body> {
        let mut inner = draft.inside("start");
        let Some(trigger) = trigger else {
            return Some(Body::new("start", inner));
        };
        inner.retain(|name, _| name == "form" || name == "by");
        match kind(trigger) {
            word @ ("message" | "signal") => {
                let id = self.report.required(trigger, &format!("{word}Ref"))?;
                let name = self.name(trigger, word, id)?;
                inner.insert(word.to_owned(), Value::from(name));
            }
            "timer" => {
                let cycle = trigger.first("timeCycle").map(|cycle| cycle.text.trim());
                let every = cycle.and_then(|cycle| cycle.strip_prefix("R/"));
                match (cycle, every) {
                    (_, Some(every)) if !every.contains('/') => {
                        inner.insert("every".to_owned(), Value::from(every));
                    }
                    (Some(cron), None) if !cron.starts_with('R') => {
                        inner.insert("cron".to_owned(), Value::from(cron));
                    }
                    _ => {
                        let what = "a timer that begins an instance once, or so many times";
                        self.report.not_yet(trigger, what);
                        return None;
                    }
                }
            }
            other => {
                let what = format!("a start by `{other}`");
                self.report.not_yet(trigger, &what);
                return None;
            }
        }
        Some(Body::new("start", inner))
    }

    fn catch(&mut self, draft: &mut Draft<'x>, awaited: Option<&Element>) -> Option<Body> {
        let Some(awaited) = awaited else {
            self.report
                .not_yet(draft.element, "an event that waits for nothing");
            return None;
        };
        match kind(awaited) {
            "timer" => {
                let mut inner = draft.inside("timer");
                let (key, moment) = self.moment(awaited, &mut inner)?;
                Some(Body::new("timer", json!({key: moment})))
            }
            "conditional" => {
                let Some(condition) = awaited.first("condition") else {
                    let message = "the event has no `condition`";
                    self.report.push("missing_key", awaited, message);
                    return None;
                };
                let source = shown::expression(condition, self.report);
                Some(Body::new(
                    "wait",
                    exact::give(&mut draft.rest, "wait", &source),
                ))
            }
            "signal" => {
                let id = self.report.required(awaited, "signalRef")?;
                let name = self.name(awaited, "signal", id)?;
                Some(Body::new("signal", json!({"catch": name})))
            }
            "message" => {
                let id = self.report.required(awaited, "messageRef")?;
                let name = self.name(awaited, "message", id)?;
                Some(node::receive(draft, Some(name)))
            }
            other => {
                let what = format!("an event that waits for `{other}`");
                self.report.not_yet(awaited, &what);
                None
            }
        }
    }

    fn throw(
        &mut self,
        draft: &Draft<'x>,
        thrown: Option<&Element>,
        all: &[&Element],
    ) -> Option<Body> {
        let Some(thrown) = thrown else {
            let what = "an event that throws nothing and leads not one way on";
            self.report.not_yet(draft.element, what);
            return None;
        };
        match kind(thrown) {
            "signal" => {
                let id = self.report.required(thrown, "signalRef")?;
                let name = self.name(thrown, "signal", id)?;
                Some(Body::new("signal", json!({"throw": name})))
            }
            "escalation" => {
                let id = self.report.required(thrown, "escalationRef")?;
                Some(Body::new("raise", self.name(thrown, "escalation", id)?))
            }
            "compensate" => self.compensate(all),
            "message" => {
                let name = match thrown.get("messageRef") {
                    Some(id) => self.name(draft.element, "message", id)?,
                    None => draft.key.clone(),
                };
                Some(node::call(draft, name, Some("message")))
            }
            other => {
                let what = format!("an event that throws `{other}`");
                self.report.not_yet(thrown, &what);
                None
            }
        }
    }

    fn compensate(&mut self, definitions: &[&Element]) -> Option<Body> {
        let mut nodes = Vec::new();
        for definition in definitions {
            let Some(id) = definition.get("activityRef") else {
                return Some(Body::new("compensate", "all"));
            };
            let local = id.rsplit(':').next().unwrap_or(id);
            let Some(key) = self.links.key(local) else {
                self.report.dangling(definition, "node", id);
                return None;
            };
            nodes.push(key.to_owned());
        }
        Some(Body::new("compensate", nodes))
    }

    fn fail(&mut self, draft: &Draft<'x>, thrown: &Element) -> Option<Body> {
        let id = self.report.required(thrown, "errorRef")?;
        let code = self.name(draft.element, "error", id)?;
        Some(Body::new("fail", json!({"code": code})))
    }

    /// `after` or `at` of a timer, with its value.
    pub(super) fn moment(
        &mut self,
        timer: &Element,
        rest: &mut Keys,
    ) -> Option<(&'static str, Value)> {
        if let Some(after) = timer.first("timeDuration") {
            let text = shown::expression(after, self.report);
            return Some(("after", exact::give(rest, "after", &text)));
        }
        if let Some(at) = timer.first("timeDate") {
            let text = shown::expression(at, self.report);
            return Some(("at", exact::give(rest, "at", &text)));
        }
        match timer.first("timeCycle") {
            Some(cycle) => self.report.not_yet(cycle, "a timer that comes again here"),
            None => {
                let message = "the timer has no `timeDuration` or `timeDate`";
                self.report.push("missing_key", timer, message);
            }
        }
        None
    }
}
