//! What people do besides deciding, on the pages of a task and of an instance.

use serde_json::json;
use signoff::{Format, TenantId};

use crate::app::{App, app};

async fn started() -> (App, String, String) {
    let app = app().await;
    let instance = app.start(json!({"title": "Chairs", "amount": 1200})).await;
    let task = app.task_of("rita").await;
    (
        app,
        format!("/instances/{instance}"),
        format!("/tasks/{task}"),
    )
}

/// Presses a button on the page at `place` and gives the page that it leads to.
async fn press(app: &App, who: &str, place: &str, fields: &[(&str, &str)]) -> String {
    let form = match place.starts_with("/tasks") {
        true => format!("{place}/decide"),
        false => format!("{place}/act"),
    };
    let went = app.submit(who, &form, fields).await;
    went.is(303).header("location").to_owned()
}

#[tokio::test]
async fn a_request_is_held_resumed_commented_and_withdrawn() {
    let (app, place, task) = started().await;
    let page = app.get("ann", &place).await;
    page.is(200)
        .shows(&["value=\"comment\"", "value=\"withdraw\""]);
    page.hides(&["value=\"hold\"", "value=\"begin\"", "value=\"resume\""]);
    let fields = [("outcome", "comment"), ("comment_reason", "العرض مرفق")];
    press(&app, "ann", &place, &fields).await;
    let fields = [("outcome", "hold"), ("hold_reason", "budget is closed")];
    press(&app, "rita", &place, &fields).await;
    let page = app.get("rita", &place).await;
    page.is(200)
        .shows(&[
            "العرض مرفق",
            "On hold",
            "value=\"resume\"",
            "budget is closed",
        ])
        .hides(&["value=\"hold\""]);
    app.get("rita", &task)
        .await
        .is(200)
        .hides(&["value=\"approve\""]);
    press(&app, "rita", &place, &[("outcome", "resume")]).await;
    let empty = [("outcome", "withdraw"), ("withdraw_reason", " ")];
    let refused = app.submit("ann", &format!("{place}/act"), &empty).await;
    refused
        .is(422)
        .shows(&["Please give a reason", "id=\"withdraw_reason-error\""]);
    let fields = [("outcome", "withdraw"), ("withdraw_reason", "not needed")];
    press(&app, "ann", &place, &fields).await;
    let page = app.get("ann", &place).await;
    page.is(200).shows(&["Cancelled", "not needed"]).hides(&[
        "value=\"withdraw\"",
        "value=\"cancel\"",
        "value=\"comment\"",
    ]);
    let unknown = [("outcome", "explode")];
    app.submit("ann", &format!("{place}/act"), &unknown)
        .await
        .is(400);
}

#[tokio::test]
async fn a_task_is_begun_put_off_and_its_form_kept_for_later() {
    let (app, _, place) = started().await;
    let page = app.get("rita", &place).await;
    page.is(200).shows(&[
        "value=\"start_work\"",
        "value=\"save_draft\"",
        "value=\"snooze\"",
    ]);
    let next = press(&app, "rita", &place, &[("outcome", "start_work")]).await;
    assert_eq!(next, place);
    app.get("rita", &place)
        .await
        .is(200)
        .hides(&["value=\"start_work\""]);
    let half = [("outcome", "save_draft"), ("form.reviewer_comment", "نصف")];
    press(&app, "rita", &place, &half).await;
    app.get("rita", &place).await.is(200).shows(&["نصف"]);
    let fields = [("outcome", "snooze"), ("snooze_for", "day")];
    press(&app, "rita", &place, &fields).await;
    let page = app.get("rita", &place).await;
    page.is(200)
        .shows(&["Put off until", "value=\"unsnooze\"", "in 1 day"]);
    let wrong = [("outcome", "snooze"), ("snooze_for", "ever")];
    app.submit("rita", &format!("{place}/decide"), &wrong)
        .await
        .is(400);
    press(&app, "rita", &place, &[("outcome", "unsnooze")]).await;
    app.get("rita", &place)
        .await
        .is(200)
        .hides(&["Put off until"]);
}

