//! Gateways become choices, splits and joins.

use serde_json::{Value, json};

use super::{
    links::Link,
    node::{Body, Draft, Flow},
    shown,
};
use crate::bpmn::{
    exact::{self, Keys},
    export::activation,
};

impl<'x> Flow<'_, 'x, '_> {
    pub(super) fn gateway(&mut self, draft: &mut Draft<'x>) -> Option<Body> {
        let links = self.links.outgoing(draft.id);
        let element = draft.element;
        if links.is_empty() && element.name != "complexGateway" {
            let several = self.links.n_incoming(draft.id) > 1;
            let waits = matches!(
                element.name.as_str(),
                "inclusiveGateway" | "parallelGateway"
            );
            if !(several && waits) {
                let message = format!("`{}` leads nowhere", element.name);
                self.report.push("missing_key", element, message);
                return None;
            }
        }
        match element.name.as_str() {
            "exclusiveGateway" => self.choice(draft, &links),
            "eventBasedGateway" => {
                if element.get("instantiate") == Some("true") {
                    self.report
                        .not_yet(element, "a gateway that begins an instance");
                }
                let nodes = links.iter().map(|link| self.links.target(link));
                let nodes: Vec<String> = nodes.collect();
                Some(Body::new("first", nodes))
            }
            "complexGateway" => self.complex(draft, &links),
            _ => Some(self.split_or_join(draft, &links)),
        }
    }

    /// The first way whose condition holds.
    fn choice(&mut self, draft: &mut Draft<'x>, links: &[Link<'x>]) -> Option<Body> {
        let named = draft.element.get("default");
        let is_default = |link: &&Link<'x>| named == Some(link.id());
        let default = links.iter().find(is_default);
        let others = links.iter().filter(|link| !is_default(link));
        let (cases, bare): (Vec<&Link<'x>>, Vec<_>) =
            others.partition(|link| link.is_conditional());
        let (default, bare) = match (default, bare.as_slice()) {
            (None, [only]) => (Some(*only), &[][..]),
            (default, bare) => (default, bare),
        };
        for link in bare {
            let message = "a way out of an exclusive gateway needs a condition";
            self.report.push("missing_key", link.element, message);
        }
        // What fits the one fits the other.
        if matches!(draft.hint, Some("if" | "switch")) {
            draft.rest.retain(|name, _| name != "switch");
        }
        if let ([case], Some(default)) = (cases.as_slice(), default)
            && draft.hint != Some("switch")
        {
            let when = self.condition(case, &mut Keys::new()).unwrap_or_default();
            let when = exact::give(&mut draft.rest, "if", &exact::said(&when));
            let body = Body::new("if", when).way("then", Some(self.bare_way(case)));
            return Some(body.way("else", Some(self.bare_way(default))));
        }
        let cases: Vec<Value> = cases.iter().map(|case| self.way(case, None)).collect();
        if draft.hint == Some("if") {
            draft.hint = Some("switch");
        }
        let default = default.map(|link| self.bare_way(link));
        Some(Body::new("switch", cases).way("default", default))
    }

    /// Ways meet, part, or both.
    fn split_or_join(&mut self, draft: &mut Draft<'x>, links: &[Link<'x>]) -> Body {
        let meets = self.links.n_incoming(draft.id) > 1;
        let parts = links.len() > 1 || links.iter().any(Link::is_conditional);
        let splits = parts || (!meets && draft.hint != Some("join"));
        if meets || !splits {
            draft.rest.retain(|name, _| name != "rest");
            let next = match (splits, links) {
                (true, _) => {
                    let split = self.names.after(&draft.key, "split");
                    let branches = self.parallel(draft, links);
                    self.made.insert(split.clone(), json!({"split": branches}));
                    Some(Value::from(split))
                }
                (false, [link]) => Some(self.bare_way(link)),
                (false, _) => Some(Value::from(self.end(&draft.key))),
            };
            return Body::new("join", "all").way("next", next);
        }
        let branches = self.parallel(draft, links);
        Body::new("split", branches)
    }

    /// A parallel gateway takes every way, whatever stands on it.
    fn parallel(&mut self, draft: &Draft<'x>, links: &[Link<'x>]) -> Vec<Value> {
        if draft.element.is("inclusiveGateway") {
            return self.branches(links, draft.element.get("default"));
        }
        links.iter().map(|link| self.bare_way(link)).collect()
    }

    /// A join that does not wait for all.
    fn complex(&mut self, draft: &mut Draft<'x>, links: &[Link<'x>]) -> Option<Body> {
        if links.len() > 1 {
            let what = "a complex gateway with more than one way out";
            self.report.not_yet(draft.element, what);
            return None;
        }
        let Some(condition) = draft.element.first("activationCondition") else {
            let message = "`complexGateway` has no `activationCondition`";
            self.report.push("missing_key", draft.element, message);
            return None;
        };
        let source = shown::expression(condition, self.report);
        let exact = draft.rest.shift_remove("join");
        let same =
            |need: &Value| activation(need).is_some_and(|written| exact::shown(&written) == source);
        let need = exact
            .filter(same)
            .unwrap_or_else(|| json!({"when": source}));
        let next = self.next(draft.id, &draft.key);
        Some(Body::new("join", need).way("next", next))
    }
}
