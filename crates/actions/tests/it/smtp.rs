//! Sending to a real SMTP server on loopback.

use mail_parser::MessageParser;
use signoff_actions::ErrorKind;
use signoff_actions::mail::{Address, Mailer, SmtpMailer};
use tokio::net::TcpListener;

use crate::smtp_sink::{Answers, SmtpSink};
use crate::support::{arabic, message, smuggling, unaddressed};

fn mailer(url: &str) -> SmtpMailer {
    SmtpMailer::new(url, &Address::named("Signoff", "noreply@example.com")).unwrap()
}

#[tokio::test]
async fn mail_arrives_with_headers_and_both_bodies() {
    let sink = SmtpSink::start(&[]).await;
    mailer(&sink.url()).send(&message("m-1")).await.unwrap();

    let delivered = sink.delivered();
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].from, "noreply@example.com");
    assert_eq!(delivered[0].to, ["ann@example.com"]);
    let mail = MessageParser::new()
        .parse(delivered[0].data.as_bytes())
        .unwrap();
    assert_eq!(mail.message_id(), Some("m-1@example.com"));
    assert_eq!(mail.subject(), Some("Approved: A-17"));
    assert_eq!(mail.body_html(0).unwrap().trim_end(), message("m-1").html);
    assert_eq!(
        mail.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
        message("m-1").text.trim_end()
    );
    assert!(mail.date().is_some());
    let headers: Vec<_> = mail
        .headers_raw()
        .map(|(name, value)| (name, value.trim()))
        .collect();
    for expected in [
        ("From", "Signoff <noreply@example.com>"),
        ("To", "\"Ann Archer\" <ann@example.com>"),
        ("X-Signoff-Template", "approved"),
        ("X-Signoff-Tenant", "acme"),
        ("Content-Language", "en"),
    ] {
        assert!(headers.contains(&expected), "{expected:?} in {headers:?}");
    }
}

#[tokio::test]
async fn arabic_mail_arrives_whole_and_copies_reach_everyone() {
    let sink = SmtpSink::start(&[]).await;
    let sent = arabic("m-1");
    mailer(&sink.url()).send(&sent).await.unwrap();

    let delivered = sink.delivered();
    assert_eq!(delivered[0].from, "flow@example.com");
    assert_eq!(
        delivered[0].to,
        ["layla@example.com", "zoe@example.com", "log@example.com"]
    );
    let mail = MessageParser::new()
        .parse(delivered[0].data.as_bytes())
        .unwrap();
    assert_eq!(mail.subject(), Some(sent.subject.as_str()));
    let name = mail
        .to()
        .unwrap()
        .first()
        .unwrap()
        .name()
        .map(ToOwned::to_owned);
    assert_eq!(name, sent.to.name);
    let name = mail
        .cc()
        .unwrap()
        .first()
        .unwrap()
        .name()
        .map(ToOwned::to_owned);
    assert_eq!(name, sent.cc[0].name);
    assert_eq!(mail.body_html(0).unwrap().trim_end(), sent.html);
    assert_eq!(mail.body_text(0).unwrap().trim_end(), sent.text.trim_end());
}

#[tokio::test]
async fn connections_are_used_again() {
    let sink = SmtpSink::start(&[]).await;
    let mailer = mailer(&sink.url());
    for id in ["m-1", "m-2", "m-3"] {
        mailer.send(&message(id)).await.unwrap();
    }
    assert_eq!(sink.delivered().len(), 3);
    // A connection goes back to the pool a moment after its mail was sent.
    assert!(sink.n_connections() < 3, "{}", sink.n_connections());
}

#[tokio::test]
async fn only_5xx_is_permanent() {
    let cases: [(Answers, bool, &str); 6] = [
        (
            &[("RCPT", "451 4.7.1 try again later")],
            false,
            "try again later",
        ),
        (
            &[("RCPT", "550 5.1.1 no such person")],
            true,
            "no such person",
        ),
        (&[("MAIL", "421 shutting down")], false, "shutting down"),
        (&[(".", "452 disk full")], false, "disk full"),
        (&[(".", "554 looks like spam")], true, "looks like spam"),
        (&[("EHLO", "554 go away")], true, "go away"),
    ];
    for (answers, permanent, words) in cases {
        let sink = SmtpSink::start(answers).await;
        let error = mailer(&sink.url()).send(&message("m-1")).await.unwrap_err();
        assert_eq!(error.permanent, permanent, "{answers:?}: {error}");
        assert!(error.message.contains(words), "{answers:?}: {error}");
        assert!(sink.delivered().is_empty());
    }
}

#[tokio::test]
async fn refused_connection_is_not_permanent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
    drop(listener);
    let error = mailer(&url).send(&message("m-1")).await.unwrap_err();
    assert!(!error.permanent, "{error}");
    assert!(error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn server_without_starttls_gets_nothing_when_it_is_required() {
    let sink = SmtpSink::start(&[]).await;
    for url in [
        format!("smtp://{}", sink.address),
        format!("smtp://{}?tls=required", sink.address),
    ] {
        let error = mailer(&url).send(&message("m-1")).await.unwrap_err();
        assert!(!error.permanent, "{error}");
    }
    assert!(sink.delivered().is_empty());
    let url = format!("smtp://{}?tls=starttls", sink.address);
    mailer(&url).send(&message("m-1")).await.unwrap();
    assert_eq!(sink.delivered().len(), 1);
}

#[tokio::test]
async fn unsendable_messages_are_refused_for_good_without_a_connection() {
    let sink = SmtpSink::start(&[]).await;
    let mailer = mailer(&sink.url());
    for (what, message) in smuggling().into_iter().chain(unaddressed()) {
        let error = mailer.send(&message).await.expect_err(what);
        assert!(error.permanent, "{what}: {error}");
    }
    assert_eq!(sink.n_connections(), 0);
}

#[test]
fn unusable_settings_are_refused_without_the_password() {
    let good = Address::new("noreply@example.com");
    for url in [
        "",
        "localhost",
        "http://user:hunter2@example.com",
        "smtp://user:hunter2@example.com?tls=maybe",
        "smtp://user:hunter2@example.com?tls=none&tls=required",
        "smtp://user:hunter2@example.com?timeout=5",
        "smtps://user:hunter2@example.com?tls=none",
        "smtp://user:hunter2@exa mple.com",
        "smtp:///?tls=none",
    ] {
        let error = SmtpMailer::new(url, &good).expect_err(url);
        assert_eq!(error.kind(), ErrorKind::InvalidMailer, "{url}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    for url in [
        "smtps://u:p%40@example.com",
        "smtp://u:p@example.com:2525?tls=starttls",
    ] {
        let mailer = SmtpMailer::new(url, &good).expect(url);
        assert!(!format!("{mailer:?}").contains("p@"), "{mailer:?}");
    }
    let error = SmtpMailer::new("smtp://localhost", &Address::new("nobody")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidMailer);
}
