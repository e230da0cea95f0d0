//! The server through its router: REST, pages, and who may do what.

mod app;
mod gate;
mod listing;
mod mailbox;
mod pages;
mod rest;
mod workflows;
