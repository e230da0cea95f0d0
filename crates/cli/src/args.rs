//! Arguments.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

/// Workflows and approvals: check, test and try definitions.
#[derive(Debug, Parser)]
#[command(name = "signoff", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell what was done, by position: every accepted command, with who gave it and what happened.
    Audit(Audit),
    /// List every stable code, one on a line.
    Codes,
    /// Look at the tables of a database, and bring them up to date.
    #[command(subcommand)]
    Db(Db),
    /// Serve sample workflows with sample people, on this machine only.
    Demo(Demo),
    /// Draw a definition.
    Diagram(Diagram),
    /// Try a condition on data.
    Eval(Eval),
    /// Write a definition as what other tools read, to standard output.
    Export(Export),
    /// Read a flow from what another modeler wrote; the definition goes to standard output, as YAML.
    Import(Import),
    /// Look at what needs an operator, and try it again.
    #[command(subcommand)]
    Incident(Incident),
    /// Look at instances.
    #[command(subcommand)]
    Instance(Instance),
    /// Bring running instances of a workflow to another version of its definition.
    Migrate(Migrate),
    /// Check definitions and publish them, all or none.
    Publish(Publish),
    /// Look at tasks.
    #[command(subcommand)]
    Task(Task),
    /// Run the scenarios of definitions and scenario files.
    Test(Test),
    /// Check definitions and tell every problem with its place.
    Validate(Validate),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// The port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 7878)]
    pub(crate) port: u16,
    /// The folder for `signoff.db` and the mail that was sent.
    #[arg(long, default_value = ".")]
    pub(crate) dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Say whether an engine of this version can work on the database, and write nothing.
    Check(DbStore),
    /// Write what makes the tables as plain SQL, to standard output.
    Sql(DbSql),
    /// List the schema versions that the database has and lacks, and write nothing.
    Status(DbStore),
    /// Bring the database up to the schema of this version.
    Up(DbStore),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DbStore {
    /// The database: `sqlite:FILE`, which `up` makes where there is none, `postgres://…` or `mysql://…`.
    #[arg(long)]
    pub(crate) store: String,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DbSql {
    /// Whose SQL.
    #[arg(long, value_enum)]
    pub(crate) database: DatabaseKind,
    /// The schema version that the database has already; 0 when it has nothing.
    #[arg(long, default_value_t = 0)]
    pub(crate) from: u32,
}

/// A kind of database.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum DatabaseKind {
    /// MySQL and MariaDB.
    Mysql,
    /// PostgreSQL and what is compatible with it.
    Postgres,
    /// SQLite.
    Sqlite,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Eval {
    /// An expression in CEL.
    pub(crate) expression: String,
    /// The data, in YAML or JSON; each key is a variable, and `data` is all of it.
    #[arg(long)]
    pub(crate) data: Option<PathBuf>,
    /// A definition whose schema under `data` says the types.
    #[arg(long)]
    pub(crate) definition: Option<PathBuf>,
    /// One more variable, such as `actor={"id":"ann","roles":["clerk"]}`.
    #[arg(long = "var", value_name = "NAME=JSON")]
    pub(crate) vars: Vec<String>,
    /// The moment that `now` is; the present one when not given.
    #[arg(long)]
    pub(crate) now: Option<Timestamp>,
    /// Tell the results of the parts too.
    #[arg(long)]
    pub(crate) explain: bool,
    /// How the result is written.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// A definition in YAML or JSON.
    pub(crate) file: PathBuf,
    /// What is written.
    #[arg(long, value_enum)]
    pub(crate) format: ExportFormat,
}

/// What a definition is written as.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// BPMN 2.0 with a diagram; of a flow.
    Bpmn,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// A document of BPMN 2.0 with one process.
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diagram {
    /// A definition in YAML or JSON.
    pub(crate) file: PathBuf,
    /// What is written.
    #[arg(long, value_enum, default_value_t = DiagramFormat::Svg)]
    pub(crate) format: DiagramFormat,
    /// Which way it is read.
    #[arg(long, value_enum, default_value_t = Direction::Ltr)]
    pub(crate) dir: Direction,
    /// The colors of an SVG.
    #[arg(long, value_enum, default_value_t = Theme::Auto)]
    pub(crate) theme: Theme,
    /// The language of titles and words, such as `ar`.
    #[arg(long, default_value = "en")]
    pub(crate) locale: String,
    /// The file that is written; standard output when not given.
    #[arg(short, long)]
    pub(crate) output: Option<PathBuf>,
}

/// What a diagram is written as.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum DiagramFormat {
    /// A graph for Graphviz.
    Dot,
    /// A flowchart for Mermaid.
    Mermaid,
    /// A picture.
    Svg,
}

