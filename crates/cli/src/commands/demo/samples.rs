//! The sample workflows, and what they call in their host.

use std::sync::Arc;

use serde_json::{Value, json};
use signoff::{
    Builder, Profile,
    actions::{
        ActionCall, ActionError, Templates,
        mail::{Address, FolderMailer, Mailer as _, Message},
    },
};

use super::{mails, people};
use crate::exit::Failure;

/// The sample workflows that this version runs.
pub(super) const SAMPLES: &[&str] = &[
    include_str!("../../../../../examples/purchase_request.yaml"),
    include_str!("../../../../../examples/hello_world.yaml"),
    include_str!("../../../../../examples/shipment.yaml"),
    include_str!("../../../../../examples/claim.yaml"),
    include_str!("../../../../../examples/insurance_claim.yaml"),
];

/// The host of the samples: it writes log lines, and mails into the mailbox.
#[derive(Clone, Debug)]
pub(super) struct Host {
    mailbox: FolderMailer,
    templates: Arc<Templates>,
    url: String,
}

impl Host {
    pub(super) fn new(mailbox: FolderMailer, url: &str) -> Result<Self, Failure> {
        let templates =
            mails::templates().map_err(|error| Failure::failed(error.code(), error.to_string()))?;
        Ok(Self {
            mailbox,
            templates: Arc::new(templates),
            url: url.to_owned(),
        })
    }

    /// `engine` with everything that the samples call.
    pub(super) fn serves(&self, engine: Builder) -> Builder {
        let (hello, remind) = (self.clone(), self.clone());
        engine
            .action("reserve_budget", |call| async move {
                tracing::info!(key = %call.key, input = %call.input, "budget reserved");
                Ok(json!({"reserved": call.input}))
            })
            .action("send_hello_world", move |call| {
                let host = hello.clone();
                async move { host.send_hello_world(&call).await }
            })
            .action("remind_logistics", move |call| {
                let host = remind.clone();
                async move { host.remind_logistics(&call).await }
            })
    }

    /// Mails the text of the request to the world.
    async fn send_hello_world(&self, call: &ActionCall) -> Result<Value, ActionError> {
        let world = Address::named("World", "world@example.com");
        let context = json!({"recipient": {"name": world.name}, "with": call.input});
        self.send(call, ("hello_world", "en"), world, &context)
            .await?;
        tracing::info!(key = %call.key, text = %call.input["text"], "hello world sent");
        Ok(json!({"sent": true}))
    }

    /// Mails everybody in logistics that the insurance of a shipment is waiting.
    async fn remind_logistics(&self, call: &ActionCall) -> Result<Value, ActionError> {
        let mut reminded = Vec::new();
        for profile in people::everybody() {
            let Some(to) = address(&profile).filter(|_| profile.roles.contains("logistics")) else {
                continue;
            };
            let link = format!("{}/instances/{}", self.url, call.instance);
            let context = json!({"recipient": {"name": to.name}, "link": link});
            let locale = profile.locale.as_deref().unwrap_or("en");
            self.send(call, ("shipment_reminder", locale), to, &context)
                .await?;
            reminded.push(profile.id);
        }
        tracing::info!(key = %call.key, people = ?reminded, "logistics reminded");
        Ok(json!({"reminded": reminded}))
    }

    /// Every attempt has the same id, so one mail leaves.
    async fn send(
        &self,
        call: &ActionCall,
        (template, locale): (&str, &str),
        to: Address,
        context: &Value,
    ) -> Result<(), ActionError> {
        let rendered = self.templates.render(template, locale, context);
        let rendered =
            rendered.map_err(|error| ActionError::permanent(error.code(), error.to_string()))?;
        let name = to.address.split('@').next().unwrap_or_default();
        let message = Message {
            id: format!("{}-{name}", call.key),
            from: None,
            to,
            cc: Vec::new(),
            subject: rendered.subject,
            html: rendered.html,
            text: rendered.text,
            template: template.to_owned(),
            tenant: call.tenant.clone(),
            locale: rendered.locale,
        };
        Ok(self.mailbox.send(&message).await?)
    }
}

