//! Mails as files, for demonstrations and for hosts that send with a program of their own.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind as IoKind, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lettre::message::Mailbox;
use tempfile::NamedTempFile;
use tokio::runtime::Handle;

use super::address::Address;
use super::compose::{compose, sender};
use super::error::MailError;
use super::mailer::Mailer;
use super::message::{Message, is_id};
use super::received::Received;
use crate::error::{Error, ErrorKind};

/// The ending of the files.
const ENDING: &str = "eml";

/// Writes each mail to `<id>.eml` in a folder, whole or not at all.
///
/// An id that is there already is left as it is, so sending twice leaves one file. Ids that sort by
/// time, such as UUIDs of version 7, make the files sort by time. Access to the folder happens on
/// tokio's blocking threads; without a runtime every method fails, not permanently.
#[derive(Clone, Debug)]
pub struct FolderMailer {
    folder: PathBuf,
    sender: Mailbox,
}

impl FolderMailer {
    /// A mailer for `folder`, which is made when it is missing, with the sender of messages that
    /// name none. Blocks for a moment.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidMailer`] when the folder cannot be made or the sender is no address.
    pub fn new(folder: impl Into<PathBuf>, default_sender: &Address) -> Result<Self, Error> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|error| {
            Error::new(
                ErrorKind::InvalidMailer,
                format!("cannot use the mail folder `{}`: {error}", folder.display()),
            )
        })?;
        Ok(Self {
            folder,
            sender: sender(default_sender)?,
        })
    }

    /// All mails in the folder, the greatest id first. Files that are no mails are left out.
    ///
    /// # Errors
    ///
    /// A [`MailError`] when the folder cannot be read.
    pub async fn list(&self) -> Result<Vec<Received>, MailError> {
        let folder = self.folder.clone();
        blocking(move || list(&folder)).await
    }

    /// The mail with this id; `None` when there is none or the id is not written as one.
    ///
    /// # Errors
    ///
    /// A [`MailError`] when the file cannot be read.
    pub async fn read(&self, id: &str) -> Result<Option<Received>, MailError> {
        if !is_id(id) {
            return Ok(None);
        }
        let (folder, id) = (self.folder.clone(), id.to_owned());
        blocking(move || read(&folder, &id)).await
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn send(&self, message: &Message) -> Result<(), MailError> {
        let bytes = compose(message, &self.sender)?.formatted();
        let (folder, id) = (self.folder.clone(), message.id.clone());
        blocking(move || write(&folder, &id, &bytes)).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, MailError> {
    let failed = |error: &dyn std::error::Error| {
        MailError::transient(format!("cannot use the mail folder: {error}"))
    };
    let runtime = Handle::try_current().map_err(|error| failed(&error))?;
    runtime
        .spawn_blocking(work)
        .await
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.{ENDING}"))
}

fn write(folder: &Path, id: &str, bytes: &[u8]) -> io::Result<()> {
    let path = file(folder, id);
    if path.try_exists()? {
        return Ok(());
    }
    let mut draft = NamedTempFile::new_in(folder)?;
    draft.write_all(bytes)?;
    match draft.persist_noclobber(path) {
        Ok(_) => Ok(()),
        // Another attempt with the same id was faster.
        Err(error) if error.error.kind() == IoKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

fn read(folder: &Path, id: &str) -> io::Result<Option<Received>> {
    match fs::read(file(folder, id)) {
        Ok(bytes) => Ok(Received::parse(id, &bytes)),
        Err(error) if error.kind() == IoKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn list(folder: &Path) -> io::Result<Vec<Received>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder)? {
        ids.extend(id_of(&entry?.path()));
    }
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let mut mails = Vec::with_capacity(ids.len());
    for id in ids {
        mails.extend(read(folder, &id)?);
    }
    Ok(mails)
}

fn id_of(path: &Path) -> Option<String> {
    if path.extension() != Some(OsStr::new(ENDING)) {
        return None;
    }
    let id = path.file_stem()?.to_str()?;
    is_id(id).then(|| id.to_owned())
}
