//! What a picture says besides its shapes.

use signoff_core::id::NodeKey;
use signoff_definition::diagram::{Diagram, Direction, Mark, SvgOptions, Theme};

use super::{graphs, picture::Picture};

fn options(locale: &str) -> SvgOptions {
    SvgOptions {
        locale: locale.to_owned(),
        ..SvgOptions::default()
    }
}

#[test]
fn the_text_alternative_lists_every_node_and_way() {
    let diagram = Diagram::of(&graphs::example("hello_world"));
    let picture = Picture::read(&diagram.svg(&options("en")));
    assert_eq!(picture.texts["desc"].len(), 1);
    insta::assert_snapshot!(picture.texts["desc"][0], @r"
    Start (start); goes to Approve.
    Approve (task, role: approver); goes to Check approve.
    Check approve (choice); goes to Send (approved), End (else).
    Send (job, send_hello_world); goes to End.
    End (end).
    ");
    let diagram = Diagram::of(&graphs::example("purchase_request"));
    let picture = Picture::read(&diagram.svg(&options("ar-EG")));
    assert_eq!(picture.texts["title"][0], "موافقة طلب الشراء");
    insta::assert_snapshot!(picture.texts["desc"][0], @r#"
    بداية (بداية); يؤدي إلى المراجعة الأولية.
    المراجعة الأولية (موافقة, الدور: finance_reviewer); يؤدي إلى موافقة الميزانية.
    موافقة الميزانية (موافقة, الدور: budget_manager); يؤدي إلى الموافقة المالية النهائية.
    الموافقة المالية النهائية (موافقة, المستخدم: cfo); يؤدي إلى موافقة تنفيذية.
    موافقة تنفيذية (موافقة, الدور: executive (الجميع)); يؤدي إلى نهاية.
    نهاية (نهاية).
    مجموعة مراجعة مالية: المراجعة الأولية, موافقة الميزانية, الموافقة المالية النهائية.
    مجموعة موافقة تنفيذية (إذا amount >= 50000 || priority == "high"): موافقة تنفيذية.
    "#);
}

#[test]
fn a_call_of_code_is_drawn_as_what_it_stands_for() {
    let diagram = Diagram::of(&graphs::graph(CALLS));
    let picture = Picture::read(&diagram.svg(&options("en")));
    insta::assert_snapshot!(picture.texts["desc"][0], @r"
    Start (start); goes to Plain.
    Plain (function, look_up); goes to Rated.
    Rated (business rule, rate); goes to Mailed.
    Mailed (sending, mail); goes to Told.
    Told (message, tell); goes to Later.
    Later (sending, mail); goes to End.
    End (end).
    ");
    let arabic = Picture::read(&diagram.svg(&options("ar")));
    for word in ["قاعدة عمل", "إرسال", "رسالة"] {
        assert!(arabic.texts["desc"][0].contains(word), "{word}");
    }
    let svg = diagram.svg(&options("en"));
    let drawn = |node: &str| {
        let own = svg.split_once(&format!("data-node=\"{node}\"")).unwrap().1;
        let own = own.split_once("</g>").unwrap().0;
        let glyph = own.split_once("class=\"glyph").unwrap().1;
        let glyph = glyph.split_once(" d=\"").unwrap().1;
        let glyph = glyph.split('"').next().unwrap().to_owned();
        (own.contains("<circle"), glyph)
    };
    let [plain, rated, mailed, told, later] =
        ["plain", "rated", "mailed", "told", "later"].map(drawn);
    assert!(!plain.0 && !rated.0 && !mailed.0 && told.0 && !later.0);
    assert!(plain.1 != rated.1 && plain.1 != mailed.1 && rated.1 != mailed.1);
    assert_eq!(mailed.1, later.1);
}

/// A function, and calls that stand for something else.
const CALLS: &str = "format: signoff/v1
kind: flow
key: calls
nodes:
  start: {start: {}, next: plain}
  plain: {function: look_up, next: rated}
  rated: {function: rate, symbol: rule, next: mailed}
  mailed: {function: mail, symbol: send, next: told}
  told: {function: tell, symbol: message, next: later}
  later: {job: mail, symbol: send, next: end}
  end: {end: {}}
";

#[test]
fn a_mark_has_a_color_an_icon_and_a_word() {
    for (locale, words) in [
        (
            "en",
            [
                "Cancelled",
                "Completed",
                "Failed",
                "Open",
                "Rejected",
                "Skipped",
            ],
        ),
        ("ar", ["ملغى", "مكتمل", "فشل", "مفتوح", "مرفوض", "متخطى"]),
    ] {
        let diagram = Diagram::of(&graphs::example("purchase_request"));
        for (mark, word) in Mark::ALL.iter().zip(words) {
            let marks = [(NodeKey::from("initial_review"), *mark)].into();
            let picture = Picture::read(&diagram.svg(&SvgOptions {
                marks,
                ..options(locale)
            }));
            let class = format!("node marked {}", mark.as_str());
            assert_eq!(picture.texts[&class].len(), 1, "{class}");
            assert_eq!(picture.texts["mark-icon"].len(), 1);
            assert_eq!(picture.texts["mark-word"], [word]);
            let told = format!(": {word}");
            let titles = &picture.texts["title"];
            assert!(
                titles.iter().any(|title| title.ends_with(&told)),
                "{titles:?}"
            );
            assert!(picture.texts["desc"][0].contains(&told));
        }
    }
}

#[test]
fn a_mark_of_no_node_is_ignored() {
    let diagram = Diagram::of(&graphs::example("hello_world"));
    let marked = SvgOptions {
        marks: [(NodeKey::from("nobody"), Mark::Open)].into(),
        ..options("en")
    };
    assert_eq!(diagram.svg(&marked), diagram.svg(&options("en")));
}

#[test]
fn themes_differ_in_their_colors_alone() {
    let diagram = Diagram::of(&graphs::example("shipment"));
    let [auto, light, dark] = [Theme::Auto, Theme::Light, Theme::Dark].map(|theme| {
        diagram.svg(&SvgOptions {
            theme,
            ..options("en")
        })
    });
    assert!(auto.contains("@media (prefers-color-scheme:dark)"));
    assert!(!light.contains("@media") && !dark.contains("@media"));
    let drawing = |svg: &str| svg.split_once("</style>").unwrap().1.to_owned();
    assert_eq!(drawing(&auto), drawing(&light));
    assert_eq!(drawing(&auto), drawing(&dark));
    assert_ne!(light, dark);
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let svg = Diagram::of(&graphs::sample("everything")).svg(&options("ar"));
    let without_namespace = svg.replacen("http://www.w3.org/2000/svg", "", 1);
    for foreign in [
        "http",
        "href",
        "@import",
        "url(",
        "<script",
        "<foreignObject",
        "@font-face",
    ] {
        assert!(!without_namespace.contains(foreign), "{foreign}");
    }
}

#[test]
fn a_title_turns_with_its_own_letters() {
    let diagram = Diagram::of(&graphs::example("purchase_request"));
    for (locale, direction, expected) in [
        (
            "en",
            Direction::Ltr,
            r#"text-anchor="start" direction="ltr">Initial review<"#,
        ),
        (
            "en",
            Direction::Rtl,
            r#"text-anchor="end" direction="ltr">Initial review<"#,
        ),
        (
            "ar",
            Direction::Ltr,
            r#"text-anchor="end" direction="rtl">المراجعة الأولية<"#,
        ),
        (
            "ar",
            Direction::Rtl,
            r#"text-anchor="start" direction="rtl">المراجعة الأولية<"#,
        ),
    ] {
        let svg = diagram.svg(&SvgOptions {
            direction,
            ..options(locale)
        });
        assert!(svg.contains(expected), "{expected}");
    }
}

#[test]
fn a_rejection_that_goes_somewhere_is_a_way() {
    let text = "
format: signoff/v1
kind: approval
key: loop
pipelines:
  - key: one
    stages:
      - key: draft
        approvals: [{role: author}]
      - key: review
        approvals:
          - {role: reviewer, on_reject: {to: draft}}
          - {role: lead, on_reject: {to: draft}}
";
    let picture = Picture::read(&Diagram::of(&graphs::graph(text)).svg(&options("en")));
    let ends: Vec<_> = picture
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    assert_eq!(ends, [(0, 1), (1, 2), (2, 1), (2, 3)]);
    assert_eq!(picture.shapes[2].boundaries.len(), 1);
    assert_eq!(picture.texts["label"], ["when rejected"]);
}

#[test]
fn the_room_of_a_picture_is_known_without_drawing_it() {
    for name in ["hello_world", "shipment", "purchase_request"] {
        let diagram = Diagram::of(&graphs::example(name));
        for direction in [Direction::Ltr, Direction::Rtl] {
            let svg = diagram.svg(&SvgOptions {
                direction,
                ..options("ar")
            });
            let size = (diagram.width(), diagram.height());
            assert_eq!(Picture::read(&svg).size, size, "{name}");
        }
    }
}

#[test]
fn the_picture_itself_has_no_direction() {
    // Browsers that open a picture which reads from right to left would put it out of sight.
    let svg = Diagram::of(&graphs::example("shipment")).svg(&SvgOptions {
        direction: Direction::Rtl,
        ..options("ar")
    });
    let head = svg.split_once('>').unwrap().0;
    assert!(!head.contains("direction"), "{head}");
}
