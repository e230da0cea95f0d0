//! `signoff export` and `signoff import`.

use crate::run::{example, folder_with, signoff};

#[test]
fn a_flow_is_exported_and_imported() {
    let folder = folder_with("shipment.yaml", &example("shipment.yaml"));
    let exported = signoff(
        folder.path(),
        &["export", "shipment.yaml", "--format", "bpmn"],
    );
    assert_eq!((exported.code, exported.err.as_str()), (Some(0), ""));
    assert!(exported.out.starts_with("<?xml"), "{}", exported.out);
    std::fs::write(folder.path().join("shipment.bpmn"), &exported.out).unwrap();
    let imported = signoff(folder.path(), &["import", "shipment.bpmn"]);
    assert_eq!((imported.code, imported.err.as_str()), (Some(0), ""));
    assert!(
        imported
            .out
            .starts_with("format: signoff/v1\nkind: flow\nkey: shipment\n"),
        "{}",
        imported.out
    );
    std::fs::write(folder.path().join("again.yaml"), &imported.out).unwrap();
    let again = signoff(folder.path(), &["export", "again.yaml", "--format", "bpmn"]);
    assert_eq!(again.out, exported.out);
}

#[test]
fn what_cannot_be_exported_is_told_with_its_place() {
    let text = "format: signoff/v1\nkind: flow\nkey: a\nnodes:\n  start: {start: {}, next: gone}\n";
    let folder = folder_with("a.yaml", text);
    let ran = signoff(folder.path(), &["export", "a.yaml", "--format", "bpmn"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(
        ran.err
            .starts_with("a.yaml:5:28: error[dangling_reference]"),
        "{}",
        ran.err
    );
    let folder = folder_with("a.yaml", "a: [");
    let ran = signoff(folder.path(), &["export", "a.yaml", "--format", "bpmn"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("error[syntax]"), "{}", ran.err);
}

#[test]
fn what_cannot_be_imported_is_told_with_its_place() {
    let text = "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">\n<process id=\"p\">\n  <adHocSubProcess id=\"a\"/></process></definitions>";
    let folder = folder_with("a.bpmn", text);
    let ran = signoff(folder.path(), &["import", "a.bpmn"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(
        ran.err.starts_with("a.bpmn:3:3: error[not_supported_yet]"),
        "{}",
        ran.err
    );
    let ran = signoff(folder.path(), &["import", "gone.bpmn"]);
    assert_eq!(ran.code, Some(3));
}
