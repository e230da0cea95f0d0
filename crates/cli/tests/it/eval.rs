//! `signoff eval`.

use crate::run::{Ran, folder_with, signoff};

const DATA: &str = "amount: 12000
urgent: false
price: '10.50'
city: عمّان
actor: {id: not me}
";

fn eval(args: &[&str]) -> Ran {
    let folder = folder_with("claim.yaml", DATA);
    let definition = "data: {type: object, properties: {amount: {type: integer}, price: {type: string, format: decimal}}}\n";
    std::fs::write(folder.path().join("definition.yaml"), definition).unwrap();
    let args: Vec<&str> = ["eval"].iter().chain(args).copied().collect();
    signoff(folder.path(), &args)
}

#[test]
fn a_result_is_json_on_standard_output() {
    for (source, expected) in [
        ("amount > 10000 && !urgent", "true\n"),
        ("data.amount + 1", "12001\n"),
        ("city + '!'", "\"عمّان!\"\n"),
        ("{'a': [1]}", "{\"a\":[1]}\n"),
    ] {
        let ran = eval(&[source, "--data", "claim.yaml"]);
        assert_eq!(
            (ran.out.as_str(), ran.err.as_str()),
            (expected, ""),
            "{source}"
        );
        assert_eq!(ran.code, Some(0));
    }
}

#[test]
fn variables_of_the_engine_are_given_by_name() {
    let ran = eval(&[
        "actor.id == 'ann' && x == 'text'",
        "--var",
        "actor={\"id\": \"ann\"}",
        "--var",
        "x=text",
    ]);
    assert_eq!(ran.out, "true\n");
    let ran = eval(&["now", "--now", "2026-03-01T12:00:00Z"]);
    assert_eq!(ran.out, "\"2026-03-01T12:00:00Z\"\n");
    // The data cannot give them.
    let ran = eval(&["actor.id", "--data", "claim.yaml"]);
    assert!(ran.err.contains("no such variable: actor"), "{}", ran.err);
    let ran = eval(&["1", "--var", "actor"]);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn an_error_is_pointed_at() {
    let ran = eval(&["city == 'عمّان' && note == 'x'", "--data", "claim.yaml"]);
    let expected = "expression:1:20: error[evaluation_failed]: no such variable: note
  |
1 | city == 'عمّان' && note == 'x'
  |                   ^
";
    assert_eq!((ran.out.as_str(), ran.code), ("", Some(1)));
    assert_eq!(
        ran.err
            .matches("error[evaluation_failed]: no such variable: note")
            .count(),
        1,
        "{}",
        ran.err
    );
    // A mark above a letter takes no room of its own.
    let column = |text: &str| text.lines().last().and_then(|line| line.find('^'));
    assert_eq!(column(&ran.err), column(expected), "{}", ran.err);
    let ran = eval(&["amount >> 1"]);
    assert!(
        ran.err
            .starts_with("expression:1:9: error[invalid_condition]"),
        "{}",
        ran.err
    );
    assert_eq!(ran.code, Some(1));
    let ran = eval(&[
        "amount > 1 &&\n  7 / 0 > 1",
        "--data",
        "claim.yaml",
        "-o",
        "json",
    ]);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["error"]["code"], "evaluation_failed");
    assert_eq!(
        (&told["error"]["line"], &told["error"]["column"]),
        (&2.into(), &5.into())
    );
}

#[test]
fn a_result_is_explained_by_its_parts() {
    let args = [
        "amount > 10000 && urgent",
        "--data",
        "claim.yaml",
        "--explain",
    ];
    let ran = eval(&args);
    assert_eq!(
        ran.out,
        "false\n  amount > 10000 => true\n    amount => 12000\n  urgent => false\n"
    );
    let ran = eval(&[&args[..], &["-o", "json"]].concat());
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["result"], false);
    assert_eq!(told["parts"][0]["parts"][0]["result"], 12000);
}

#[test]
fn a_definition_says_the_types() {
    let args = ["price > 10", "--data", "claim.yaml"];
    let ran = eval(&args);
    assert_eq!(ran.code, Some(1), "{}", ran.out);
    let ran = eval(&[&args[..], &["--definition", "definition.yaml"]].concat());
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("true\n", ""));
    let ran = eval(&[
        "amount > 'x' || true",
        "--data",
        "claim.yaml",
        "--definition",
        "definition.yaml",
    ]);
    assert!(ran.err.contains("error[condition_type]"), "{}", ran.err);
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let ran = eval(&["1", "--data", "none.yaml"]);
    assert_eq!((ran.out.as_str(), ran.code), ("", Some(3)));
}
