//! The built-in texts, own templates, and their limits.

use serde_json::{Value, json};
use signoff_actions::{BUILTIN_NAMES, ErrorKind, Rendered, Source, Templates};

fn english() -> Value {
    json!({
        "workflow": { "key": "purchase_request", "title": "Purchase request" },
        "node": { "key": "finance", "title": "Finance review" },
        "instance": { "id": "i-1", "status": "running", "title": "Laptop <17\"> & bag" },
        "subject": { "type": "order", "id": "A-17" },
        "requester": { "id": "ann", "name": "Ann Archer" },
        "actor": { "id": "bob", "name": "Bob Baker" },
        "recipient": { "id": "ann", "name": "Ann Archer", "locale": "en" },
        "reason": "Too expensive",
        "comment": "Please ask for\na second quote.",
        "due": "3 May 2026, 17:00",
        "to": { "id": "cy", "name": "Cy Cole" },
        "link": "https://flow.example.com/i/i-1?a=1&b=2",
        "site": { "name": "Acme Flow", "url": "https://flow.example.com" },
    })
}

fn arabic() -> Value {
    json!({
        "workflow": { "key": "purchase_request", "title": "طلب شراء" },
        "node": { "key": "finance", "title": "المراجعة المالية" },
        "instance": { "id": "i-1", "status": "running", "title": "حاسوب محمول <17\">" },
        "requester": { "id": "layla", "name": "ليلى حسن" },
        "actor": { "id": "bob", "name": "Bob Baker" },
        "recipient": { "id": "layla", "name": "ليلى حسن", "locale": "ar" },
        "reason": "التكلفة مرتفعة",
        "comment": "يرجى طلب\nعرض سعر آخر.",
        "due": "3 مايو 2026، 17:00",
        "to": { "id": "omar", "name": "عمر" },
        "link": "https://flow.example.com/i/i-1",
        "site": { "name": "Acme Flow", "url": "https://flow.example.com" },
    })
}

fn source(text: &str) -> Source {
    Source {
        subject: text.to_owned(),
        html: text.to_owned(),
        text: text.to_owned(),
    }
}

fn show(mail: &Rendered) -> String {
    format!("Subject: {}\n\n{}\n{}", mail.subject, mail.text, mail.html)
}

#[test]
fn built_in_templates_read_well_with_everything_and_with_nothing() {
    let templates = Templates::new();
    for (locale, full) in [("en", english()), ("ar", arabic())] {
        for (case, context) in [("full", full), ("empty", json!({}))] {
            for name in BUILTIN_NAMES {
                let mail = templates.render(name, locale, &context).unwrap();
                assert_eq!(mail.locale, locale);
                insta::assert_snapshot!(format!("{name}_{locale}_{case}"), show(&mail));
            }
        }
    }
}

#[test]
fn nulls_and_wrong_shapes_read_like_missing_values() {
    let templates = Templates::new();
    let nulls = json!({
        "workflow": null, "instance": { "title": null }, "actor": { "name": " " }, "reason": null,
        "to": null, "due": null, "link": null, "site": { "name": null }, "recipient": [null],
    });
    for name in BUILTIN_NAMES {
        for locale in ["en", "ar"] {
            let empty = templates.render(name, locale, &json!({})).unwrap();
            for context in [&nulls, &json!(null), &json!("text"), &json!([1, 2])] {
                assert_eq!(
                    templates.render(name, locale, context).unwrap(),
                    empty,
                    "{name} {context}"
                );
            }
        }
    }
}

#[test]
fn values_are_escaped_in_html_and_never_run() {
    let hostile = "<script>alert(1)</script>{{ 7 * 7 }}{% include 'x' %}";
    let context = json!({
        "instance": { "title": hostile }, "comment": hostile, "reason": hostile,
        "actor": { "name": hostile }, "link": "https://x.example/\"><script>",
    });
    for name in BUILTIN_NAMES {
        let mail = Templates::new().render(name, "en", &context).unwrap();
        assert!(!mail.html.contains("<script"), "{name}: {}", mail.html);
        assert!(mail.subject.contains(hostile), "{name}: {}", mail.subject);
        assert!(mail.text.contains(hostile), "{name}: {}", mail.text);
    }
}

#[test]
fn subject_stays_one_line() {
    let context = json!({ "instance": { "title": "a\r\nBcc: eve@example.com\u{0}\t b" } });
    let mail = Templates::new().render("approved", "en", &context).unwrap();
    assert_eq!(mail.subject, "Approved: a Bcc: eve@example.com b");
}

#[test]
fn wording_depends_on_who_reads_it() {
    let templates = Templates::new();
    let mut context = english();
    let creator = templates
        .render("resubmission_required", "en", &context)
        .unwrap();
    assert!(
        creator.text.contains("Please make the changes"),
        "{}",
        creator.text
    );
    context["recipient"] = json!({ "id": "cy", "name": "Cy Cole" });
    let approver = templates
        .render("resubmission_required", "en", &context)
        .unwrap();
    assert!(
        approver.text.contains("ready for review again"),
        "{}",
        approver.text
    );
    let delegate = templates.render("delegated", "en", &context).unwrap();
    assert!(
        delegate.text.contains("handed over to you by Bob Baker"),
        "{}",
        delegate.text
    );
    context["to"] = json!("cy");
    assert_eq!(
        templates.render("delegated", "en", &context).unwrap(),
        delegate
    );
    context["instance"]["status"] = json!("completed");
    let done = templates.render("approved", "en", &context).unwrap();
    assert!(done.text.contains("Every step is done"), "{}", done.text);
}

