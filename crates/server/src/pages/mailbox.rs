//! The mails that were sent, where they are kept in a folder.

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use signoff::actions::mail::{Address, FolderMailer, MailError, Received};

use super::{
    frame::{Frame, Shell},
    render,
};
use crate::{auth::Cx, fault::Fault, text::Moment};

/// Nothing but styles and embedded pictures, in a sandbox: no script, no form, nothing of ours.
const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
                      style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

#[derive(Template)]
#[template(path = "mailbox.html")]
struct List {
    s: Shell,
    why: &'static str,
    mails: Vec<Mail>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Page {
    s: Shell,
    mail: Mail,
    text: String,
    headers: Vec<(String, String)>,
}

struct Mail {
    id: String,
    subject: String,
    from: String,
    to: String,
    cc: String,
    template: String,
    moment: Option<Moment>,
}

impl Mail {
    fn new(received: &Received, cx: &Cx) -> Self {
        let list = |addresses: &[Address]| {
            addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let date = received.date.as_ref().and_then(|date| date.parse().ok());
        Self {
            id: received.id.clone(),
            subject: received.subject.clone(),
            from: received
                .from
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            to: list(&received.to),
            cc: list(&received.cc),
            template: received.template.clone(),
            moment: date.map(|date| Moment::new(cx.locale, cx.now(), date)),
        }
    }
}

/// Whether the person may read the mails: everybody in a demo, else admins.
pub(super) fn is_open_to(cx: &Cx) -> bool {
    cx.app.mailbox.is_some() && (cx.app.is_demo() || cx.person.admin)
}

/// All mails, the latest first.
pub(super) async fn list(cx: Cx, frame: Frame) -> Result<Response, Fault> {
    let words = cx.locale.words();
    let mails = mailbox(&cx)?
        .list()
        .await
        .map_err(|error| unreadable(&error))?;
    let mails = mails
        .iter()
        .filter(|mail| mail.tenant == cx.app.tenant.as_str());
    let page = List {
        s: Shell::of(&cx, words.mailbox, "mailbox", &frame).await?,
        why: if cx.app.is_demo() {
            words.mailbox_why
        } else {
            words.mailbox_why_admin
        },
        mails: mails.map(|mail| Mail::new(mail, &cx)).collect(),
    };
    render::page(StatusCode::OK, &page)
}

/// One mail.
pub(super) async fn show(cx: Cx, frame: Frame, Path(id): Path<String>) -> Result<Response, Fault> {
    let mail = mail(&cx, &id).await?;
    let page = Page {
        s: Shell::of(&cx, &mail.subject, "mailbox", &frame).await?,
        mail: Mail::new(&mail, &cx),
        text: mail.text,
        headers: mail.headers,
    };
    render::page(StatusCode::OK, &page)
}

/// The HTML of one mail, for the frame on its page.
pub(super) async fn html(cx: Cx, Path(id): Path<String>) -> Result<Response, Fault> {
    let mail = mail(&cx, &id).await?;
    // Links open beside the page: nothing may replace what is inside the frame.
    let target = "<base target=\"_blank\">";
    let html = match mail.html.split_once("<head>") {
        Some((before, after)) => format!("{before}<head>{target}{after}"),
        None => format!("{target}{}", mail.html),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok((headers, html).into_response())
}

async fn mail(cx: &Cx, id: &str) -> Result<Received, Fault> {
    let found = mailbox(cx)?
        .read(id)
        .await
        .map_err(|error| unreadable(&error))?;
    found
        .filter(|mail| mail.tenant == cx.app.tenant.as_str())
        .ok_or_else(Fault::not_found)
}

fn mailbox(cx: &Cx) -> Result<&FolderMailer, Fault> {
    let mailbox = cx.app.mailbox.as_ref().filter(|_| is_open_to(cx));
    mailbox.ok_or_else(Fault::not_found)
}

fn unreadable(error: &MailError) -> Fault {
    tracing::error!(%error, "the mailbox cannot be read");
    Fault {
        retryable: true,
        ..Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "mailbox_unavailable",
            "the mailbox cannot be read",
        )
    }
}
