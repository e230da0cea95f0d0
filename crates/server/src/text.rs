//! What people read: languages, words, times.

mod locale;
mod relative;
mod words;

pub(crate) use self::{
    locale::{LANGUAGE_COOKIE, Locale},
    relative::{Moment, relative},
    words::{Words, fill},
};
