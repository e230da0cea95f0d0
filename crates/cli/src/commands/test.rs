//! `signoff test`: runs scenarios, `N passed, N failed` last.

use std::{path::Path, sync::Arc};

use signoff::{
    definition,
    testing::{Files, Stores, Suite},
};

use crate::{
    args::{Backend, Test},
    exit::{Exit, Failure},
    output,
};

pub(crate) async fn run(args: Test) -> Result<Exit, Failure> {
    let stores = stores(&args.store, args.backend).await?;
    let (mut passed, mut failed) = (0, 0);
    for path in &args.files {
        let (text, format) = output::read(path)?;
        let name = path.display().to_string();
        let files = Files::below(path.parent().unwrap_or_else(|| Path::new(".")));
        outln!("{name}");
        match Suite::read(&name, &text, format, &files) {
            Ok(suite) => {
                let report = suite.on(stores.clone()).run().await;
                out!("{report}");
                passed += report.passed();
                failed += report.failed();
            }
            Err(error) => {
                eprint!("{}", definition::render(&name, &text, &error.problems));
                failed += 1;
            }
        }
    }
    outln!("{passed} passed, {failed} failed");
    Ok(if failed == 0 { Exit::Ok } else { Exit::Failed })
}

async fn stores(url: &str, backend: Backend) -> Result<Stores, Failure> {
    if url == "memory" {
        return Ok(Stores::Memory);
    }
    let Some(path) = url.strip_prefix("sqlite:") else {
        let message = format!("`{url}` is not a store: write `memory` or `sqlite:FILE`");
        return Err(Failure::failed("unknown_store", message).exit(Exit::Usage));
    };
    let failed = |error: signoff::store::Error| Failure::failed(error.code(), error.to_string());
    Ok(Stores::Shared(match backend {
        Backend::Sqlx => Arc::new(
            signoff::sqlx::SqliteStore::open(path)
                .await
                .map_err(failed)?,
        ),
        Backend::Diesel => Arc::new(
            signoff::diesel::SqliteStore::open(path)
                .await
                .map_err(failed)?,
        ),
    }))
}
