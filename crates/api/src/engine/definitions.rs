//! Definitions: checked, published, compiled once per version.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use signoff_conditions::Cel;
use signoff_core::{
    compile::{Compiled, Languages, compile},
    document::Document,
    graph::{Graph, Permission},
    id::{DefinitionId, TenantId, WorkflowKey},
    pointer::Pointer,
    principal::Principal,
    problem::Problem,
};
use signoff_definition::{
    Format, JsonSchemas, Parsed, Positions, TimeZones, canonical_json,
    draft::sizes,
    extends::{self, Resolved, resolve},
    parse,
};
use signoff_store::{DefinitionRow, Published};

use crate::{
    engine::{Engine, bases::Bases, door, schedules},
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
    /// The document, with what it inherits.
    whole: Resolved,
    compiled: Compiled,
    /// Where each part of the text stands.
    positions: Positions,
}

impl Checked {
    /// What is told of it once it is published.
    fn published(self, published: Published) -> PublishedDefinition {
        PublishedDefinition {
            id: DefinitionId {
                workflow: self.compiled.graph.key().clone(),
                version: published.version(),
            },
            is_new: matches!(published, Published::New(_)),
            warnings: self.compiled.warnings,
        }
    }
}

/// Reads and compiles what was parsed; every problem has its position.
///
/// # Errors
/// All problems.
pub(super) fn check_parsed(parsed: Parsed, bases: &Bases) -> Result<Checked, Vec<Problem>> {
    let positions = parsed.positions;
    let located = |mut problems: Vec<Problem>| {
        positions.locate_all(&mut problems);
        problems.sort_by_key(|problem| problem.position);
        problems
    };
    let whole = resolve(parsed.value, &|base| bases.get(base)).map_err(located)?;
    match check_value(&whole.document) {
        Ok(mut compiled) => {
            let mut warnings = std::mem::take(&mut compiled.warnings);
            whole.locate(&mut warnings);
            compiled.warnings = located(warnings);
            Ok(Checked {
                whole,
                compiled,
                positions,
            })
        }
        Err(mut problems) => {
            whole.locate(&mut problems);
            Err(located(problems))
        }
    }
}

