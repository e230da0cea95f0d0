//! The table of the workspace's crates: who may import whom, and who may touch which library.
//!
//! A change here is a change of the architecture and deserves a commit of its own.

/// What a package of this workspace may depend on, tests and build scripts aside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MayUse {
    /// Exactly these packages.
    Only(&'static [&'static str]),
    /// Any library of the workspace.
    Libraries,
    /// Any package of the workspace.
    Any,
}

/// Whether a package is a library that others link, or a program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Published, builds alone without default features.
    Library,
    /// A program, or a package of tests.
    Program,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The package's name.
    pub(crate) package: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    /// What it may always depend on.
    pub(crate) may_use: MayUse,
    /// What it may depend on behind a feature.
    pub(crate) behind_features: &'static [&'static str],
}

/// A library from outside that only some packages may depend on directly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fence {
    /// The libraries.
    pub(crate) outside: &'static [&'static str],
    /// The packages that may.
    pub(crate) packages: &'static [&'static str],
}

/// Every member of the workspace.
pub(crate) const TABLE: &[Row] = &[
    library("signoff-core", &[]),
    library("signoff-definition", &["signoff-core"]),
    library("signoff-conditions", &["signoff-core"]),
    library("signoff-store", &["signoff-core"]),
    library("signoff-actions", &["signoff-core"]),
    library("signoff-store-sqlx", &["signoff-core", "signoff-store"]),
    library("signoff-store-diesel", &["signoff-core", "signoff-store"]),
    Row {
        behind_features: &["signoff-store-sqlx", "signoff-store-diesel"],
        ..library(
            "signoff",
            &[
                "signoff-core",
                "signoff-definition",
                "signoff-conditions",
                "signoff-store",
                "signoff-actions",
            ],
        )
    },
    Row {
        may_use: MayUse::Libraries,
        ..library("signoff-server", &[])
    },
    program("signoff-cli", MayUse::Any),
    program("signoff-tests", MayUse::Any),
    program("signoff-bench", MayUse::Any),
    program("xtask", MayUse::Only(&[])),
];

/// The fences around libraries from outside.
pub(crate) const FENCES: &[Fence] = &[
    Fence {
        outside: &["sqlx"],
        // The benchmark's bare loop is what the store is measured against.
        packages: &["signoff-store-sqlx", "signoff-bench"],
    },
    Fence {
        outside: &["diesel", "diesel-async"],
        packages: &["signoff-store-diesel"],
    },
    Fence {
        outside: &["axum"],
        packages: &[
            "signoff-server",
            "signoff-cli",
            "signoff-tests",
            "signoff-bench",
        ],
    },
    Fence {
        outside: &["tokio"],
        packages: &[
            "signoff",
            // Behind `mail`, as lettre needs it anyway.
            "signoff-actions",
            "signoff-server",
            "signoff-cli",
            "signoff-store-sqlx",
            "signoff-store-diesel",
            "signoff-tests",
            "signoff-bench",
        ],
    },
];

/// What `signoff-core` may never depend on: it knows no time, no database and no network.
pub(crate) const NEVER_IN_CORE: &[&str] = &[
    "tokio", "sqlx", "diesel", "axum", "reqwest", "rand", "chrono",
];

/// The libraries of the table.
pub(crate) fn libraries() -> impl Iterator<Item = &'static str> {
    TABLE
        .iter()
        .filter(|row| row.kind == Kind::Library)
        .map(|row| row.package)
}

const fn library(package: &'static str, may_use: &'static [&'static str]) -> Row {
    Row {
        package,
        kind: Kind::Library,
        may_use: MayUse::Only(may_use),
        behind_features: &[],
    }
}

const fn program(package: &'static str, may_use: MayUse) -> Row {
    Row {
        package,
        kind: Kind::Program,
        may_use,
        behind_features: &[],
    }
}
