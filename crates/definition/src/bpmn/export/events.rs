//! What events wait for, or throw.

use super::plan::Plan;
use crate::bpmn::{
    CEL,
    exact::{self, Keys},
    xml::Element,
};

/// An expression in CEL.
pub(super) fn expression(name: &str, source: impl Into<String>) -> Element {
    plain(name, source).with("language", CEL)
}

/// An expression that is no CEL.
pub(super) fn plain(name: &str, source: impl Into<String>) -> Element {
    Element::bpmn(name)
        .with("xsi:type", "bpmn:tFormalExpression")
        .text(source)
}

/// `after` or `at`, taken from `keys`.
pub(super) fn moment(keys: &mut Keys) -> Option<Element> {
    let timer = Element::bpmn("timerEventDefinition");
    if let Some(after) = exact::take(keys, "after") {
        return Some(timer.child(plain("timeDuration", after)));
    }
    let at = exact::take(keys, "at")?;
    let is_date = at.starts_with(|c: char| c.is_ascii_digit()) && at.trim() == at;
    Some(timer.child(if is_date {
        plain("timeDate", at)
    } else {
        expression("timeDate", at)
    }))
}

/// Again and again, or by a schedule.
pub(super) fn cycle(text: &str) -> Element {
    Element::bpmn("timerEventDefinition").child(plain("timeCycle", text))
}

/// An event that names a message, a signal, an error or an escalation.
pub(super) fn named(plan: &mut Plan, element: &'static str, name: &str) -> Element {
    let id = plan.root(element, name);
    Element::bpmn(format!("{element}EventDefinition")).with(&format!("{element}Ref"), id)
}

/// An error or an escalation with the `code` of `keys`; any when there is none.
pub(super) fn coded(plan: &mut Plan, element: &'static str, keys: &mut Keys) -> Element {
    match exact::take(keys, "code") {
        Some(code) => named(plan, element, &code),
        None => Element::bpmn(format!("{element}EventDefinition")),
    }
}
