//! Expressions made to hang, abort or exhaust the process.

use serde_json::{Map, Value, json};
use signoff_conditions::Cel;
use signoff_core::conditions::{
    ConditionErrorKind::{LimitExceeded, Syntax},
    Conditions,
};

use crate::evaluate;

/// Runs on the smallest stack that hosts use, where an overflow would abort the test.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.unwrap().join().unwrap();
}

#[track_caller]
fn exceeds(source: &str, scope: &Map<String, Value>) {
    let error = evaluate(source, scope).unwrap_err();
    assert_eq!(error.kind, LimitExceeded, "{source}: {error}");
}

fn numbers(n: usize) -> Map<String, Value> {
    let text = "a".repeat(n);
    let nested = json!({"x": (0..n).collect::<Vec<_>>(), "s": text});
    Map::from_iter([
        ("list".to_owned(), json!((0..n).collect::<Vec<_>>())),
        ("text".to_owned(), json!(text)),
        ("big".to_owned(), nested),
    ])
}

#[test]
fn sources_beyond_a_bound_do_not_compile() {
    on_a_small_stack(|| {
        let list = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
        let loops = (0..8).fold("true".to_owned(), |body, n| {
            format!("[0, 1, 2].all(x{n}, {body})")
        });
        for source in [
            format!("1{}", "+1".repeat(2046)),
            format!("1{}", " + 1".repeat(600)),
            format!("1{}", "+1".repeat(60)),
            format!("{}1{}", "(".repeat(900), ")".repeat(900)),
            format!("{}1{}", "[".repeat(17), "]".repeat(17)),
            "{".repeat(1000),
            format!("'{}'", "x".repeat(5000)),
            "x".repeat(100_000),
            loops,
            format!("{list}.all(a, {list}.all(b, {list}.all(c, true)))"),
            format!("{}1", "a ? b : ".repeat(50)),
            format!("a{}", ".b".repeat(100)),
            format!("a{}", "[0]".repeat(60)),
        ] {
            let error = Cel::new().compile(&source).unwrap_err();
            assert_eq!(error.kind, LimitExceeded, "{source}: {error}");
            assert!(error.offset.is_none_or(|at| at <= source.len()), "{source}");
        }
    });
}

#[test]
fn sources_at_the_bounds_run_on_a_small_stack() {
    on_a_small_stack(|| {
        for source in [
            format!("1{} > 0", "+1".repeat(45)),
            format!("{}1{} == 1", "(".repeat(16), ")".repeat(16)),
            format!("{}1{} != 1", "[".repeat(16), "]".repeat(16)),
            format!("{}true", "!".repeat(46)),
            format!("true{}", " && true".repeat(127)),
            format!("{}true", "false ? false : ".repeat(40)),
            format!("[1]{}.size() > 0", ".map(x, x)".repeat(20)),
            "[1, 2].all(a, [[a + 1]].all(b, b[0] + (((((((((((1))))))))))) > 0))".to_owned(),
        ] {
            let value = evaluate(&source, &Map::new()).unwrap();
            assert!(matches!(value, Value::Bool(_)), "{source}");
        }
    });
}

#[test]
fn work_beyond_the_budget_is_refused() {
    on_a_small_stack(|| {
        let mut scope = numbers(5000);
        scope.insert("text".to_owned(), "a".repeat(20_000).into());
        for source in [
            "list.all(a, list.all(b, a + b >= 0))",
            "list.map(a, list.map(b, a))",
            "list.map(a, list)",
            "list.map(a, [list, list])",
            "list.map(a, {'k': list})",
            "list.map(a, text + text + text)",
            "list.filter(a, big == big)",
            "list.all(a, big.x == big['x'])",
            "list.all(a, !(-1 in list))",
            "list.exists(a, text.contains('b'))",
            "list.exists(a, text.matches('b'))",
            "list.exists(a, 'b'.matches('a' + text))",
            "list.exists(a, size(text) == 0)",
            "list.exists(a, big + 1 == 2)",
            "list.exists(a, big < 1)",
            "list.exists(a, list[0.5] == a && big < 1)",
            "list.exists(a, dyn(big) == dyn(big) && false)",
            "list.all(a, (a >= 0 ? big : list) == big)",
            "list.map(a, big).all(b, b == big)",
            "list.map(a, list.filter(b, b < a)).size() > 0",
            "list in list",
            "big in list",
            "text in list",
            "[list] in list",
        ] {
            exceeds(source, &scope);
        }
    });
}

