//! What the tests of the whole share: small worlds to run engines in.

use std::sync::Arc;

use signoff::{Builder, Engine, Format, MemoryDirectory, Profile, TenantId, store::Store};

/// A person with roles and an address.
#[must_use]
pub fn person(id: &str, roles: &[&str]) -> Profile {
    Profile {
        id: id.into(),
        email: Some(format!("{id}@example.com")),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        active: true,
        ..Profile::default()
    }
}

/// An engine on `store` with these people, still to be finished.
#[must_use]
pub fn builder(store: Arc<dyn Store>, people: Vec<Profile>) -> Builder {
    Engine::builder()
        .shared_store(store)
        .directory(MemoryDirectory::new(people))
}

/// Publishes a definition for the default tenant.
///
/// # Panics
/// When the definition has errors or the store fails.
#[expect(clippy::expect_used, reason = "a failing helper fails the test")]
pub async fn publish(engine: &Engine, definition: &str) {
    engine
        .publish(&TenantId::default(), &[(definition, Format::Yaml)])
        .await
        .expect("the definition publishes");
}
