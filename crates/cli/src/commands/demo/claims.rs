//! A few insurance claims that run when the demo begins.

use serde_json::json;
use signoff::{Call, Engine, Start};

use super::has_run;
use crate::exit::Failure;

const WORKFLOW: &str = "insurance_claim";

/// A claim, and how it has gone so far.
struct Claim {
    number: &'static str,
    customer: &'static str,
    amount: u32,
    is_high_risk: bool,
    /// Who did what, in order.
    deeds: &'static [(&'static str, Deed)],
}

enum Deed {
    Hold,
    Status(&'static str),
}

const CLAIMS: &[Claim] = &[
    Claim {
        number: "D-1001",
        customer: "Sami Haddad",
        amount: 800,
        is_high_risk: false,
        deeds: &[],
    },
    Claim {
        number: "D-1002",
        customer: "Lena Lang",
        amount: 25_000,
        is_high_risk: false,
        deeds: &[("cleo", Deed::Status("complete"))],
    },
    Claim {
        number: "D-1003",
        customer: "ليلى منصور",
        amount: 4_200,
        is_high_risk: true,
        deeds: &[("cleo", Deed::Status("complete"))],
    },
    Claim {
        number: "D-1004",
        customer: "Otto Ohlsen",
        amount: 1_500,
        is_high_risk: false,
        deeds: &[("cleo", Deed::Status("incomplete")), ("cleo", Deed::Hold)],
    },
    Claim {
        number: "D-1005",
        customer: "Nora Nagy",
        amount: 300,
        is_high_risk: false,
        deeds: &[
            ("cleo", Deed::Status("complete")),
            ("rita", Deed::Status("paid")),
        ],
    },
    Claim {
        number: "D-1006",
        customer: "Paul Petit",
        amount: 60_000,
        is_high_risk: false,
        deeds: &[
            ("cleo", Deed::Status("complete")),
            ("xia", Deed::Status("reviewed")),
        ],
    },
];

/// Who takes the claims in.
const CLERK: &str = "cleo";

/// Starts the claims, unless there has ever been one.
pub(super) async fn begin(engine: &Engine) -> Result<(), Failure> {
    if has_run(engine, WORKFLOW).await? {
        return Ok(());
    }
    for claim in CLAIMS {
        let data = json!({
            "number": claim.number,
            "customer": claim.customer,
            "amount": claim.amount,
            "is_high_risk": claim.is_high_risk,
        });
        let start = Start::of(WORKFLOW).subject("claim", claim.number);
        let start = start.data(&data)?.by(CLERK);
        let mut done = engine.start(start).await?;
        for (who, deed) in claim.deeds {
            let call = match (deed, done.instance.tasks().next()) {
                (Deed::Hold, _) => Call::hold(done.id()).reason("waiting for the police report"),
                (Deed::Status(status), Some(task)) => Call::set_status(task.id, *status),
                (Deed::Status(_), None) => break,
            };
            done = engine.call(call.by(*who)).await?;
        }
    }
    Ok(())
}