#[test]
fn a_constant_costs_nothing_on_either_side() {
    let scope = numbers(20_000);
    for source in ["list.all(a, 1 != list)", "list.all(a, list != 1)"] {
        assert_eq!(evaluate(source, &scope), Ok(json!(true)), "{source}");
    }
}

#[test]
fn doubling_stops_at_the_budget() {
    on_a_small_stack(|| {
        let scope = numbers(1000);
        for (start, step) in [
            ("['aaaaaaaaaaaaaaaa']", "x + x"),
            ("[[1, 2]]", "x + x"),
            ("[[1, 2]]", "[x, x]"),
            ("[b'aaaaaaaa']", "bytes(string(x) + string(x))"),
            ("[{'a': 1}]", "{'a': x, 'b': x}"),
            ("[text]", "x + x + x + x"),
            ("[list]", "dyn(x) + dyn(x) + (true ? x : x)"),
            ("[list]", "[x, x][0] + [x, x][1]"),
        ] {
            let n_steps = 120 / step.split([' ', '(', '[']).count().max(6);
            let source = format!(
                "{start}{}",
                format!(".map(x, {step})").repeat(n_steps.min(20))
            );
            exceeds(&source, &scope);
        }
    });
}

#[test]
fn an_absorbed_overdraft_fails_all_the_same() {
    let scope = numbers(5000);
    exceeds("list.all(a, list.all(b, a + b >= 0)) || true", &scope);
    exceeds(
        "false && true || list.map(a, list).size() > 0 || true",
        &scope,
    );
    exceeds("list.exists(x, list.map(a, list) == []) || true", &scope);
}

#[test]
fn patterns_are_bounded_in_size_and_time() {
    let scope = numbers(200_000);
    for pattern in ["(a{1000}){1000}", "\\\\w{900}", "((a{0,80}){80}){80}"] {
        let error = evaluate(&format!("text.matches('{pattern}')"), &scope).unwrap_err();
        assert_eq!(error.kind, Syntax, "{pattern}: {error}");
    }
    // Catastrophic for a backtracking engine, linear here.
    for source in ["text.matches('^(a+)+$')", "text.matches('(a|aa)+$')"] {
        let outcome = evaluate(source, &numbers(1000));
        assert_eq!(outcome, Ok(json!(true)), "{source}");
    }
    exceeds("text.matches('(a?){200}a{200}$')", &scope);
    exceeds("text.matches('(a?){90}' + 'a{90}$')", &scope);
}

#[test]
fn data_that_is_too_much_or_too_deep_is_refused() {
    on_a_small_stack(|| {
        let deep = (0..100_000).fold(json!(1), |inner, _| Value::Array(vec![inner]));
        let mut scope = Map::from_iter([("deep".to_owned(), deep)]);
        exceeds("deep == 1 || true", &scope);
        exceeds("deep.size() == 1", &scope);
        // Dropping it recurses too; serde_json's own limit keeps hosts from making such data.
        std::mem::forget(scope.remove("deep"));
        scope.insert("wide".to_owned(), json!(vec![0; 1_100_000]));
        exceeds("wide.size() > 0", &scope);
        let fits = json!(vec![0; 100_000]);
        scope.insert("wide".to_owned(), fits);
        let outcome = evaluate("wide.all(x, x == 0)", &scope);
        assert_eq!(outcome, Ok(json!(true)));
    });
}

#[test]
fn everyday_loops_stay_within_the_budget() {
    let items: Vec<Value> = (0..5000)
        .map(|n| json!({"sku": format!("sku-{n}"), "price": 10.5, "qty": n, "name": "a thing"}))
        .collect();
    let catalog: Map<String, Value> = (0..5000)
        .map(|n| (format!("sku-{n}"), json!({"ok": true})))
        .collect();
    let scope = Map::from_iter([
        ("items".to_owned(), Value::from(items)),
        ("catalog".to_owned(), Value::Object(catalog)),
    ]);
    for source in [
        "items.all(i, i.price > 1.0 && i.qty >= 0)",
        "items.all(i, i.sku in catalog && catalog[i.sku].ok)",
        "items.filter(i, i.qty > 4000).map(i, i.sku + '!').size() == 999",
        "items.all(i, i.sku.matches('^sku-[0-9]+$'))",
    ] {
        assert_eq!(evaluate(source, &scope), Ok(json!(true)), "{source}");
    }
}
