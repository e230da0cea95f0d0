//! Generated flows come back, and no text makes the importer panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use signoff_definition::{Format, bpmn, parse, to_yaml};

use super::{every_key, graph, process, round_trip};

/// A part of a flow.
#[derive(Clone, Debug)]
enum Block {
    /// One node that leads on.
    Step(Value),
    /// A choice between parts, as `if` or as `switch`.
    Choice(bool, Value, Vec<Self>, Vec<Self>),
    /// Parts side by side, with what their join says.
    Split(Vec<(Value, Vec<Self>)>, Value),
    /// The first of these.
    First(Vec<Value>),
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z <>&\"']{0,8}", "[^\"\\\\\n\r$]{0,6}", "\\PC{0,4}"]
        .prop_map(|text| text.replace('$', ""))
}

fn condition() -> impl Strategy<Value = Value> {
    let literal = "[^\"\\\\\n\r]{0,6}".prop_map(|text| json!(format!("\"{text}\" != 'a'")));
    prop_oneof![
        literal,
        Just(json!("n > 1 && n < 3")),
        Just(json!(" n >\n\t1 ")),
        any::<bool>().prop_map(Value::from),
    ]
}

fn step() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        Just(json!({"task": {"role": "lead"}})),
        Just(json!({"task": {}, "enabled_when": "n > 1"})),
        Just(json!({"timer": {"after": "PT1H"}})),
        Just(json!({"receive": {"code": true}, "into": "x.y"})),
        Just(json!({"receive": {"message": "paid", "key": "n"}})),
        Just(json!({"subprocess": {"workflow": "other", "for_each": "[1, 2]", "as": "one"}})),
        condition().prop_map(|condition| json!({"wait": condition})),
        (condition(), text()).prop_map(
            |(condition, text)| json!({"job": "work", "with": {"a": text}, "seed": condition})
        ),
        (condition(), text())
            .prop_map(|(condition, text)| json!({"task": {}, "data": {text: condition}})),
    ];
    let title = prop_oneof![
        Just(Value::Null),
        text().prop_map(Value::from),
        (text(), text()).prop_map(|(en, ar)| json!({"en": en, "ar": ar})),
    ];
    (kind, title, text()).prop_map(|(mut node, title, description)| {
        if !title.is_null() {
            node["title"] = title;
            node["summary"] = Value::from(format!("{description} ${{ n }}"));
            node["result"] = node["title"].clone();
            node["description"] = Value::from(description);
        }
        node
    })
}

fn join() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"join": "all"})),
        Just(json!({"join": "any", "rest": "absorb"})),
        (1..5_u32).prop_map(|n| json!({"join": {"count": n}, "rest": "block"})),
        (1..100_u32).prop_map(|n| json!({"join": {"percent": n}})),
        Just(json!({"join": {"when": "branches.done >= 1"}})),
        condition().prop_map(|condition| json!({"join": {"when": condition}})),
    ]
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let leaf = prop_oneof![
        4 => step().prop_map(Block::Step),
        1 => prop::collection::vec(step(), 2..4).prop_map(Block::First),
    ];
    let block = leaf.prop_recursive(3, 16, 3, |inner| {
        let part = prop::collection::vec(inner.clone(), 0..3);
        let some = prop::collection::vec(inner, 1..3);
        let branch = prop_oneof![
            Just(json!({})),
            condition().prop_map(|condition| json!({"when": condition})),
            Just(json!({"for_each": "[1, 2]", "as": "each", "data": {"a": "each"}})),
        ];
        let branches = prop::collection::vec((branch, some), 1..4);
        prop_oneof![
            (any::<bool>(), condition(), part.clone(), part)
                .prop_map(|(switch, when, one, other)| Block::Choice(switch, when, one, other)),
            (branches, join()).prop_map(|(branches, join)| Block::Split(branches, join)),
        ]
    });
    prop::collection::vec(block, 1..4)
}