#[tokio::test]
async fn a_request_is_returned_and_corrected() {
    let (app, instance, place) = started().await;
    let fields = [("outcome", "return"), ("return_reason", "which chairs?")];
    press(&app, "rita", &place, &fields).await;
    let page = app.get("ann", &instance).await;
    page.is(200).shows(&["which chairs?"]);
    let task = app.task_of("ann").await;
    app.get("ann", &format!("/tasks/{task}"))
        .await
        .is(200)
        .shows(&["value=\"complete\""]);
}

#[tokio::test]
async fn whoever_manages_assigns_suspends_and_asks_others() {
    let (app, _, place) = started().await;
    let page = app.get("rita", &place).await;
    page.is(200).hides(&[
        "value=\"assign\"",
        "value=\"suspend\"",
        "value=\"add_approver\"",
    ]);
    let page = app.get("ada", &place).await;
    page.is(200).shows(&[
        "value=\"assign\"",
        "value=\"suspend\"",
        "value=\"add_approver\"",
    ]);
    press(&app, "ada", &place, &[("outcome", "suspend")]).await;
    let page = app.get("ada", &place).await;
    page.is(200)
        .shows(&["value=\"resume_task\""])
        .hides(&["value=\"approve\""]);
    press(&app, "ada", &place, &[("outcome", "resume_task")]).await;
    let nobody = [("outcome", "assign"), ("assign_to", "")];
    app.submit("ada", &format!("{place}/decide"), &nobody)
        .await
        .is(422)
        .shows(&["id=\"assign_to-error\""]);
    let fields = [("outcome", "assign"), ("assign_to", "bob")];
    press(&app, "ada", &place, &fields).await;
    app.get("bob", &place)
        .await
        .is(200)
        .shows(&["value=\"approve\""]);
}

const PERMIT: &str = "format: signoff/v1
kind: steps
key: permit
title: {en: Permit, ar: رخصة}
steps:
  - {key: filing, initial: true, role: employee, statuses: [{key: new, default: true}, {key: filed, completion: true}]}
  - {key: survey, title: {en: Survey, ar: معاينة}, role: employee, statuses: [{key: open, default: true}, {key: seen, completion: true}]}
  - {key: closed, final: true, statuses: [{key: open, default: true}, {key: done, completion: true}]}
transitions:
  - {from: filing, to: closed, approvals: [{user: cfo}], on_reject: {move: [filing, survey]}}
  - {from: survey, to: closed}
";

#[tokio::test]
async fn a_no_leads_to_the_stage_that_is_chosen() {
    let app = app().await;
    let sources = [(PERMIT, Format::Yaml)];
    let published = app.engine.publish(&TenantId::default(), &sources).await;
    published.unwrap();
    app.start_flow("ann", "permit", json!({})).await;
    let task = app.task_of("ann").await;
    let filed = [("outcome", "status:filed")];
    press(&app, "ann", &format!("/tasks/{task}"), &filed).await;
    let place = format!("/tasks/{}", app.task_of("cfo").await);
    let page = app.get("cfo", &place).await;
    page.is(200)
        .shows(&["name=\"reject_to\"", "<option value=\"survey\">Survey"]);
    let nowhere = [("outcome", "reject"), ("reject_reason", "look at it")];
    let refused = app
        .submit("cfo", &format!("{place}/decide"), &nowhere)
        .await;
    refused.is(422).shows(&["id=\"reject_to-error\""]);
    let mut there = nowhere.to_vec();
    there.push(("reject_to", "survey"));
    press(&app, "cfo", &place, &there).await;
    let task = app.task_of("ann").await;
    app.get("ann", &format!("/tasks/{task}"))
        .await
        .is(200)
        .shows(&["Survey", "value=\"status:seen\""]);
}
