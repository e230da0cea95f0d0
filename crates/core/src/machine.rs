//! The machine: asks until answered, then refuses or accepts.
//!
//! [`Run`] decides one command. It is pure: time, actor and every answer come in as
//! [`Facts`](crate::facts::Facts), and it never changes the instance that it was given. Work goes in
//! waves with a barrier: first every piece of the wave says what it needs, without writing; all that
//! is missing is asked together; only then does the wave emit events, in order. So ids never depend
//! on the order of answers.
//!
//! Where a rule lives: the check and the first events of a command in `commands`, what happens when a
//! token comes to a node in `enter`, what the node then does in `begin` and `ways`, how its token goes on in
//! `leave`, what a failure means in `failure`, what is withdrawn in `withdraw`; functions in `call`,
//! children in `children`, joins in `join`, conditions that are waited for in `watch`, regions and
//! locks in `regions`, compensation in `compensate`; whom a definition means in `who`, who is asked
//! in `entry`, when an entry is decided in `votes`, what reacts to events in `reactions`. `possible` lists what somebody may do: it tries the checks of
//! the commands and has no rule of its own.

mod begin;
mod call;
mod children;
mod commands;
mod compensate;
mod context;
mod data;
mod draft;
mod enter;
mod entry;
mod failure;
mod follow;
mod hand_over;
mod join;
mod leave;
mod members;
mod possible;
mod reactions;
mod recipients;
mod regions;
mod retime;
mod rights;
mod run;
mod seats;
mod sight;
mod steps;
mod trail;
mod transitions;
mod variables;
mod votes;
mod watch;
mod ways;
mod who;
mod withdraw;
mod work;

pub use self::{
    follow::may_follow,
    possible::{Possible, With, possible, possible_with},
    run::{Accepted, Run, Step},
    sight::{may_manage, may_see},
    transitions::{TRANSITIONS, Transition},
    variables::Variables,
};
