//! What expressions come to.

use serde_json::{Value, json};
use signoff_core::conditions::ConditionErrorKind::{self, Missing, Type};

use crate::{evaluate, scope};

/// Evaluates each source against the shared scope.
#[track_caller]
fn gives(cases: &[(&str, Value)]) {
    for (source, expected) in cases {
        assert_eq!(
            evaluate(source, &scope()).as_ref(),
            Ok(expected),
            "{source}"
        );
    }
}

#[track_caller]
fn fails(cases: &[(&str, ConditionErrorKind)]) {
    for (source, expected) in cases {
        let kind = evaluate(source, &scope()).map_err(|error| error.kind);
        assert_eq!(kind, Err(*expected), "{source}");
    }
}

/// Sources that must be true.
#[track_caller]
fn holds(sources: &[&str]) {
    for source in sources {
        assert_eq!(
            evaluate(source, &scope()),
            Ok(Value::Bool(true)),
            "{source}"
        );
    }
}

#[test]
fn arithmetic_keeps_to_one_type() {
    gives(&[
        ("1 + 2 * 3", json!(7)),
        ("(1 + 2) * 3", json!(9)),
        ("7 / 2", json!(3)),
        ("-7 / 2", json!(-3)),
        ("7 % 3", json!(1)),
        ("-7 % 3", json!(-1)),
        ("7.0 / 2.0", json!(3.5)),
        ("1.5 + 1.5", json!(3.0)),
        ("2u + 3u", json!(5)),
        ("-zero", json!(0)),
        ("-(1.5)", json!(-1.5)),
        ("claim.amount + 1", json!(12001)),
        ("claim.rate * 2.0", json!(0.5)),
        ("0x10 + 1", json!(17)),
        ("1e3", json!(1000.0)),
        ("negative * negative", json!(25)),
    ]);
    fails(&[
        ("1 + 1.0", Type),
        ("1 / 0", Type),
        ("1 % 0", Type),
        ("9223372036854775807 + 1", Type),
        ("-9223372036854775807 - 2", Type),
        ("9223372036854775807 * 2", Type),
        ("1u - 2u", Type),
        ("'a' + 1", Type),
        ("claim + 1", Type),
        ("true + true", Type),
        ("-'a'", Type),
        ("1.0 / 0.0", Type),
    ]);
}

#[test]
fn numbers_compare_across_types() {
    holds(&[
        "1 == 1.0",
        "1u == 1",
        "1 < 1.5",
        "2.5 > 2",
        "claim.amount > 10000",
        "claim.amount > 10000.5",
        "claim.whole == 3",
        "claim.whole in [1, 2, 3]",
        "claim.big > 9223372036854775807",
        "claim.amount >= 12000 && claim.amount <= 12000",
        "zero != 1",
        "negative < zero",
        "int(claim.whole) + 1 == 4",
    ]);
    fails(&[
        ("1 < 'a'", Type),
        ("claim < 1", Type),
        ("true < 1", Type),
        ("null < 1", Type),
    ]);
}

#[test]
fn equality_takes_any_types() {
    holds(&[
        "1 != 'a'",
        "claim.note == null",
        "claim.amount != null",
        "'a' == 'a' && 'a' != 'b'",
        "[1, 2] == [1.0, 2u]",
        "[1, 2] != [2, 1]",
        "{'a': 1} == {'a': 1.0}",
        "claim.tags == ['car', 'glass']",
        "limits == {'c': 3, 'a': 1, 'b': 2}",
        "data.claim == {'amount': claim.amount}",
        "true == true",
        "b'a' == b'a'",
    ]);
}

#[test]
fn and_and_or_absorb_errors_of_either_side() {
    holds(&[
        "true || claim.nothing",
        "claim.nothing || true",
        "nobody || true",
        "!(false && claim.nothing > 1)",
        "!(claim.nothing > 1 && false)",
        "1 / 0 > 1 || true",
        "!flag",
        "flag || !flag && true",
        "list.exists(x, x / (x - 1) > 0)",
        "!list.all(x, 1 / (x - 1) > 0 && x > 1)",
    ]);
    fails(&[
        ("claim.nothing > 1 || false", Missing),
        ("claim.nothing > 1 && true", Missing),
        ("false || 1 / 0 > 1", Type),
        ("true && 'a'", Type),
        ("1 || false", Type),
        ("!1", Type),
    ]);
}

