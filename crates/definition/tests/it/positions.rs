//! Where the parts of a document stand.

use signoff_core::{pointer::Pointer, problem::Problem};
use signoff_definition::{Format, Parsed, parse};

const TEXT: &str = "\
# a comment
key: leave
title: {en: Leave, ar: إجازة}
stages:
  - key: first
    ap/p~r: &all
      - user: ann
  - key: second
    'ap/p~r': *all
empty:
";

fn read() -> Parsed {
    parse(TEXT, Format::Yaml).expect("the text is well formed")
}

#[test]
fn values_and_keys_have_places() {
    let positions = read().positions;
    for (path, value, key) in [
        ("", Some((2, 1)), None),
        ("/key", Some((2, 6)), Some((2, 1))),
        ("/title", Some((3, 8)), Some((3, 1))),
        ("/title/ar", Some((3, 24)), Some((3, 20))),
        ("/stages", Some((5, 3)), Some((4, 1))),
        ("/stages/0", Some((5, 5)), None),
        ("/stages/0/ap~1p~0r", Some((6, 13)), Some((6, 5))),
        ("/stages/0/ap~1p~0r/0/user", Some((7, 15)), Some((7, 9))),
        // The alias has a place of its own, its parts those of the anchor.
        ("/stages/1/ap~1p~0r", Some((9, 15)), Some((9, 5))),
        ("/stages/1/ap~1p~0r/0/user", Some((7, 15)), Some((7, 9))),
        ("/empty", Some((10, 6)), Some((10, 1))),
        ("/stages/2", None, None),
        ("/stages/x", None, None),
        ("/nothing", None, None),
        ("/key/deeper", None, None),
    ] {
        let path = Pointer::from_encoded(path);
        let place = |at: Option<signoff_core::problem::Position>| at.map(|at| (at.line, at.column));
        assert_eq!(place(positions.value_at(&path)), value, "value of {path}");
        assert_eq!(place(positions.key_at(&path)), key, "key of {path}");
    }
}

#[test]
fn problems_get_the_nearest_place() {
    let positions = read().positions;
    for (code, path, place) in [
        ("bad_value", "/key", (2, 6)),
        ("unknown_key", "/key", (2, 1)),
        ("unknown_key", "/stages/1/key", (8, 5)),
        ("unknown_key", "/stages/1", (8, 5)),
        ("missing_key", "/stages/1/title", (8, 5)),
        ("missing_key", "/stages/1/title/en/deeper", (8, 5)),
        ("missing_key", "/kind", (2, 1)),
        ("unknown_key", "/nothing", (2, 1)),
    ] {
        let mut problems = [Problem::error(code, Pointer::from_encoded(path), "wrong")];
        positions.locate_all(&mut problems);
        let at = problems[0].position.unwrap();
        assert_eq!((at.line, at.column), place, "{code} {path}");
    }
}

#[test]
fn a_place_that_is_known_is_kept() {
    let mut problem = parse("a: 1\nb: .inf\n", Format::Yaml)
        .unwrap_err()
        .remove(0);
    let known = problem.position;
    read().positions.locate(&mut problem);
    assert_eq!(problem.position, known);
}
