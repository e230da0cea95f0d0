//! W1 to W3 on SQLite, beside the bare loop.

use crate::{
    bare::{self, Commit},
    clients,
    measure::Series,
    settings::Backend,
    workload::Workload,
};

use super::{Pairs, SLICE, SLICES, place::Base, settings};

/// What is wanted of one client, and of sixteen.
type Marks = [&'static str; 2];

/// Every workload; then which store is the faster one.
pub(super) async fn run() -> anyhow::Result<()> {
    const MARKS: Marks = ["at least 0.6", "at least 1.5"];
    let w1 = compare(Workload::W1, bare::W1, "W1", MARKS).await?;
    for (commits, name) in [
        (bare::W2, "W2, 4 commits bare"),
        (bare::W2_AT_ONCE, "W2, 1 commit bare"),
    ] {
        compare(Workload::W2, commits, name, ["", ""]).await?;
    }
    compare(Workload::W3, bare::W3, "W3", MARKS).await?;
    let [sqlx, diesel] = w1;
    let (faster, ratio) = if sqlx >= diesel {
        ("sqlx", sqlx / diesel)
    } else {
        ("diesel", diesel / sqlx)
    };
    println!(
        "| the faster store on SQLite, by W1 of 1 client | {faster} | the other | {ratio:.2} | |"
    );
    Ok(())
}

/// All in turn, several times; gives the rates of the two stores with one client.
async fn compare(
    workload: Workload,
    commits: &[Commit],
    name: &str,
    [one, many]: Marks,
) -> anyhow::Result<[f64; 2]> {
    let mut engines = [
        ("sqlx store, 1 client", Backend::Sqlx, 1, one),
        ("diesel store, 1 client", Backend::Diesel, 1, one),
        ("sqlx store, 16 clients", Backend::Sqlx, 16, many),
        ("diesel store, 16 clients", Backend::Diesel, 16, many),
    ]
    .map(|row| (row, Series::new(), [const { Pairs::new() }; 2]));
    for _ in 0..SLICES {
        let folder = tempfile::tempdir()?;
        let bare_file = |name: &str| folder.path().join(name);
        let by_rusqlite = bare::sqlite::rusqlite(&bare_file("rusqlite.db"), commits, SLICE)?;
        let by_sqlx = bare::sqlite::sqlx(&bare_file("sqlx.db"), commits, SLICE).await?;
        let bare = [by_sqlx.per_second(), by_rusqlite.per_second()];
        let base = Base::Sqlite(folder);
        for ((engine, backend, clients, _), rates, pairs) in &mut engines {
            let settings = settings(workload, base.make(engine).await?, *backend, *clients);
            let rate = clients::run(&settings).await?.per_second();
            rates.add(rate);
            for (pairs, bare) in pairs.iter_mut().zip(bare) {
                pairs.add(rate, bare);
            }
        }
    }
    for ((engine, _, _, wanted), rates, pairs) in &engines {
        let rate = rates.median();
        let against = ["bare sqlx", "bare rusqlite"].into_iter().zip(pairs);
        for ((against, pairs), wanted) in against.zip([*wanted, ""]) {
            let (bare, ratio) = (pairs.base.median(), pairs.ratio.median());
            println!(
                "| {name}, SQLite FULL, {engine}, processes/s | {rate:.0} | {bare:.0} ({against}) | {ratio:.2} | {wanted} |"
            );
        }
    }
    let [sqlx, diesel, ..] = &engines;
    Ok([sqlx.1.median(), diesel.1.median()])
}
