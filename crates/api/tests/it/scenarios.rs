//! The scenarios of the example definitions.

use signoff::{
    Format,
    testing::{Files, Suite},
};

async fn check(name: &str, text: &str, scenarios: usize) {
    let suite = Suite::read(name, text, Format::Yaml, &Files::none()).unwrap();
    for suite in [suite.clone(), suite.keeping_nothing()] {
        let report = suite.run().await;
        assert_eq!(
            (report.passed(), report.failed()),
            (scenarios, 0),
            "{report}"
        );
    }
}

#[tokio::test]
async fn the_purchase_request_passes_as_it_stands() {
    check(
        "purchase_request.yaml",
        include_str!("../../../../examples/purchase_request.yaml"),
        4,
    )
    .await;
}

#[tokio::test]
async fn every_scenario_file_passes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let mut scenarios = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.display().to_string();
        let suite = Suite::read(&name, &text, Format::Yaml, &Files::below(&folder))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let report = suite.clone().keeping_nothing().run().await;
        assert_eq!(report.failed(), 0, "{name}, kept nothing\n{report}");
        let report = suite.run().await;
        assert_eq!(report.failed(), 0, "{name}\n{report}");
        scenarios += report.passed();
    }
    assert!(scenarios > 30, "only {scenarios} scenarios were found");
}

#[tokio::test]
async fn the_hello_world_passes_as_it_stands() {
    check(
        "hello_world.yaml",
        include_str!("../../../../examples/hello_world.yaml"),
        2,
    )
    .await;
}

#[tokio::test]
async fn the_shipment_passes_as_it_stands() {
    check(
        "shipment.yaml",
        include_str!("../../../../examples/shipment.yaml"),
        2,
    )
    .await;
}