#[test]
fn locale_falls_back_to_language_then_english() {
    let mut templates = Templates::new();
    templates
        .add("approved", "pt_BR", source("aprovado"))
        .unwrap();
    templates.add("only_arabic", "ar", source("عربي")).unwrap();
    for (name, asked, found) in [
        ("approved", "ar", Some("ar")),
        ("approved", "AR-eg", Some("ar")),
        ("approved", "pt-br", Some("pt-br")),
        ("approved", "pt", Some("en")),
        ("approved", "fr-CA", Some("en")),
        ("approved", "", Some("en")),
        ("approved", "../../etc", Some("en")),
        ("only_arabic", "ar-SA", Some("ar")),
        ("only_arabic", "en", None),
        ("unknown", "en", None),
        ("layout", "en", None),
    ] {
        let rendered = templates.render(name, asked, &json!({}));
        match found {
            Some(found) => assert_eq!(rendered.unwrap().locale, found, "{name} {asked}"),
            None => assert_eq!(
                rendered.unwrap_err().kind(),
                ErrorKind::TemplateNotFound,
                "{name} {asked}"
            ),
        }
    }
}

#[test]
fn own_template_replaces_the_built_in_one_of_its_locale_only() {
    let mut templates = Templates::new();
    let before = templates.render("approved", "ar", &arabic()).unwrap();
    let own = Source {
        subject: "Done: {{ mail.what }}".to_owned(),
        html:
            "{% extends 'en/base.html' %}{% block content %}<p>{{ actor.name }}</p>{% endblock %}"
                .to_owned(),
        text: "{{ actor.name }} <ok>".to_owned(),
    };
    templates.add("approved", "EN", own).unwrap();
    let mail = templates.render("approved", "en", &english()).unwrap();
    assert_eq!(mail.subject, "Done: Laptop <17\"> & bag");
    assert_eq!(mail.text, "Bob Baker <ok>\n");
    assert!(mail.html.contains("<p>Bob Baker</p>"), "{}", mail.html);
    assert!(mail.html.contains("Open the request"), "{}", mail.html);
    assert_eq!(
        templates.render("approved", "ar", &arabic()).unwrap(),
        before
    );
}

#[test]
fn own_frame_is_used_by_the_built_in_templates() {
    let mut templates = Templates::new();
    let frame = Source {
        subject: String::new(),
        html: "<b>{% block content %}{% endblock %}</b>".to_owned(),
        text: "== {% block content %}{% endblock %} ==".to_owned(),
    };
    templates.add("base", "en", frame).unwrap();
    let mail = templates.render("progress", "en", &json!({})).unwrap();
    assert!(
        mail.html.starts_with("<b>") && mail.html.contains("moved on"),
        "{}",
        mail.html
    );
    assert!(mail.text.starts_with("=="), "{}", mail.text);
}

#[test]
fn syntax_error_is_reported_with_its_place_and_changes_nothing() {
    let mut templates = Templates::new();
    let before = templates.render("approved", "en", &english()).unwrap();
    let broken = Source {
        text: "line\n{% if %}".to_owned(),
        ..source("fine")
    };
    let error = templates.add("approved", "en", broken).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidTemplate);
    insta::assert_snapshot!(error, @"cannot read template `en/approved.txt` at line 2: unexpected end of block");
    assert_eq!(
        templates.render("approved", "en", &english()).unwrap(),
        before
    );
}

#[test]
fn invalid_names_locales_and_sizes_are_refused() {
    for (name, locale, source, kind) in [
        ("Approved", "en", source(""), ErrorKind::InvalidName),
        ("a/b", "en", source(""), ErrorKind::InvalidName),
        ("approved", "", source(""), ErrorKind::InvalidName),
        ("approved", "../x", source(""), ErrorKind::InvalidName),
        (
            "approved",
            "en",
            source(&"x".repeat(64 * 1024 + 1)),
            ErrorKind::InvalidTemplate,
        ),
    ] {
        let error = Templates::new().add(name, locale, source).unwrap_err();
        assert_eq!(error.kind(), kind, "{name} {locale}");
    }
}

#[test]
fn runaway_templates_are_stopped() {
    for text in [
        "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(200) %}{{ 'x' * 10000 }}{% endfor %}",
        "{{ 'x' * 100000000000 }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{% include 'en/runaway.txt' %}",
        "{% extends 'en/runaway.txt' %}",
        "{% include '/etc/passwd' %}",
        "{{ 'x' | indent(100000000000) }}",
        "{{ '%100000000000d' | format(1) }}",
        "{{ [1] | batch(100000000000, 'x') }}",
        "{{ [1] | slice(100000000000) }}",
    ] {
        let mut templates = Templates::new();
        let parts = Source {
            text: text.to_owned(),
            ..source("fine")
        };
        templates.add("runaway", "en", parts).unwrap();
        let error = templates.render("runaway", "en", &json!({})).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RenderFailed, "{text}");
        assert!(error.to_string().contains("en/runaway.txt"), "{error}");
    }
}

#[test]
fn names_lists_built_in_and_own_templates() {
    let mut templates = Templates::new();
    templates.add("aaa", "en", source("")).unwrap();
    let names: Vec<_> = templates.names().collect();
    assert_eq!(names.len(), BUILTIN_NAMES.len() + 1);
    assert_eq!(names.first(), Some(&"aaa"));
}
