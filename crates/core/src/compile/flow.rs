//! The nodes of a flow become nodes of the graph; its start nodes become ways to start.

mod fields;
mod kinds;
mod starts;
mod task;

use indexmap::IndexMap;

use crate::{
    compile::Compiler,
    conditions::{Condition, Wanted},
    document::{
        At, CatchDoc, Expression, FlowShape, ForEachDoc, GiftDoc, MomentDoc, NodeDoc, NodeKindDoc,
        TimeoutDoc, WayDoc,
    },
    graph::{
        Catch, DataPath, ForEach, FormSpec, Gift, GraphBuilder, Moment, Mutex, Node, Timeout, Way,
    },
};

impl<'a> Compiler<'a> {
    pub(super) fn flow(
        &mut self,
        builder: GraphBuilder,
        shape: &'a FlowShape,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<GraphBuilder> {
        let is_start = |node: &&NodeDoc| -> bool { matches!(node.kind, NodeKindDoc::Start(_)) };
        let (starts, nodes): (Vec<_>, Vec<_>) = shape.iter().partition(|(_, node)| is_start(node));
        self.nodes = nodes.iter().map(|(key, _)| (*key).clone()).collect();
        self.starts = starts.iter().map(|(key, _)| (*key).clone()).collect();
        self.declare_items(shape);
        let rules = self.start_rules(&starts, forms)?;
        let firsts: Vec<String> = starts
            .iter()
            .filter_map(|(_, node)| Some(node.next.as_ref()?.to.value.clone()))
            .collect();
        let firsts: Vec<&str> = firsts.iter().map(String::as_str).collect();
        self.check_ways(shape, &firsts);
        let mut rules = rules.into_iter();
        let mut builder = match rules.next() {
            Some(rule) => builder.start(rule).other_starts(rules.collect()),
            None => builder,
        };
        for (key, node) in nodes {
            if let Some(node) = self.flow_node(key, node, forms) {
                builder = builder.node(node);
            }
        }
        Some(builder)
    }

    fn flow_node(
        &mut self,
        key: &str,
        doc: &NodeDoc,
        forms: &IndexMap<String, FormSpec>,
    ) -> Option<Node> {
        key.clone_into(&mut self.here);
        let mut node = Node::new(key, self.flow_kind(doc, forms)?);
        if let Some(title) = &doc.title {
            node.title = title.clone();
        }
        node.texts = self.texts(&doc.texts);
        if let Some(next) = &doc.next {
            let way = self.way(next);
            node.next = Some(way.to);
            node.passes = way.gift;
        }
        node.gift = self.gift(&doc.gift);
        node.artifact = self.optional_condition(doc.artifact.as_ref());
        node.actions = self.actions(&doc.actions);
        node.mutex = doc.mutex.as_ref().map(|mutex| Mutex {
            name: mutex.name.clone(),
            key: self.optional_condition(mutex.key.as_ref()),
        });
        node.enabled_when = doc.enabled_when.as_ref().and_then(|when| self.told(when));
        node.cancels = doc.cancels.iter().map(|node| self.node(node)).collect();
        node.timeouts = doc
            .on_timeout
            .iter()
            .filter_map(|timeout| self.timeout(timeout))
            .collect();
        node.errors = self.catches(&doc.on_error);
        node.escalations = self.catches(&doc.on_escalation);
        node.compensate_with = doc.compensate_with.as_ref().map(|node| self.node(node));
        node.was = doc.was.iter().map(|key| key.as_str().into()).collect();
        Some(node)
    }

    fn timeout(&mut self, timeout: &TimeoutDoc) -> Option<Timeout> {
        Some(Timeout {
            when: self.moment(&timeout.when)?,
            interrupting: timeout.interrupting,
            next: self.node(&timeout.next),
        })
    }

    fn catches(&mut self, catches: &[CatchDoc]) -> Vec<Catch> {
        let catches = catches.iter();
        catches
            .map(|catch| Catch {
                code: catch.code.clone(),
                next: self.node(&catch.next),
            })
            .collect()
    }

    fn way(&mut self, way: &WayDoc) -> Way {
        Way {
            to: self.node(&way.to),
            gift: self.gift(&way.gift),
        }
    }

    fn gift(&mut self, gift: &GiftDoc) -> Gift {
        let data = gift.data.iter();
        Gift {
            data: data
                .filter_map(|(key, source)| Some((key.clone(), self.condition(source)?)))
                .collect(),
            seed: self.optional_condition(gift.seed.as_ref()),
        }
    }

    fn each(&mut self, each: &ForEachDoc) -> Option<ForEach> {
        Some(ForEach {
            items: self.compiled(&each.items, Wanted::List)?,
            name: each.name.as_ref().map(|name| name.value.clone()),
        })
    }

    fn moment(&mut self, moment: &MomentDoc) -> Option<Moment> {
        Some(match moment {
            MomentDoc::After(duration) => Moment::After(*duration),
            MomentDoc::At(source) => Moment::At(self.condition(source)?),
            MomentDoc::Fixed(at) => Moment::Fixed(*at),
        })
    }

    fn optional_condition(
        &mut self,
        source: Option<&Expression>,
    ) -> Option<std::sync::Arc<dyn Condition>> {
        source.and_then(|source| self.condition(source))
    }

    fn data_path(&self, path: Option<&At<String>>) -> Option<DataPath> {
        path.map(|path| DataPath::new(&path.value))
    }
}