fn address(profile: &Profile) -> Option<Address> {
    let email = profile.email.clone()?;
    Some(Address::named(profile.display_name(), email))
}

#[cfg(test)]
mod tests {
    use signoff::{Engine, Format, MemoryDirectory, TenantId, store::MemoryStore};

    use super::*;

    fn host(folder: &tempfile::TempDir) -> Host {
        let sender = Address::new("signoff@example.com");
        let mailbox = FolderMailer::new(folder.path(), &sender).unwrap();
        Host::new(mailbox, "http://demo.test").unwrap()
    }

    fn call(input: Value) -> ActionCall {
        ActionCall {
            key: "k1".to_owned(),
            instance: "i1".to_owned(),
            input,
            ..ActionCall::default()
        }
    }

    #[tokio::test]
    async fn the_samples_find_their_functions_and_roles() {
        let folder = tempfile::tempdir().unwrap();
        let host = host(&folder);
        let engine = Engine::builder()
            .store(MemoryStore::new())
            .directory(MemoryDirectory::new(people::everybody()))
            .mailer(host.mailbox.clone());
        let engine = host.serves(engine).build().unwrap();
        let sources: Vec<_> = SAMPLES.iter().map(|text| (*text, Format::Yaml)).collect();
        let published = engine.publish(&TenantId::default(), &sources).await;
        let published = published.unwrap();
        assert_eq!(published.len(), SAMPLES.len());
        let warnings: Vec<_> = published
            .into_iter()
            .flat_map(|found| found.warnings)
            .filter(|problem| problem.code == "unknown_role")
            .collect();
        assert!(warnings.is_empty(), "{warnings:?}");
    }

    #[tokio::test]
    async fn a_few_claims_run_and_are_begun_only_once() {
        let engine = Engine::builder()
            .store(MemoryStore::new())
            .directory(MemoryDirectory::new(people::everybody()))
            .tool()
            .build()
            .unwrap();
        let tenant = TenantId::default();
        let claim = SAMPLES[SAMPLES.len() - 1];
        let published = engine.publish(&tenant, &[(claim, Format::Yaml)]).await;
        assert_eq!(published.unwrap().len(), 1);
        for _ in 0..2 {
            super::super::claims::begin(&engine).await.unwrap();
        }
        let store = engine.store();
        let found = store
            .instances(&tenant, &Default::default(), &Default::default())
            .await
            .unwrap();
        let mut stand = Vec::new();
        for row in found.items {
            let view = engine.instance(&tenant, row.id).await.unwrap().unwrap();
            let (step, status) = view.instance.step().unwrap();
            let subject = view.instance.subject().unwrap();
            stand.push(format!("{} {step} {}", subject.id, status.key));
        }
        stand.sort();
        assert_eq!(
            stand,
            [
                "D-1001 intake received",
                "D-1002 senior_review pending",
                "D-1003 investigation open",
                "D-1004 intake on_hold",
                "D-1005 payout paid",
                "D-1006 senior_review reviewed",
            ]
        );
    }

    #[tokio::test]
    async fn hello_world_is_mailed_once_however_often_it_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        let host = host(&folder);
        let call = call(json!({"text": "<b>hi</b>"}));
        for _ in 0..2 {
            assert_eq!(
                host.send_hello_world(&call).await,
                Ok(json!({"sent": true}))
            );
        }
        let mails = host.mailbox.list().await.unwrap();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].to[0].address, "world@example.com");
        assert!(mails[0].text.contains("<b>hi</b>"), "{}", mails[0].text);
        assert!(mails[0].html.contains("&lt;b&gt;hi"), "{}", mails[0].html);
    }

    #[tokio::test]
    async fn everybody_in_logistics_is_reminded_in_the_own_language() {
        let folder = tempfile::tempdir().unwrap();
        let host = host(&folder);
        let reminded = host.remind_logistics(&call(Value::Null)).await;
        assert_eq!(reminded, Ok(json!({"reminded": ["lou", "layla"]})));
        let subjects: Vec<_> = host.mailbox.list().await.unwrap();
        let subjects: Vec<_> = subjects.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(
            subjects,
            ["A shipment waits for its insurance", "شحنة بانتظار التأمين"]
        );
    }
}
