//! Parent and children on the pages of one another, for those who may see them.

use serde_json::json;
use signoff::{
    Format, TenantId,
    store::{Choice, InstanceFilter, PageRequest},
};

use crate::app::{App, flows};

const TRIP: &str = "
format: signoff/v1
kind: flow
key: trip
viewers: [user:sam]
data:
  type: object
  required: [sites]
  properties: {sites: {type: array}}
nodes:
  start: {start: {form: [sites]}, next: visits}
  visits: {subprocess: {workflow: visit, for_each: sites, as: place, data: {site: place}}, next: end}
  end: {end: {}}
";

const VISIT: &str = "
format: signoff/v1
kind: flow
key: visit
title: 'Visit to ${ site }'
viewers: [user:lou]
data:
  type: object
  required: [site]
  properties: {site: {type: string}, safe: {type: boolean, default: true}}
nodes:
  start: {start: {form: [site]}, next: look}
  look: {task: {role: warehouse, form: [safe]}, next: judge}
  judge: {if: safe, then: end, else: stop}
  stop: {fail: {code: unsafe}}
  end: {end: {}}
";

/// A trip of Max's to `sites`: its page, and those of its visits in the order of their starts.
async fn trip(app: &App, sites: &[String]) -> (String, Vec<String>) {
    let tenant = TenantId::default();
    let sources = [VISIT, TRIP].map(|text| (text, Format::Yaml));
    app.engine.publish(&tenant, &sources).await.unwrap();
    let id = app.start_flow("max", "trip", json!({"sites": sites})).await;
    app.work_at("2026-01-05T09:01:00Z").await;
    let filter = InstanceFilter {
        workflow: Choice::of("visit"),
        ..InstanceFilter::default()
    };
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let found = app.engine.store().instances(&tenant, &filter, &page).await;
    let found = found.unwrap().items.into_iter().rev();
    let visits = found.map(|row| format!("/instances/{}", row.id));
    (format!("/instances/{id}"), visits.collect())
}

fn sites(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn parent_and_children_link_to_each_other() {
    let app = flows().await;
    let (parent, children) = trip(&app, &sites(&["the <shop>", "the yard"])).await;
    let page = app.get("ada", &parent).await;
    page.is(200)
        .shows(&["Related requests", "Its parts"])
        .hides(&["Part of"]);
    for (child, title) in children.iter().zip(["the &#60;shop&#62;", "the yard"]) {
        page.shows(&[&format!(
            "<a href=\"{child}\"><bdi>Visit to {title}</bdi></a> <span>Visit</span> \
             <span class=\"pill running\">In progress</span>"
        )]);
        let page = app.get("ada", child).await;
        page.is(200).hides(&["Its parts"]).shows(&[
            "Part of",
            &format!(
                "<a href=\"{parent}\"><bdi>Trip</bdi></a> <span class=\"pill running\">In progress</span>"
            ),
        ]);
    }
    let arabic = app.get("ada", &format!("{}?lang=ar", children[0])).await;
    arabic.is(200).shows(&[
        "dir=\"rtl\"",
        "طلبات مرتبطة",
        "جزء من",
        ">قيد التنفيذ</span>",
    ]);
    // A request that is alone says nothing of this.
    let alone = app
        .start_flow("sam", "hello_world", json!({"text": "hi"}))
        .await;
    app.get("sam", &format!("/instances/{alone}"))
        .await
        .is(200)
        .hides(&["Related requests"]);
}

#[tokio::test]
async fn only_relatives_that_the_reader_may_see_are_linked() {
    let app = flows().await;
    let (parent, children) = trip(&app, &sites(&["the shop", "the yard"])).await;
    for (person, sees_parent, sees_children) in [
        ("sam", true, false),
        ("lou", false, true),
        ("wim", false, true),
        ("ada", true, true),
    ] {
        let pages = [(&parent, sees_parent), (&children[0], sees_children)];
        for (place, sees) in pages {
            let page = app.get(person, place).await;
            page.is(if sees { 200 } else { 404 });
            let linked = sees_parent && sees_children;
            for relative in [&parent, &children[0], &children[1]] {
                let link = format!("href=\"{relative}\"");
                let is_related = (relative == &parent) != (place == &parent);
                let expected = linked && is_related;
                assert_eq!(
                    page.text.contains(&link),
                    expected,
                    "{person} {place} {link}"
                );
            }
            assert_eq!(page.text.contains("Related requests"), linked, "{person}");
        }
    }
}

#[tokio::test]
async fn a_relative_that_ended_says_how() {
    let app = flows().await;
    let (parent, children) = trip(&app, &sites(&["the shop"])).await;
    app.complete("wim", Some(json!({"safe": false}))).await;
    app.work_at("2026-01-05T09:02:00Z").await;
    app.get("ada", &parent).await.is(200).shows(&[
        "<span class=\"pill failed\">Failed</span>",
        "A step failed; an operator has to look at it.",
    ]);
    app.get("ada", &children[0]).await.is(200).shows(&[
        "<span class=\"pill large failed\">Failed</span>",
        "Failed 1 minute ago: unsafe.",
    ]);
    let (parent, _) = trip(&app, &sites(&["the yard"])).await;
    app.complete("wim", Some(json!({"safe": true}))).await;
    app.work_at("2026-01-05T09:03:00Z").await;
    app.get("ada", &parent)
        .await
        .is(200)
        .shows(&["<span class=\"pill completed\">Completed</span>"]);
}

#[tokio::test]
async fn of_many_children_the_latest_are_listed() {
    let app = flows().await;
    let names: Vec<String> = (0..51).map(|n| format!("site {n}")).collect();
    let (parent, children) = trip(&app, &names).await;
    assert_eq!(children.len(), 51);
    let page = app.get("ada", &parent).await;
    page.is(200)
        .shows(&["Only the 50 latest are listed."])
        .hides(&[&format!("href=\"{}\"", children[0])]);
    assert_eq!(page.text.matches("<bdi>Visit to site ").count(), 50);
    // Nobody learns how many there are that one may not see.
    app.get("sam", &parent)
        .await
        .is(200)
        .hides(&["Related requests", "latest are listed"]);
}
