//! What shapes look like: circles, boxes, diamonds, and what is drawn in them.

/// The look of a node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Face {
    /// A circle.
    Event { ring: Ring, glyph: Option<Glyph> },
    /// A diamond.
    Gateway(Glyph),
    /// A box with rounded corners.
    Task { glyph: Glyph, markers: Vec<Marker> },
}

/// The border of a circle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ring {
    /// Something in between.
    Double,
    /// An end.
    Thick,
    /// A start.
    Thin,
}

/// What is drawn in a shape.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Glyph {
    Assign,
    Back,
    Bolt,
    Braces,
    Check,
    Choice,
    Clock,
    Code,
    Disc,
    Envelope,
    EnvelopeSent,
    Escalation,
    Gear,
    Inclusive,
    Page,
    Parallel,
    Pentagon,
    Person,
    Process,
    Rewind,
    Signal,
    SignalThrown,
    Star,
    Table,
}

/// A sign at the lower border of a box.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Marker {
    /// Runs several times side by side.
    Parallel,
    /// Runs several times, one after another.
    Sequence,
    /// Has an inside of its own.
    Subprocess,
}
