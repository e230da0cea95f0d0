//! The machine: asks until answered, then refuses or accepts.
//!
//! [`Run`] decides one command. It is pure: time, actor and every answer come in as
//! [`Facts`](crate::facts::Facts), and it never changes the instance that it was given. Work goes in
//! waves with a barrier: first every piece of the wave says what it needs, without writing; all that
//! is missing is asked together; only then does the wave emit events, in order. So ids never depend
//! on the order of answers.
//!
//! Where a rule lives: the check and the first events of a command in `commands`, what happens when a
//! token comes to a node in `enter`, functions in `call`, who is asked in `entry`, when an entry is
//! decided in `votes`, joins in `join`, what reacts to events in `reactions`.

mod call;
mod commands;
mod context;
mod draft;
mod enter;
mod entry;
mod join;
mod reactions;
mod recipients;
mod rights;
mod run;
mod variables;
mod votes;
mod who;
mod work;

pub use self::{
    run::{Accepted, Run, Step},
    variables::Variables,
};
