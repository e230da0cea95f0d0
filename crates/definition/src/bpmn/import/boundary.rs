//! Boundary events become boundaries.

use serde_json::Value;

use super::{event, extension, node::Flow};
use crate::bpmn::{
    exact::{self, Keys},
    xml::Element,
};

impl<'x> Flow<'_, 'x, '_> {
    /// Writes the boundaries of the node to it.
    pub(super) fn boundaries(&mut self, host: &str, key: &str, node: &mut Keys) {
        let outline = self.outline;
        for boundary in outline.boundaries.get(host).into_iter().flatten() {
            let Some((name, value)) = self.boundary(boundary, key) else {
                continue;
            };
            match node.get_mut(name) {
                None => {
                    node.insert(name.to_owned(), value);
                }
                Some(Value::Array(list)) => list.push(value),
                Some(_) if name == "compensate_with" => {
                    self.report
                        .not_yet(boundary, "a second way to take back a node");
                }
                Some(first) => *first = Value::from(vec![first.take(), value]),
            }
        }
    }

    fn boundary(&mut self, boundary: &'x Element, key: &str) -> Option<(&'static str, Value)> {
        let id = self.report.required(boundary, "id")?;
        let (_, rest) = extension::read(boundary, &["boundary"], self.report);
        let mut definitions = boundary
            .children
            .iter()
            .filter(|child| event::is_definition(child));
        let (Some(definition), None) = (definitions.next(), definitions.next()) else {
            self.report
                .not_yet(boundary, "a boundary without one trigger");
            return None;
        };
        let beside = boundary.get("cancelActivity") == Some("false");
        match definition.name.as_str() {
            "timerEventDefinition" => self.timeout(id, key, definition, beside, rest),
            "errorEventDefinition" => {
                let catch = self.catch_code(id, key, definition, "error", rest)?;
                Some(("on_error", catch))
            }
            "escalationEventDefinition" if beside => {
                let catch = self.catch_code(id, key, definition, "escalation", rest)?;
                Some(("on_escalation", catch))
            }
            "escalationEventDefinition" => {
                let what = "an escalation that interrupts";
                self.report.not_yet(boundary, what);
                None
            }
            "compensateEventDefinition" => {
                let handler = self.handlers.get(id);
                let handler = handler.and_then(|handler| self.links.key(handler));
                let Some(handler) = handler else {
                    let message = "no association leads from the boundary to what takes back";
                    self.report.push("missing_key", boundary, message);
                    return None;
                };
                Some(("compensate_with", Value::from(handler)))
            }
            other => {
                let what = format!("a boundary with `{other}`");
                self.report.not_yet(definition, &what);
                None
            }
        }
    }

    fn timeout(
        &mut self,
        id: &'x str,
        key: &str,
        timer: &Element,
        beside: bool,
        mut rest: Keys,
    ) -> Option<(&'static str, Value)> {
        let (name, moment) = self.moment(timer, &mut rest)?;
        let mut timeout = Keys::new();
        timeout.insert(name.to_owned(), moment);
        if beside {
            timeout.insert("interrupting".to_owned(), Value::from(false));
        }
        timeout.insert("next".to_owned(), self.next_node(id, key));
        Some(("on_timeout", Value::Object(timeout)))
    }

    fn catch_code(
        &mut self,
        id: &'x str,
        key: &str,
        definition: &Element,
        kind: &str,
        mut rest: Keys,
    ) -> Option<Value> {
        let mut catch = Keys::new();
        if let Some(named) = definition.get(&format!("{kind}Ref")) {
            let code = self.code(definition, kind, named)?;
            let code = exact::give(&mut rest, "code", &code);
            catch.insert("code".to_owned(), code);
        }
        catch.insert("next".to_owned(), self.next_node(id, key));
        Some(Value::Object(catch))
    }
}
