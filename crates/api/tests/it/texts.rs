//! Texts that not every database keeps are refused alike on every store, before anything is read.

use std::{any::Any, sync::Arc};

use serde_json::json;
use signoff::{
    Binding, Call, Engine, Format, MemoryDirectory, Message, NotDone, Profile, Signal, Start,
    Substitution, TenantId, Upload,
    core::limits::{MESSAGE_BYTES, Name},
    definition::draft::Strategy,
    store::{MemoryStore, Store, WorkflowChange},
};

const ASK: &str = "
format: signoff/v1
kind: approval
key: ask
title: 'Ask ${ data.note }'
data: {type: object, properties: {note: {type: string, default: ''}}}
approvals: [{user: max}]
";
const WAIT: &str = "
format: signoff/v1
kind: flow
key: wait
data: {type: object, properties: {order: {type: string}}}
nodes:
  start: {start: {}, next: paid}
  paid: {receive: {message: paid, key: data.order}, next: end}
  end: {end: {}}
";

/// A store with what keeps it alive.
type Opened = (&'static str, Arc<dyn Store>, Box<dyn Any>);

async fn stores() -> Vec<Opened> {
    let memory: Opened = ("memory", Arc::new(MemoryStore::new()), Box::new(()));
    #[cfg_attr(
        not(feature = "sqlx-sqlite"),
        expect(unused_mut, reason = "there may be no other store")
    )]
    let mut all = vec![memory];
    #[cfg(feature = "sqlx-sqlite")]
    all.push(databases::sqlite().await);
    #[cfg(feature = "sqlx-postgres")]
    all.extend(databases::postgres().await);
    #[cfg(feature = "sqlx-mysql")]
    all.extend(databases::mysql().await);
    all
}

/// The person whose id is as long as an id may be.
fn longest_person() -> String {
    "\u{1f600}".repeat(Name::Person.longest())
}

async fn engine(store: Arc<dyn Store>) -> Engine {
    let person = |id: &str| Profile {
        id: id.into(),
        active: true,
        admin: true,
        ..Profile::default()
    };
    let long = longest_person();
    let people = ["ann", "max", &long].map(person);
    let engine = Engine::builder()
        .shared_store(store)
        .directory(MemoryDirectory::new(people))
        .build()
        .unwrap();
    let sources = [ASK, WAIT].map(|text| (text, Format::Yaml));
    engine.publish(&tenant(), &sources).await.unwrap();
    engine
}

fn tenant() -> TenantId {
    TenantId::default()
}

/// A text that somebody gives, and where it goes.
#[derive(Clone, Copy, Debug)]
enum Given {
    Binding,
    By,
    MessageId,
    MessageKey,
    MessageName,
    Owner,
    PersonInDefinition,
    ReceivedKey,
    RoleInDefinition,
    SignalName,
    SubjectId,
    SubjectType,
    SubjectTypeInDefinition,
    Substitute,
    Tenant,
    TenantOfDefinition,
    To,
    Uploader,
    Workflow,
    WorkflowOfDraft,
}

const ALL: [Given; 20] = [
    Given::Binding,
    Given::By,
    Given::MessageId,
    Given::MessageKey,
    Given::MessageName,
    Given::Owner,
    Given::PersonInDefinition,
    Given::ReceivedKey,
    Given::RoleInDefinition,
    Given::SignalName,
    Given::SubjectId,
    Given::SubjectType,
    Given::SubjectTypeInDefinition,
    Given::Substitute,
    Given::Tenant,
    Given::TenantOfDefinition,
    Given::To,
    Given::Uploader,
    Given::Workflow,
    Given::WorkflowOfDraft,
];

impl Given {
    /// The longest that it may be, in characters.
    fn longest(self) -> usize {
        match self {
            Self::Binding | Self::SubjectType | Self::SubjectTypeInDefinition => {
                Name::SubjectType.longest()
            }
            Self::By
            | Self::Owner
            | Self::PersonInDefinition
            | Self::Substitute
            | Self::To
            | Self::Uploader => Name::Person.longest(),
            Self::MessageId
            | Self::MessageKey
            | Self::MessageName
            | Self::ReceivedKey
            | Self::SignalName => MESSAGE_BYTES / 4,
            Self::RoleInDefinition => Name::Role.longest(),
            Self::SubjectId => Name::SubjectId.longest(),
            Self::Tenant | Self::TenantOfDefinition => Name::Tenant.longest(),
            Self::Workflow | Self::WorkflowOfDraft => Name::Workflow.longest(),
        }
    }

