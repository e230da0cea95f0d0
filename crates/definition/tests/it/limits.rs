//! Texts that are made to cost much are refused, and cheaply so.

use std::fmt::Write;

use signoff_core::problem::Problem;
use signoff_definition::{
    Format,
    limits::{MAX_DEPTH, MAX_KEY_BYTES, MAX_NODES, MAX_PROBLEMS, MAX_TEXT_BYTES},
    parse,
};

/// Checks that `text` has a problem, whatever it is, and that it is told in few words.
#[track_caller]
fn check_refused(text: &str, format: Format) -> Vec<Problem> {
    let shown: String = text.chars().take(60).collect();
    let Err(problems) = parse(text, format) else {
        panic!("read without a problem: {shown}");
    };
    assert!(!problems.is_empty() && problems.len() <= MAX_PROBLEMS);
    assert!(
        problems.iter().all(|problem| problem.message.len() < 2_000),
        "{shown}"
    );
    problems
}

#[track_caller]
fn check_limit(text: &str, format: Format) {
    let problems = check_refused(text, format);
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["limit_exceeded"], "{problems:?}");
}

#[test]
fn texts_beyond_a_megabyte_are_refused() {
    let text = format!("# {}\na: 1\n", "x".repeat(MAX_TEXT_BYTES));
    check_limit(&text, Format::Yaml);
    check_limit(&text, Format::Json);
}

#[test]
fn nesting_is_allowed_up_to_the_limit() {
    for format in [Format::Yaml, Format::Json] {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MAX_DEPTH), format).is_ok(), "{format}");
        check_limit(&nested(MAX_DEPTH + 1), format);
        check_limit(&nested(100_000), format);
    }
    let block: String = (0..=MAX_DEPTH).fold(String::new(), |mut text, level| {
        let _infallible = writeln!(text, "{}a:", " ".repeat(level));
        text
    });
    check_limit(&block, Format::Yaml);
}

#[test]
fn nesting_without_end_is_refused() {
    for opening in ["[", "{", "- ", "? ", ": ", "{a: ", "a: [", "[{", "- - ? "] {
        let text = opening.repeat(MAX_TEXT_BYTES / opening.len());
        check_refused(&text, Format::Yaml);
        check_refused(&text, Format::Json);
    }
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let alias = format!("*a{}", level - 1);
        let items = vec![alias; 9].join(", ");
        let _infallible = writeln!(text, "a{level}: &a{level} [{items}]");
    }
    check_limit(&text, Format::Yaml);
}

#[test]
fn aliases_of_a_long_text_are_refused() {
    let aliases = "*a, ".repeat(100_000);
    let text = format!("[&a {}, {aliases}]", "x".repeat(100_000));
    check_limit(&text, Format::Yaml);
}

#[test]
fn aliases_do_not_nest_beyond_the_limit() {
    let mut text = "- &a0 []\n".to_owned();
    for level in 1..=MAX_DEPTH {
        let _infallible = writeln!(text, "- &a{level} [*a{}]", level - 1);
    }
    check_limit(&text, Format::Yaml);
}

#[test]
fn values_are_counted() {
    for format in [Format::Yaml, Format::Json] {
        let list = |n_items| format!("[{}1]", "1,".repeat(n_items - 1));
        assert!(parse(&list(MAX_NODES - 1), format).is_ok(), "{format}");
        check_limit(&list(MAX_NODES), format);
    }
}

#[test]
fn long_keys_are_refused() {
    for (length, refused) in [
        (MAX_KEY_BYTES, false),
        (MAX_KEY_BYTES + 1, true),
        (1_000_000, true),
    ] {
        let key = "k".repeat(length);
        for (text, format) in [
            (format!("{{\"{key}\": 1}}"), Format::Json),
            (format!("{{\"{key}\": 1}}"), Format::Yaml),
            (format!("{{{key}: 1}}"), Format::Yaml),
            (format!("? {key}\n: 1\n"), Format::Yaml),
        ] {
            if refused {
                check_limit(&text, format);
            } else {
                assert!(parse(&text, format).is_ok());
            }
        }
    }
    // A block key that long is already an error of form.
    check_refused(&format!("{}: 1\n", "k".repeat(1_000_000)), Format::Yaml);
}

#[test]
fn reading_stops_after_many_problems() {
    let problems = check_refused(&"- !x 1\n".repeat(100_000), Format::Yaml);
    assert_eq!(problems.len(), MAX_PROBLEMS);
    let problems = check_refused(&format!("{{{}}}", "a: 1,".repeat(100_000)), Format::Yaml);
    assert_eq!(problems.len(), MAX_PROBLEMS);
}

#[test]
fn long_tags_and_anchors_are_told_in_few_words() {
    check_refused(&format!("!{} x", "t".repeat(900_000)), Format::Yaml);
    check_refused(&format!("*{}", "t".repeat(900_000)), Format::Yaml);
}
