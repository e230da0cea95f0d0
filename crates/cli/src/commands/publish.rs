//! `signoff publish`: definitions become versions that can be started.

use serde_json::json;
use signoff::{Problem, PublishedDefinition, definition};

use crate::{
    args::{Output, Publish},
    commands::validate::problem,
    exit::{Exit, Failure},
    output, store,
};

pub(crate) async fn run(args: Publish) -> Result<Exit, Failure> {
    let read: Result<Vec<_>, Failure> = args.files.iter().map(|path| output::read(path)).collect();
    let read = read?;
    let sources: Vec<_> = read
        .iter()
        .map(|(text, format)| (text.as_str(), *format))
        .collect();
    // The host's functions, actions and people are not here, so they are not missed.
    let (engine, tenant) = store::tool(&args.kept).await?;
    let checked = engine.check_together(&tenant, &sources).await?;
    let mut wrong = false;
    for ((path, (text, _)), problems) in args.files.iter().zip(&read).zip(&checked) {
        let told: Vec<Problem> = problems
            .iter()
            .filter(|found| is_told(found))
            .cloned()
            .collect();
        wrong |= told.iter().any(Problem::is_error);
        let name = path.display().to_string();
        eprint!("{}", definition::render(&name, text, &told));
    }
    if wrong {
        return Ok(Exit::Failed);
    }
    let published = match args.dry_run {
        true => Vec::new(),
        false => engine.publish(&tenant, &sources).await?,
    };
    tell(&published, &args);
    Ok(Exit::Ok)
}

/// Whether a problem says something about the definition, and not about what only its host has.
fn is_told(problem: &Problem) -> bool {
    let of_host = ["unknown_function", "unknown_role", "unknown_template"];
    problem.is_error() || !of_host.contains(&problem.code)
}

fn tell(published: &[PublishedDefinition], args: &Publish) {
    if args.kept.output == Output::Json {
        let items = published.iter().map(|found| {
            let warnings = found.warnings.iter().filter(|found| is_told(found));
            json!({
                "key": found.id.workflow,
                "version": found.id.version,
                "is_new": found.is_new,
                "problems": warnings.map(problem).collect::<Vec<_>>(),
            })
        });
        let items: Vec<_> = items.collect();
        return outln!("{}", json!({"items": items, "dry_run": args.dry_run}));
    }
    for found in published {
        let word = if found.is_new { "new" } else { "as before" };
        outln!(
            "{}  version {}  {word}",
            found.id.workflow,
            found.id.version
        );
    }
    if args.dry_run {
        outln!("{} can be published", args.files.len());
    }
}