    #[expect(clippy::too_many_lines, reason = "a line or three for each way in")]
    async fn give(self, engine: &Engine, text: &str) -> Result<(), NotDone> {
        let tenant = tenant();
        let publish = async |definition: serde_json::Value| {
            let text = definition.to_string();
            let sources = [(text.as_str(), Format::Json)];
            engine.publish(&tenant, &sources).await
        };
        let defined = |by: serde_json::Value| {
            json!({
                "format": "signoff/v1", "kind": "approval", "key": "named", "approvals": [by],
            })
        };
        let bind = async |tenant: &TenantId, kind: &str| {
            let binding = Binding::default();
            engine.bind(tenant, kind, &binding, None).await
        };
        let ask = || Start::of("ask").by("ann");
        let message = Message::new("paid");
        match self {
            Self::Binding => bind(&tenant, text).await?,
            Self::By => drop(engine.start(Start::of("ask").by(text)).await?),
            Self::MessageId => drop(engine.send(message.id(text)).await?),
            Self::MessageKey => drop(engine.send(message.key(text)).await?),
            Self::MessageName => drop(engine.send(Message::new(text)).await?),
            Self::Owner => {
                let change = WorkflowChange {
                    owner: Some(Some(text.to_owned())),
                    ..WorkflowChange::default()
                };
                let workflows = engine.workflows(&tenant);
                workflows.change(&"ask".into(), &change).await?;
            }
            Self::PersonInDefinition => drop(publish(defined(json!({"user": text}))).await?),
            Self::ReceivedKey => {
                let data = json!({"order": text});
                let start = Start::of("wait").by("ann").data(&data)?;
                engine.start(start).await?;
            }
            Self::RoleInDefinition => drop(publish(defined(json!({"role": text}))).await?),
            Self::SignalName => drop(engine.signal(Signal::new(text)).await?),
            Self::SubjectId => drop(engine.start(ask().subject("order", text)).await?),
            Self::SubjectType => drop(engine.start(ask().subject(text, "1")).await?),
            Self::SubjectTypeInDefinition => {
                let mut definition = defined(json!({"user": "max"}));
                definition["subject"] = json!(text);
                publish(definition).await?;
            }
            Self::Substitute => {
                let substitution = Substitution {
                    principal: "ann".into(),
                    substitute: text.into(),
                    from: engine.clock().now(),
                    until: None,
                };
                engine.substitute(&tenant, &substitution, None).await?;
            }
            Self::Tenant => bind(&text.into(), "order").await?,
            Self::TenantOfDefinition => {
                let sources = [(ASK, Format::Yaml)];
                engine.publish(&text.into(), &sources).await?;
            }
            Self::To => {
                let started = engine.start(ask()).await?;
                let call = Call::delegate(started.opened[0]).by("max");
                engine.call(call.to(text).reason("away")).await?;
            }
            Self::Uploader => {
                drop(
                    engine
                        .upload(Upload::new("a.txt", vec![1]).by(text))
                        .await?,
                );
            }
            Self::Workflow => drop(engine.start(Start::of(text).by("ann")).await?),
            Self::WorkflowOfDraft => {
                let content = signoff::Content::Document(json!({}));
                let key = text.into();
                let workflows = engine.workflows(&tenant);
                let strategy = Strategy::of_number(1);
                workflows.write(&key, None, content, strategy).await?;
            }
        }
        Ok(())
    }
}

/// The code of a refusal, or of the first error of a definition.
fn code(result: Result<(), NotDone>) -> &'static str {
    match result {
        Ok(()) => "",
        Err(NotDone::Refused(refusal)) => refusal.code.as_str(),
        Err(NotDone::Failed(error)) => {
            let first = error.problems().iter().find(|problem| problem.is_error());
            first.map_or_else(|| error.code(), |problem| problem.code)
        }
    }
}