#[test]
fn the_ternary_evaluates_one_branch() {
    gives(&[
        ("true ? 1 : 1 / 0", json!(1)),
        ("flag ? 1 / 0 : 2", json!(2)),
        ("claim.amount > 1 ? 'a' : 'b'", json!("a")),
        ("flag ? 1 : zero == 0 ? 2 : 3", json!(2)),
        ("has(claim.nothing) ? claim.nothing : 'none'", json!("none")),
    ]);
    fails(&[("1 ? 2 : 3", Type), ("claim.nothing ? 1 : 2", Missing)]);
}

#[test]
fn fields_and_indexes_reach_into_data() {
    gives(&[
        ("claim.owner.name", json!("Ann")),
        ("claim['owner']['name']", json!("Ann")),
        ("claim[\"odd key\"]", json!(7)),
        ("data.package", json!("box")),
        ("data['in']", json!(5)),
        ("data['any key'].x", json!(1)),
        ("items[1].sku", json!("b")),
        ("items[zero].price", json!(10)),
        ("claim.tags[1]", json!("glass")),
        ("claim.tags[1.0]", json!("glass")),
        ("limits[claim.tags[0] == 'car' ? 'a' : 'b']", json!(1)),
        ("[1, 2, 3][2]", json!(3)),
        ("{'a': 1}.a", json!(1)),
        ("{1: 'x', true: 'y'}[true]", json!("y")),
        ("[[1, 2], [3]][0][1]", json!(2)),
        (".claim.amount", json!(12000)),
    ]);
    fails(&[
        ("claim.nothing", Missing),
        ("claim.nothing.more", Missing),
        ("nobody", Missing),
        ("nobody.name", Missing),
        ("claim.amount.more", Type),
        ("claim.note.more", Type),
        ("claim.tags.car", Type),
        ("claim.tags['0']", Type),
        ("claim.tags[2]", Missing),
        ("claim.tags[-1]", Missing),
        ("claim.tags[0.5]", Type),
        ("limits['z']", Missing),
        ("limits['z' + '']", Missing),
        ("{'a': 1}.b", Missing),
        ("text[0]", Type),
    ]);
}

#[test]
fn has_asks_for_presence() {
    holds(&[
        "has(claim.amount)",
        "!has(claim.nothing)",
        "has(claim.note)",
        "has(claim.owner.name)",
        "!has(claim.owner.nothing)",
        "!has(empty.x)",
        "has(data.package)",
        "has({'a': 1}.a)",
        "items.all(i, has(i.sku) && !has(i.nothing))",
        "has(claim.amount) && claim.amount > 1",
    ]);
    fails(&[
        ("has(nobody.name)", Missing),
        ("has(claim.nothing.more)", Missing),
        ("has(claim.amount.more)", Type),
        ("has(claim.note.more)", Type),
    ]);
}

#[test]
fn in_looks_into_lists_and_keys() {
    holds(&[
        "'car' in claim.tags",
        "!('boat' in claim.tags)",
        "2 in list",
        "2.0 in list",
        "'a' in limits",
        "!('z' in limits)",
        "!(1 in [])",
        "[1] in [[1], [2]]",
        "claim.status in ['open', 'held']",
        "items.exists(i, i.sku in limits)",
    ]);
    fails(&[
        ("1 in 'a'", Type),
        ("'a' in 1", Type),
        ("'car' in claim.nothing", Missing),
    ]);
}

