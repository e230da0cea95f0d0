//! Flows by pages: fields, what was typed, who goes where.

use serde_json::json;

use crate::app::{App, Browser, Setup, flows};

/// A filled form of `fields.yaml` as a browser sends it, with `field` set to `value`.
fn typed<'a>(field: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("outcome", "complete"),
        ("form.name", "Max"),
        ("form.story", "It was\r\na dark night"),
        ("form.guests", "2"),
        ("form.price", "10.25"),
        ("form.room", "twin_beds"),
        ("form.arrival", "2026-02-01"),
        ("form.hint", ""),
        ("form.label", ""),
        ("comment", "my <note>"),
    ];
    let others = fields.into_iter().filter(|(name, _)| *name != field);
    others.chain([(field, value)]).collect()
}

async fn fields_of(app: &App, hint: &str) -> (String, String) {
    let data = json!({"name": "Max \"M\" Meyer", "hint": hint});
    let id = app.start_flow("max", "fields", data).await;
    (id, format!("/tasks/{}", app.task_of("max").await))
}

#[tokio::test]
async fn every_kind_of_field_has_its_control_and_what_is_known_is_in_it() {
    let app = flows().await;
    let (_, task) = fields_of(&app, "two\nlines").await;
    let page = app.get("max", &task).await;
    page.is(200).shows(&[
        "Your task",
        "Fields marked with * are required.",
        ">Full name <span class=\"star\"",
        "As in the passport.",
        "type=\"text\" id=\"form.name\" name=\"form.name\" value=\"Max &#34;M&#34; Meyer\"",
        "<textarea id=\"form.story\" name=\"form.story\" rows=\"4\"",
        "inputmode=\"numeric\" id=\"form.guests\"",
        "inputmode=\"decimal\" id=\"form.price\" name=\"form.price\" value=\"9.5\"",
        "type=\"checkbox\" id=\"form.vip\" name=\"form.vip\" checked",
        "<option value=\"twin_beds\">Twin beds</option>",
        "type=\"date\" id=\"form.arrival\"",
        // Text with a line break would lose it in a single line.
        "<textarea id=\"form.hint\"",
        "\ntwo\nlines</textarea>",
        "<textarea id=\"form.label\" name=\"form.label\" rows=\"1\"",
        "name=\"outcome\" value=\"complete\">Complete</button>",
    ]);
    page.hides(&[
        "value=\"approve\"",
        "value=\"reject\"",
        "value=\"resubmit\"",
    ]);
    // Required are those without a default that are not optional.
    assert_eq!(page.text.matches("aria-required=\"true\"").count(), 5 + 4);
    let arabic = app.get("max", &format!("{task}?lang=ar")).await;
    arabic.is(200).shows(&[
        "dir=\"rtl\"",
        "مهمتك",
        "الاسم الكامل",
        "كما في جواز السفر.",
        "املأ النموذج",
        ">إنجاز</button>",
    ]);
}

#[tokio::test]
async fn a_refused_form_keeps_all_that_was_typed_and_says_why_beside_the_field() {
    let app = flows().await;
    let (_, task) = fields_of(&app, "").await;
    let decide = format!("{task}/decide");
    for (field, value, shown, why) in [
        (
            "form.guests",
            "two",
            "value=\"two\"",
            "Please enter a whole number",
        ),
        (
            "form.guests",
            "1.5",
            "value=\"1.5\"",
            "Please enter a whole number",
        ),
        (
            "form.guests",
            "99",
            "value=\"99\"",
            "Please enter at most 20",
        ),
        (
            "form.price",
            "12,50",
            "value=\"12,50\"",
            "Please enter a number",
        ),
        (
            "form.room",
            "suite",
            "id=\"form.room\"",
            "Please choose one of the values",
        ),
        (
            "form.arrival",
            "tomorrow",
            "type=\"text\" id=\"form.arrival\" name=\"form.arrival\" value=\"tomorrow\"",
            "Please enter a date, such as 2026-01-31",
        ),
        ("form.name", " ", "id=\"form.name\"", "Please fill this in"),
    ] {
        let page = app.submit("max", &decide, &typed(field, value)).await;
        page.is(422).shows(&[
            "Please look at the marked fields.",
            &format!("aria-describedby=\"{field}"),
            &format!("<p class=\"error\" id=\"{field}-error\">{why}"),
            shown,
            "a dark night</textarea>",
            "my &#60;note&#62;</textarea>",
        ]);
        assert_eq!(page.text.matches("class=\"error\"").count(), 1, "{field}");
        // The checkbox was not sent: it is off, whatever its default says.
        page.hides(&["name=\"form.vip\" checked"]);
        if field != "form.room" {
            page.shows(&["<option value=\"twin_beds\" selected>"]);
        }
    }
    let arabic = app
        .submit(
            "max",
            &format!("{decide}?lang=ar"),
            &typed("form.guests", ""),
        )
        .await;
    arabic.is(422).shows(&["dir=\"rtl\"", "يرجى ملء هذا الحقل"]);
    let went = app.submit("max", &decide, &typed("form.guests", "٣")).await;
    assert_eq!(went.is(303).header("location"), "/inbox");
}

