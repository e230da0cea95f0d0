//! The mailer for tests.

use signoff_actions::ActionError;
use signoff_actions::mail::{MailError, Mailer, MemoryMailer};

use crate::support::{message, smuggling};

#[tokio::test]
async fn memory_keeps_mails_in_order_until_taken() {
    let mailer = MemoryMailer::new();
    for id in ["m-1", "m-2"] {
        mailer.send(&message(id)).await.unwrap();
    }
    assert_eq!(mailer.sent(), [message("m-1"), message("m-2")]);
    assert_eq!(mailer.take().len(), 2);
    assert!(mailer.sent().is_empty());
}

#[tokio::test]
async fn memory_fails_as_told_and_recovers() {
    let mailer = MemoryMailer::new();
    let failure = MailError::transient("451 later");
    mailer.fail_with(Some(failure.clone()));
    assert_eq!(mailer.send(&message("m-1")).await, Err(failure));
    assert!(mailer.sent().is_empty());
    mailer.fail_with(None);
    assert_eq!(mailer.send(&message("m-1")).await, Ok(()));
}

#[tokio::test]
async fn messages_that_smuggle_are_refused_for_good() {
    let mailer = MemoryMailer::new();
    for (what, message) in smuggling() {
        let error = mailer.send(&message).await.expect_err(what);
        assert!(error.permanent, "{what}: {error}");
        assert!(!error.message.contains(['\r', '\n']), "{what}: {error}");
    }
    assert!(mailer.sent().is_empty());
}

#[test]
fn mail_error_becomes_an_action_error_as_lasting_as_itself() {
    for permanent in [true, false] {
        let error = MailError {
            message: "no".to_owned(),
            permanent,
        };
        let expected = ActionError {
            code: "mail_failed".to_owned(),
            message: "no".to_owned(),
            permanent,
        };
        assert_eq!(ActionError::from(error), expected);
    }
}