#[tokio::test]
async fn what_is_too_long_or_has_nul_is_refused_alike_on_every_store() {
    let (mut wrong, mut names) = (Vec::new(), Vec::new());
    for (name, store, _place) in stores().await {
        let engine = engine(store).await;
        for given in ALL {
            let letter = match given {
                Given::Workflow | Given::WorkflowOfDraft => "a",
                _ => "\u{1f600}",
            };
            let longest = letter.repeat(given.longest());
            let accepted = match given {
                Given::Workflow => "not_found",
                _ => "",
            };
            for (text, expected) in [
                (longest.clone(), accepted),
                (format!("{longest}{letter}"), "limit_exceeded"),
                (format!("a{}b", '\0'), "text_invalid"),
            ] {
                let found = code(given.give(&engine, &text).await);
                if found != expected {
                    wrong.push(format!("{name}: {given:?}: `{found}`, not `{expected}`"));
                }
            }
        }
        names.push(name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(names[0], "memory");
}

#[tokio::test]
async fn what_is_kept_as_json_may_have_nul_on_every_store() {
    for (name, store, _place) in stores().await {
        let engine = engine(store).await;
        let text = format!("a{}b", '\0');
        let start = Start::of("ask").by("ann").data(&json!({"note": text}));
        let started = engine.start(start.unwrap()).await.unwrap();
        let view = engine.instance(&tenant(), started.id()).await.unwrap();
        let title = view.unwrap().instance.title().for_locale("en").to_owned();
        assert_eq!(title, format!("Ask {text}"), "{name}");
        let say = Call::comment_instance(started.id()).by("ann");
        engine.call(say.comment(&text)).await.unwrap();
        let said = engine.comments(&tenant(), started.id()).await.unwrap();
        assert_eq!(said[0].text, text, "{name}");
        let file = Upload::new(&text, vec![1]).by("ann");
        let file = engine.upload(file.content_type(&text)).await.unwrap();
        assert_eq!(file.name, "ab", "{name}: a name is one line of text");
        let reject = Call::reject(started.opened[0]).by("max");
        let done = engine.call(reject.reason(&text)).await.unwrap();
        assert_eq!(done.instance.status().as_str(), "rejected", "{name}");
    }
}

#[tokio::test]
async fn a_draft_has_no_nul_and_its_path_of_data_is_bounded() {
    let engine = engine(Arc::new(MemoryStore::new())).await;
    let workflows = engine.workflows(&tenant());
    let source = format!("{ASK}# {}", '\0');
    let content = signoff::Content::Text {
        source,
        format: Format::Yaml,
    };
    let written = workflows.write(&"ask".into(), None, content, None).await;
    assert_eq!(code(written.map(drop)), "text_invalid");
    for (length, expected) in [(400, ""), (401, "limit_exceeded")] {
        let text = json!({
            "format": "signoff/v1", "kind": "approval", "key": "found",
            "indexed": ["a".repeat(length)], "approvals": [{"user": "max"}],
        });
        let text = text.to_string();
        let sources = [(text.as_str(), Format::Json)];
        let published = engine.publish(&tenant(), &sources).await;
        let published = published.map(drop).map_err(NotDone::from);
        assert_eq!(code(published), expected, "{length}");
    }
}

#[cfg(any(
    feature = "sqlx-mysql",
    feature = "sqlx-postgres",
    feature = "sqlx-sqlite"
))]
mod databases {
    use std::sync::Arc;

    use super::Opened;

    #[cfg(feature = "sqlx-sqlite")]
    pub(super) async fn sqlite() -> Opened {
        let folder = tempfile::tempdir().unwrap();
        let store = signoff::sqlx::SqliteStore::open(folder.path().join("t.db")).await;
        ("SQLite", Arc::new(store.unwrap()), Box::new(folder))
    }

    #[cfg(feature = "sqlx-postgres")]
    pub(super) async fn postgres() -> Option<Opened> {
        use sqlx::{Connection as _, PgConnection};

        let url = server("SIGNOFF_TEST_POSTGRES")?;
        let name = name();
        let options = signoff::sqlx::PostgresOptions {
            max_connections: 4,
            in_schema: Some(name.clone()),
            ..signoff::sqlx::PostgresOptions::default()
        };
        let store = signoff::sqlx::PostgresStore::open_with(&url, options).await;
        let drop = move || async move {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            let sql = format!("SET lock_timeout = '10s'; DROP SCHEMA {name} CASCADE");
            let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
            sql.execute(&mut connection).await.unwrap();
        };
        let place = Box::new(Dropped::by(drop));
        Some(("PostgreSQL", Arc::new(store.unwrap()), place))
    }

    #[cfg(feature = "sqlx-mysql")]
    pub(super) async fn mysql() -> Option<Opened> {
        use sqlx::{Connection as _, MySqlConnection};

        async fn run(server: &str, sql: String) {
            let mut connection = MySqlConnection::connect(server).await.unwrap();
            let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
            sql.execute(&mut connection).await.unwrap();
        }

        let server = server("SIGNOFF_TEST_MYSQL")?;
        let name = name();
        run(&server, format!("CREATE DATABASE {name}")).await;
        let (host, _) = server.rsplit_once('/').unwrap();
        let store = signoff::sqlx::MySqlStore::open(&format!("{host}/{name}")).await;
        let drop = move || async move {
            let sql = format!("SET lock_wait_timeout = 5; DROP DATABASE {name}");
            run(&server, sql).await;
        };
        let place = Box::new(Dropped::by(drop));
        Some(("MySQL", Arc::new(store.unwrap()), place))
    }

    #[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
    fn name() -> String {
        format!("signoff_texts_{}", uuid::Uuid::now_v7().simple())
    }

    #[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
    #[expect(clippy::print_stderr, reason = "a test says what it did not try")]
    fn server(variable: &str) -> Option<String> {
        let server = std::env::var(variable).ok();
        if server.is_none() {
            eprintln!("skipped: {variable} is not set");
        }
        server
    }

    /// Does something when it goes.
    #[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
    struct Dropped(Option<Box<dyn FnOnce() + Send>>);

    #[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
    impl Dropped {
        fn by<F: Future<Output = ()>>(drop: impl FnOnce() -> F + Send + 'static) -> Self {
            Self(Some(Box::new(move || {
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_all().build();
                runtime.unwrap().block_on(drop());
            })))
        }
    }

    #[cfg(any(feature = "sqlx-mysql", feature = "sqlx-postgres"))]
    impl Drop for Dropped {
        fn drop(&mut self) {
            if let Some(drop) = self.0.take() {
                // A thread of its own: the test is inside a runtime.
                let _left = std::thread::spawn(drop).join();
            }
        }
    }
}
