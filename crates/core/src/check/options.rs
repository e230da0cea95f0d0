//! What a token may still come to, as small sets.

/// What a token may still come to, by itself.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Options(u8);

impl Options {
    pub(super) const NONE: Self = Self(0);
    /// It may arrive at the join of its scope; of a scope: its join may fire.
    pub(super) const ARRIVE: Self = Self(1);
    /// It may end.
    pub(super) const END: Self = Self(2);
    /// It may end the whole instance.
    pub(super) const STOP: Self = Self(4);

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// The sets of options that a token may be left with on its way.
///
/// On its way a token only loses options, and what it has lost no other token gives back. One that has
/// arrived counts as one that can only arrive, one that has ended as one that can only end.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Kinds(u8);

impl Kinds {
    /// Only these options.
    pub(super) const fn of(options: Options) -> Self {
        Self(1 << options.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a token may be left without any option.
    pub(super) const fn may_be_stuck(self) -> bool {
        self.0 & 1 != 0
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Options> {
        (0..8)
            .filter(move |options| self.0 & (1 << options) != 0)
            .map(Options)
    }
}