/// Reads and compiles a document.
///
/// # Errors
/// All problems.
pub(crate) fn check_value(document: &Value) -> Result<Compiled, Vec<Problem>> {
    let read = Document::read(document)?;
    let languages = Languages {
        conditions: &Cel::new(),
        schemas: &JsonSchemas,
        zones: &TimeZones,
    };
    let compiled = compile(&read, languages)?;
    let problems = schedules::problems(&compiled.graph);
    let problems: Vec<Problem> = problems.into_iter().chain(sizes(document)).collect();
    if !problems.is_empty() {
        return Err(problems.into_iter().chain(compiled.warnings).collect());
    }
    Ok(compiled)
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
        door::tenant(tenant).map_err(|refusal| {
            let place = Pointer::root();
            let problem = Problem::error(refusal.code.as_str(), place, refusal.message);
            Error::definition(vec![problem])
        })?;
        let mut checked = self.check_all(tenant, sources).await?;
        self.register(tenant, &checked).await?;
        let stored = self.store_all(tenant, &mut checked).await?;
        self.nudge();
        Ok(checked
            .into_iter()
            .zip(stored)
            .map(|(found, published)| found.published(published))
            .collect())
    }

    /// Tells the directory which permissions are asked for.
    async fn register(&self, tenant: &TenantId, checked: &[Checked]) -> Result<(), Error> {
        let graphs = checked.iter().map(|found| &found.compiled.graph);
        let permissions: Vec<Permission> = graphs.flat_map(Graph::permissions).collect();
        if permissions.is_empty() {
            return Ok(());
        }
        let directory = &self.inner().directory;
        let registered = directory.register_permissions(tenant, &permissions).await;
        registered.map_err(Error::directory)
    }

    /// Writes what was checked, all or nothing; a base before what extends it and names its version, in
    /// a step of its own.
    async fn store_all(
        &self,
        tenant: &TenantId,
        checked: &mut [Checked],
    ) -> Result<Vec<Published>, Error> {
        for found in checked.iter() {
            let graph = &found.compiled.graph;
            let document = &found.whole.document;
            self.begin_actions(tenant, graph.key(), document, graph)
                .await?;
        }
        let mut versions: BTreeMap<WorkflowKey, u32> = BTreeMap::new();
        let mut stored = vec![Published::Same(0); checked.len()];
        let last = checked
            .iter()
            .map(|found| found.whole.unpublished)
            .max()
            .unwrap_or(0);
        for layer in 0..=last {
            let mut places = Vec::new();
            let mut rows = Vec::new();
            let mut starts = Vec::new();
            for (place, found) in checked.iter_mut().enumerate() {
                if found.whole.unpublished == layer {
                    extends::pin(&mut found.whole.document, |base| {
                        versions.get(base).copied()
                    });
                    places.push(place);
                    rows.push(self.row(found));
                    starts.push(self.starts_of(&found.compiled.graph));
                }
            }
            let published = self.inner().store.publish(tenant, &rows, &starts).await?;
            for ((place, row), published) in places.into_iter().zip(rows).zip(published) {
                versions.insert(row.workflow, published.version());
                stored[place] = published;
            }
        }
        Ok(stored)
    }

    /// Publishes what a draft became, which is gone then; `None` when it is no longer of that revision.
    pub(super) async fn publish_draft(
        &self,
        tenant: &TenantId,
        source: (&str, Format),
        revision: u64,
    ) -> Result<Option<PublishedDefinition>, Error> {
        let Some(found) = self.check_all(tenant, &[source]).await?.pop() else {
            return Ok(None);
        };
        self.register(tenant, std::slice::from_ref(&found)).await?;
        let graph = &found.compiled.graph;
        self.begin_actions(tenant, graph.key(), &found.whole.document, graph)
            .await?;
        let store = &self.inner().store;
        let row = self.row(&found);
        let starts = self.starts_of(&found.compiled.graph).rows;
        let published = store.publish_draft(tenant, &row, &starts, revision).await?;
        self.nudge();
        Ok(published.map(|published| found.published(published)))
    }

    /// What can be published; all problems of all texts when one has errors.
    async fn check_all(
        &self,
        tenant: &TenantId,
        sources: &[(&str, Format)],
    ) -> Result<Vec<Checked>, Error> {
        let mut checked = Vec::new();
        let mut problems = Vec::new();
        for found in self.check_each(tenant, sources).await? {
            match found {
                Ok(found) => checked.push(found),
                Err(found) => problems.extend(found),
            }
        }
        if problems.iter().any(Problem::is_error) {
            return Err(Error::definition(problems));
        }
        Ok(checked)
    }

    /// Reads and compiles texts that may extend each other, with all that only an engine can know.
    async fn check_each(
        &self,
        tenant: &TenantId,
        sources: &[(&str, Format)],
    ) -> Result<Vec<Result<Checked, Vec<Problem>>>, Error> {
        let parsed: Vec<_> = sources
            .iter()
            .map(|(text, format)| parse(text, *format))
            .collect();
        let values: Vec<&Value> = parsed.iter().flatten().map(|found| &found.value).collect();
        let bases = self.bases(tenant, &values).await?;
        let mut checked = Vec::with_capacity(parsed.len());
        for parsed in parsed {
            let found = parsed.and_then(|parsed| check_parsed(parsed, &bases));
            checked.push(match found {
                Ok(found) => self.check_names(tenant, found).await?,
                Err(problems) => Err(problems),
            });
        }
        Ok(checked)
    }

    /// The names that an engine knows or does not.
    async fn check_names(
        &self,
        tenant: &TenantId,
        mut found: Checked,
    ) -> Result<Result<Checked, Vec<Problem>>, Error> {
        let graph = &found.compiled.graph;
        let mut problems = self.unknown_functions(graph);
        problems.extend(self.unknown_people(tenant, &found).await?);
        found.compiled.warnings.extend(problems);
        let problems = &mut found.compiled.warnings;
        if problems.iter().any(Problem::is_error) {
            return Ok(Err(std::mem::take(problems)));
        }
        Ok(Ok(found))
    }

    /// Everything that publishing a text would find, warnings included; nothing is written.
    ///
    /// # Errors
    /// When the directory cannot be asked, or the store fails.
    pub async fn check(
        &self,
        tenant: &TenantId,
        text: &str,
        format: Format,
    ) -> Result<Vec<Problem>, Error> {
        let mut checked = self.check_together(tenant, &[(text, format)]).await?;
        Ok(checked.pop().unwrap_or_default())
    }

    /// The same for texts that may extend each other, for each.
    ///
    /// # Errors
    /// When the directory cannot be asked, or the store fails.
    pub async fn check_together(
        &self,
        tenant: &TenantId,
        sources: &[(&str, Format)],
    ) -> Result<Vec<Vec<Problem>>, Error> {
        let checked = self.check_each(tenant, sources).await?;
        let problems = checked.into_iter().map(|found| match found {
            Ok(found) => found.compiled.warnings,
            Err(problems) => problems,
        });
        Ok(problems.collect())
    }

    fn row(&self, found: &Checked) -> DefinitionRow {
        let graph = &found.compiled.graph;
        let mut document = found.whole.document.clone();
        Document::normalize(&mut document);
        DefinitionRow {
            workflow: graph.key().clone(),
            version: 0,
            hash: content_hash(&document),
            title: Value::from(graph.title().clone()).to_string(),
            document: document.to_string(),
            published_at: self.inner().clock.now(),
        }
    }

    /// Functions and templates that nobody registered: found now, not when somebody waits for them.
    pub(super) fn unknown_functions(&self, graph: &Graph) -> Vec<Problem> {
        let registered: Vec<&str> = self.inner().actions.names().collect();
        let functions: Vec<&str> = self.inner().functions.keys().map(String::as_str).collect();
        let unknown = |code, what: &str, name: &str, known: &[&str]| {
            let path = Pointer::root();
            let message = format!("no {what} `{name}` is registered");
            let problem = match self.inner().is_tool {
                true => Problem::warning(code, path, message),
                false => Problem::error(code, path, message),
            };
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
        found.whole.locate(&mut problems);
        found.positions.locate_all(&mut problems);
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
        let compiled = check_value(&document).map_err(|problems| {
            corrupt(
                problems
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            )
        })?;
        let definition = Arc::new(Definition {
            id,
            graph: compiled.graph,
            document,
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
    validate_together(&[(text, format)])
        .pop()
        .unwrap_or_default()
}

/// The same for definitions that may extend each other.
#[must_use]
pub fn validate_together(sources: &[(&str, Format)]) -> Vec<Vec<Problem>> {
    let parsed: Vec<_> = sources
        .iter()
        .map(|(text, format)| parse(text, *format))
        .collect();
    let bases = Bases::among(parsed.iter().flatten().map(|parsed| &parsed.value));
    let checked = parsed
        .into_iter()
        .map(|parsed| check_parsed(parsed?, &bases));
    checked
        .map(|checked| match checked {
            Ok(checked) => checked.compiled.warnings,
            Err(problems) => problems,
        })
        .collect()
}
