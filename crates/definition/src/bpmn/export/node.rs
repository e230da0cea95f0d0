//! Nodes become elements.

use serde_json::Value;
use signoff_core::{document::keys, pointer::Pointer, text::Text};

use super::{
    boundary, events,
    plan::{Node, Plan, Role},
    ways,
};
use crate::bpmn::{
    SET,
    exact::{self, Keys},
    xml::{Element, Ns},
};

/// Whether an extension is written when it says nothing but its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Always {
    No,
    Yes,
}

/// The element of a node and what only its kind has.
struct Body {
    element: &'static str,
    attributes: Vec<(&'static str, String)>,
    tail: Vec<Element>,
    role: Role,
}

impl Body {
    fn new(element: &'static str) -> Self {
        Self {
            element,
            attributes: Vec::new(),
            tail: Vec::new(),
            role: Role::Plain,
        }
    }

    fn with(mut self, key: &'static str, value: Option<String>) -> Self {
        self.attributes.extend(value.map(|value| (key, value)));
        self
    }

    fn tail(mut self, element: impl IntoIterator<Item = Element>) -> Self {
        self.tail.extend(element);
        self
    }

    fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }
}

/// Adds the node `key` with its ways and boundaries.
pub(super) fn add(plan: &mut Plan, key: &str, node: &Keys) {
    let path = Pointer::root().key("nodes").key(key);
    let mut rest = node.clone();
    let known = |kind: &&&str| rest.contains_key(**kind);
    let Some(kind) = keys::NODE_KIND.iter().find(known) else {
        return;
    };
    let name = title(&mut rest, key);
    let documentation = documentation(&mut rest);
    let body = body(plan, kind, key, &mut rest, &path);
    if let Some(next) = rest.shift_remove("next") {
        ways::add(plan, key, &next, None, path.key("next"));
    }
    let mut attributes = vec![("name", name)];
    attributes.extend(body.attributes);
    let place = plan.nodes.len();
    boundary::add(plan, key, &mut rest, &path);
    if rest
        .get(*kind)
        .and_then(Value::as_object)
        .is_some_and(Keys::is_empty)
    {
        rest.shift_remove(*kind);
    }
    let mut head = documentation;
    head.extend(extension(kind, &rest, Always::Yes));
    let node = Node {
        id: key.to_owned(),
        element: body.element,
        attributes,
        head,
        tail: body.tail,
        role: body.role,
    };
    plan.nodes.insert(place, node);
}

/// The name that is shown; what it is made of stays where that is more than a string.
pub(super) fn title(rest: &mut Keys, key: &str) -> String {
    let Some(value) = rest.get("title") else {
        return Text::from_key(key).for_locale("en").to_owned();
    };
    let text = Text::from(value.clone());
    let exact = text.for_locale("en");
    let name = exact::shown(exact);
    // An empty name is none to other modelers.
    if value.is_string() && name == exact && !name.is_empty() {
        rest.shift_remove("title");
    }
    name
}

/// The description, where it is a string.
pub(super) fn documentation(rest: &mut Keys) -> Vec<Element> {
    if !rest.get("description").is_some_and(Value::is_string) {
        return Vec::new();
    }
    let text = exact::take(rest, "description");
    let element = |text: String| Element::bpmn("documentation").text(text);
    text.map(element).into_iter().collect()
}

/// What BPMN has no place for.
pub(super) fn extension(name: &str, rest: &Keys, always: Always) -> Vec<Element> {
    let element = Element::new(Ns::Signoff, name);
    let element = match (rest.is_empty(), always) {
        (true, Always::No) => return Vec::new(),
        (true, Always::Yes) => element,
        (false, _) => element.text(exact::json(rest)),
    };
    vec![Element::bpmn("extensionElements").child(element)]
}

fn body(plan: &mut Plan, kind: &str, key: &str, rest: &mut Keys, path: &Pointer) -> Body {
    match kind {
        "task" => Body::new("userTask"),
        "function" | "job" => call(plan, kind, rest),
        "set" => {
            let set = rest.shift_remove("set");
            let set = set.as_ref().and_then(Value::as_object);
            let script = exact::json(&set.cloned().unwrap_or_default());
            Body::new("scriptTask")
                .with("scriptFormat", Some(SET.to_owned()))
                .tail([Element::bpmn("script").text(script)])
        }
        "receive" => inside(rest, kind, |inner| {
            inner.shift_remove("code");
            let message = exact::take(inner, "message");
            let message = message.map(|name| plan.root("message", &name));
            Body::new("receiveTask").with("messageRef", message)
        }),
        "subprocess" => inside(rest, kind, subprocess),
        "if" | "switch" | "split" | "first" | "join" => gateway(plan, kind, key, rest, path),
        _ => event(plan, kind, rest, path),
    }
}

/// A call of the host's code, as what it stands for.
fn call(plan: &mut Plan, kind: &str, rest: &mut Keys) -> Body {
    let name = exact::take(rest, kind);
    let symbol = rest.shift_remove("symbol").as_ref().map(exact::said);
    let element = match symbol.as_deref().map(str::to_lowercase).as_deref() {
        Some("message") => {
            let message = events::named(plan, "message", &name.unwrap_or_default());
            return Body::new("intermediateThrowEvent").tail([message]);
        }
        Some("rule") => "businessRuleTask",
        Some("send") => "sendTask",
        _ => "serviceTask",
    };
    Body::new(element).with("implementation", name)
}

