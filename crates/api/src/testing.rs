//! The test kit: scenarios that users write, on a virtual clock, with captured mail.
//!
//! After every step the laws are checked: the fold of the history equals the stored state, a refused
//! command wrote nothing, and the machine gives the same events however its questions are answered.
//!
//! # Example
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use signoff::{Format, testing::{Files, Suite}};
//!
//! let text = r#"
//! format: signoff/v1
//! kind: approval
//! key: leave
//! approvals: [{role: lead}]
//! tests:
//!   - scenario: a lead says yes
//!     people: {ann: {}, max: {roles: [lead]}}
//!     steps:
//!       - start: {by: ann}
//!       - approve: leave
//!         by: max
//!         expect: {status: completed}
//! "#;
//! let suite = Suite::read("leave.yaml", text, Format::Yaml, &Files::none())?;
//! let report = suite.run().await;
//! assert_eq!((report.passed(), report.failed()), (1, 0), "{report}");
//! # Ok::<(), signoff::testing::ScenarioError>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod expect;
mod laws;
mod people;
mod read;
mod report;
mod runner;
mod scenario;
mod stubs;
mod suite;
mod verbs;

pub(crate) use self::laws::check_run;
pub use self::{
    report::{Report, ScenarioResult},
    suite::{Files, ScenarioError, Stores, Suite},
};