#[tokio::test]
async fn what_is_typed_becomes_data_and_what_is_emptied_is_gone() {
    let app = flows().await;
    let (id, task) = fields_of(&app, "old").await;
    let unknown = typed("form.unknown", "x");
    app.submit("max", &format!("{task}/decide"), &unknown)
        .await
        .is(303);
    let path = format!("/api/v1/instances/{id}");
    assert_eq!(
        app.get("max", &path).await.is(200).json()["data"],
        json!({
            "name": "Max", "hint": "", "price": 10.25, "vip": false, "story": "It was\na dark night",
            "guests": 2, "room": "twin_beds", "arrival": "2026-02-01",
        })
    );
    let page = app.get("max", &format!("/instances/{id}")).await;
    page.is(200).shows(&[
        "Max completed “Fill it in”",
        "my &#60;note&#62;",
        "Twin beds",
        "2026-02-01",
    ]);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_without_losing_it() {
    let app = flows().await;
    let (_, task) = fields_of(&app, "").await;
    let decide = format!("{task}/decide");
    let long = "y".repeat(300 << 10);
    let page = app
        .submit("max", &decide, &typed("form.story", &long))
        .await;
    page.is(413)
        .shows(&["This is too large.", &long, "my &#60;note&#62;"]);
    let huge = "y".repeat((1 << 20) + 1);
    let page = app
        .submit("max", &decide, &typed("form.story", &huge))
        .await;
    page.is(413).shows(&["At most 1 MiB can be sent at once"]);
    app.get("max", &task)
        .await
        .is(200)
        .shows(&["value=\"complete\""]);
}

#[tokio::test]
async fn a_task_is_claimed_given_back_and_completed_by_one() {
    let app = flows().await;
    let id = app
        .start_flow("sam", "hello_world", json!({"text": "hi"}))
        .await;
    let task = format!("/tasks/{}", app.task_of("pia").await);
    let decide = format!("{task}/decide");
    let done = [("outcome", "complete"), ("form.approved", "on")];
    app.get("pia", &task)
        .await
        .is(200)
        .shows(&["Claim it, and the others know"])
        // What is asked for right below is not shown as if it were known.
        .hides(&["<dt>Approved"]);
    app.submit("pia", &decide, &[("outcome", "claim")])
        .await
        .is(303);
    app.get("pia", &task).await.is(200).shows(&["Give it back"]);
    let late = app.submit("paul", &decide, &done).await;
    late.is(409).shows(&["Somebody else has this task"]);
    app.submit("pia", &decide, &[("outcome", "release")])
        .await
        .is(303);
    app.submit("cleo", &decide, &done).await.is(404);
    app.submit("sam", &decide, &done)
        .await
        .is(403)
        .shows(&["You may not do this", "This task is not yours to decide"]);
    for wrong in ["approve", "reject", "resubmit"] {
        let page = app
            .submit(
                "pia",
                &decide,
                &[("outcome", wrong), ("reject_reason", "x")],
            )
            .await;
        page.is(409).shows(&["This could not be done."]);
    }
    app.get("ada", &task)
        .await
        .is(200)
        .shows(&["you act as an administrator"]);
    let went = app.submit("paul", &decide, &done).await;
    assert_eq!(went.is(303).header("location"), "/inbox");
    app.submit("paul", &decide, &done)
        .await
        .is(409)
        .shows(&["nothing was changed", "This task is closed"]);
    app.get("paul", "/inbox?view=done")
        .await
        .is(200)
        .shows(&["<span class=\"pill completed\">Completed</span>"]);
    let page = app.get("sam", &format!("/instances/{id}")).await;
    page.is(200).shows(&[
        "The system is working on “Send”.",
        "<dt>Approved",
        "Paul completed “Approve”",
        "The system started “Send”",
    ]);
    app.work_at("2026-01-05T09:01:00Z").await;
    let arabic = app.get("sam", &format!("/instances/{id}?lang=ar")).await;
    arabic.is(200).shows(&["أنهى النظام", "اكتمل الطلب"]);
}

#[tokio::test]
async fn a_shipment_starts_with_its_form_and_leads_on_to_the_next_task() {
    let app = Setup {
        demo: true,
        flows: true,
        ..Setup::default()
    }
    .build()
    .await;
    let cleo = Browser::new(&app);
    cleo.submit("/sign-in", &[("person", "cleo")]).await.is(303);
    cleo.get("/start")
        .await
        .is(200)
        .shows(&[">Shipment</a>", ">Every kind of field</a>"])
        .hides(&["${", "Hello world", "Purchase"]);
    cleo.get("/start/shipment")
        .await
        .is(200)
        .shows(&["Customer", "name=\"form.customer\""])
        .hides(&["form.carrier", "form.insured"]);
    cleo.submit("/start/shipment", &[("form.customer", "")])
        .await
        .is(422)
        .shows(&["Please fill this in"]);
    let went = cleo
        .submit("/start/shipment", &[("form.customer", "شركة <ACME>")])
        .await;
    let place = went.is(303).header("location").to_owned();
    cleo.get(&place)
        .await
        .is(200)
        .shows(&[
            "<h1><bdi>Shipment to شركة &#60;ACME&#62;</bdi></h1>",
            "2 branches of work began at “Work”",
        ])
        // Nobody was asked about the insurance yet.
        .hides(&["<dt>Insured"]);
    let inbox = cleo.get("/inbox").await;
    inbox.is(200).shows(&["Carrier", "<span>Shipment</span>"]);
    let at = inbox.text.find("href=\"/tasks/").unwrap();
    let task = inbox.text[at + 6..].split('"').next().unwrap();
    let carrier = [("outcome", "complete"), ("form.carrier", "post")];
    let went = cleo.submit(&format!("{task}/decide"), &carrier).await;
    let next = went.is(303).header("location").to_owned();
    assert!(next.starts_with("/tasks/") && next != task, "{next}");
    cleo.get(&next).await.is(200).shows(&[
        "Done. This is your next task.",
        "Check insurance",
        "<dt>Carrier</dt><dd><bdi>Post</bdi>",
        "not needed",
    ]);
    cleo.get(&next).await.is(200).hides(&["your next task"]);
}
