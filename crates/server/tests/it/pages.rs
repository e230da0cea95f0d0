//! The story of a purchase request by pages.

use serde_json::json;

use crate::app::{App, Browser, Setup, app};

async fn rows(app: &App, person: &str, view: &str) -> usize {
    let page = app.get(person, &format!("/inbox?view={view}")).await;
    page.is(200).text.matches("<div class=\"what\">").count()
}

#[tokio::test]
async fn a_purchase_request_goes_from_form_to_inbox_to_end() {
    let app = Setup {
        demo: true,
        ..Setup::default()
    }
    .build()
    .await;
    let ann = Browser::new(&app);
    ann.submit("/sign-in", &[("person", "ann")]).await.is(303);
    ann.get("/inbox")
        .await
        .is(200)
        .shows(&["Nothing waits for you"]);
    ann.get("/start")
        .await
        .is(200)
        .shows(&["Purchase request approval"]);
    ann.get("/start/purchase_request").await.is(200).shows(&[
        "Title",
        "Amount",
        "<option value=\"normal\" selected>Normal",
    ]);
    let typed = [
        ("form.title", "Chairs & tables"),
        ("form.amount", "many"),
        ("form.priority", "high"),
    ];
    let wrong = ann.submit("/start/purchase_request", &typed).await;
    wrong.is(422).shows(&[
        "Please enter a number",
        "Chairs &#38; tables",
        "value=\"many\"",
        "<option value=\"high\" selected>",
    ]);
    let typed = [
        ("form.title", "Chairs & tables"),
        ("form.amount", "1200"),
        ("form.priority", ""),
    ];
    let went = ann.submit("/start/purchase_request", &typed).await;
    let place = went.is(303).header("location").to_owned();
    let page = ann.get(&place).await;
    page.is(200).shows(&[
        "Your request is on its way",
        "Chairs &#38; tables",
        "Waits for Rita at Initial review, due in 2 days.",
        "Ann started the request",
        "fill=\"#3498db\"",
    ]);
    ann.get(&place)
        .await
        .is(200)
        .hides(&["Your request is on its way"]);

    let rita = Browser::new(&app);
    rita.submit("/sign-in", &[("person", "rita")]).await.is(303);
    let inbox = rita.get("/inbox").await;
    inbox.is(200).shows(&[
        "Chairs &#38; tables",
        "Initial review",
        "Asked by Ann",
        "title=\"1 to do\"",
    ]);
    let task = app_task(&inbox.text);
    let page = rita.get(&task).await;
    page.is(200).shows(&[
        "Budget code",
        "Format: BDG-[0-9]{4}-[0-9]{3}",
        "1200",
        "After this: Budget approval.",
    ]);
    let typed = [
        ("outcome", "approve"),
        ("form.reviewer_comment", "looks <b>good</b>"),
        ("form.budget_code", "nonsense"),
        ("comment", "my note"),
        ("reject_reason", "kept"),
    ];
    let wrong = rita.submit(&format!("{task}/decide"), &typed).await;
    wrong.is(422).shows(&[
        "Please look at the marked fields",
        "expected format",
        "looks &#60;b&#62;good",
        "nonsense",
        "my note",
        "kept",
    ]);
    let typed = [
        ("outcome", "approve"),
        ("form.reviewer_comment", "ok"),
        ("form.budget_code", "BDG-2026-001"),
        ("comment", "my note"),
    ];
    let went = rita.submit(&format!("{task}/decide"), &typed).await;
    assert_eq!(went.is(303).header("location"), "/inbox");
    rita.get("/inbox")
        .await
        .is(200)
        .shows(&["You approved it", "Nothing waits for you"]);
    let twice = rita.submit(&format!("{task}/decide"), &typed).await;
    twice
        .is(409)
        .shows(&["nothing was changed", "This task is closed"]);
    rita.get("/inbox?view=done")
        .await
        .is(200)
        .shows(&["Chairs &#38; tables", "Approved"]);
    ann.get(&place).await.is(200).shows(&[
        "Rita approved Initial review",
        "my note",
        "BDG-2026-001",
    ]);
}

