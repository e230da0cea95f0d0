//! What is told before an expression runs, and decimals by their schema.

use serde_json::{Map, Value, json};
use signoff_conditions::Cel;
use signoff_core::{
    conditions::{Conditions, Declared, Purpose, Remark, Wanted},
    problem::Severity::{Error, Warning},
};

#[derive(Debug)]
struct Schema(Value);

impl Declared for Schema {
    fn schema(&self, name: &str) -> Option<&Value> {
        match name {
            "data" => Some(&self.0),
            name => self.0["properties"].get(name),
        }
    }
}

fn schema() -> Schema {
    let item = json!({
        "type": "object",
        "properties": {"sku": {"type": "string"}, "price": {"type": "string", "format": "decimal"}},
    });
    Schema(json!({
        "type": "object",
        "properties": {
            "amount": {"type": "integer"},
            "rate": {"type": "number"},
            "title": {"type": "string"},
            "due": {"type": "string", "format": "date-time"},
            "urgent": {"type": "boolean"},
            "price": {"type": "string", "format": "decimal"},
            "paid": {"type": ["string", "null"], "format": "decimal"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "items": {"type": "array", "items": item},
            "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
            "open": {"type": "object", "properties": {}, "additionalProperties": true},
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        },
    }))
}

fn remarks(source: &str, wanted: Wanted) -> Vec<Remark> {
    let purpose = Purpose {
        declared: &schema(),
        wanted,
    };
    match Cel::new().compile_for(source, &purpose) {
        Ok((_, remarks)) => remarks,
        Err(error) => panic!("{source}: {error}"),
    }
}

#[test]
fn what_can_only_fail_is_told_with_its_place() {
    for (source, message, offset) in [
        ("amount + 'a' == 'b'", "`+` does not take (int, string)", 7),
        ("amount > title", "`>` does not take (int, string)", 7),
        ("urgent && amount", "`&&` takes booleans, not a int", 7),
        ("!title", "`!` takes booleans, not a string", 0),
        (
            "title ? true : false",
            "`?` takes a boolean, not a string",
            6,
        ),
        ("amount.size() > 1", "`size` does not take (int)", 11),
        (
            "title.startsWith(amount)",
            "`startsWith` does not take (string, int)",
            16,
        ),
        ("amount.x > 1", "a value of type int has no field `x`", 6),
        ("has(title.x)", "a value of type string has no field `x`", 3),
        ("title[0] == 'a'", "`[]` does not take (string, int)", 5),
        ("tags['a'] == 'b'", "`[]` does not take (list, string)", 4),
        (
            "amount.all(x, true)",
            "a loop takes a list or an object, not a int",
            10,
        ),
        ("tags.all(t, t > 1)", "`>` does not take (string, int)", 14),
        (
            "items.exists(i, i.sku + 1 == 2)",
            "`+` does not take (string, int)",
            22,
        ),
        (
            "items.all(i, i.sku.all(c, true))",
            "a loop takes a list or an object, not a string",
            22,
        ),
        (
            "timestamp(due) < due",
            "`<` does not take (timestamp, string)",
            15,
        ),
        (
            "date(due) - date('2026-01-01') > 3",
            "`>` does not take (duration, int)",
            31,
        ),
        ("price * 2 > 1", "`*` does not take (decimal, int)", 6),
        ("'é' + amount == ''", "`+` does not take (string, int)", 4),
        ("size() == 1", "`size` does not take ()", 4),
        (
            "duration(amount) > duration('P1D')",
            "`duration` does not take (int)",
            8,
        ),
        ("amount in 'abc'", "`in` does not take (int, string)", 7),
        ("-title == ''", "`-` does not take (string)", 0),
        (
            "tags.map(t, t + '!') == 'x' && tags.map(t, t + 1) == []",
            "`+` does not take (string, int)",
            45,
        ),
    ] {
        let found = remarks(source, Wanted::Boolean);
        let errors: Vec<&Remark> = found
            .iter()
            .filter(|found| found.severity == Error)
            .collect();
        let [error] = errors.as_slice() else {
            panic!("{source}: {found:?}");
        };
        assert_eq!(error.message, message, "{source}");
        let place = source.get(..error.offset.unwrap()).unwrap();
        assert_eq!(place.chars().count(), offset, "{source}");
        assert_eq!(error.code, "condition_type");
    }
}

#[test]
fn what_comes_of_it_must_be_what_is_wanted() {
    for (source, wanted, message) in [
        (
            "amount + 1",
            Wanted::Boolean,
            "expected a boolean, this is of type int",
        ),
        (
            "'true'",
            Wanted::Boolean,
            "expected a boolean, this is of type string",
        ),
        (
            "tags",
            Wanted::Boolean,
            "expected a boolean, this is of type list",
        ),
        (
            "amount",
            Wanted::List,
            "expected a list, this is of type int",
        ),
        (
            "owner",
            Wanted::List,
            "expected a list, this is of type map",
        ),
    ] {
        let found = remarks(source, wanted);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert_eq!(found[0].message, message, "{source}");
    }
    for (source, wanted) in [
        ("amount + 1", Wanted::Anything),
        ("urgent", Wanted::Boolean),
        ("either", Wanted::Boolean),
        ("unknown.field", Wanted::Boolean),
        ("tags.map(t, t)", Wanted::List),
        ("items.filter(i, i.sku == 'a')", Wanted::List),
        ("tags.all(t, t != '')", Wanted::Boolean),
        ("tags.exists_one(t, t != '')", Wanted::Boolean),
        ("[amount] + [1]", Wanted::List),
    ] {
        assert_eq!(remarks(source, wanted), [], "{source}");
    }
}

#[test]
fn what_may_fail_or_never_hold_is_a_warning() {
    for (source, message) in [
        ("title == 1", "a string is never equal to a int"),
        ("price == '10.50'", "a decimal is never equal to a string"),
        ("amount in ['a', 'b']", "a int is never equal to a string"),
        (
            "rate * 2 > 1",
            "`*` takes two ints or two doubles, and a number may be either",
        ),
        (
            "owner.nmae == 'Ann'",
            "the data declare no field `nmae` here",
        ),
        (
            "items.all(i, i.cost > 1)",
            "the data declare no field `cost` here",
        ),
        (
            "items[0].skv == 'a'",
            "the data declare no field `skv` here",
        ),
        (
            "data.owner.nmae == ''",
            "the data declare no field `nmae` here",
        ),
    ] {
        let found = remarks(source, Wanted::Boolean);
        assert_eq!(found.len(), 1, "{source}: {found:?}");
        assert_eq!(found[0].message, message, "{source}");
        assert_eq!(found[0].severity, Warning, "{source}");
    }
}

#[test]
fn what_may_well_hold_is_not_remarked_on() {
    for source in [
        "amount > 10000 && urgent == true",
        "amount > 1.5 && rate > 1",
        "double(rate) * 2.0 > 1.0",
        "title.startsWith('a') || title.matches('b') || title.size() > 3",
        "timestamp(due) < timestamp(now) + duration('P1D')",
        "date(due) == date(now, 'Asia/Amman')",
        "business_days(now, due) > 3",
        "price > 10 && 10 < price && price == decimal('10.5') && price in [10, 20]",
        "paid == null || paid > 1",
        "'a' in tags && tags.size() > 1 && tags[0] == 'a'",
        "items.all(i, i.price > 1 && i['sku'] != '')",
        "has(owner.name) && owner['name'] == 'Ann'",
        "open.anything > 1 && open.other == 'x'",
        "either == 1 || either == 'x'",
        "title != null && type(title) == string",
        "(urgent ? amount : 1) > 1",
        "dyn(title) == 1",
        "string(amount) + string(price) == ''",
        "owner.map(k, k).size() == 1",
        "{'a': 1}['a'] == 1 && 'a' in {'a': 1}",
        "[1, 'a'].exists(x, x == 1)",
    ] {
        assert_eq!(remarks(source, Wanted::Boolean), [], "{source}");
    }
}

#[test]
fn what_a_schema_declares_a_decimal_is_one() {
    let data = json!({
        "price": "10.50", "paid": null, "title": "10.50",
        "items": [{"sku": "a", "price": "1.10"}, {"sku": "b", "price": "2.25"}],
    });
    let mut scope: Map<String, Value> = data.as_object().cloned().unwrap_or_default();
    scope.insert("data".to_owned(), data);
    let purpose = Purpose {
        declared: &schema(),
        wanted: Wanted::Anything,
    };
    for (source, expected) in [
        ("price > 10", json!(true)),
        ("10.5 == price && 11 > price", json!(true)),
        ("data.price == decimal('10.5')", json!(true)),
        ("data['price'] <= 10.50", json!(true)),
        ("price in [10.5, 11]", json!(true)),
        ("paid == null", json!(true)),
        ("has(data.price)", json!(true)),
        ("items.all(i, i.price > 1 && 3 > i.price)", json!(true)),
        ("items.filter(i, i.price > 2).map(i, i.sku)", json!(["b"])),
        ("items.map(i, i.price)", json!(["1.10", "2.25"])),
        ("items[1].price > items[0].price", json!(true)),
        ("string(price) + ' EUR'", json!("10.50 EUR")),
        ("double(price) * 2.0", json!(21.0)),
        ("price", json!("10.50")),
        ("title == '10.50'", json!(true)),
    ] {
        let (condition, _) = Cel::new().compile_for(source, &purpose).unwrap();
        assert_eq!(condition.evaluate(&scope), Ok(expected), "{source}");
    }
    scope.insert("price".to_owned(), json!("dear"));
    let (condition, _) = Cel::new().compile_for("price > 1", &purpose).unwrap();
    let error = condition.evaluate(&scope).unwrap_err();
    assert!(error.message.contains("10.50"), "{error}");
}
