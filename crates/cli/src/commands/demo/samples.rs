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
        let world = Address::named("The world", "world@example.com");
        self.send(call, "hello_world", world, "en").await?;
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
            let locale = profile.locale.as_deref().unwrap_or("en");
            self.send(call, "shipment_reminder", to, locale).await?;
            reminded.push(profile.id);
        }
        tracing::info!(key = %call.key, people = ?reminded, "logistics reminded");
        Ok(json!({"reminded": reminded}))
    }

    /// Every attempt has the same id, so one mail leaves.
    async fn send(
        &self,
        call: &ActionCall,
        template: &str,
        to: Address,
        locale: &str,
    ) -> Result<(), ActionError> {
        let context = json!({
            "recipient": {"name": to.name},
            "with": call.input,
            "link": format!("{}/instances/{}", self.url, call.instance),
        });
        let rendered = self.templates.render(template, locale, &context);
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