/// Writes the blocks so that they lead to `next`; gives the first node.
fn write(blocks: &[Block], next: &str, nodes: &mut Map<String, Value>) -> String {
    let Some((block, rest)) = blocks.split_first() else {
        return next.to_owned();
    };
    let key = format!("n{}", nodes.len());
    nodes.insert(key.clone(), Value::Null);
    let next = write(rest, next, nodes);
    let node = match block {
        Block::Step(node) => {
            let mut node = node.clone();
            node["next"] = Value::from(next);
            node
        }
        Block::First(steps) => {
            let keys: Vec<String> = steps
                .iter()
                .map(|step| write(&[Block::Step(step.clone())], &next, nodes))
                .collect();
            json!({"first": keys})
        }
        Block::Choice(switch, when, one, other) => {
            let one = write(one, &next, nodes);
            let other = write(other, &next, nodes);
            if *switch {
                json!({"switch": [{"when": when, "to": one, "seed": "n"}], "default": other})
            } else {
                json!({"if": when, "then": {"to": one, "seed": "n"}, "else": other})
            }
        }
        Block::Split(branches, join) => {
            let closing = format!("{key}_join");
            let mut listed = Vec::new();
            for (branch, blocks) in branches {
                let mut branch = branch.clone();
                branch["to"] = Value::from(write(blocks, &closing, nodes));
                listed.push(branch);
            }
            let mut join = join.clone();
            join["next"] = Value::from(next);
            nodes.insert(closing, join);
            json!({"split": listed})
        }
    };
    nodes.insert(key.clone(), node);
    key
}

fn flow() -> impl Strategy<Value = Value> {
    blocks().prop_map(|blocks| {
        let mut nodes = Map::new();
        nodes.insert("start".to_owned(), Value::Null);
        let first = write(&blocks, "end", &mut nodes);
        nodes.insert("start".to_owned(), json!({"start": {}, "next": first}));
        nodes.insert("end".to_owned(), json!({"end": {}}));
        let data = json!({"properties": {"n": {"type": "integer"}, "x": {}}});
        json!({"format": "signoff/v1", "kind": "flow", "key": "generated", "data": data, "nodes": nodes})
    })
}

/// A text that stands for something in BPMN.
fn token() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "<bpmn:startEvent id=\"s\"/>",
        "<bpmn:exclusiveGateway id=\"g\"/>",
        "<bpmn:sequenceFlow id=\"f\" sourceRef=\"start\" targetRef=\"g\"/>",
        "<bpmn:timerEventDefinition/>",
        "<bpmn:extensionElements><signoff:job>{\"job\":1}</signoff:job></bpmn:extensionElements>",
        "</bpmn:process>",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a>",
        "&amp;",
        "&#7;",
        "&x;",
        "id=\"",
        "sourceRef=\"start\"",
        "xmlns=\"\"",
        "{}",
        "[",
    ]);
    prop_oneof![
        word.prop_map(str::to_owned),
        "\\PC{0,3}",
        any::<char>().prop_map(String::from)
    ]
}

/// Whatever was read can be written as YAML, and compiles or not; problems have places.
fn check_import(xml: &str) -> Result<(), TestCaseError> {
    match bpmn::import(xml) {
        Ok(document) => {
            let yaml = to_yaml(&document);
            let again = parse(&yaml, Format::Yaml).map(|parsed| parsed.value);
            prop_assert_eq!(again.as_ref(), Ok(&document));
            // A flow that compiles comes back.
            if graph(&document).is_ok() {
                round_trip::check(&document);
            }
        }
        Err(problems) => {
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| problem.position.is_some()));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn generated_flows_come_back(flow in flow()) {
        round_trip::check(&flow);
    }

    #[test]
    fn documents_with_words_exchanged_are_read_or_refused_with_a_place(
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
        which in any::<prop::sample::Index>(),
    ) {
        let flows = every_key();
        let mut xml = bpmn::export(which.get(&flows)).unwrap();
        for (at, by) in swaps {
            let between = |c: char| !c.is_alphanumeric() && c != '_';
            let mut parts: Vec<&str> = xml.split_inclusive(between).collect();
            let put = by.get(&parts).trim_end_matches(between);
            let end = at.get(&parts).chars().last().filter(|c| between(*c));
            let part = format!("{put}{}", end.map_or_else(String::new, String::from));
            let place = at.index(parts.len());
            parts[place] = &part;
            xml = parts.concat();
        }
        check_import(&xml)?;
    }

    #[test]
    fn changed_documents_are_read_or_refused_with_a_place(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, token()), 1..4),
        which in any::<prop::sample::Index>(),
    ) {
        let flows = every_key();
        let mut xml = bpmn::export(which.get(&flows)).unwrap();
        for (at, n_removed, put) in cuts {
            let start = xml.floor_char_boundary(at.index(xml.len()));
            let end = xml.ceil_char_boundary((start + n_removed).min(xml.len()));
            xml.replace_range(start..end, &put);
        }
        check_import(&xml)?;
    }

    #[test]
    fn elements_in_any_order_are_read_or_refused(
        tokens in prop::collection::vec(token(), 0..12),
    ) {
        check_import(&process(&tokens.concat()))?;
    }
}
