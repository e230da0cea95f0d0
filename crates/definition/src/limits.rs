//! What a text may cost; everything beyond is the problem `limit_exceeded`.

/// The largest text, in bytes: 1 MiB.
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// The deepest nesting of lists and mappings: 64.
pub const MAX_DEPTH: usize = 64;

/// The most values after aliases are expanded: 200,000.
pub const MAX_NODES: usize = 200_000;

/// The most bytes of keys and strings after aliases are expanded: 4 MiB.
pub const MAX_EXPANDED_BYTES: usize = 4 << 20;

/// The longest key, in bytes: 1 KiB.
pub const MAX_KEY_BYTES: usize = 1 << 10;

/// Reading stops at this many problems: 100.
pub const MAX_PROBLEMS: usize = 100;
