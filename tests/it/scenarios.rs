//! Every scenario on every store.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use signoff::{
    Format,
    testing::{Files, Stores, Suite},
};

use crate::stores::{self, Opened};

/// Definitions whose scenarios this version runs, and the scenario files.
fn files() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = ["claim", "hello_world", "purchase_request", "shipment"]
        .map(|name| here.join(format!("../examples/{name}.yaml")))
        .into();
    for folder in ["patterns", "scenarios"] {
        for entry in std::fs::read_dir(here.join(folder)).unwrap() {
            files.push(entry.unwrap().path());
        }
    }
    files.sort();
    files
}

async fn every_scenario_passes(opened: Opened) {
    let mut scenarios = 0;
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.display().to_string();
        let folder = Files::below(file.parent().unwrap());
        let suite = Suite::read(&name, &text, Format::Yaml, &folder).unwrap();
        let report = suite
            .on(Stores::Shared(Arc::clone(&opened.store)))
            .run()
            .await;
        assert_eq!(report.failed(), 0, "{name} on {}\n{report}", opened.name);
        scenarios += report.passed();
    }
    assert!(
        scenarios >= 290,
        "{} ran only {scenarios} scenarios",
        opened.name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_in_memory() {
    every_scenario_passes(stores::memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_on_sqlx_and_sqlite() {
    every_scenario_passes(stores::sqlx_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_on_diesel_and_sqlite() {
    every_scenario_passes(stores::diesel_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_on_sqlx_and_postgres() {
    if let Some(opened) = stores::sqlx_postgres().await {
        every_scenario_passes(opened).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_on_diesel_and_postgres() {
    if let Some(opened) = stores::diesel_postgres().await {
        every_scenario_passes(opened).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_on_sqlx_and_mysql() {
    if let Some(opened) = stores::sqlx_mysql().await {
        every_scenario_passes(opened).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_on_diesel_and_mysql() {
    if let Some(opened) = stores::diesel_mysql().await {
        every_scenario_passes(opened).await;
    }
}
