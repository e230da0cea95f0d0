//! Shows the smallest whole thing: publish a definition, start it, let two people decide.
//!
//! Everything lives in memory; the next example keeps it in a database.
#![expect(clippy::print_stdout, reason = "an example shows what it did")]

use signoff::{
    Call, Engine, Format, MemoryDirectory, Profile, Start, TenantId, store::MemoryStore,
};

const DEFINITION: &str = "
format: signoff/v1
kind: approval
key: expense
defaults: {exclude: [requester]}
pipelines:
  - key: all
    stages:
      - {key: review, approvals: [{role: reviewer}]}
      - {key: payment, approvals: [{user: pia}]}
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let person = |id: &str, roles: &[&str]| Profile {
        id: id.into(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        active: true,
        ..Profile::default()
    };
    let engine = Engine::builder()
        .store(MemoryStore::default())
        .directory(MemoryDirectory::new([
            person("ann", &["reviewer"]),
            person("rob", &["reviewer"]),
            person("pia", &[]),
        ]))
        .build()?;
    engine
        .publish(&TenantId::default(), &[(DEFINITION, Format::Yaml)])
        .await?;

    let started = engine.start(Start::of("expense").by("ann")).await?;
    let review = started.opened[0];

    // Ann is a reviewer too, but she asked for it: a "no" is a value with a stable code.
    let refused = engine
        .call(Call::approve(review).by("ann"))
        .await
        .expect_err("ann is excluded");
    println!("ann: {}", refused.code());

    let reviewed = engine
        .call(Call::approve(review).by("rob").comment("fine"))
        .await?;
    println!("rob: {}", reviewed.instance.status().as_str());

    let paid = engine
        .call(Call::approve(reviewed.opened[0]).by("pia"))
        .await?;
    println!("pia: {}", paid.instance.status().as_str());

    for entry in engine.history(&TenantId::default(), paid.id()).await? {
        let names: Vec<&str> = entry
            .events
            .iter()
            .map(signoff::core::event::Event::name)
            .collect();
        println!("{}: {}", entry.version, names.join(" "));
    }
    Ok(())
}
