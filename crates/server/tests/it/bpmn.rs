//! BPMN by REST and on pages: a flow leaves, comes back, and is published.

use axum::http::Request;
use serde_json::json;

use crate::{
    app::{Answer, App, app, flows},
    rest::refused,
};

const SHIPMENT: &str = "/api/v1/workflows/shipment/bpmn";

async fn send(app: &App, person: &str, path: &str, kind: &str, text: impl Into<String>) -> Answer {
    let request = Request::post(format!("/api/v1{path}"))
        .header("x-person", person)
        .header("content-type", kind);
    app.send(request.body(text.into().into()).unwrap()).await
}

#[tokio::test]
async fn a_flow_is_kept_as_bpmn_with_a_layout_and_comes_back() {
    let app = flows().await;
    let xml = app.get("max", SHIPMENT).await;
    xml.is(200).shows(&[
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<bpmn:process id=\"Process_shipment\"",
        "<bpmndi:BPMNShape ",
        "<dc:Bounds ",
        "<di:waypoint ",
    ]);
    assert_eq!(xml.header("content-type"), "application/xml");
    assert_eq!(
        xml.header("content-disposition"),
        "attachment; filename=\"shipment.bpmn\""
    );
    assert_eq!(
        app.get("max", &format!("{SHIPMENT}?version=1")).await.text,
        xml.text
    );
    let yaml = send(
        &app,
        "max",
        "/workflows/import",
        "application/xml",
        &xml.text,
    )
    .await;
    yaml.is(200)
        .shows(&["format: signoff/v1\nkind: flow\nkey: shipment\n"]);
    assert_eq!(yaml.header("content-type"), "application/yaml");
    let checked = send(
        &app,
        "max",
        "/workflows/validate",
        "application/yaml",
        &yaml.text,
    )
    .await;
    assert_eq!(checked.is(200).json()["valid"], true);
    let checked = send(&app, "max", "/workflows/validate", "text/xml", &xml.text).await;
    assert_eq!(checked.is(200).json()["valid"], true);
}

#[tokio::test]
async fn a_process_of_another_modeler_is_published() {
    let app = app().await;
    let xml = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
        <process id="leave" name="Leave"><startEvent id="s"/><userTask id="ask" name="إجازة"/><endEvent id="e"/>
        <sequenceFlow id="a" sourceRef="s" targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="e"/></process>
        </definitions>"#;
    refused(
        &send(&app, "ann", "/workflows", "application/xml", xml).await,
        403,
        "not_permitted",
    );
    let published = send(&app, "ada", "/workflows", "application/xml", xml).await;
    assert_eq!(published.is(201).json()["key"], "leave");
    let one = app.get("ann", "/api/v1/workflows/leave").await;
    assert_eq!(one.is(200).json()["workflow"]["title"], "Leave");
    let svg = app.get("ann", "/api/v1/workflows/leave/diagram.svg").await;
    svg.is(200).shows(&["إجازة"]);
}

#[tokio::test]
async fn what_cannot_be_read_or_written_is_told_with_its_place() {
    let app = flows().await;
    let bad = "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\">\n<process id=\"p\">\n  <adHocSubProcess id=\"a\"/></process></definitions>";
    for path in ["/workflows/import", "/workflows"] {
        let answer = send(&app, "ada", path, "application/xml", bad).await;
        refused(&answer, 422, "definition_invalid");
        let error = answer.json()["errors"][0].clone();
        assert_eq!(error["code"], "not_supported_yet");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("line 3, column 3: "), "{message}");
    }
    let checked = send(&app, "ada", "/workflows/validate", "application/xml", bad).await;
    let checked = checked.is(200).json();
    assert_eq!(checked["valid"], false);
    assert_eq!(checked["problems"][0]["line"], json!(3));
    let request = Request::post("/api/v1/workflows/import").header("x-person", "ada");
    let answer = app
        .send(request.body(vec![0xff, 0xfe].into()).unwrap())
        .await;
    refused(&answer, 400, "malformed_request");
    let approvals = app
        .get("max", "/api/v1/workflows/purchase_request/bpmn")
        .await;
    refused(&approvals, 422, "not_supported_yet");
    refused(
        &app.get("max", "/api/v1/workflows/nothing/bpmn").await,
        404,
        "not_found",
    );
    refused(
        &app.get("max", &format!("{SHIPMENT}?version=9")).await,
        404,
        "not_found",
    );
    assert_eq!(app.get("", SHIPMENT).await.status, 401);
}

#[tokio::test]
async fn the_page_of_a_flow_offers_it_as_bpmn() {
    let app = flows().await;
    let page = app.get("cleo", "/start/shipment").await;
    page.is(200)
        .shows(&["href=\"/api/v1/workflows/shipment/bpmn?version=1\" download"]);
    let page = app.get("ann", "/start/purchase_request").await;
    page.is(200).hides(&["/bpmn"]);
}