/// Which way a diagram is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Direction {
    /// From left to right.
    Ltr,
    /// From right to left.
    Rtl,
}

/// The colors of a diagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Theme {
    /// As the reader prefers.
    Auto,
    /// Light text on black.
    Dark,
    /// Dark text on white.
    Light,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Incident {
    /// List what is open, the latest first.
    List(IncidentList),
    /// Try again what gave up: jobs run anew, failed nodes are retried.
    Retry(IncidentRetry),
}

#[derive(Debug, clap::Args)]
pub(crate) struct IncidentList {
    /// Only those of this instance.
    #[arg(long)]
    pub(crate) instance: Option<String>,
    #[command(flatten)]
    pub(crate) part: ListPart,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, clap::Args)]
pub(crate) struct IncidentRetry {
    /// Their ids.
    #[arg(required = true)]
    pub(crate) ids: Vec<String>,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Audit {
    /// Only what is behind this position.
    #[arg(long, default_value_t = 0)]
    pub(crate) after: u64,
    /// At most so many; all by default.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Only what was done with this instance.
    #[arg(long)]
    pub(crate) instance: Option<String>,
    /// Only what this person did.
    #[arg(long)]
    pub(crate) person: Option<String>,
    /// Only what led to an event of this name, such as `decision_made`.
    #[arg(long)]
    pub(crate) event: Option<String>,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Instance {
    /// List them, the latest started first.
    List(InstanceList),
}

#[derive(Debug, clap::Args)]
pub(crate) struct InstanceList {
    /// In one of these statuses, with commas between them.
    #[arg(long, value_delimiter = ',')]
    pub(crate) status: Vec<String>,
    /// Of one of these workflows, with commas between them.
    #[arg(long, value_delimiter = ',')]
    pub(crate) workflow: Vec<String>,
    /// Known by this business key.
    #[arg(long)]
    pub(crate) business_key: Option<String>,
    /// About this subject: TYPE/ID.
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// About subjects of this type.
    #[arg(long)]
    pub(crate) subject_type: Option<String>,
    /// Asked for by this person.
    #[arg(long)]
    pub(crate) requester: Option<String>,
    /// With this in the title, the business key or the id of the subject.
    #[arg(long)]
    pub(crate) search: Option<String>,
    /// Started at this moment or later, such as 2026-01-31T09:00:00Z.
    #[arg(long)]
    pub(crate) started_from: Option<Timestamp>,
    /// Started before this moment.
    #[arg(long)]
    pub(crate) started_before: Option<Timestamp>,
    /// Ended at this moment or later.
    #[arg(long)]
    pub(crate) ended_from: Option<Timestamp>,
    /// Ended before this moment.
    #[arg(long)]
    pub(crate) ended_before: Option<Timestamp>,
    /// With open incidents, or without.
    #[arg(long)]
    pub(crate) incidents: Option<bool>,
    #[command(flatten)]
    pub(crate) asked: ListAsked,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// List open ones, the earliest opened first.
    List(TaskList),
}

#[derive(Debug, clap::Args)]
pub(crate) struct TaskList {
    /// Those that are closed instead, the latest first.
    #[arg(long)]
    pub(crate) closed: bool,
    /// Those that this person has.
    #[arg(long, conflicts_with_all = ["closed", "decided_by"])]
    pub(crate) assignee: Option<String>,
    /// Those that this person decided, the latest first.
    #[arg(long)]
    pub(crate) decided_by: Option<String>,
    /// Of one of these workflows, with commas between them.
    #[arg(long, value_delimiter = ',')]
    pub(crate) workflow: Vec<String>,
    /// Of the node with this key.
    #[arg(long)]
    pub(crate) node: Option<String>,
    /// Of instances known by this business key.
    #[arg(long)]
    pub(crate) business_key: Option<String>,
    /// Of instances about subjects of this type.
    #[arg(long)]
    pub(crate) subject_type: Option<String>,
    /// Of instances asked for by this person.
    #[arg(long)]
    pub(crate) requester: Option<String>,
    /// What was said: `approved`, `rejected` …
    #[arg(long)]
    pub(crate) outcome: Option<String>,
    /// With this in the title of the instance, its business key or the id of its subject.
    #[arg(long)]
    pub(crate) search: Option<String>,
    /// Due at this moment or later, such as 2026-01-31T09:00:00Z.
    #[arg(long)]
    pub(crate) due_from: Option<Timestamp>,
    /// Due before this moment.
    #[arg(long)]
    pub(crate) due_before: Option<Timestamp>,
    #[command(flatten)]
    pub(crate) asked: ListAsked,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

/// What is asked of a list as over REST.
#[derive(Debug, clap::Args)]
pub(crate) struct ListAsked {
    /// What must hold beside, as in the query of a GET: `status=running`, `data.sum[gte]=10` …
    #[arg(value_name = "FIELD[OPERATOR]=VALUE")]
    pub(crate) conditions: Vec<String>,
    /// The order: of instances `-started_at`, `started_at`, `data.sum`, `-data.sum`; of tasks `opened_at`,
    /// `-opened_at`, `-closed_at`, `closed_at`.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) sort: Option<String>,
    /// Count all that there are.
    #[arg(long)]
    pub(crate) total: bool,
    #[command(flatten)]
    pub(crate) part: ListPart,
}

/// Which part of a list.
#[derive(Debug, clap::Args)]
pub(crate) struct ListPart {
    /// At most so many; all by default.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Only what is behind this cursor, which the part before it told.
    #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
    pub(crate) after: Option<String>,
}

/// Where what is looked at is kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Kept {
    /// Where everything is kept: `sqlite:FILE`, which must be there, `postgres://…` or `mysql://…`.
    #[arg(long)]
    pub(crate) store: String,
    /// The library that talks to the database; by default diesel for a file, where it is faster, and sqlx
    /// for a server, where it can encrypt.
    #[arg(long, value_enum)]
    pub(crate) backend: Option<Backend>,
    /// Whose.
    #[arg(long, default_value = "default")]
    pub(crate) tenant: String,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Migrate {
    /// The key of the workflow.
    pub(crate) workflow: String,
    /// Only instances of this version.
    #[arg(long)]
    pub(crate) from: Option<u32>,
    /// The version; the newest when neither this nor the plan says.
    #[arg(long)]
    pub(crate) to: Option<u32>,
    /// A plan in YAML or JSON: `to`, `nodes`, `anew`, `removed`, `data`.
    #[arg(long)]
    pub(crate) plan: Option<PathBuf>,
    /// Say what would become of each, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Publish {
    /// Definitions in YAML or JSON; they may extend each other.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Check, and write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) kept: Kept,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Definitions with `tests:`, or `*.scenario.yaml`.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where scenarios run: `memory`, `sqlite:FILE`, `postgres://…` or `mysql://…`, each in a tenant of
    /// its own.
    #[arg(long, default_value = "memory")]
    pub(crate) store: String,
    /// The library that talks to the database; by default diesel for a file, where it is faster, and sqlx
    /// for a server, where it can encrypt.
    #[arg(long, value_enum)]
    pub(crate) backend: Option<Backend>,
}

/// The library that talks to a database.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Backend {
    /// diesel.
    Diesel,
    /// sqlx.
    Sqlx,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Validate {
    /// Definitions in YAML or JSON.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How problems are written.
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}

/// How data is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Output {
    /// JSON.
    Json,
    /// Text for people.
    Text,
}
