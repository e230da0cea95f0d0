//! Upper bounds, each with a test.

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
