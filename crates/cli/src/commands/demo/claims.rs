//! A few insurance claims that run when the demo begins.

use serde_json::json;
use signoff::{
    Call, Engine, NotDone, Start, TenantId,
    store::{InstanceFilter, PageRequest},
};

use crate::exit::Failure;

/// Number, amount, whether it is a risk, who reports it, and how it has gone so far.
type Row = (&'static str, u32, bool, &'static str, &'static [Step]);

enum Step {
    Hold,
    Status(&'static str),
}

const CLAIMS: &[Row] = &[
    ("C-1001", 800, false, "ann", &[]),
    ("C-1002", 25_000, false, "ann", &[Step::Status("complete")]),
    ("C-1003", 4_200, true, "cleo", &[Step::Status("complete")]),
    ("C-1004", 1_500, false, "cleo", &[Step::Hold]),
    (
        "C-1005",
        300,
        false,
        "max",
        &[Step::Status("complete"), Step::Status("paid")],
    ),
];

/// Starts the claims, unless there has ever been one.
pub(super) async fn begin(engine: &Engine) -> Result<(), Failure> {
    let filter = InstanceFilter {
        workflow: Some("claim".to_owned()),
        ..InstanceFilter::default()
    };
    let page = PageRequest {
        limit: 1,
        after: None,
    };
    let tenant = TenantId::default();
    let found = engine.store().instances(&tenant, &filter, &page).await;
    if !found.map_err(signoff::Error::from)?.items.is_empty() {
        return Ok(());
    }
    for (number, amount, risk, by, steps) in CLAIMS {
        let data = json!({"claim": {"number": number, "amount": amount, "is_high_risk": risk}});
        let start = Start::of("claim").subject("claim", number).data(&data)?;
        let mut done = engine.start(start.by(*by)).await.map_err(failure)?;
        for step in *steps {
            let call = match (step, done.instance.tasks().next()) {
                (Step::Hold, _) => Call::hold(done.id()).reason("waiting for the police report"),
                (Step::Status(status), Some(task)) => Call::set_status(task.id, *status),
                (Step::Status(_), None) => break,
            };
            done = engine.call(call.by(*by)).await.map_err(failure)?;
        }
    }
    Ok(())
}

fn failure(not_done: NotDone) -> Failure {
    match not_done {
        NotDone::Failed(error) => error.into(),
        NotDone::Refused(refusal) => Failure::failed(refusal.code.as_str(), refusal.message),
    }
}
