//! Definitions: checked, published, compiled once per version.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use signoff_conditions::Cel;
use signoff_core::{
    compile::{Compiled, Languages, compile},
    document::Document,
    graph::Graph,
    id::{DefinitionId, TenantId, WorkflowKey},
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
};
use signoff_definition::{
    Format, JsonSchemas, Positions, TimeZones, canonical_json, draft::sizes, parse,
};
use signoff_store::{DefinitionRow, Published};

use crate::{
    engine::{Engine, schedules},
    error::{Error, ErrorKind},
};

/// One published version of a workflow, compiled.
#[derive(Debug)]
pub struct Definition {
    /// Workflow and version.
    pub id: DefinitionId,
    /// The graph.
    pub graph: Graph,
    /// The document as published.
    pub document: Value,
}

/// What publishing a document came to.
#[derive(Clone, Debug)]
pub struct PublishedDefinition {
    /// Workflow and version.
    pub id: DefinitionId,
    /// Whether this version is new; publishing the same content again gives the same version.
    pub is_new: bool,
    /// What the author should look at again.
    pub warnings: Vec<Problem>,
}

/// The compiled definitions: they never change, so they are kept.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    compiled: Mutex<HashMap<(TenantId, DefinitionId), Arc<Definition>>>,
}

/// A document that was read and compiled.
pub(crate) struct Checked {
    pub(crate) document: Value,
    pub(crate) compiled: Compiled,
    /// Where each part of the text stands, when it was read from text.
    pub(crate) positions: Option<Positions>,
}

/// Reads and compiles the text of a definition; every problem has its position.
///
/// # Errors
/// All problems.
pub(crate) fn check_text(text: &str, format: Format) -> Result<Checked, Vec<Problem>> {
    let parsed = parse(text, format)?;
    let positions = parsed.positions;
    check_value(parsed.value)
        .map(|mut checked| {
            positions.locate_all(&mut checked.compiled.warnings);
            checked.positions = Some(positions.clone());
            checked
        })
        .map_err(|mut problems| {
            positions.locate_all(&mut problems);
            problems.sort_by_key(|problem| problem.position);
            problems
        })
}

/// Reads and compiles a document.
///
/// # Errors
/// All problems.
pub(crate) fn check_value(document: Value) -> Result<Checked, Vec<Problem>> {
    let read = Document::read(&document)?;
    let languages = Languages {
        conditions: &Cel::new(),
        schemas: &JsonSchemas,
        zones: &TimeZones,
    };
    let compiled = compile(&read, languages)?;
    let problems = schedules::problems(&compiled.graph);
    let problems: Vec<Problem> = problems.into_iter().chain(sizes(&document)).collect();
    if !problems.is_empty() {
        return Err(problems.into_iter().chain(compiled.warnings).collect());
    }
    Ok(Checked {
        document,
        compiled,
        positions: None,
    })
}

impl Engine {
    /// Checks and publishes definitions, all or none. The same content gives the same version.
    ///
    /// # Errors
    /// Of kind `Definition`, with all problems, when one has errors; of kind `Store`.
    pub async fn publish(
        &self,
        tenant: &TenantId,
        sources: &[(&str, Format)],
    ) -> Result<Vec<PublishedDefinition>, Error> {
        let mut checked = Vec::new();
        let mut problems = Vec::new();
        for (text, format) in sources {
            match check_text(text, *format) {
                Ok(found) => checked.push(found),
                Err(found) => problems.extend(found),
            }
        }
        for found in &mut checked {
            problems.extend(self.unknown_functions(&found.compiled.graph));
            let unknown = self.unknown_people(tenant, found).await?;
            let (errors, warnings): (Vec<_>, Vec<_>) =
                unknown.into_iter().partition(Problem::is_error);
            problems.extend(errors);
            found.compiled.warnings.extend(warnings);
        }
        if problems.iter().any(Problem::is_error) {
            return Err(Error::definition(problems));
        }
        let rows: Vec<DefinitionRow> = checked.iter().map(|found| self.row(found)).collect();
        let published = self.inner().store.publish(tenant, &rows).await?;
        for found in &checked {
            self.schedule(tenant, &found.compiled.graph).await?;
        }
        self.nudge();
        Ok(checked
            .into_iter()
            .zip(published)
            .map(|(found, published)| PublishedDefinition {
                id: DefinitionId {
                    workflow: found.compiled.graph.key().clone(),
                    version: published.version(),
                },
                is_new: matches!(published, Published::New(_)),
                warnings: found.compiled.warnings,
            })
            .collect())
    }

