//! W1 and W3 on a server, beside pgbench and the bare loop, each in a database of its own.

use std::path::Path;

use anyhow::{Context as _, bail};

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
    place: Place,
}

/// Everything on PostgreSQL, as far as it is there.
pub(super) async fn postgres() -> anyhow::Result<()> {
    let Some(base) = Base::postgres() else {
        return nothing("PostgreSQL");
    };
    workloads(&base).await?;
    growth::inboxes(&base).await
}

/// The workloads on MySQL or MariaDB, as far as it is there.
pub(super) async fn mysql() -> anyhow::Result<()> {
    match Base::mysql() {
        None => nothing("MariaDB"),
        Some(base) => workloads(&base).await,
    }
}

fn nothing(name: &str) -> anyhow::Result<()> {
    println!("| {name}: no server; `cargo xtask bench` starts one where it is installed | | | | |");
    Ok(())
}

/// Every workload with every number of clients; then which store is the faster one.
async fn workloads(base: &Base) -> anyhow::Result<()> {
    for (workload, commits, name) in [
        (Workload::W1, bare::W1, "W1"),
        (Workload::W3, bare::W3, "W3"),
    ] {
        let contenders = contenders(base).await?;
        let folder = tempfile::tempdir()?;
        let work = Work {
            base,
            name,
            workload,
            commits,
            folder: folder.path(),
        };
        for clients in CLIENTS {
            let rates = work.compare(&contenders, clients).await?;
            if workload == Workload::W1 && clients == 1 {
                say_faster(base, &contenders, &rates);
            }
        }
        if matches!(base, Base::Postgres { .. }) {
            work.count(&contenders).await?;
        }
        for contender in &contenders {
            base.drop(&contender.database).await?;
        }
    }
    Ok(())
}

/// Which of the stores has the highest rate.
fn say_faster(base: &Base, contenders: &[Contender], rates: &[f64]) {
    let stores = contenders.iter().zip(rates);
    let stores = stores.filter(|(contender, _)| matches!(contender.who, Who::Store(_)));
    if let Some((fastest, rate)) = stores.max_by(|one, other| one.1.total_cmp(other.1)) {
        println!(
            "| the faster store on {}, by W1 of 1 client | {} | | | {rate:.0}/s |",
            base.name(),
            fastest.name
        );
    }
}

/// What the others are measured against first: pgbench, else the bare loop.
async fn contenders(base: &Base) -> anyhow::Result<Vec<Contender>> {
    let bare = ("bare sqlx, five statements".to_owned(), Who::Bare);
    let mut all = match base {
        Base::Postgres { .. } => vec![("pgbench, one statement".to_owned(), Who::Pgbench), bare],
        Base::Sqlite(_) | Base::Mysql { .. } => vec![bare],
    };
    let stores = base.stores().iter();
    all.extend(stores.map(|(name, backend)| (format!("{name} store"), Who::Store(*backend))));
    let mut contenders = Vec::new();
    for (n, (name, who)) in all.into_iter().enumerate() {
        let database = n.to_string();
        let place = base.make(&database).await?;
        match (&who, &place) {
            (Who::Store(_), _) => {}
            (_, Place::Postgres { url }) => bare::postgres::make_tables(url).await?,
            (_, Place::Mysql { url }) => bare::mysql::make_tables(url).await?,
            (_, Place::Sqlite { .. }) => bail!("SQLite is no server"),
        }
        contenders.push(Contender {
            name,
            who,
            database,
            place,
        });
    }
    Ok(contenders)
}

/// What is done.
#[derive(Clone, Copy, Debug)]
struct Work<'a> {
    base: &'a Base,
    name: &'static str,
    workload: Workload,
    commits: &'static [Commit],
    folder: &'a Path,
}

impl Work<'_> {
    /// All in turn, several times; gives their rates.
    async fn compare(self, contenders: &[Contender], clients: usize) -> anyhow::Result<Vec<f64>> {
        let (name, base_name) = (self.name, self.base.name());
        let against = contenders.first().map_or("", |first| first.name.as_str());
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
                Who::Store(_) if matches!(contender.place, Place::Postgres { .. }) => {
                    "at least 0.7"
                }
                Who::Store(_) | Who::Bare | Who::Pgbench => "",
            };
            println!(
                "| {name}, {base_name}, {}, {clients} clients, processes/s | {rate:.0} | {base:.0} ({against}) | {ratio:.2} | {wanted} |",
                contender.name
            );
        }
        Ok(all.iter().map(|(rates, _)| rates.median()).collect())
    }

    /// What one process of one client costs.
    async fn count(self, contenders: &[Contender]) -> anyhow::Result<()> {
        let mut server = self.base.connect().await?;
        for contender in contenders {
            let Place::Postgres { url } = &contender.place else {
                continue;
            };
            let before = Counters::of(&mut server, url).await?;
            let (_, processes) = self.slice(contender, 1).await?;
            let after = Counters::of(&mut server, url).await?;
            let each = after.each_since(before, processes)?;
            println!(
                "| {}, PostgreSQL, {}: statements, WAL syncs, WAL bytes per process | {:.1}, {:.2}, {:.0} | | | |",
                self.name, contender.name, each.statements, each.syncs, each.bytes
            );
        }
        Ok(())
    }

    /// Processes per second, and how many there were.
    async fn slice(self, contender: &Contender, clients: usize) -> anyhow::Result<(f64, usize)> {
        let seconds = f64::from(SECONDS);
        let rates = match (contender.who, &contender.place) {
            (Who::Store(backend), place) => {
                let settings = Settings {
                    until: Until::Seconds(seconds),
                    ..settings(self.workload, place.clone(), backend, clients)
                };
                let rates = clients::run(&settings).await;
                rates.with_context(|| contender.name.clone())?
            }
            (Who::Pgbench, Place::Postgres { url }) => {
                return pgbench::run(url, self.commits, clients, SECONDS, self.folder).await;
            }
            (Who::Bare, Place::Postgres { url }) => {
                bare::postgres::run(url, self.commits, clients, seconds).await?
            }
            (Who::Bare, Place::Mysql { url }) => {
                bare::mysql::run(url, self.commits, clients, seconds).await?
            }
            (Who::Pgbench | Who::Bare, _) => bail!("{} has no such loop", self.base.name()),
        };
        Ok((rates.per_second(), rates.each.len()))
    }
}
