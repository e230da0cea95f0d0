//! What somebody said, on its way into a call.

/// The call, or whatever else is built, with what was given.
pub(crate) fn with<C, T>(call: C, value: Option<T>, set: impl FnOnce(C, T) -> C) -> C {
    match value {
        Some(value) => set(call, value),
        None => call,
    }
}
