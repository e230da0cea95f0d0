//! `signoff migrate`: running instances go on by another version of their definition.

use std::path::Path;

use serde_json::json;
use signoff::{MigrateAll, MigratedInstance, Migration, definition};

use crate::{
    args::{Migrate, Output},
    exit::{Exit, Failure},
    output, store,
};

pub(crate) async fn run(args: Migrate) -> Result<Exit, Failure> {
    let mut plan = match &args.plan {
        Some(path) => read(path)?,
        None => Migration::to_newest(),
    };
    plan.to = args.to.or(plan.to);
    // Nobody's name is asked for: the host acts. Functions of the host are not here, so a node that
    // would begin with one is refused.
    let (engine, tenant) = store::engine(&args.kept).await?;
    let workflow = signoff::WorkflowKey::from(args.workflow.as_str());
    if engine
        .definition(&tenant, &workflow, plan.to)
        .await?
        .is_none()
    {
        let message = format!("there is no such version of `{workflow}`");
        return Err(Failure::failed("not_found", message).exit(Exit::NotFound));
    }
    let mut all = MigrateAll::of(workflow, plan)
        .tenant(tenant)
        .dry_run(args.dry_run);
    if let Some(from) = args.from {
        all = all.from_version(from);
    }
    let migrated = engine.migrate_all(all).await?;
    tell(&migrated, &args);
    let refused = migrated.iter().any(|one| one.outcome.is_err());
    Ok(if refused { Exit::Failed } else { Exit::Ok })
}

fn read(path: &Path) -> Result<Migration, Failure> {
    let (text, format) = output::read(path)?;
    let invalid = |message: String| {
        let message = format!("`{}` is no plan: {message}", path.display());
        Failure::failed("plan_invalid", message).exit(Exit::Usage)
    };
    let parsed = definition::parse(&text, format).map_err(|problems| {
        invalid(definition::render(
            &path.display().to_string(),
            &text,
            &problems,
        ))
    })?;
    serde_json::from_value(parsed.value).map_err(|error| invalid(error.to_string()))
}

fn tell(migrated: &[MigratedInstance], args: &Migrate) {
    if args.kept.output == Output::Json {
        let items: Vec<_> = migrated.iter().map(as_json).collect();
        return outln!("{}", json!({"items": items, "dry_run": args.dry_run}));
    }
    for one in migrated {
        match &one.outcome {
            Ok(visits) => {
                let visits: Vec<String> = visits
                    .iter()
                    .map(|visit| format!("{} {}", visit.node, visit.becomes.as_str()))
                    .collect();
                outln!("{}  version {}  {}", one.id, one.from, visits.join(", "));
            }
            Err(refusal) => outln!("{}  version {}  refused: {refusal}", one.id, one.from),
        }
    }
    let refused = migrated.iter().filter(|one| one.outcome.is_err()).count();
    let word = if args.dry_run {
        "would be migrated"
    } else {
        "migrated"
    };
    outln!("{} {word}, {refused} refused", migrated.len() - refused);
}

fn as_json(one: &MigratedInstance) -> serde_json::Value {
    let (visits, refused) = match &one.outcome {
        Ok(visits) => {
            let visits = visits.iter().map(|visit| {
                json!({
                    "activation": visit.activation,
                    "node": visit.node,
                    "becomes": visit.becomes,
                })
            });
            (json!(visits.collect::<Vec<_>>()), json!(null))
        }
        Err(refusal) => (
            json!(null),
            json!({"code": refusal.code.as_str(), "message": refusal.message}),
        ),
    };
    json!({"instance": one.id, "from": one.from, "visits": visits, "refused": refused})
}
