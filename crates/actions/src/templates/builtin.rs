//! The templates that come with the crate.

/// The names of the built-in templates; each exists in `en` and `ar`.
pub const BUILTIN_NAMES: [&str; 9] = [
    "approved",
    "rejected",
    "resubmission_required",
    "delegated",
    "progress",
    "action_required",
    "reminder",
    "overdue",
    "escalated",
];

/// The locales of the built-in templates.
pub(super) const LOCALES: [&str; 2] = ["en", "ar"];

macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $path)))),+]
    };
}

/// Every file under `templates/`, by its path.
const FILES: &[(&str, &str)] = embedded![
    "layout.html",
    "layout.txt",
    "ar/action_required.html",
    "ar/action_required.txt",
    "ar/approved.html",
    "ar/approved.txt",
    "ar/base.html",
    "ar/base.txt",
    "ar/delegated.html",
    "ar/delegated.txt",
    "ar/escalated.html",
    "ar/escalated.txt",
    "ar/overdue.html",
    "ar/overdue.txt",
    "ar/progress.html",
    "ar/progress.txt",
    "ar/rejected.html",
    "ar/rejected.txt",
    "ar/reminder.html",
    "ar/reminder.txt",
    "ar/resubmission_required.html",
    "ar/resubmission_required.txt",
    "en/action_required.html",
    "en/action_required.txt",
    "en/approved.html",
    "en/approved.txt",
    "en/base.html",
    "en/base.txt",
    "en/delegated.html",
    "en/delegated.txt",
    "en/escalated.html",
    "en/escalated.txt",
    "en/overdue.html",
    "en/overdue.txt",
    "en/progress.html",
    "en/progress.txt",
    "en/rejected.html",
    "en/rejected.txt",
    "en/reminder.html",
    "en/reminder.txt",
    "en/resubmission_required.html",
    "en/resubmission_required.txt",
];

/// The line of a `.txt` file that holds the subject starts with this.
const SUBJECT: &str = "Subject: ";

/// The source of a built-in template by its path: `en/approved.html`, `.txt` or `.subject`.
///
/// Subject and text share a file: the subject is its first line.
pub(super) fn source(path: &str) -> Option<&'static str> {
    if let Some(stem) = path.strip_suffix(".subject") {
        return split_subject(file(&format!("{stem}.txt"))?).map(|(subject, _)| subject);
    }
    let source = file(path)?;
    Some(split_subject(source).map_or(source, |(_, text)| text))
}

fn split_subject(source: &'static str) -> Option<(&'static str, &'static str)> {
    source.strip_prefix(SUBJECT)?.split_once('\n')
}

fn file(path: &str) -> Option<&'static str> {
    let (_, source) = FILES.iter().find(|(known, _)| *known == path)?;
    Some(source)
}
