//! Mails as files, and reading them back.

use std::fs;

use signoff_actions::ErrorKind;
use signoff_actions::mail::{Address, FolderMailer, Mailer, Message};
use tempfile::TempDir;

use crate::support::{arabic, message, smuggling, unaddressed};

fn fresh() -> (TempDir, FolderMailer) {
    let folder = tempfile::tempdir().unwrap();
    let sender = Address::named("Signoff", "noreply@example.com");
    let mailer = FolderMailer::new(folder.path().join("mail"), &sender).unwrap();
    (folder, mailer)
}

fn files(folder: &TempDir) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(folder.path().join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn mail_reads_back_as_it_was_sent() {
    for sent in [message("m-1"), arabic("m-1")] {
        let (_folder, mailer) = fresh();
        mailer.send(&sent).await.unwrap();
        let read = mailer.read("m-1").await.unwrap().expect("it was just sent");
        let sender = Address::named("Signoff", "noreply@example.com");
        assert_eq!(read.id, sent.id);
        assert_eq!(read.from, Some(sent.from.unwrap_or(sender)));
        assert_eq!(read.to, [sent.to]);
        assert_eq!(read.cc, sent.cc);
        assert_eq!(read.subject, sent.subject);
        assert_eq!(read.html.trim_end(), sent.html);
        assert_eq!(
            read.text.replace("\r\n", "\n").trim_end(),
            sent.text.trim_end()
        );
        assert_eq!(read.template, sent.template);
        assert_eq!(read.tenant, sent.tenant);
        assert!(read.date.is_some());
        for (name, text) in [
            ("Message-ID", "<m-1@example.com>"),
            ("Content-Language", sent.locale.as_str()),
            ("Auto-Submitted", "auto-generated"),
            ("Subject", sent.subject.as_str()),
        ] {
            let found = read.headers.iter().find(|(known, _)| known == name);
            assert_eq!(found.map(|(_, text)| text.as_str()), Some(text), "{name}");
        }
    }
}

#[tokio::test]
async fn headers_on_disk_are_plain_ascii() {
    let (folder, mailer) = fresh();
    mailer.send(&arabic("m-1")).await.unwrap();
    let bytes = fs::read(folder.path().join("mail/m-1.eml")).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (headers, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(headers.is_ascii(), "{headers}");
    assert!(headers.lines().all(|line| line.len() <= 78), "{headers}");
}

#[tokio::test]
async fn same_id_twice_leaves_the_first_file() {
    let (folder, mailer) = fresh();
    mailer.send(&message("m-1")).await.unwrap();
    let again = Message {
        subject: "Changed".to_owned(),
        ..message("m-1")
    };
    mailer.send(&again).await.unwrap();
    assert_eq!(files(&folder), ["m-1.eml"]);
    let read = mailer.read("m-1").await.unwrap().expect("it was sent");
    assert_eq!(read.subject, message("m-1").subject);
}

#[tokio::test]
async fn same_id_at_once_leaves_one_file() {
    let (folder, mailer) = fresh();
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let mailer = mailer.clone();
            tokio::spawn(async move { mailer.send(&message("m-1")).await })
        })
        .collect();
    for one in tries {
        assert_eq!(one.await.unwrap(), Ok(()));
    }
    assert_eq!(files(&folder), ["m-1.eml"]);
}

#[tokio::test]
async fn list_is_sorted_and_leaves_out_other_files() {
    let (folder, mailer) = fresh();
    for id in ["m-2", "m-10", "m-1"] {
        mailer.send(&message(id)).await.unwrap();
    }
    for (name, bytes) in [
        ("notes.txt", &b"hi"[..]),
        ("empty.eml", b""),
        (".m-3.eml", b"hi"),
    ] {
        fs::write(folder.path().join("mail").join(name), bytes).unwrap();
    }
    let ids: Vec<_> = mailer
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|mail| mail.id)
        .collect();
    assert_eq!(ids, ["m-2", "m-10", "m-1"]);
}

#[tokio::test]
async fn unknown_and_foreign_ids_read_as_none() {
    let (folder, mailer) = fresh();
    fs::write(folder.path().join("secret.eml"), "Subject: secret\r\n\r\nx").unwrap();
    for id in ["m-1", "", "../secret", "/etc/passwd", "a/b", ".."] {
        assert_eq!(mailer.read(id).await, Ok(None), "{id}");
    }
}

#[tokio::test]
async fn unsendable_messages_are_refused_for_good_and_leave_no_file() {
    let (folder, mailer) = fresh();
    for (what, message) in smuggling().into_iter().chain(unaddressed()) {
        let error = mailer.send(&message).await.expect_err(what);
        assert!(error.permanent, "{what}: {error}");
    }
    assert!(files(&folder).is_empty());
}

#[tokio::test]
async fn vanished_folder_is_not_permanent() {
    let (folder, mailer) = fresh();
    fs::remove_dir(folder.path().join("mail")).unwrap();
    assert!(!mailer.send(&message("m-1")).await.unwrap_err().permanent);
    assert!(!mailer.list().await.unwrap_err().permanent);
}

#[test]
fn unusable_folder_or_sender_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let good = Address::new("noreply@example.com");
    for (path, sender) in [
        (file.join("mail"), good),
        (folder.path().to_owned(), Address::new("nobody")),
    ] {
        let error = FolderMailer::new(path, &sender).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidMailer);
    }
}
