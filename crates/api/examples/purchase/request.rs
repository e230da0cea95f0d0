//! What the examples of host transactions have in common: the workflow, the people, and what is said
//! in the end.

use std::error::Error;

use serde::Serialize;
use serde_json::Value;
use signoff::{
    Engine, Format, Function, MemoryDirectory, NotDone, Profile, Start, TenantId,
    core::{facts::FunctionFailure, id::Subject},
    store::{InstanceFilter, PageRequest, Store},
};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// The last node calls a function of the host.
const DEFINITION: &str = r#"
format: signoff/v1
kind: flow
key: purchase_request
subject: purchase_request
data:
  type: object
  required: [amount]
  properties:
    amount: {type: integer, minimum: 1}
nodes:
  start: {start: {}, next: review}
  review: {task: {role: budget_manager}, next: approved}
  approved: {function: set_status, with: {id: "${ subject.id }", status: approved}, next: end}
  end: {end: {}}
"#;

/// The host's own record.
#[derive(Debug, Serialize)]
pub(crate) struct Request {
    #[serde(skip)]
    pub(crate) id: String,
    pub(crate) amount: i64,
}

impl Request {
    pub(crate) fn of(amount: i64) -> Self {
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            amount,
        }
    }

    /// What starts its approval.
    pub(crate) fn start(&self) -> Result<Start, Failure> {
        let start = Start::of("purchase_request").subject("purchase_request", &self.id);
        Ok(start.data(self)?.by("ann"))
    }
}

/// The database that the first argument names.
pub(crate) fn url() -> Result<String, Failure> {
    std::env::args()
        .nth(1)
        .ok_or_else(|| "name a database to make tables in, by its URL".into())
}

/// An engine that knows the workflow and two people.
pub(crate) async fn engine(
    store: impl Store + 'static,
    set_status: impl Function + 'static,
) -> Result<Engine, Failure> {
    let person = |id: &str, role: &str| Profile {
        id: id.into(),
        roles: [role.into()].into(),
        active: true,
        ..Profile::default()
    };
    let people = [person("ann", "clerk"), person("bob", "budget_manager")];
    let engine = Engine::builder()
        .store(store)
        .directory(MemoryDirectory::new(people))
        .function_type("set_status", set_status)
        .build()?;
    let definitions = [(DEFINITION, Format::Yaml)];
    engine.publish(&TenantId::default(), &definitions).await?;
    Ok(engine)
}

/// The id and the status that the definition gives the function.
pub(crate) fn new_status(input: &Value) -> (String, String) {
    let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
    (text("id"), text("status"))
}

/// What a function fails with that could not write; the decision is refused then.
pub(crate) fn not_written(error: impl Error) -> FunctionFailure {
    FunctionFailure {
        code: "not_written".to_owned(),
        message: error.to_string(),
    }
}

/// Says how the request and its approval stand.
pub(crate) async fn say(
    what: &str,
    engine: &Engine,
    request: &Request,
    status: Option<String>,
) -> Result<(), Failure> {
    let filter = InstanceFilter {
        subject: Some(Subject {
            kind: "purchase_request".to_owned(),
            id: request.id.clone(),
        }),
        ..InstanceFilter::default()
    };
    let tenant = TenantId::default();
    let page = PageRequest::default();
    let found = engine.store().instances(&tenant, &filter, &page).await?;
    let approval = found.items.first().map_or("none", |found| &found.status);
    let request = status.as_deref().unwrap_or("none");
    println!("{what}: request {request}, approval {approval}");
    Ok(())
}

/// The code of what the engine refused.
pub(crate) fn code(error: &Failure) -> &str {
    let no = error.downcast_ref::<NotDone>();
    no.map_or("not the engine's", NotDone::code)
}
