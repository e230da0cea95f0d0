//! W4: looking at one person's open tasks while many instances run.

use std::time::{Duration, Instant};

use anyhow::ensure;
use signoff::{
    Engine, TenantId,
    store::{PageRequest, TaskFilter, Whose},
};

use crate::{
    engine::engine,
    measure::{millis, percentile},
    preload,
    settings::Settings,
};

/// Persons who have tasks.
pub(crate) const PEOPLE: usize = 50;
/// Tasks on a page.
const PAGE: u32 = 20;
/// Calls of each kind.
const CALLS: usize = 50;

/// What looking took.
#[derive(Default)]
pub(crate) struct Looks {
    pub(crate) page: Vec<Duration>,
    pub(crate) count: Vec<Duration>,
}

impl Looks {
    /// Adds what another round took.
    pub(crate) fn add(&mut self, other: Self) {
        self.page.extend(other.page);
        self.count.extend(other.count);
    }

    pub(crate) fn metrics(&self) -> Vec<(&'static str, String)> {
        let at = |each: &[Duration], percent| millis(percentile(each, percent));
        vec![
            ("page_p50_ms", at(&self.page, 50)),
            ("page_max_ms", at(&self.page, 100)),
            ("count_p50_ms", at(&self.count, 50)),
            ("count_max_ms", at(&self.count, 100)),
        ]
    }
}

/// The id of the person number `n`.
pub(crate) fn clerk(n: usize) -> String {
    format!("clerk-{n:02}")
}

/// Stores the instances, then looks at them.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<Looks> {
    let engine = engine(settings).await?;
    preload::store(&engine, settings.workload, settings.inbox).await?;
    look(&engine, settings.inbox).await
}

/// Looks at the tasks of one person after the other, of so many instances.
pub(crate) async fn look(engine: &Engine, instances: usize) -> anyhow::Result<Looks> {
    let tenant = TenantId::default();
    let page = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut looks = Looks::default();
    for n in 0..CALLS {
        let person = clerk(n % PEOPLE);
        let whose = Whose::HeldBy(person.as_str().into());
        // The instances were dealt out in turn.
        let expected = (instances + PEOPLE - 1 - n % PEOPLE) / PEOPLE;

        let began = Instant::now();
        let found = engine.tasks(&tenant, whose.clone(), &page).await?;
        looks.page.push(began.elapsed());
        let full = expected.min(usize::try_from(PAGE)?);
        let theirs = |task: &signoff::store::TaskSummary| {
            let assignee = task.task.assignee.as_ref();
            assignee.is_some_and(|assignee| assignee.as_str() == person)
        };
        ensure!(found.items.len() == full, "the page is not full");
        ensure!(found.items.iter().all(theirs), "the page has others' tasks");
        let opened = found.items.iter().map(|task| task.task.opened_at);
        ensure!(
            opened.is_sorted(),
            "the page is not in the order of opening"
        );

        let filter = TaskFilter {
            whose,
            open: Some(true),
            ..TaskFilter::default()
        };
        let began = Instant::now();
        let count = engine.store().count_tasks(&tenant, &filter).await?;
        looks.count.push(began.elapsed());
        ensure!(
            usize::try_from(count)? == expected,
            "{person} has {count} tasks, not {expected}"
        );
    }
    Ok(looks)
}