#[test]
fn macros_walk_lists_and_keys() {
    gives(&[
        ("list.map(x, x * 2)", json!([6, 2, 4])),
        ("list.map(x, x > 1, x * 2)", json!([6, 4])),
        ("list.filter(x, x > 1)", json!([3, 2])),
        ("items.map(i, i.sku)", json!(["a", "b"])),
        ("items.filter(i, i.qty > 2)[0].sku", json!("b")),
        ("limits.map(k, k)", json!(["a", "b", "c"])),
        ("limits.map(k, limits[k])", json!([1, 2, 3])),
        ("limits.filter(k, limits[k] > 1)", json!(["b", "c"])),
        (
            "[[1, 2], [3]].map(l, l.map(x, x + 1))",
            json!([[2, 3], [4]]),
        ),
        ("[1, 2].map(x, {'n': x})", json!([{"n": 1}, {"n": 2}])),
        ("[].map(x, 1 / 0)", json!([])),
        ("list.map(claim, claim + 1)", json!([4, 2, 3])),
        ("list.map(x, [x, x])", json!([[3, 3], [1, 1], [2, 2]])),
    ]);
    holds(&[
        "list.all(x, x > 0)",
        "!list.all(x, x > 1)",
        "list.exists(x, x == 3)",
        "!list.exists(x, x > 3)",
        "list.exists_one(x, x == 1)",
        "!list.exists_one(x, x > 1)",
        "list.existsOne(x, x == 1)",
        "[].all(x, false)",
        "![].exists(x, true)",
        "items.all(i, i.price * 1.0 > 0.0 || i.price > 0)",
        "limits.exists(k, limits[k] == 3)",
        "items.exists(i, list.exists(x, x == i.qty))",
        "items.map(i, i.sku) == ['a', 'b']",
    ]);
    fails(&[
        ("list.all(x, x.y)", Type),
        ("list.map(x, x + 'a')", Type),
        ("items.all(i, i.nothing > 0)", Missing),
        ("text.all(c, true)", Type),
        ("list.exists_one(x, x)", Type),
        ("nobody.all(x, true)", Missing),
    ]);
}

#[test]
fn strings_have_the_standard_functions() {
    gives(&[
        ("'a' + 'b'", json!("ab")),
        ("size(text)", json!(5)),
        ("text.size()", json!(5)),
        ("size(claim.tags)", json!(2)),
        ("size(limits)", json!(3)),
        ("string(12)", json!("12")),
        ("string(1.5)", json!("1.5")),
        ("string(true)", json!("true")),
        ("int('42')", json!(42)),
        ("int(2.9)", json!(2)),
        ("double('1.5')", json!(1.5)),
        ("double(2)", json!(2.0)),
        ("uint(3)", json!(3)),
        ("bool('true')", json!(true)),
        ("r'\\d'", json!("\\d")),
        ("'\\u00e9'", json!("é")),
        ("'''a'b'''", json!("a'b")),
        ("string(b'abc')", json!("abc")),
        ("dyn(1)", json!(1)),
        ("[1] + [2, 3]", json!([1, 2, 3])),
        ("claim.tags + ['x']", json!(["car", "glass", "x"])),
    ]);
    holds(&[
        "claim.status.startsWith('op')",
        "claim.status.endsWith('en')",
        "claim.status.contains('pe')",
        "!claim.status.contains('x')",
        "'a' < 'b' && 'a' < 'aa'",
        "type(1) == int",
        "type('a') == string",
        "type([1]) == type(claim.tags)",
        "type(claim) == map",
        "type(null) == null_type",
        "type(timestamp(now)) == google.protobuf.Timestamp",
        "size(bytes('é')) == 2",
    ]);
    fails(&[
        ("int('x')", Type),
        ("int(1e30)", Type),
        ("size(1)", Type),
        ("'a'.startsWith(1)", Type),
        ("claim.amount.startsWith('1')", Type),
        ("[1] + 1", Type),
    ]);
}

#[test]
fn patterns_match_anywhere_in_a_text() {
    holds(&[
        "claim.status.matches('^op')",
        "matches(claim.status, '[a-z]{4}')",
        "!claim.status.matches('^x')",
        "claim.status.matches('^' + 'op')",
        "claim.tags.all(t, t.matches('^[a-z]+$'))",
        "'ann@example.com'.matches('^[^@ ]+@[^@ ]+$')",
        "'żółw'.matches('^\\\\w+$')",
    ]);
    fails(&[
        ("claim.amount.matches('1')", Type),
        ("claim.status.matches(claim.amount)", Type),
        ("claim.status.matches('(' + 'a')", Type),
    ]);
}

