//! A process that works on a database until it is killed: `signoff-mortal STORE TENANT SMTP AHEAD CLIENTS`.

use std::time::Duration;

use signoff_tests::{crash, open};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [address, tenant, smtp, ahead, clients] = args.as_slice() else {
        return Err("expected STORE TENANT SMTP AHEAD CLIENTS".into());
    };
    let ahead = Duration::from_secs(ahead.parse()?);
    let engine = crash::engine(open(address).await?, (tenant, smtp), ahead)?.build()?;
    crash::work_on(engine, tenant, clients.parse()?).await
}
