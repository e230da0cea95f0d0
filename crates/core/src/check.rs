//! The checker: it proves, before anything runs, that every run of a graph can come to its end.
//!
//! # What is proved
//! A graph is a workflow net with scopes: tokens move, a split opens a scope of tokens, a join closes
//! it. Soundness is meant as in W.M.P. van der Aalst, "The Application of Petri Nets to Workflow
//! Management" (1998), and van der Aalst et al., "Soundness of workflow nets: classification,
//! decidability, and analysis" (2011): from every state that a run can come to, the instance can
//! still complete, nothing is left over when it does, and no node is dead. Conditions are free
//! choices; timeouts, failures, escalations and rejections come or don't, and any node may be slower
//! than any other. So what is found may happen, as far as the graph knows.
//!
//! # How
//! The tokens of one scope meet nowhere but at its join, and that only counts them. So each branch is
//! explored alone, and its scope is what its branches come to, counted: a sum, not a product.
//!
//! 1. `Net`: nodes by number, with the moves of a token at each.
//! 2. `Joins`: the joins ahead of each node within the scope. A split passes on what
//!    lies behind its own join, as procedures are summarized in T. Reps, S. Horwitz, M. Sagiv,
//!    "Precise interprocedural dataflow analysis via graph reachability" (1995): scopes nest like
//!    calls. Each split has one join at most, each join one split, and no split lies in its own scope:
//!    else scopes intersect, or nest without bound.
//! 3. `Ahead`: for each node what a token there may come to: to arrive, to end, to end
//!    the instance (options); then which sets of options it may be left with on its way (kinds). On
//!    its way a token only loses options, so a state is stuck when the tokens together have none left,
//!    and stays so. `Tally` puts the branches of a split together for its join. Both
//!    are least fixpoints, so loops are exact.
//! 4. Findings: from each start whose token may be left without options, down to the loops that it is
//!    then in; joins that never fire; nodes that nothing comes to.
//!
//! Time and memory grow with the graph, nested and wide splits included, and nothing recurses.
//!
//! # Where it is not exact
//! - A node that another `cancels` may always be cancelled.
//! - A token that runs beside others, or that a join leaves behind, must be able to end by itself, unless
//!   every run ends the instance as a whole; that it may end the instance for the others is not counted on.
//! - A node whose group has a guard may be skipped with the group, also when it is not the first there.

mod ahead;
mod components;
mod dead;
mod finding;
mod meter;
mod moves;
mod nested;
mod net;
mod options;
mod scopes;
mod stuck;
mod tally;
mod unfired;
mod walk;

use self::{
    ahead::{Ahead, Joins},
    meter::{Exhausted, Meter},
    net::Net,
    walk::Walk,
};
pub use self::{
    finding::{Exit, Finding, Report, Step},
    meter::Bounds,
};
use crate::graph::Graph;

/// Checks that every run of `graph` can come to its end.
///
/// The same graph and bounds always give the same report.
///
/// # Examples
/// ```
/// use signoff_core::{
///     check::{Bounds, check},
///     graph::{GraphBuilder, Node, NodeKind},
/// };
///
/// let raise = |key: &str| Node::new(key, NodeKind::Raise("again".to_owned()));
/// let graph = GraphBuilder::new("round")
///     .node(raise("a").next("b"))
///     .node(raise("b").next("a"))
///     .build()?;
/// let report = check(&graph, Bounds::default());
/// assert_eq!(report.findings[0].code, "endless_loop");
/// assert_eq!(report.findings[0].path(12), "start → a → b → a");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(graph: &Graph, bounds: Bounds) -> Report {
    let mut checker = Checker {
        graph,
        meter: Meter::new(bounds),
        findings: Vec::new(),
    };
    let exhausted = checker.prove().is_err();
    let mut findings = checker.findings;
    let place = |finding: &Finding| graph.nodes.get_index_of(&finding.node);
    findings.sort_by_key(|finding| (place(finding), finding.code));
    Report {
        findings,
        explored: checker.meter.spent(),
        exhausted,
    }
}

/// A check under way.
#[derive(Debug)]
struct Checker<'a> {
    graph: &'a Graph,
    meter: Meter,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn prove(&mut self) -> Result<(), Exhausted> {
        let graph = self.graph;
        let size = graph.nodes().map(|node| 1 + node.targets().len()).sum();
        self.meter.spend(size)?;
        let net = Net::of(graph);
        let joins = Joins::ahead(&net, &mut self.meter)?;
        let structure = |split| joins.of_split(&net, split).iter().collect();
        let walk = Walk::new(&net, &structure, &mut self.meter)?;
        self.unreached(&walk)?;
        self.automatic_firsts(&walk)?;
        // What scopes come to means nothing where it is not clear what closes them.
        if self.intersecting(&joins, &walk)? {
            return Ok(());
        }
        let nested = self.nested(&walk)?;
        let ahead = Ahead::new(&net, &joins, &mut self.meter)?;
        let fires = |split| ahead.fires(split).into_iter().collect();
        let walk = Walk::new(&net, &fires, &mut self.meter)?;
        let stuck = self.stuck(&ahead, &walk, &nested)?;
        self.unfired(&ahead, &walk, &stuck)
    }

    fn find(
        &mut self,
        code: &'static str,
        walk: &Walk<'_>,
        node: usize,
        message: String,
        trace: Vec<Step>,
    ) {
        self.findings.push(Finding {
            code,
            node: walk.net.places[node].key.clone(),
            message,
            trace,
        });
    }
}
