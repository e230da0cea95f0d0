//! Random expressions beside an interpreter that is plain enough to be right.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use signoff_core::conditions::ConditionErrorKind::{self, Missing, Type};

use crate::evaluate;

/// An expression of numbers and truths.
#[derive(Clone, Debug)]
enum Tree {
    Int(i64),
    Bool(bool),
    /// One of the variables `a`, `b`, `c`, `t`, `f`, of which `none` is missing.
    Name(&'static str),
    Not(Box<Self>),
    Minus(Box<Self>),
    Two(Box<Self>, &'static str, Box<Self>),
    Choice(Box<Self>, Box<Self>, Box<Self>),
    All(Vec<Self>, Box<Self>),
    Exists(Vec<Self>, Box<Self>),
}

/// What it comes to; the kind of an error may be one of two when both sides fail.
type Outcome = Result<Value, ()>;

const NAMES: [&str; 6] = ["a", "b", "c", "t", "f", "none"];

fn variables() -> Map<String, Value> {
    let scope = json!({"a": 7, "b": -3, "c": i64::MAX, "t": true, "f": false});
    scope.as_object().cloned().unwrap_or_default()
}

fn tree() -> impl Strategy<Value = Tree> {
    let number = prop::sample::select(vec![0, 1, -1, 2, 41, i64::MAX, i64::MIN, i64::MAX - 1]);
    let leaf = prop_oneof![
        number.prop_map(Tree::Int),
        any::<bool>().prop_map(Tree::Bool),
        prop::sample::select(NAMES.to_vec()).prop_map(Tree::Name),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let sign = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "&&", "||",
        ]);
        let boxed = inner.clone().prop_map(Box::new);
        let list = prop::collection::vec(inner, 0..4);
        prop_oneof![
            boxed.clone().prop_map(Tree::Not),
            boxed.clone().prop_map(Tree::Minus),
            (boxed.clone(), sign, boxed.clone()).prop_map(|(a, sign, b)| Tree::Two(a, sign, b)),
            (boxed.clone(), boxed.clone(), boxed.clone())
                .prop_map(|(a, b, c)| Tree::Choice(a, b, c)),
            (list.clone(), boxed.clone()).prop_map(|(list, body)| Tree::All(list, body)),
            (list, boxed).prop_map(|(list, body)| Tree::Exists(list, body)),
        ]
    })
}

impl Tree {
    fn text(&self) -> String {
        let joined = |list: &[Self]| {
            let texts: Vec<String> = list.iter().map(Self::text).collect();
            texts.join(", ")
        };
        match self {
            Self::Int(number) => number.to_string(),
            Self::Bool(truth) => truth.to_string(),
            Self::Name(name) => (*name).to_owned(),
            Self::Not(inner) => format!("!({})", inner.text()),
            Self::Minus(inner) => format!("-({})", inner.text()),
            Self::Two(a, sign, b) => format!("({} {sign} {})", a.text(), b.text()),
            Self::Choice(a, b, c) => format!("({} ? {} : {})", a.text(), b.text(), c.text()),
            Self::All(list, body) => format!("[{}].all(a, {})", joined(list), body.text()),
            Self::Exists(list, body) => format!("[{}].exists(a, {})", joined(list), body.text()),
        }
    }

    fn value(&self, scope: &Map<String, Value>) -> Outcome {
        match self {
            Self::Int(number) => Ok(json!(number)),
            Self::Bool(truth) => Ok(json!(truth)),
            Self::Name(name) => scope.get(*name).cloned().ok_or(()),
            Self::Not(inner) => truth(&inner.value(scope))
                .map(|truth| json!(!truth))
                .ok_or(()),
            Self::Minus(inner) => {
                let number = number(&inner.value(scope)?)?;
                number.checked_neg().map(Value::from).ok_or(())
            }
            Self::Two(a, sign @ ("&&" | "||"), b) => {
                logic(*sign == "||", &[a.value(scope), b.value(scope)])
            }
            Self::Two(a, sign, b) => two(&a.value(scope)?, sign, &b.value(scope)?),
            Self::Choice(a, b, c) => match truth(&a.value(scope)) {
                Some(true) => b.value(scope),
                Some(false) => c.value(scope),
                None => Err(()),
            },
            Self::All(list, body) => walk(false, list, body, scope),
            Self::Exists(list, body) => walk(true, list, body, scope),
        }
    }
}

fn truth(outcome: &Outcome) -> Option<bool> {
    outcome.as_ref().ok().and_then(Value::as_bool)
}

fn number(value: &Value) -> Result<i64, ()> {
    value.as_i64().ok_or(())
}

/// Whoever says `wins` decides, whatever else fails; else nothing may have failed.
fn logic(wins: bool, sides: &[Outcome]) -> Outcome {
    if sides.iter().any(|side| truth(side) == Some(wins)) {
        return Ok(json!(wins));
    }
    if sides.iter().all(|side| truth(side) == Some(!wins)) {
        return Ok(json!(!wins));
    }
    Err(())
}

fn walk(wins: bool, list: &[Tree], body: &Tree, scope: &Map<String, Value>) -> Outcome {
    let mut sides = vec![Ok(json!(!wins))];
    for item in list {
        let mut inner = scope.clone();
        inner.insert("a".to_owned(), item.value(scope)?);
        sides.push(body.value(&inner));
    }
    logic(wins, &sides)
}

fn two(a: &Value, sign: &str, b: &Value) -> Outcome {
    let made = |made: Option<i64>| made.map(Value::from).ok_or(());
    let ordered = |order: fn(std::cmp::Ordering) -> bool| match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Ok(json!(order(a.cmp(b)))),
        _ => Ok(json!(order(number(a)?.cmp(&number(b)?)))),
    };
    match sign {
        "==" => Ok(json!(a == b)),
        "!=" => Ok(json!(a != b)),
        "<" => ordered(std::cmp::Ordering::is_lt),
        "<=" => ordered(std::cmp::Ordering::is_le),
        ">" => ordered(std::cmp::Ordering::is_gt),
        ">=" => ordered(std::cmp::Ordering::is_ge),
        "+" => made(number(a)?.checked_add(number(b)?)),
        "-" => made(number(a)?.checked_sub(number(b)?)),
        "*" => made(number(a)?.checked_mul(number(b)?)),
        "/" => made(number(a)?.checked_div(number(b)?)),
        "%" => made(number(a)?.checked_rem(number(b)?)),
        other => unreachable!("{other}"),
    }
}

fn agrees(tree: &Tree) -> Result<(), TestCaseError> {
    let source = tree.text();
    let found = evaluate(&source, &variables());
    if found
        .as_ref()
        .is_err_and(|error| error.kind == ConditionErrorKind::LimitExceeded)
    {
        return Ok(());
    }
    if let Err(error) = &found {
        prop_assert!([Type, Missing].contains(&error.kind), "{source}: {error}");
    }
    prop_assert_eq!(found.ok(), tree.value(&variables()).ok(), "{}", source);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn errors_are_absorbed_and_overflows_told_as_by_the_oracle(tree in tree()) {
        agrees(&tree)?;
    }
}