fn app_task(html: &str) -> String {
    let at = html.find("href=\"/tasks/").unwrap();
    html[at + 6..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_task_is_claimed_released_sent_back_delegated_and_rejected() {
    let app = app().await;
    let id = app.start(json!({"title": "Press", "amount": 90_000})).await;
    let task = app.task_of("rita").await;
    let fields = [
        ("outcome", "approve"),
        ("form.reviewer_comment", "ok"),
        ("form.budget_code", "BDG-2026-001"),
    ];
    app.submit("rita", &format!("/tasks/{task}/decide"), &fields)
        .await
        .is(303);

    assert_eq!(
        [
            rows(&app, "bob", "mine").await,
            rows(&app, "bob", "available").await
        ],
        [0, 1]
    );
    let task = format!("/tasks/{}", app.task_of("bob").await);
    let decide = format!("{task}/decide");
    app.get("bob", &task)
        .await
        .is(200)
        .shows(&["anyone with the role Budget manager", "Claim"]);
    assert_eq!(
        app.submit("bob", &decide, &[("outcome", "claim")])
            .await
            .is(303)
            .header("location"),
        task
    );
    assert_eq!(
        [
            rows(&app, "bob", "mine").await,
            rows(&app, "eve", "available").await
        ],
        [1, 0]
    );
    app.get("bob", &task).await.is(200).shows(&["Give it back"]);
    let late = app.submit("eve", &decide, &[("outcome", "claim")]).await;
    assert_eq!(
        late.is(409)
            .text
            .matches("Somebody else has this task")
            .count(),
        1
    );
    app.submit("bob", &decide, &[("outcome", "release")])
        .await
        .is(303);
    let none = app
        .submit(
            "bob",
            &decide,
            &[
                ("outcome", "resubmit"),
                ("resubmit_to", "initial_review"),
                ("comment", "kept"),
            ],
        )
        .await;
    none.is(422).shows(&[
        "Please give a reason",
        "id=\"resubmit_reason-error\"",
        "kept",
        "<option value=\"initial_review\" selected>",
    ]);
    let back = [
        ("outcome", "resubmit"),
        ("resubmit_to", "initial_review"),
        ("resubmit_reason", "no breakdown"),
    ];
    app.submit("bob", &decide, &back).await.is(303);

    let task = format!("/tasks/{}", app.task_of("rita").await);
    let decide = format!("{task}/decide");
    app.get("rita", &task).await.is(200).shows(&[
        "Bob sent Budget approval back",
        "no breakdown",
        "<option value=\"eve\">Eve",
    ]);
    let to_ann = app
        .submit(
            "rita",
            &decide,
            &[
                ("outcome", "delegate"),
                ("delegate_to", "ann"),
                ("delegate_reason", "away"),
            ],
        )
        .await;
    to_ann
        .is(403)
        .shows(&["away", "<option value=\"ann\" selected>"]);
    app.submit(
        "rita",
        &decide,
        &[
            ("outcome", "delegate"),
            ("delegate_to", "eve"),
            ("delegate_reason", "away"),
        ],
    )
    .await
    .is(303);
    assert_eq!(
        [
            rows(&app, "rita", "mine").await,
            rows(&app, "eve", "mine").await
        ],
        [0, 1]
    );
    app.get("rita", &task)
        .await
        .is(200)
        .shows(&["This task is not yours to decide"])
        .hides(&["value=\"approve\""]);
    app.submit("eve", &decide, &[("outcome", "reject")])
        .await
        .is(422)
        .shows(&["Please give a reason", "<details name=\"decision\" open>"]);
    app.submit(
        "eve",
        &decide,
        &[("outcome", "reject"), ("reject_reason", "not this year")],
    )
    .await
    .is(303);
    let page = app.get("ann", &format!("/instances/{id}")).await;
    page.is(200).shows(&[
        "Rejected by Eve: not this year",
        "Rita delegated Initial review to Eve",
        "on behalf of Rita",
    ]);
    app.submit("eve", &decide, &[("outcome", "nonsense")])
        .await
        .is(400);
}

#[tokio::test]
async fn the_requester_cancels_on_the_page() {
    let app = app().await;
    let id = app.start(json!({"title": "Desk", "amount": 1})).await;
    let place = format!("/instances/{id}");
    app.get("rita", &place)
        .await
        .is(200)
        .hides(&["Cancel this request"]);
    app.get("ann", &place)
        .await
        .is(200)
        .shows(&["Cancel this request"]);
    app.submit(
        "ann",
        &format!("{place}/act"),
        &[("outcome", "cancel"), ("cancel_reason", " ")],
    )
    .await
    .is(422)
    .shows(&["Please give a reason"]);
    app.submit(
        "ann",
        &format!("{place}/act"),
        &[("outcome", "cancel"), ("cancel_reason", "changed my mind")],
    )
    .await
    .is(303);
    app.get("ann", &place)
        .await
        .is(200)
        .shows(&["Cancelled by Ann: changed my mind", "not reached"])
        .hides(&["Cancel this request"]);
}

#[tokio::test]
async fn opening_pages_changes_nothing() {
    let app = app().await;
    let id = app.start(json!({"title": "Desk", "amount": 1})).await;
    let task = app.task_of("rita").await;
    let before = app
        .get("ann", &format!("/api/v1/instances/{id}"))
        .await
        .json();
    for path in [
        "/inbox".to_owned(),
        "/inbox?view=available".to_owned(),
        format!("/tasks/{task}"),
        format!("/instances/{id}"),
    ] {
        app.get("rita", &path).await.is(200);
    }
    assert_eq!(
        app.get("ann", &format!("/api/v1/instances/{id}"))
            .await
            .json(),
        before
    );
}

#[tokio::test]
async fn what_people_type_is_never_markup() {
    let app = app().await;
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let id = app
        .start(json!({"title": evil, "amount": 1, "<b>key</b>": "{{ 7*7 }}"}))
        .await;
    let task = app.task_of("rita").await;
    let rejected = [
        ("outcome", "reject"),
        ("reject_reason", ""),
        ("comment", evil),
        ("form.budget_code", evil),
    ];
    let pages = [
        app.get("ann", "/inbox?view=requested").await,
        app.get("rita", "/inbox").await,
        app.get("rita", &format!("/tasks/{task}")).await,
        app.get("ann", &format!("/instances/{id}")).await,
        app.submit("rita", &format!("/tasks/{task}/decide"), &rejected)
            .await,
        app.get("ann", &format!("/inbox?view={}", "%3Cscript%3E"))
            .await,
        app.get("ann", "/%3Cscript%3E").await,
    ];
    for page in &pages {
        page.hides(&["<script", "<img src=x", "<b>key"]);
    }
    pages[2].shows(&["&#60;script&#62;alert(1)"]);
}

#[tokio::test]
async fn arabic_pages_run_from_right_to_left_and_stay_so() {
    let app = Setup {
        demo: true,
        ..Setup::default()
    }
    .build()
    .await;
    let ann = Browser::new(&app);
    ann.get("/sign-in?lang=ar")
        .await
        .is(200)
        .shows(&["<html lang=\"ar\" dir=\"rtl\">", "اختر شخصًا"]);
    ann.submit("/sign-in", &[("person", "ann")]).await.is(303);
    ann.get("/inbox")
        .await
        .is(200)
        .shows(&["dir=\"rtl\"", "صندوق المهام", "/inbox?lang=en"]);
    ann.get("/start")
        .await
        .is(200)
        .shows(&["موافقة طلب الشراء"]);
    ann.submit("/start/purchase_request", &[])
        .await
        .is(422)
        .shows(&["يرجى ملء هذا الحقل"]);
    ann.submit(
        "/start/purchase_request",
        &[("form.title", "كراسي"), ("form.amount", "١٢٠٠")],
    )
    .await
    .is(303);
    ann.get("/inbox?view=requested")
        .await
        .is(200)
        .shows(&["كراسي", "المراجعة الأولية"]);
    ann.get("/nothing")
        .await
        .is(404)
        .shows(&["dir=\"rtl\"", "لا يوجد شيء هنا"]);
    ann.get("/inbox?view=done&lang=en")
        .await
        .is(200)
        .shows(&["dir=\"ltr\"", "/inbox?view=done&#38;lang=ar"]);
    ann.get("/inbox").await.is(200).shows(&["dir=\"ltr\""]);
}

#[tokio::test]
async fn a_long_inbox_goes_on_on_the_next_page() {
    let app = app().await;
    for n in 0..21 {
        app.start(json!({"title": format!("Chair {n}"), "amount": 1}))
            .await;
    }
    let first = app.get("rita", "/inbox").await;
    assert_eq!(
        first.is(200).text.matches("<div class=\"what\">").count(),
        20
    );
    let at = first.text.find("&amp;after=").unwrap();
    let cursor = first.text[at + 11..].split('"').next().unwrap();
    let second = app
        .get("rita", &format!("/inbox?view=mine&after={cursor}"))
        .await;
    assert_eq!(
        second.is(200).text.matches("<div class=\"what\">").count(),
        1
    );
    second.hides(&["Show more"]);
    app.get("rita", "/inbox?after=nonsense").await.is(400);
}

#[tokio::test]
async fn an_admin_sees_whose_task_it_is_before_deciding() {
    let app = app().await;
    app.start(json!({"title": "Desk", "amount": 1})).await;
    let task = app.task_of("rita").await;
    app.get("ada", &format!("/tasks/{task}"))
        .await
        .is(200)
        .shows(&["Rita has this task; you decide as an administrator"]);
}
