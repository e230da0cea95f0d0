//! Why an expression came to what it came to.

use serde_json::json;
use signoff_core::conditions::Explanation;

use crate::{compiled, scope};

/// `text = value`, the parts below it indented.
fn told(explanation: &Explanation, depth: usize, lines: &mut Vec<String>) {
    let outcome = match &explanation.outcome {
        Ok(value) => value.to_string(),
        Err(error) => format!("! {error}"),
    };
    let indent = "  ".repeat(depth);
    lines.push(format!("{indent}{} = {outcome}", explanation.source));
    for part in &explanation.parts {
        told(part, depth + 1, lines);
    }
}

#[test]
fn the_parts_of_a_decision_are_told_one_by_one() {
    for (source, expected) in [
        (
            "claim.amount > 20000 && (claim.is_high_risk || flag)",
            "claim.amount > 20000 && (claim.is_high_risk || flag) = false
  claim.amount > 20000 = false
    claim.amount = 12000
  claim.is_high_risk || flag = true
    claim.is_high_risk = true
    flag = false",
        ),
        (
            "flag ? list[0] : items.filter(i, i.qty > 2)[0].sku",
            "flag ? list[0] : items.filter(i, i.qty > 2)[0].sku = \"b\"
  flag = false
  items.filter(i, i.qty > 2)[0].sku = \"b\"
    items.filter(i, i.qty > 2)[0] = {\"price\":2.5,\"qty\":4,\"sku\":\"b\"}
      items.filter(i, i.qty > 2) = [{\"price\":2.5,\"qty\":4,\"sku\":\"b\"}]
        items = [{\"price\":10,\"qty\":2,\"sku\":\"a\"},{\"price\":2.5,\"qty\":4,\"sku\":\"b\"}]",
        ),
        (
            "!has(claim.nothing) && claim.status in ['open', 'held'] // why",
            "!has(claim.nothing) && claim.status in ['open', 'held'] // why = true
  !has(claim.nothing) = true
    has(claim.nothing) = false
  claim.status in ['open', 'held'] = true
    claim.status = \"open\"",
        ),
        (
            "text.startsWith('naï') && size(claim.tags) == 1 + 1",
            "text.startsWith('naï') && size(claim.tags) == 1 + 1 = true
  text.startsWith('naï') = true
    text = \"naïve\"
  size(claim.tags) == 1 + 1 = true
    size(claim.tags) = 2
      claim.tags = [\"car\",\"glass\"]
    1 + 1 = 2",
        ),
        (
            "claim['odd key'] == 7",
            "claim['odd key'] == 7 = true
  claim['odd key'] = 7",
        ),
        (
            "list.exists(x, x > 2) || claim.nothing > 1",
            "list.exists(x, x > 2) || claim.nothing > 1 = true
  list.exists(x, x > 2) = true
    list = [3,1,2]
  claim.nothing > 1 = ! no such field: claim.nothing
    claim.nothing = ! no such field: claim.nothing",
        ),
    ] {
        let mut lines = Vec::new();
        told(&compiled(source).explain(&scope()), 0, &mut lines);
        assert_eq!(lines.join("\n"), expected, "{source}");
    }
}

#[test]
fn a_failure_is_pointed_at() {
    for (source, place, text) in [
        ("claim.amount > 1 && claim.nothing > 1", 20, "claim.nothing"),
        ("true && nobody", 8, "nobody"),
        ("claim.amount > 1 && 7 / zero > 1", 22, "7 / zero"),
        ("list[7] > 1", 4, "list[7]"),
        ("int(text) > 1", 3, "int(text)"),
        ("items.all(i, i.nothing)", 9, "items.all(i, i.nothing)"),
        ("[1, claim.nothing]", 4, "claim.nothing"),
        ("{'a': claim.nothing}", 6, "claim.nothing"),
        ("flag && 'a'", 5, "flag && 'a'"),
    ] {
        let told = compiled(source).explain(&scope());
        let Some(culprit) = told.culprit() else {
            assert_eq!(told.outcome, Ok(json!(false)), "{source}");
            continue;
        };
        assert_eq!(
            (culprit.place, culprit.source.as_str()),
            (place, text),
            "{source}"
        );
    }
}

#[test]
fn explaining_is_bounded_as_evaluating_is() {
    let mut scope = scope();
    scope.insert("wide".to_owned(), json!(vec![1; 5_000]));
    let loops = "wide.all(x, wide.all(y, x == y))";
    let source = [loops; 5].join(" || ");
    let began = std::time::Instant::now();
    let told = compiled(&source).explain(&scope);
    assert!(told.outcome.is_err());
    assert!(told.parts.iter().all(|part| part.outcome.is_err()));
    assert!(began.elapsed().as_secs() < 30);
}
