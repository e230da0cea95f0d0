//! `signoff codes`: every stable code.

use crate::exit::Exit;

/// Codes of this program and of the library, besides those of core.
const OTHERS: &[&str] = &[
    "configuration_invalid",
    "directory_unavailable",
    "file_not_found",
    "file_unreadable",
    "port_in_use",
    "runtime_failed",
    "serialization_failed",
    "store_conflict",
    "store_corrupt",
    "store_failed",
    "store_schema",
    "store_unavailable",
    "unknown_format",
    "unknown_store",
];

pub(crate) fn run() -> Exit {
    let mut codes = signoff::core::codes::all();
    codes.extend(OTHERS);
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        println!("{code}");
    }
    Exit::Ok
}
