//! What errors say and where.

use signoff_core::conditions::{
    ConditionErrorKind::{self, LimitExceeded, Missing, NotBoolean, Syntax, Type},
    Conditions,
};

use crate::{compiled, evaluate, scope};

#[test]
fn sources_that_are_no_expression_say_where() {
    let cases = [
        ("", Some(0)),
        ("1 +", Some(3)),
        ("claim.amount >> 1", Some(14)),
        ("'é' + )", Some(7)),
        ("1 +\n  2 )", Some(8)),
        ("'open", Some(0)),
        ("has(1)", Some(4)),
        ("now()", Some(3)),
        ("1 + frobnicate(2)", Some(14)),
        ("'é' + frobnicate(2)", Some(17)),
        ("Foo{a: 1}", Some(3)),
        ("a.matches('(')", Some(10)),
        ("duration('P1M')", Some(9)),
        ("package == 1", Some(0)),
        ("a@b", Some(1)),
        ("`a`", None),
        ("a.?b", None),
        ("x = 1", None),
        ("99999999999999999999", None),
        ("'\\x'", None),
        ("optional.none()", None),
    ];
    for (source, offset) in cases {
        let error = signoff_conditions::Cel::new().compile(source).unwrap_err();
        assert_eq!(error.kind, Syntax, "{source}: {error}");
        assert!(
            !error.message.is_empty() && error.message.len() < 400,
            "{error}"
        );
        assert!(error.offset.is_none_or(|at| at <= source.len()), "{source}");
        if offset.is_some() {
            assert_eq!(error.offset, offset, "{source}: {error}");
        }
    }
}

#[test]
fn messages_name_what_was_found() {
    let cases: [(&str, ConditionErrorKind, &str); 17] = [
        ("claim.nothing > 1", Missing, "no such field: claim.nothing"),
        ("claim.owner.x.y", Missing, "no such field: claim.owner.x"),
        ("claim['odd'].y", Missing, "no such field: claim.odd"),
        ("nobody.name", Missing, "no such variable: nobody"),
        ("has(nobody.name)", Missing, "no such variable: nobody"),
        (
            "claim.amount.x",
            Type,
            "claim.amount is a number, it has no field `x`",
        ),
        (
            "has(claim.note.x)",
            Type,
            "claim.note is null, it has no field `x`",
        ),
        (
            "items.all(i, i.nothing > 1)",
            Missing,
            "no such field: nothing",
        ),
        ("claim.tags[7]", Missing, "no such element: 7"),
        ("'a' > 1", Type, "`>` does not take (string, int)"),
        ("'a' + 1", Type, "`+` does not take (string, int)"),
        ("1 / 0", Type, "division by zero"),
        ("9223372036854775807 + 1", Type, "`+` overflows"),
        (
            "duration('P' + '1M')",
            Type,
            "`duration`: months and years have no fixed length and need a calendar",
        ),
        (
            "b'a'",
            Type,
            "the result is of type bytes, which JSON cannot carry",
        ),
        (
            "int",
            Type,
            "the result is of type type, which JSON cannot carry",
        ),
        ("1.0 / 0.0", Type, "the result is not a finite number"),
    ];
    for (source, kind, message) in cases {
        let error = evaluate(source, &scope()).unwrap_err();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (kind, message),
            "{source}"
        );
    }
}

#[test]
fn a_message_never_carries_the_data() {
    let mut scope = scope();
    scope.insert("long".to_owned(), "x".repeat(100_000).into());
    for source in [
        "long + 1",
        "long < 1",
        "long.nothing",
        "limits[long]",
        "timestamp(long)",
        "int(long)",
        "list[long]",
        "duration(long)",
        "''.matches(long)",
    ] {
        let error = evaluate(source, &scope).unwrap_err();
        assert!(
            error.message.len() < 500,
            "{source}: {} bytes",
            error.message.len()
        );
    }
}

#[test]
fn only_a_boolean_holds() {
    let scope = scope();
    assert_eq!(compiled("claim.is_high_risk").holds(&scope), Ok(true));
    assert_eq!(compiled("flag").holds(&scope), Ok(false));
    for source in ["1", "'true'", "null", "claim", "list"] {
        let error = compiled(source).holds(&scope).unwrap_err();
        assert_eq!(error.kind, NotBoolean, "{source}");
    }
}

#[test]
fn a_limit_is_its_own_kind() {
    let error = evaluate(&"(".repeat(17), &scope()).unwrap_err();
    assert_eq!((error.kind, error.offset), (LimitExceeded, Some(16)));
}
