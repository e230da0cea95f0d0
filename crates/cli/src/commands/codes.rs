//! `signoff codes`: every stable code.

use crate::exit::Exit;

/// Codes of this program, of the library, of actions and of the server, besides those of core.
const OTHERS: &[&str] = &[
    "configuration_invalid",
    "cross_origin",
    "directory_unavailable",
    "duplicate_action",
    "evaluation_failed",
    "file_not_found",
    "file_unreadable",
    "file_unwritable",
    "internal",
    "invalid_mailer",
    "invalid_name",
    "invalid_template",
    "mail_failed",
    "mailbox_unavailable",
    "malformed_request",
    "method_not_allowed",
    "port_in_use",
    "render_failed",
    "runtime_failed",
    "serialization_failed",
    "store_conflict",
    "store_corrupt",
    "store_failed",
    "store_schema",
    "store_unavailable",
    "template_not_found",
    "tenant_unknown",
    "unauthenticated",
    "unknown_format",
    "unknown_store",
    "unsupported_media_type",
];

pub(crate) fn run() -> Exit {
    let mut codes = signoff::core::codes::all();
    codes.extend(OTHERS);
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        outln!("{code}");
    }
    Exit::Ok
}