#[test]
fn timestamps_and_durations_compute() {
    gives(&[
        (
            "timestamp('2026-01-01T00:00:00Z')",
            json!("2026-01-01T00:00:00Z"),
        ),
        ("timestamp(due)", json!("2026-03-05T10:00:00Z")),
        (
            "timestamp(now) + duration('P1D')",
            json!("2026-03-02T12:00:00Z"),
        ),
        (
            "timestamp(now) + duration('36h')",
            json!("2026-03-03T00:00:00Z"),
        ),
        ("timestamp(due) - timestamp(now)", json!("P3DT22H")),
        ("duration('PT36H')", json!("P1DT12H")),
        ("duration('90s')", json!("PT1M30S")),
        ("duration('-PT0.5S')", json!("-PT0.5S")),
        ("duration('PT0S')", json!("PT0S")),
        ("duration('P1W')", json!("P7D")),
        ("timestamp(now).getFullYear()", json!(2026)),
        ("timestamp(now).getMonth()", json!(2)),
        ("timestamp(now).getDate()", json!(1)),
        ("timestamp(now).getDayOfWeek()", json!(0)),
        ("timestamp(now).getHours('Europe/Warsaw')", json!(13)),
        ("duration('P1D').getHours()", json!(24)),
        (
            "timestamp('2026-01-01T00:00:00.125Z')",
            json!("2026-01-01T00:00:00.125Z"),
        ),
    ]);
    holds(&[
        "timestamp(now) < timestamp(due)",
        "timestamp(due) - timestamp(now) > duration('P3D')",
        "duration('P1D') == duration('24h')",
        "duration('P1' + 'D') == duration('24h')",
        "timestamp(now) == timestamp('2026-03-01T13:00:00+01:00')",
        "[duration('PT1M'), duration('PT1H')].all(d, d < duration('P1D'))",
    ]);
    fails(&[
        ("timestamp('yesterday')", Type),
        ("timestamp(now) < now", Type),
        ("duration('P1' + 'M')", Type),
        ("duration('soon')", Type),
        ("timestamp(now) + 1", Type),
        ("timestamp('9999-12-31T00:00:00Z') + duration('P2D')", Type),
        ("duration('P99999999D')", Type),
        ("timestamp(now).getHours('Mars/Base')", Type),
    ]);
}

#[test]
fn decimals_compare_exactly() {
    gives(&[
        ("decimal(claim.price)", json!("10.50")),
        ("decimal('-0.0')", json!("0.0")),
        ("[decimal('1.10')]", json!(["1.10"])),
    ]);
    holds(&[
        "decimal('10.50') == decimal('10.5')",
        "decimal(claim.price) > 10",
        "decimal(claim.price) < 10.51",
        "claim.amount > decimal('11999.99')",
        "12000 == decimal('12000.00')",
        "0.1 == decimal('0.1')",
        "0.3 != decimal('0.30000000000000001')",
        "10 <= decimal('10') && 10 >= decimal('10') && 9 < decimal('9.01')",
        "decimal('-2') < decimal('-1.5')",
        "decimal('123456789012345678901234567890.1') > 9223372036854775807",
        "decimal('007') == 7u",
        "decimal(5) == 5",
        "decimal(2.5) == decimal('2.50')",
        "decimal('1') != 'one'",
        "decimal('1.0') in [decimal('1')]",
    ]);
    fails(&[
        ("decimal('ten')", Type),
        ("decimal('1e3')", Type),
        ("decimal('.5')", Type),
        ("decimal('5.')", Type),
        ("decimal(true)", Type),
        ("decimal('1') < 'a'", Type),
        ("decimal('1') + decimal('2')", Type),
        ("decimal(double('NaN')) == 1", Type),
    ]);
}

#[test]
fn a_root_variable_may_bear_the_name_of_a_type_or_function() {
    let mut scope = scope();
    scope.insert("type".to_owned(), json!("car"));
    scope.insert("size".to_owned(), json!(4));
    for source in [
        "type == 'car'",
        "size == 4 && size(list) == 3",
        "list.exists(type, type == 3) && type == 'car'",
    ] {
        assert_eq!(evaluate(source, &scope), Ok(json!(true)), "{source}");
    }
}
