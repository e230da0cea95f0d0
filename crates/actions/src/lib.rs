//! What reacts to events in Signoff: actions, mail templates and mail transports.
//!
//! The crate knows nothing of workflows. A caller hands it an [`ActionCall`] or a [`mail::Message`]
//! that is already decided, and it carries it out once more or says why not. Who gets a mail, when
//! it is retried and what happens after the last try is decided elsewhere.
//!
//! # Example: an action of the host and a mail
//!
//! ```
//! use serde_json::{Value, json};
//! use signoff_actions::{ActionCall, ActionError, Registry, Templates};
//!
//! async fn reserve_budget(call: ActionCall) -> Result<Value, ActionError> {
//!     match call.input["amount"].as_u64() {
//!         Some(amount) => Ok(json!({ "reserved": amount })),
//!         None => Err(ActionError::permanent("amount_missing", "`amount` is not a number")),
//!     }
//! }
//!
//! # fn main() -> Result<(), signoff_actions::Error> {
//! let mut registry = Registry::new();
//! registry.register_fn("reserve_budget", reserve_budget)?;
//! assert!(registry.get("reserve_budget").is_some());
//!
//! let templates = Templates::new();
//! let mail = templates.render("approved", "ar-EG", &json!({ "instance": { "title": "A-17" } }))?;
//! assert_eq!(mail.locale, "ar");
//! assert!(mail.html.contains(r#"dir="rtl""#));
//! # Ok(())
//! # }
//! ```
//!
//! # Parts
//!
//! - [`Action`], [`ActionCall`], [`ActionError`], [`Registry`]: the host's own functions by name.
//! - [`Templates`]: the texts of the mails, English and Arabic built in.
//! - [`mail`]: a [`mail::Message`], the [`mail::Mailer`] trait and its implementations.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `mail` | yes | `mail::SmtpMailer`, `mail::FolderMailer` and reading its mails back |

mod action;
mod action_error;
mod call;
mod error;
pub mod mail;
mod name;
mod registry;
mod templates;

pub use crate::action::{Action, FnAction, action_fn};
pub use crate::action_error::ActionError;
pub use crate::call::ActionCall;
pub use crate::error::{Error, ErrorKind};
pub use crate::registry::Registry;
pub use crate::templates::{BUILTIN_NAMES, Rendered, Source, Templates};
