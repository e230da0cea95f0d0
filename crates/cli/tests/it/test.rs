//! `signoff test`.

use crate::{
    postgres::Place,
    run::{example, folder_with, signoff},
};

#[test]
fn the_purchase_request_passes_on_every_store() {
    let folder = folder_with("p.yaml", &example("purchase_request.yaml"));
    let place = Place::fresh();
    let url = place
        .as_ref()
        .map_or_else(|| "memory".to_owned(), Place::url);
    for store in [
        &["test", "p.yaml"][..],
        &["test", "p.yaml", "--store", &url],
        &["test", "p.yaml", "--store", &url, "--backend", "diesel"],
        &["test", "p.yaml", "--store", "sqlite:x.db"],
        &[
            "test",
            "p.yaml",
            "--store",
            "sqlite:x.db",
            "--backend",
            "diesel",
        ],
    ] {
        let ran = signoff(folder.path(), store);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(
            ran.out.lines().last(),
            Some("4 passed, 0 failed"),
            "{}",
            ran.out
        );
    }
}

#[test]
fn a_failure_says_which_step_expected_what_and_got_what() {
    let text = example("purchase_request.yaml")
        .replace("status: rejected, at: []", "status: completed, at: []");
    let folder = folder_with("p.yaml", &text);
    let ran = signoff(folder.path(), &["test", "p.yaml"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.out.lines().last(),
        Some("3 passed, 1 failed"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("step 7"), "{}", ran.out);
    assert!(
        ran.out
            .contains("status: expected \"completed\", found \"rejected\""),
        "{}",
        ran.out
    );
}

#[test]
fn an_unknown_verb_or_key_names_the_nearest() {
    for (from, to, expected) in [
        (
            "- approve: initial_review",
            "- aprove: initial_review",
            "did you mean `approve`?",
        ),
        (
            "expect: {refused: form_required}",
            "expect: {refussed: form_required}",
            "did you mean `refused`?",
        ),
        (
            "- approve: budget_approval",
            "- approve: budget_aproval",
            "did you mean `budget_approval`?",
        ),
    ] {
        let text = example("purchase_request.yaml").replacen(from, to, 1);
        let folder = folder_with("p.yaml", &text);
        let ran = signoff(folder.path(), &["test", "p.yaml"]);
        assert_eq!(ran.code, Some(1), "{to}");
        let said = ran.out + &ran.err;
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
}

#[test]
fn an_unknown_store_is_a_usage_error() {
    let folder = folder_with("p.yaml", &example("purchase_request.yaml"));
    let ran = signoff(folder.path(), &["test", "p.yaml", "--store", "oracle:x"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.starts_with("error[unknown_store]"), "{}", ran.err);
}
