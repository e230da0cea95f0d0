//! The crate table against the manifests: who imports whom, and who touches which library.

use super::Findings;
use crate::crates::{FENCES, Kind, MayUse, NEVER_IN_CORE, Row, TABLE};
use crate::metadata::{Dependency, Package};

const WHERE: &str = "xtask/src/crates.rs";

/// Compares the normal dependencies of every package with the table.
pub(crate) fn check(packages: &[Package]) -> Findings {
    let mut findings = Findings::new("edges");
    for package in packages {
        match row_of(&package.name) {
            Some(row) => check_edges(&mut findings, package, row, packages),
            None => findings.problem(format!(
                "`{}` is not in the crate table ({WHERE})",
                package.name
            )),
        }
        check_outside(&mut findings, package);
    }
    for row in TABLE {
        if !packages.iter().any(|package| package.name == row.package) {
            findings.problem(format!(
                "the crate table ({WHERE}) names `{}`, which the workspace lacks",
                row.package
            ));
        }
    }
    findings
}

fn check_edges(findings: &mut Findings, package: &Package, row: &Row, packages: &[Package]) {
    let is_ours = |name: &str| packages.iter().any(|other| other.name == name);
    let ours = package
        .normal_dependencies()
        .filter(|dependency| is_ours(&dependency.name));
    for dependency in ours {
        if let Some(problem) = edge_problem(row, dependency) {
            findings.problem(problem);
        }
    }
}

fn edge_problem(row: &Row, dependency: &Dependency) -> Option<String> {
    let to = dependency.name.as_str();
    let is_allowed = match row.may_use {
        MayUse::Only(names) => names.contains(&to),
        MayUse::Libraries => row_of(to).is_some_and(|other| other.kind == Kind::Library),
        MayUse::Any => true,
    };
    if is_allowed || (dependency.optional && row.behind_features.contains(&to)) {
        return None;
    }
    let from = row.package;
    Some(if row.behind_features.contains(&to) {
        format!("`{from}` may depend on `{to}` only behind a feature ({WHERE})")
    } else {
        format!("`{from}` may not depend on `{to}` ({WHERE})")
    })
}

fn check_outside(findings: &mut Findings, package: &Package) {
    for dependency in package.normal_dependencies() {
        let (from, to) = (package.name.as_str(), dependency.name.as_str());
        if from == "signoff-core" && NEVER_IN_CORE.contains(&to) {
            findings.problem(format!(
                "`{from}` may never depend on `{to}`: it knows no time, database or network ({WHERE})"
            ));
            continue;
        }
        for fence in FENCES {
            if fence.outside.contains(&to) && !fence.packages.contains(&from) {
                findings.problem(format!(
                    "`{from}` may not touch `{to}`, only {} may ({WHERE})",
                    fence.packages.join(", ")
                ));
            }
        }
    }
}

fn row_of(package: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.package == package)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problems of the full workspace after one dependency was added to one package.
    #[track_caller]
    fn check_with(from: &str, to: &str, kind: Option<&str>, optional: bool, expected: &[&str]) {
        let packages: Vec<Package> = TABLE
            .iter()
            .map(|row| Package {
                name: row.package.to_owned(),
                manifest_path: "Cargo.toml".into(),
                dependencies: if row.package == from {
                    vec![Dependency {
                        name: to.to_owned(),
                        kind: kind.map(str::to_owned),
                        optional,
                    }]
                } else {
                    Vec::new()
                },
            })
            .collect();
        assert_eq!(check(&packages).problems, expected, "{from} -> {to}");
    }

    #[test]
    fn edges_of_the_table_are_allowed() {
        for (from, to) in [
            ("signoff-store", "signoff-core"),
            ("signoff", "signoff-actions"),
            ("signoff-server", "signoff"),
            ("signoff-cli", "signoff-server"),
            ("signoff-tests", "signoff-cli"),
            ("signoff-store-sqlx", "sqlx"),
            ("signoff-store-sqlx", "tokio"),
            ("signoff-core", "serde"),
        ] {
            check_with(from, to, None, false, &[]);
        }
    }

    #[test]
    fn other_edges_are_problems() {
        for (from, to, problem) in [
            (
                "signoff-core",
                "signoff-store",
                "`signoff-core` may not depend on `signoff-store` (xtask/src/crates.rs)",
            ),
            (
                "signoff-server",
                "signoff-cli",
                "`signoff-server` may not depend on `signoff-cli` (xtask/src/crates.rs)",
            ),
            (
                "xtask",
                "signoff-core",
                "`xtask` may not depend on `signoff-core` (xtask/src/crates.rs)",
            ),
            (
                "signoff-core",
                "chrono",
                "`signoff-core` may never depend on `chrono`: it knows no time, database or network (xtask/src/crates.rs)",
            ),
            (
                "signoff-store-diesel",
                "sqlx",
                "`signoff-store-diesel` may not touch `sqlx`, only signoff-store-sqlx, signoff-bench may (xtask/src/crates.rs)",
            ),
        ] {
            check_with(from, to, None, false, &[problem]);
        }
    }

    #[test]
    fn facade_takes_a_sql_store_only_behind_a_feature() {
        check_with("signoff", "signoff-store-sqlx", None, true, &[]);
        check_with(
            "signoff",
            "signoff-store-sqlx",
            None,
            false,
            &[
                "`signoff` may depend on `signoff-store-sqlx` only behind a feature (xtask/src/crates.rs)",
            ],
        );
    }

    #[test]
    fn dependencies_of_tests_are_free() {
        check_with("signoff-core", "signoff-store", Some("dev"), false, &[]);
        check_with("signoff-store", "tokio", Some("dev"), false, &[]);
    }

    #[test]
    fn table_and_workspace_name_the_same_packages() {
        let mut packages: Vec<Package> = TABLE
            .iter()
            .skip(1)
            .map(|row| Package {
                name: row.package.to_owned(),
                manifest_path: "Cargo.toml".into(),
                dependencies: Vec::new(),
            })
            .collect();
        packages.push(Package {
            name: "signoff-extra".to_owned(),
            manifest_path: "Cargo.toml".into(),
            dependencies: Vec::new(),
        });
        assert_eq!(
            check(&packages).problems,
            [
                "`signoff-extra` is not in the crate table (xtask/src/crates.rs)",
                "the crate table (xtask/src/crates.rs) names `signoff-core`, which the workspace lacks",
            ]
        );
    }
}
