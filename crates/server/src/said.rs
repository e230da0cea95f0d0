//! What somebody said, on its way into a call.

use signoff::Call;

/// The call with what was given.
pub(crate) fn with<T>(call: Call, value: Option<T>, set: impl FnOnce(Call, T) -> Call) -> Call {
    match value {
        Some(value) => set(call, value),
        None => call,
    }
}
