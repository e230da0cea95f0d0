//! The scenarios of the example definitions.

use signoff::{
    Format,
    testing::{Files, Suite},
};

async fn check(name: &str, text: &str, scenarios: usize) {
    let suite = Suite::read(name, text, Format::Yaml, &Files::none()).unwrap();
    let report = suite.run().await;
    assert_eq!((report.passed(), report.failed()), (scenarios, 0), "{report}");
}

#[tokio::test]
async fn the_purchase_request_passes_as_it_stands() {
    check("purchase_request.yaml", include_str!("../../../../examples/purchase_request.yaml"), 4).await;
}
