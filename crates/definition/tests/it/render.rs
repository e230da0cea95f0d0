//! Problems in the terminal.

use signoff_core::{
    pointer::Pointer,
    problem::{Position, Problem},
};
use signoff_definition::{Format, parse, render, render_line};

fn problem(line: u32, column: u32, message: &str) -> Problem {
    Problem {
        position: Some(Position { line, column }),
        ..Problem::error("some_code", Pointer::root().key("a"), message)
    }
}

#[test]
fn a_problem_shows_its_line_and_a_way_out() {
    let text = "key: leave\nstages:\n  - titel: First\n";
    let problems = [
        problem(3, 5, "unknown key `titel`").help("did you mean `title`?"),
        Problem::warning("no_role", Pointer::root().key("stages"), "nobody decides"),
    ];
    insta::assert_snapshot!(render("leave.yaml", text, &problems), @r"
    leave.yaml:3:5: error[some_code]: unknown key `titel`
      |
    3 |   - titel: First
      |     ^
      = help: did you mean `title`?

    leave.yaml: warning[no_role]: nobody decides (at /stages)
    ");
}

#[test]
fn problems_of_form_are_shown_the_same_way() {
    let text = "a: 1\nb:\n\tc: 2\n";
    let problems = parse(text, Format::Yaml).unwrap_err();
    insta::assert_snapshot!(render("a.yaml", text, &problems), @r"
    a.yaml:3:1: error[syntax]: a tab is used for indentation
      |
    3 |  c: 2
      | ^
      = help: indent with spaces
    ");
}

#[test]
fn the_caret_stands_below_arabic_and_wide_text() {
    let text = "title: {ar: مُراجعة, en: x}\nname: {ja: 承認フロー, en: y}\n";
    let problems = [problem(1, 23, "arabic"), problem(2, 19, "wide")];
    insta::assert_snapshot!(render("a.yaml", text, &problems), @r"
    a.yaml:1:23: error[some_code]: arabic
      |
    1 | title: {ar: مُراجعة, en: x}
      |                      ^

    a.yaml:2:19: error[some_code]: wide
      |
    2 | name: {ja: 承認フロー, en: y}
      |                        ^
    ");
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let text = format!("a: [{}here{}]", "x, ".repeat(100), ", y".repeat(100));
    let problems = [
        problem(1, 305, "in the middle"),
        problem(1, 1, "at the start"),
    ];
    insta::assert_snapshot!(render("a.yaml", &text, &problems), @r"
    a.yaml:1:305: error[some_code]: in the middle
      |
    1 | …x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, here, y, y, y, y, y, y, y, y, y, y, y, …
      |                                                              ^

    a.yaml:1:1: error[some_code]: at the start
      |
    1 | a: [x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, …
      | ^
    ");
}

#[test]
fn places_outside_of_the_text_do_no_harm() {
    let text = "a: 1\n\n";
    let problems = [
        problem(1, 5, "at the end of the line"),
        problem(2, 1, "an empty line"),
        problem(9, 9, "behind the text"),
        problem(0, 0, "before the text"),
        problem(u32::MAX, u32::MAX, "far away"),
        problem(1, u32::MAX, "far to the right"),
    ];
    insta::assert_snapshot!(render("a.yaml", text, &problems), @r"
    a.yaml:1:5: error[some_code]: at the end of the line
      |
    1 | a: 1
      |     ^

    a.yaml:2:1: error[some_code]: an empty line
      |
    2 |
      | ^

    a.yaml:9:9: error[some_code]: behind the text

    a.yaml:0:0: error[some_code]: before the text

    a.yaml:4294967295:4294967295: error[some_code]: far away

    a.yaml:1:4294967295: error[some_code]: far to the right
      |
    1 | a: 1
      |     ^
    ");
}

#[test]
fn nothing_in_a_text_commands_the_terminal() {
    let text = "a: \u{1b}[31m\u{202e}x\tz\u{7}";
    let mut evil = problem(1, 4, "a \u{1b}[2J message\nwith lines").help("\u{9b}help");
    let rendered = render("a\u{1b}.yaml", text, std::slice::from_ref(&evil));
    evil.position = None;
    let line = render_line("a.yaml", &evil);
    for c in rendered.chars().chain(line.chars()).filter(|c| *c != '\n') {
        assert!(
            !c.is_control() && c != '\u{202e}',
            "{c:?} in {rendered}{line}"
        );
    }
    assert!(!line.contains('\n'));
}

#[test]
fn the_plain_form_is_one_line() {
    let placed = problem(3, 5, "unknown key `titel`").help("did you mean `title`?");
    let unplaced = Problem {
        position: None,
        ..placed.clone()
    };
    insta::assert_snapshot!(
        format!("{}\n{}", render_line("leave.yaml", &placed), render_line("leave.yaml", &unplaced)),
        @r"
    leave.yaml:3:5: error[some_code]: unknown key `titel`; help: did you mean `title`?
    leave.yaml: error[some_code]: unknown key `titel` (at /a); help: did you mean `title`?
    "
    );
}

#[test]
fn without_problems_nothing_is_shown() {
    assert_eq!(render("a.yaml", "a: 1", &[]), "");
}
