//! From document to graph, with every problem at once.

mod actions;
mod approval;
mod calendar;
mod checked;
mod entries;
mod expressions;
mod flow;
mod indexed;
mod schemas;
mod steps;
mod texts;
mod ways;

use std::collections::BTreeSet;

use indexmap::IndexSet;

use crate::{
    calendar::Zones,
    conditions::Conditions,
    document::{Document, IfRunningDoc, Shape},
    graph::{Graph, GraphBuilder, IfRunning, StartRule},
    id::NodeKey,
    limits::Name,
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
    schemas::Schemas,
};

/// The languages that documents are written in besides their own.
#[derive(Clone, Copy, Debug)]
pub struct Languages<'a> {
    /// Conditions.
    pub conditions: &'a dyn Conditions,
    /// Schemas of data and forms.
    pub schemas: &'a dyn Schemas,
    /// Time zones by name.
    pub zones: &'a dyn Zones,
}

/// A definition that can be published.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The graph.
    pub graph: Graph,
    /// What its author should look at again.
    pub warnings: Vec<Problem>,
    /// The persons and roles that it names, each with its place, for whoever has a directory.
    pub named: Vec<(Principal, Pointer)>,
}

/// Compiles a document.
///
/// # Errors
/// All problems, warnings included, when at least one is an error.
pub fn compile(document: &Document, languages: Languages<'_>) -> Result<Compiled, Vec<Problem>> {
    let mut compiler = Compiler {
        document,
        languages,
        problems: Vec::new(),
        nodes: IndexSet::new(),
        starts: Vec::new(),
        items: expressions::by_type(document),
        named: Vec::new(),
        here: String::new(),
        permitted: BTreeSet::new(),
    };
    let graph = compiler.graph();
    if let Some(graph) = &graph {
        compiler.check(graph);
    }
    compiler.check_names();
    let problems = once(compiler.problems);
    match graph {
        Some(graph) if !problems.iter().any(Problem::is_error) => Ok(Compiled {
            graph,
            warnings: problems,
            named: compiler.named,
        }),
        _ => Err(problems),
    }
}

/// Each problem once: what many entries inherit is compiled for each of them.
fn once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    problems
        .into_iter()
        .filter(|problem| {
            seen.insert((problem.code, problem.path.clone(), problem.message.clone()))
        })
        .collect()
}

/// A compilation under way.
#[derive(Debug)]
struct Compiler<'a> {
    document: &'a Document,
    languages: Languages<'a>,
    problems: Vec<Problem>,
    /// The keys of all nodes, in order, known before any is compiled.
    nodes: IndexSet<String>,
    /// The keys of the starts of a flow, which are no nodes of the graph.
    starts: Vec<String>,
    /// What the items of `for_each` are called.
    items: Vec<String>,
    /// The persons and roles that it names.
    named: Vec<(Principal, Pointer)>,
    /// The key of the node that is compiled.
    here: String,
    /// The nodes that are done by permission.
    permitted: BTreeSet<NodeKey>,
}

impl Compiler<'_> {
    /// Persons, roles and the type of the subject fit into their columns.
    fn check_names(&mut self) {
        let named = self.named.iter().filter_map(|(principal, place)| {
            let (name, id) = match principal {
                Principal::Anyone => return None,
                Principal::Role(role) => (Name::Role, role.as_str()),
                Principal::User(user) => (Name::Person, user.as_str()),
            };
            Some((name, id, place.clone()))
        });
        let subject = self.document.subject.as_deref();
        let subject = subject.map(|kind| (Name::SubjectType, kind, Pointer::root().key("subject")));
        let wrong = named.chain(subject).filter_map(|(name, id, place)| {
            let refusal = name.check(place.as_str(), id).err()?;
            Some(Problem::error(
                refusal.code.as_str(),
                place,
                refusal.message,
            ))
        });
        let wrong: Vec<Problem> = wrong.collect();
        self.problems.extend(wrong);
    }

    fn if_running(&self) -> IfRunning {
        match self.document.if_running {
            Some(IfRunningDoc::Allow) => IfRunning::Allow,
            Some(IfRunningDoc::Return) => IfRunning::Return,
            Some(IfRunningDoc::Refuse) => IfRunning::Refuse,
            None => match self.document.shape {
                Shape::Approval(_) => IfRunning::Refuse,
                Shape::Flow(_) => IfRunning::Allow,
                Shape::Steps(_) => IfRunning::Return,
            },
        }
    }

    /// Persons and roles of the whole document; they are looked up when it is published.
    fn name_principals(&mut self) {
        let root = Pointer::root();
        let document = self.document;
        let lists = [
            (&document.start_by, root.key("start").key("by")),
            (&document.managers, root.key("managers")),
            (&document.viewers, root.key("viewers")),
        ];
        for (principals, path) in lists {
            let placed = principals.iter().enumerate();
            let placed = placed.map(|(at, principal)| (principal.clone(), path.index(at)));
            self.named.extend(placed);
        }
    }

    fn graph(&mut self) -> Option<Graph> {
        let document = self.document;
        self.name_principals();
        let data = self.data();
        let forms = self.forms();
        let start = StartRule {
            by: document.start_by.clone(),
            auto: document
                .start_auto
                .as_ref()
                .and_then(|auto| self.told(auto)),
            form: document
                .start_form
                .as_ref()
                .and_then(|form| self.start_form(&form.value, &form.path, &forms)),
            if_running: self.if_running(),
            unique: document.unique,
            ..StartRule::default()
        };
        let builder = GraphBuilder::new(document.key.clone())
            .title(document.title.clone())
            .subject(document.subject.clone())
            .data(data)
            .indexed(self.indexed())
            .calendar(self.calendar())
            .start(start.clone())
            .managers(document.managers.clone())
            .viewers(document.viewers.clone());
        let builder = builder.instance_title(self.instance_title());
        let builder = match &document.shape {
            Shape::Approval(shape) => self.approval(builder, shape, &forms),
            Shape::Flow(shape) => self.flow(builder, shape, &forms)?,
            Shape::Steps(shape) => self.steps(builder, shape, &forms, start)?,
        };
        let builder = builder.texts(self.texts(&document.texts));
        let builder = builder
            .actions(self.actions(&document.actions))
            .permitted(std::mem::take(&mut self.permitted));
        match builder.build() {
            Ok(graph) => Some(graph),
            // Every way to an invalid graph is a problem with a place already.
            Err(error) if self.problems.is_empty() => {
                self.problems.push(Problem::error(
                    "invalid_shape",
                    Pointer::root(),
                    error.to_string(),
                ));
                None
            }
            Err(_) => None,
        }
    }
}
