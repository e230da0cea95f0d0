//! The checker: known cases, a brute-force oracle, and large graphs.

mod cases;
mod nets;
mod oracle;
mod random_nets;
mod sizes;