fn gateway(plan: &mut Plan, kind: &str, key: &str, rest: &mut Keys, path: &Pointer) -> Body {
    match kind {
        "if" => {
            let condition = exact::take(rest, "if");
            for (way, condition) in [("then", condition), ("else", None)] {
                let value = rest.shift_remove(way).unwrap_or_default();
                ways::add(plan, key, &value, condition, path.key(way));
            }
            let default = plan.flows.last().map(|flow| flow.id.clone());
            Body::new("exclusiveGateway").with("default", default)
        }
        "switch" => {
            ways::add_list(plan, key, rest, "switch", path);
            let default = rest.shift_remove("default");
            let path = path.key("default");
            let default = default.map(|value| ways::add(plan, key, &value, None, path));
            Body::new("exclusiveGateway").with("default", default)
        }
        "split" => {
            let conditional = ways::add_list(plan, key, rest, "split", path);
            Body::new(if conditional {
                "inclusiveGateway"
            } else {
                "parallelGateway"
            })
            .role(Role::Split)
        }
        "first" => {
            ways::add_list(plan, key, rest, "first", path);
            Body::new("eventBasedGateway")
        }
        _ => join(rest),
    }
}

fn join(rest: &mut Keys) -> Body {
    let need = rest.shift_remove("join").unwrap_or_default();
    let Some(condition) = activation(&need) else {
        return Body::new("parallelGateway").role(Role::JoinAll);
    };
    let shown = exact::shown(&condition);
    // A condition that is shown exactly needs no other writing.
    if need.get("when").is_none() || shown != condition {
        rest.insert("join".to_owned(), need);
    }
    Body::new("complexGateway")
        .role(Role::Join)
        .tail([events::expression("activationCondition", shown)])
}

/// What a join waits for as a condition; `None` when that is all.
pub(in crate::bpmn) fn activation(need: &Value) -> Option<String> {
    let of = |key: &str| need.get(key).map(exact::said);
    let any = need.as_str().map(str::to_lowercase);
    if any.as_deref() == Some("any") {
        return Some("branches.done >= 1".to_owned());
    }
    of("when")
        .or_else(|| of("count").map(|n| format!("branches.done >= {n}")))
        .or_else(|| of("percent").map(|p| format!("branches.done * 100 >= branches.total * {p}")))
}

fn subprocess(inner: &mut Keys) -> Body {
    let workflow = exact::take(inner, "workflow");
    let mode = inner.shift_remove("mode").as_ref().map(exact::said);
    let sequence = mode.is_some_and(|mode| mode.eq_ignore_ascii_case("sequence"));
    let each = exact::take(inner, "for_each").map(|items| {
        let each = Element::bpmn("multiInstanceLoopCharacteristics");
        let each = each.with("isSequential", sequence.to_string());
        each.child(events::expression(
            "loopCardinality",
            format!("size({items})"),
        ))
    });
    Body::new("callActivity")
        .with("calledElement", workflow)
        .tail(each)
}

fn event(plan: &mut Plan, kind: &str, rest: &mut Keys, path: &Pointer) -> Body {
    let catches = Body::new("intermediateCatchEvent");
    let throws = Body::new("intermediateThrowEvent");
    let ends = Body::new("endEvent");
    match kind {
        "start" => inside(rest, kind, |inner| {
            Body::new("startEvent").tail(trigger(plan, inner))
        }),
        "timer" => catches.tail(inside(rest, kind, events::moment)),
        "wait" => {
            let condition = exact::take(rest, kind).unwrap_or_default();
            let condition = events::expression("condition", condition);
            catches.tail([Element::bpmn("conditionalEventDefinition").child(condition)])
        }
        "signal" => inside(rest, kind, |inner| {
            let thrown = inner.contains_key("throw");
            let key = if thrown { "throw" } else { "catch" };
            let name = exact::take(inner, key).unwrap_or_default();
            let body = if thrown { throws } else { catches };
            body.tail([events::named(plan, "signal", &name)])
        }),
        "raise" => {
            let code = exact::take(rest, kind).unwrap_or_default();
            throws.tail([events::named(plan, "escalation", &code)])
        }
        "compensate" => throws.tail(compensate(plan, rest, path)),
        "terminate" => ends.tail([Element::bpmn("terminateEventDefinition")]),
        "fail" => ends.tail([inside(rest, kind, |inner| {
            events::coded(plan, "error", inner)
        })]),
        _ => ends,
    }
}

fn trigger(plan: &mut Plan, inner: &mut Keys) -> Option<Element> {
    for element in ["message", "signal"] {
        if let Some(name) = exact::take(inner, element) {
            return Some(events::named(plan, element, &name));
        }
    }
    if let Some(every) = exact::take(inner, "every") {
        return Some(events::cycle(&format!("R/{every}")));
    }
    exact::take(inner, "cron").map(|cron| events::cycle(&cron))
}

fn compensate(plan: &mut Plan, rest: &mut Keys, path: &Pointer) -> Vec<Element> {
    let definition = || Element::bpmn("compensateEventDefinition");
    let Some(Value::Array(nodes)) = rest.shift_remove("compensate") else {
        return vec![definition()];
    };
    let path = path.key("compensate");
    let names = nodes.iter().map(exact::said).enumerate();
    names
        .map(|(idx, name)| {
            plan.references.push((name.clone(), path.index(idx)));
            definition().with("activityRef", name)
        })
        .collect()
}

/// Works on the mapping under `key`.
fn inside<T>(rest: &mut Keys, key: &str, work: impl FnOnce(&mut Keys) -> T) -> T {
    let mut nothing = Keys::new();
    work(
        rest.get_mut(key)
            .and_then(Value::as_object_mut)
            .unwrap_or(&mut nothing),
    )
}
