//! W1 and W3 on PostgreSQL, beside pgbench and the bare loop, each in a database of its own.

use std::path::Path;

use anyhow::{Context as _, bail};
use sqlx::PgConnection;

use crate::{
    bare::{self, Commit, pgbench},
    clients,
    counters::Counters,
    measure::Series,
    settings::{Backend, Place, Settings, Until},
    workload::Workload,
};

use super::{Pairs, growth, place::Base, settings};

/// Rounds of each measurement, and the seconds of each.
const ROUNDS: usize = 5;
const SECONDS: u32 = 2;
const CLIENTS: [usize; 3] = [1, 4, 16];

/// Who does the work.
#[derive(Clone, Copy, Debug)]
enum Who {
    Pgbench,
    Bare,
    Store(Backend),
}

/// Who does the work, and where.
#[derive(Debug)]
struct Contender {
    name: String,
    who: Who,
    /// What its database was made as.
    database: String,
    url: String,
}

/// Every workload with every number of clients.
pub(super) async fn run() -> anyhow::Result<()> {
    let Some(base) = Base::postgres() else {
        println!(
            "| PostgreSQL: no server; `cargo xtask bench` starts one where it is installed | | | | |"
        );
        return Ok(());
    };
    let mut server = base.connect().await?;
    for (workload, commits, name) in [
        (Workload::W1, bare::W1, "W1"),
        (Workload::W3, bare::W3, "W3"),
    ] {
        let contenders = contenders(&base).await?;
        let folder = tempfile::tempdir()?;
        let work = Work {
            workload,
            commits,
            folder: folder.path(),
        };
        for clients in CLIENTS {
            work.compare(&contenders, name, clients).await?;
        }
        work.count(&contenders, &mut server, name).await?;
        for contender in &contenders {
            base.drop(&contender.database).await?;
        }
    }
    growth::inboxes(&base).await?;
    growth::finished(&base).await
}

/// pgbench, which the others are measured against, first.
async fn contenders(base: &Base) -> anyhow::Result<Vec<Contender>> {
    let stores = base.stores().iter();
    let stores = stores.map(|(name, backend)| (format!("{name} store"), Who::Store(*backend)));
    let bare = [
        ("pgbench, one statement".to_owned(), Who::Pgbench),
        ("bare sqlx, five statements".to_owned(), Who::Bare),
    ];
    let mut contenders = Vec::new();
    for (n, (name, who)) in bare.into_iter().chain(stores).enumerate() {
        let database = n.to_string();
        let Place::Postgres { url } = base.make(&database).await? else {
            bail!("{} is no PostgreSQL", base.name());
        };
        if !matches!(who, Who::Store(_)) {
            bare::postgres::make_tables(&url).await?;
        }
        contenders.push(Contender {
            name,
            who,
            database,
            url,
        });
    }
    Ok(contenders)
}

/// What is done.
#[derive(Clone, Copy, Debug)]
struct Work<'a> {
    workload: Workload,
    commits: &'static [Commit],
    folder: &'a Path,
}

impl Work<'_> {
    /// All in turn, several times.
    async fn compare(
        self,
        contenders: &[Contender],
        name: &str,
        clients: usize,
    ) -> anyhow::Result<()> {
        let mut all: Vec<(Series, Pairs)> = Vec::new();
        all.resize_with(contenders.len(), || (Series::new(), Pairs::new()));
        for _ in 0..ROUNDS {
            let mut base = None;
            for (contender, (rates, pairs)) in contenders.iter().zip(&mut all) {
                let (rate, _) = self.slice(contender, clients).await?;
                rates.add(rate);
                pairs.add(rate, *base.get_or_insert(rate));
            }
        }
        for (contender, (rates, pairs)) in contenders.iter().zip(&all) {
            let (rate, base, ratio) = (rates.median(), pairs.base.median(), pairs.ratio.median());
            let wanted = match contender.who {
                Who::Store(_) => "at least 0.7",
                Who::Bare | Who::Pgbench => "",
            };
            println!(
                "| {name}, PostgreSQL, {}, {clients} clients, processes/s | {rate:.0} | {base:.0} (pgbench) | {ratio:.2} | {wanted} |",
                contender.name
            );
        }
        Ok(())
    }

    /// What one process of one client costs.
    async fn count(
        self,
        contenders: &[Contender],
        server: &mut PgConnection,
        name: &str,
    ) -> anyhow::Result<()> {
        for contender in contenders {
            let before = Counters::of(server, &contender.url).await?;
            let (_, processes) = self.slice(contender, 1).await?;
            let after = Counters::of(server, &contender.url).await?;
            let each = after.each_since(before, processes)?;
            println!(
                "| {name}, PostgreSQL, {}: statements, WAL syncs, WAL bytes per process | {:.1}, {:.2}, {:.0} | | | |",
                contender.name, each.statements, each.syncs, each.bytes
            );
        }
        Ok(())
    }

    /// Processes per second, and how many there were.
    async fn slice(self, contender: &Contender, clients: usize) -> anyhow::Result<(f64, usize)> {
        let (url, seconds) = (&contender.url, f64::from(SECONDS));
        Ok(match contender.who {
            Who::Pgbench => pgbench::run(url, self.commits, clients, SECONDS, self.folder).await?,
            Who::Bare => {
                let rates = bare::postgres::run(url, self.commits, clients, seconds).await?;
                (rates.per_second(), rates.each.len())
            }
            Who::Store(backend) => {
                let place = Place::Postgres { url: url.clone() };
                let settings = Settings {
                    until: Until::Seconds(seconds),
                    ..settings(self.workload, place, backend, clients)
                };
                let rates = clients::run(&settings).await;
                let rates = rates.with_context(|| contender.name.clone())?;
                (rates.per_second(), rates.each.len())
            }
        })
    }
}
