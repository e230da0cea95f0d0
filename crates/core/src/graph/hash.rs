//! Where a node stands in a graph, found fast: every wave of a command looks nodes up by their keys.

use std::hash::{BuildHasherDefault, Hasher};

/// Hashes keys of nodes: FNV-1a. They are short, and come from a document that was checked and
/// published, so nobody gains by making them collide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyHasher(u64);

pub(crate) type KeyHash = BuildHasherDefault<KeyHasher>;

impl Default for KeyHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
