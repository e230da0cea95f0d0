//! Requests that their senders name, so that each is done once.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// The name of a request: [`Call::once`](crate::Call::once) and [`Start::once`](crate::Start::once) do
/// what it asks once, however often it is sent.
///
/// Sent again, it is not done but answered: with the instance as it is now, and the events, opened
/// tasks and notices of the first time. A repetition that arrives while the first is under way waits
/// for its answer. A request of the same name that asks something else is refused as
/// `request_reused`. What was refused or failed wrote nothing, and is tried anew.
///
/// A name is good for 24 hours. It is of the tenant: put into it whatever else it is unique by, such
/// as the person and the kind of request.
///
/// # Example
/// ```
/// use signoff::{Call, Once, Start};
///
/// let once = Once::new(["ann", "orders", "b4e1"], r#"{"order": 17}"#);
/// let start = Start::of("order").by("ann").once(once);
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Once {
    pub(crate) id: String,
    pub(crate) hash: String,
}

impl Once {
    /// The request of that name, given in parts, which asks for `content`.
    #[must_use]
    pub fn new<'a>(name: impl IntoIterator<Item = &'a str>, content: impl AsRef<[u8]>) -> Self {
        let mut digest = Sha256::new();
        for part in name {
            // So that no two names of different parts run together to the same.
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        Self {
            id: hex(digest),
            hash: hex(Sha256::new_with_prefix(content)),
        }
    }

    /// One of several requests that come under this name.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        let id = Self::new([self.id.as_str(), name], "").id;
        Self {
            id,
            hash: self.hash.clone(),
        }
    }
}

fn hex(digest: Sha256) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::Once;

    #[test]
    fn names_differ_when_a_part_does() {
        let name = |parts: &[&str]| Once::new(parts.iter().copied(), "x").id;
        assert_eq!(name(&["a", "bc"]), name(&["a", "bc"]));
        assert_ne!(name(&["a", "bc"]), name(&["ab", "c"]));
        assert_ne!(name(&["a"]), name(&["a", ""]));
        assert_eq!(name(&["a"]).len(), 64);
        let whole = Once::new(["a"], "x");
        assert_ne!(whole.part("1").id, whole.part("2").id);
        assert_eq!(whole.part("1").hash, whole.hash);
    }
}