    /// Everything that publishing a text would find, warnings included; nothing is written.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub async fn check(
        &self,
        tenant: &TenantId,
        text: &str,
        format: Format,
    ) -> Result<Vec<Problem>, Error> {
        let found = match check_text(text, format) {
            Ok(found) => found,
            Err(problems) => return Ok(problems),
        };
        let mut problems = found.compiled.warnings.clone();
        problems.extend(self.unknown_functions(&found.compiled.graph));
        problems.extend(self.unknown_people(tenant, &found).await?);
        Ok(problems)
    }

    fn row(&self, found: &Checked) -> DefinitionRow {
        let graph = &found.compiled.graph;
        DefinitionRow {
            workflow: graph.key().clone(),
            version: 0,
            hash: content_hash(&found.document),
            title: Value::from(graph.title().clone()).to_string(),
            document: found.document.to_string(),
            published_at: self.inner().clock.now(),
        }
    }

    /// Functions and templates that nobody registered: found now, not when somebody waits for them.
    fn unknown_functions(&self, graph: &Graph) -> Vec<Problem> {
        let registered: Vec<&str> = self.inner().actions.names().collect();
        let functions: Vec<&str> = self.inner().functions.keys().map(String::as_str).collect();
        let unknown = |code, what: &str, name: &str, known: &[&str]| {
            let path = Pointer::root();
            let problem = Problem::error(code, path, format!("no {what} `{name}` is registered"));
            match signoff_core::problem::nearest(name, known.iter().copied()) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("register it when the engine is built"),
            }
        };
        let runs = graph
            .action_names()
            .filter(|name| !registered.contains(name))
            .map(|name| unknown("unknown_function", "action", name, &registered));
        let calls = graph
            .function_names()
            .filter(|name| !functions.contains(name))
            .map(|name| unknown("unknown_function", "function", name, &functions));
        let templates: Vec<&str> = self.inner().post.template_names().collect();
        let mails = graph
            .template_names()
            .filter(|name| !templates.contains(name))
            .map(|name| unknown("unknown_template", "mail template", name, &templates));
        runs.chain(calls).chain(mails).collect()
    }

    /// Roles that nobody has and persons who are not there: warnings, as they may come later, and
    /// errors where the directory says that it is complete. Each is told where it stands first.
    async fn unknown_people(
        &self,
        tenant: &TenantId,
        found: &Checked,
    ) -> Result<Vec<Problem>, Error> {
        let directory = &self.inner().directory;
        let problem = |code, path: &Pointer, message: String| match directory.is_complete() {
            true => Problem::error(code, path.clone(), message),
            false => Problem::warning(code, path.clone(), message),
        };
        let mut seen = std::collections::BTreeSet::new();
        let mut problems = Vec::new();
        for (principal, path) in &found.compiled.named {
            if !seen.insert(principal) {
                continue;
            }
            match principal {
                Principal::Role(role) => {
                    let members = directory.members(tenant, role).await;
                    if members.map_err(Error::directory)?.is_empty() {
                        let message = format!("nobody has the role `{role}`");
                        problems.push(
                            problem("unknown_role", path, message)
                                .help("give it to somebody before an instance comes there"),
                        );
                    }
                }
                Principal::User(person) => {
                    let profile = self.profile(tenant, person).await?;
                    if !profile.is_some_and(|profile| profile.active) {
                        let message = format!("no active person is called `{person}`");
                        problems.push(
                            problem("unknown_user", path, message)
                                .help("name somebody whom the directory knows, or a role"),
                        );
                    }
                }
                Principal::Anyone => {}
            }
        }
        if let Some(positions) = &found.positions {
            positions.locate_all(&mut problems);
        }
        Ok(problems)
    }

    /// A definition, compiled; the newest version when `version` is `None`.
    ///
    /// # Errors
    /// When the store fails, or holds a document that no longer compiles.
    pub async fn definition(
        &self,
        tenant: &TenantId,
        workflow: &WorkflowKey,
        version: Option<u32>,
    ) -> Result<Option<Arc<Definition>>, Error> {
        if let Some(version) = version {
            let id = DefinitionId {
                workflow: workflow.clone(),
                version,
            };
            if let Some(found) = self.inner().shelf.get(tenant, &id) {
                return Ok(Some(found));
            }
        }
        let Some(row) = self
            .inner()
            .store
            .definition(tenant, workflow, version)
            .await?
        else {
            return Ok(None);
        };
        let id = DefinitionId {
            workflow: row.workflow,
            version: row.version,
        };
        let corrupt = |message: String| {
            Error::new(
                ErrorKind::Store,
                format!("cannot read the definition `{id}`: {message}"),
            )
        };
        let document: Value =
            serde_json::from_str(&row.document).map_err(|error| corrupt(error.to_string()))?;
        let checked = check_value(document).map_err(|problems| {
            corrupt(
                problems
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            )
        })?;
        let definition = Arc::new(Definition {
            id,
            graph: checked.compiled.graph,
            document: checked.document,
        });
        Ok(Some(self.inner().shelf.put(tenant, definition)))
    }
}

impl Shelf {
    fn get(&self, tenant: &TenantId, id: &DefinitionId) -> Option<Arc<Definition>> {
        let compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.get(&(tenant.clone(), id.clone())).cloned()
    }

    fn put(&self, tenant: &TenantId, definition: Arc<Definition>) -> Arc<Definition> {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tenant.clone(), definition.id.clone());
        Arc::clone(compiled.entry(key).or_insert(definition))
    }
}

/// SHA-256 of the canonical JSON (RFC 8785) of a document without its tests, lowercase hex.
pub(crate) fn content_hash(document: &Value) -> String {
    let mut content = document.clone();
    if let Value::Object(fields) = &mut content {
        fields.shift_remove("tests");
    }
    let digest = Sha256::digest(canonical_json(&content).as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything that is wrong with the text of a definition, warnings included; each problem has its
/// position. What only an engine can know, such as functions that nobody registered, is not checked.
#[must_use]
pub fn validate(text: &str, format: Format) -> Vec<Problem> {
    match check_text(text, format) {
        Ok(checked) => checked.compiled.warnings,
        Err(problems) => problems,
    }
}
