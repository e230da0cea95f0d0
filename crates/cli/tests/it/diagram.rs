//! `signoff diagram`.

use crate::run::{example, folder_with, signoff};

#[test]
fn every_format_is_written_to_standard_output() {
    let folder = folder_with("p.yaml", &example("hello_world.yaml"));
    for (args, begin) in [
        (&["diagram", "p.yaml"][..], "<svg "),
        (&["diagram", "p.yaml", "--format", "svg"], "<svg "),
        (
            &["diagram", "p.yaml", "--format", "mermaid"],
            "flowchart LR\n",
        ),
        (
            &["diagram", "p.yaml", "--format", "mermaid", "--dir", "rtl"],
            "flowchart RL\n",
        ),
        (
            &["diagram", "p.yaml", "--format", "dot"],
            "digraph \"hello_world\" {\n",
        ),
    ] {
        let ran = signoff(folder.path(), args);
        assert_eq!(ran.code, Some(0), "{args:?} {}", ran.err);
        assert!(ran.out.starts_with(begin), "{args:?} {}", ran.out);
        assert_eq!(ran.err, "");
    }
}

#[test]
fn direction_theme_and_locale_are_those_that_were_asked_for() {
    let folder = folder_with("p.yaml", &example("purchase_request.yaml"));
    let args = [
        "diagram", "p.yaml", "--dir", "rtl", "--theme", "dark", "--locale", "ar",
    ];
    let ran = signoff(folder.path(), &args);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    for expected in [
        "class=\"signoff-diagram dark\"",
        "lang=\"ar\"",
        "موافقة الميزانية",
    ] {
        assert!(ran.out.contains(expected), "{expected}");
    }
    let mut mirrored = args;
    mirrored[3] = "ltr";
    let mirrored = signoff(folder.path(), &mirrored);
    assert_ne!(ran.out, mirrored.out, "the other way round");
}

#[test]
fn a_file_takes_the_drawing() {
    let folder = folder_with("p.yaml", &example("shipment.yaml"));
    let ran = signoff(folder.path(), &["diagram", "p.yaml", "-o", "p.svg"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    let written = std::fs::read_to_string(folder.path().join("p.svg")).unwrap();
    assert_eq!(written, signoff(folder.path(), &["diagram", "p.yaml"]).out);
    let ran = signoff(folder.path(), &["diagram", "p.yaml", "-o", "none/p.svg"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.starts_with("error[file_unwritable]"), "{}", ran.err);
}

#[test]
fn a_definition_with_problems_is_not_drawn() {
    let text = example("hello_world.yaml").replace("next: approve", "next: aprove");
    let folder = folder_with("p.yaml", &text);
    let ran = signoff(folder.path(), &["diagram", "p.yaml", "-o", "p.svg"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("error[dangling_reference]"), "{}", ran.err);
    assert!(!folder.path().join("p.svg").exists());
}
