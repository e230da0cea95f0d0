//! The mailbox page.

use signoff::actions::mail::{Address, FolderMailer};

use crate::app::{Browser, Setup, app};

#[tokio::test]
async fn sent_mail_is_listed_and_shown_in_a_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = FolderMailer::new(folder.path(), &Address::new("signoff@example.com")).unwrap();
    let app = Setup {
        demo: true,
        mailer: Some(mailer.clone()),
        ..Setup::default()
    }
    .build()
    .await;
    let browser = Browser::new(&app);
    browser
        .submit("/sign-in", &[("person", "ann")])
        .await
        .is(303);
    browser
        .get("/mailbox")
        .await
        .is(200)
        .shows(&["No mail was sent yet"]);
    browser
        .submit(
            "/start/purchase_request",
            &[("form.title", "Chair"), ("form.amount", "1")],
        )
        .await
        .is(303);
    app.engine.tick().await.unwrap();
    browser
        .get("/mailbox")
        .await
        .is(200)
        .shows(&["rita@example.com", "action_required"]);
    let id = mailer.list().await.unwrap()[0].id.clone();
    browser
        .get(&format!("/mailbox/{id}"))
        .await
        .is(200)
        .shows(&["<iframe", "sandbox=", "rita@example.com"]);
    let html = browser.get(&format!("/mailbox/{id}/html")).await;
    let policy = html.is(200).header("content-security-policy");
    assert!(
        policy.starts_with("sandbox") && !policy.contains("allow-scripts"),
        "{policy}"
    );
    html.shows(&["<base target=\"_blank\">"]);
    browser.get("/mailbox/none").await.is(404);
    browser.get("/mailbox/..%2Fsecret").await.is(404);
}

#[tokio::test]
async fn outside_a_demo_only_admins_read_mail() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = FolderMailer::new(folder.path(), &Address::new("signoff@example.com")).unwrap();
    let with = Setup {
        mailer: Some(mailer),
        ..Setup::default()
    }
    .build()
    .await;
    with.get("ada", "/mailbox").await.is(200);
    with.get("ann", "/mailbox").await.is(404);
    with.get("ann", "/inbox").await.is(200).hides(&["/mailbox"]);
    let without = app().await;
    without.get("ada", "/mailbox").await.is(404);
}
