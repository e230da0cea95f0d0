//! `signoff validate`.

use crate::run::{example, folder_with, signoff};

const BAD: &str = "format: signoff/v1
kind: approval
key: leave
titel: Leave
pipelines:
  - key: team
    stages:
      - key: lead
        approvals:
          - {role: lead, behaviour: submit}
      - key: lead
        approvals: [{user: max, on_reject: {to: led}}]
";

#[test]
fn a_good_definition_has_no_problems() {
    let folder = folder_with("p.yaml", &example("purchase_request.yaml"));
    let ran = signoff(folder.path(), &["validate", "p.yaml"]);
    assert_eq!(ran.out, "p.yaml: 0 errors, 0 warnings\n");
    assert_eq!(ran.code, Some(0));
}

#[test]
fn every_problem_is_told_at_once_with_its_place_and_a_way_out() {
    let folder = folder_with("leave.yaml", BAD);
    let ran = signoff(folder.path(), &["validate", "leave.yaml"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.out.contains("leave.yaml:4:1: error[unknown_key]"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("did you mean `title`?"), "{}", ran.out);
    let without_slip = BAD.replace("titel", "title");
    let folder = folder_with("leave.yaml", &without_slip);
    let ran = signoff(folder.path(), &["validate", "leave.yaml"]);
    for expected in [
        "leave.yaml:10:13: error[missing_form]",
        "leave.yaml:11:14: error[duplicate_key]",
        "leave.yaml:12:49: error[dangling_reference]",
        "did you mean `lead`?",
        "leave.yaml: 3 errors, 0 warnings",
    ] {
        assert!(ran.out.contains(expected), "{expected} in\n{}", ran.out);
    }
}

#[test]
fn problems_are_data_for_programs_too() {
    let folder = folder_with("leave.yaml", BAD);
    let ran = signoff(folder.path(), &["validate", "leave.yaml", "-o", "json"]);
    let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(value[0]["problems"][0]["code"], "unknown_key");
    assert_eq!(value[0]["problems"][0]["line"], 4);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn malformed_text_has_a_place() {
    for (name, text, place) in [
        ("a.yaml", "key: [1, 2\n", "a.yaml:"),
        ("b.yaml", "key: a\n\tbad: tab\n", "b.yaml:2:1"),
        ("c.json", "{\"key\": }", "c.json:1:"),
        ("d.yaml", "a: 1\na: 2\n", "d.yaml:2:1"),
    ] {
        let folder = folder_with(name, text);
        let ran = signoff(folder.path(), &["validate", name]);
        assert_eq!(ran.code, Some(1), "{name}");
        assert!(ran.out.contains(place), "{name}: {}", ran.out);
    }
}

#[test]
fn what_cannot_be_read_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ran = signoff(folder.path(), &["validate", "none.yaml"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            Some(3),
            "error[file_not_found]: there is no file `none.yaml`\n"
        )
    );
    let ran = signoff(folder.path(), &["validate", "notes.txt"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.starts_with("error[unknown_format]"), "{}", ran.err);
    assert_eq!(signoff(folder.path(), &["validate"]).code, Some(2));
    assert_eq!(signoff(folder.path(), &["valdate", "x.yaml"]).code, Some(2));
}

#[test]
fn types_that_do_not_go_together_are_told_with_their_place() {
    let typed = "format: signoff/v1
kind: approval
key: leave
data: {type: object, required: [days], properties: {days: {type: integer}, note: {type: string}}}
pipelines:
  - key: team
    when: days > 'ten'
    stages: [{key: lead, when: days + 1, approvals: [{role: lead}]}]
  - key: board
    when: has(data.note) && data.note != ''
    stages: [{key: chair, when: note == days, approvals: [{role: chair}]}]
";
    let folder = folder_with("leave.yaml", typed);
    let ran = signoff(folder.path(), &["validate", "leave.yaml"]);
    for expected in [
        "leave.yaml:7:11: error[condition_type]: `>` does not take (int, string) at character 6",
        "error[condition_type]: expected a boolean, this is of type int",
        "warning[optional_field]: the field `note` may be missing",
        "warning[condition_type]: a string is never equal to a int",
        "leave.yaml: 2 errors, 2 warnings",
    ] {
        assert!(ran.out.contains(expected), "{expected} in\n{}", ran.out);
    }
}
