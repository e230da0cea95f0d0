//! Upper bounds, each with a test.

use crate::{
    pointer::Pointer,
    refusal::{Refusal, RefusalCode},
    schemas::FieldError,
};

/// The longest name, key or id of a message or a signal, in bytes: two of them fit into an index of
/// every database.
pub const MESSAGE_BYTES: usize = 1_000;

/// The longest path of the data that instances are found by, in characters.
pub const INDEXED_PATH: usize = 400;

/// A text that stores keep in a column of its own, where some databases bound it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Name {
    /// What a host knows an instance by.
    BusinessKey,
    /// The id of a person.
    Person,
    /// The id of a role.
    Role,
    /// The id of a subject.
    SubjectId,
    /// The type of a subject.
    SubjectType,
    /// The id of a tenant.
    Tenant,
    /// The key of a workflow.
    Workflow,
}

impl Name {
    /// Every one.
    pub const ALL: &[Self] = &[
        Self::BusinessKey,
        Self::Person,
        Self::Role,
        Self::SubjectId,
        Self::SubjectType,
        Self::Tenant,
        Self::Workflow,
    ];

    /// The longest that it may be, in characters: what the narrowest column of any database holds.
    #[must_use]
    pub const fn longest(self) -> usize {
        match self {
            Self::BusinessKey | Self::Person | Self::Role => 255,
            Self::SubjectId => 400,
            Self::SubjectType | Self::Tenant => 100,
            Self::Workflow => 64,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::BusinessKey => "business key",
            Self::Person => "id of a person",
            Self::Role => "id of a role",
            Self::SubjectId => "id of the subject",
            Self::SubjectType => "type of the subject",
            Self::Tenant => "id of the tenant",
            Self::Workflow => "key of the workflow",
        }
    }

    /// Whether a text may be one; `place` is where it stands in what was asked, such as `/subject/id`.
    ///
    /// # Errors
    /// `limit_exceeded` when it is too long, `text_invalid` when it has U+0000.
    pub fn check(self, place: &str, text: &str) -> Result<(), Refusal> {
        check_plain(self.words(), place, text)?;
        // A character is a byte or more.
        if text.len() <= self.longest() {
            return Ok(());
        }
        let (length, longest) = (text.chars().count(), self.longest());
        if length <= longest {
            return Ok(());
        }
        let message = format!(
            "the {} is {length} characters long, {longest} are allowed",
            self.words()
        );
        Err(refused(RefusalCode::LimitExceeded, place, message))
    }
}

/// Whether a text may stand in a column: some databases keep no U+0000 in texts.
///
/// # Errors
/// `text_invalid`.
pub fn check_plain(what: &str, place: &str, text: &str) -> Result<(), Refusal> {
    match text.contains('\0') {
        true => {
            let message = format!("the {what} has the character U+0000");
            Err(refused(RefusalCode::TextInvalid, place, message))
        }
        false => Ok(()),
    }
}

fn refused(code: RefusalCode, place: &str, message: String) -> Refusal {
    let field = FieldError {
        pointer: Pointer::from_encoded(place.to_owned()),
        code: code.as_str().to_owned(),
        message: message.clone(),
    };
    Refusal::new(code, message).fields(vec![field])
}

/// Upper bounds that keep one instance from hurting the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of an instance's data as JSON; 1 MiB.
    pub data_bytes: usize,
    /// Bytes of one filled form as JSON; 256 KiB.
    pub form_bytes: usize,
    /// Bytes of an instance's metadata as JSON; 256 KiB.
    pub metadata_bytes: usize,
    /// Bytes of the context of one command as JSON; 64 KiB.
    pub context_bytes: usize,
    /// Bytes of one file; 10 MiB.
    pub file_bytes: usize,
    /// Bytes of a comment or a reason; 64 KiB.
    pub comment_bytes: usize,
    /// Live activations of one instance; 10,000.
    pub live_activations: u32,
    /// Nodes that one command may enter without waiting; 10,000.
    pub automatic_steps: u32,
    /// Splits inside splits; 32.
    pub split_depth: u32,
    /// Children of one subprocess node; 1,000.
    pub children: usize,
    /// Frozen members of one entry; 1,000.
    pub members: usize,
    /// Hand-overs of one task by delegation; 10.
    pub delegation_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            data_bytes: 1 << 20,
            form_bytes: 256 << 10,
            metadata_bytes: 256 << 10,
            context_bytes: 64 << 10,
            file_bytes: 10 << 20,
            comment_bytes: 64 << 10,
            live_activations: 10_000,
            automatic_steps: 10_000,
            split_depth: 32,
            children: 1_000,
            members: 1_000,
            delegation_depth: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_measured_in_characters_and_has_no_nul() {
        for name in Name::ALL {
            let longest = "ط".repeat(name.longest());
            assert_eq!(name.check("/x", &longest), Ok(()));
            let refusal = name.check("/x", &format!("{longest}ط")).unwrap_err();
            assert_eq!(refusal.code, RefusalCode::LimitExceeded);
            assert_eq!(refusal.fields[0].pointer.as_str(), "/x");
            let refusal = name.check("/x", "a\0b").unwrap_err();
            assert_eq!(refusal.code, RefusalCode::TextInvalid);
        }
    }
}
