//! `signoff test`: runs scenarios, `N passed, N failed` last.

use std::path::Path;

use signoff::{
    definition,
    testing::{Files, Stores, Suite},
};

use crate::{
    args::{Backend, Test},
    exit::{Exit, Failure},
    output, store,
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

async fn stores(url: &str, backend: Option<Backend>) -> Result<Stores, Failure> {
    match url {
        "memory" => Ok(Stores::Memory),
        url => Ok(Stores::Shared(store::open(url, backend).await?)),
    }
}
