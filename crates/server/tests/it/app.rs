//! A server on memory with the sample workflow, and people who talk to it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header, request::Parts},
};
use serde_json::{Value, json};
use signoff::{
    BoxError, Clock, Directory, Engine, Format, MemoryDirectory, PersonId, Profile, TenantId,
    VirtualClock,
    actions::{ActionError, mail::FolderMailer},
    store::{MemoryStore, Store},
};
use signoff_server::{Authenticator, Server};
use tower::ServiceExt;

/// The sample workflow.
pub(crate) const PURCHASE: &str = include_str!("../../../../examples/purchase_request.yaml");

/// Flows: the samples, and one with every kind of field.
const FLOWS: [&str; 3] = [
    include_str!("../../../../examples/hello_world.yaml"),
    include_str!("../../../../examples/shipment.yaml"),
    include_str!("fields.yaml"),
];

/// Reads the person from a header, as behind a proxy.
#[derive(Debug)]
pub(crate) struct Header;

#[async_trait::async_trait]
impl Authenticator for Header {
    async fn person(&self, request: &Parts) -> Result<Option<PersonId>, BoxError> {
        match request
            .headers
            .get("x-person")
            .map(|name| name.to_str().unwrap())
        {
            Some("!") => Err("the proxy is confused".into()),
            other => Ok(other.map(PersonId::from)),
        }
    }
}

pub(crate) struct App {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) directory: Arc<MemoryDirectory>,
    pub(crate) router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Fails with the whole answer unless the page shows every one of `parts`.
    #[track_caller]
    pub(crate) fn shows(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(
                self.text.contains(part),
                "`{part}` is missing:\n{}",
                self.text
            );
        }
        self
    }

    #[track_caller]
    pub(crate) fn hides(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(
                !self.text.contains(part),
                "`{part}` is there:\n{}",
                self.text
            );
        }
        self
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// How a server of the tests is built.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) base: &'static str,
    pub(crate) demo: bool,
    /// Whether the flows are published too.
    pub(crate) flows: bool,
    pub(crate) mailer: Option<FolderMailer>,
    /// Memory, when none is given.
    pub(crate) store: Option<Arc<dyn Store>>,
}

impl Setup {
    pub(crate) async fn build(self) -> App {
        let clock = Arc::new(VirtualClock::at("2026-01-05T09:00:00Z".parse().unwrap()));
        let directory = Arc::new(MemoryDirectory::new(people()));
        let mut engine = Engine::builder()
            .shared_store(self.store.unwrap_or_else(|| Arc::new(MemoryStore::new())))
            .shared_directory(Arc::clone(&directory) as Arc<dyn Directory>)
            .clock(Arc::clone(&clock) as Arc<dyn Clock>)
            .action("reserve_budget", |_| async { Ok(json!({"ok": true})) })
            .action("send_hello_world", |_| async { Ok(json!({"sent": true})) })
            .action("remind_logistics", |_| async { Ok(Value::Null) })
            .action("break_down", |_| async {
                Err(ActionError::permanent("broken", "the machine is broken"))
            })
            .function("write_note", |_| async { Ok(Value::Null) });
        if let Some(mailer) = &self.mailer {
            engine = engine.mailer(mailer.clone());
        }
        let engine = engine.build().unwrap();
        let mut sources = vec![(PURCHASE, Format::Yaml)];
        if self.flows {
            sources.extend(FLOWS.map(|text| (text, Format::Yaml)));
        }
        engine
            .publish(&TenantId::default(), &sources)
            .await
            .unwrap();
        let mut server = Server::builder(engine.clone()).base_path(self.base);
        server = if self.demo {
            server.demo()
        } else {
            server.authenticator(Header)
        };
        if let Some(mailer) = self.mailer {
            server = server.mailbox(mailer);
        }
        let router = server.build().unwrap().router();
        let router = match self.base {
            "" => router,
            base => Router::new().nest(base, router),
        };
        App {
            engine,
            clock,
            directory,
            router,
        }
    }
}

fn people() -> Vec<Profile> {
    [
        ("ann", "Ann", "employee"),
        ("max", "Max", "employee"),
        ("rita", "Rita", "finance_reviewer"),
        ("bob", "Bob", "budget_manager"),
        ("eve", "Eve", "budget_manager"),
        ("cfo", "Carla", "cfo"),
        ("xia", "Xia", "executive"),
        ("yan", "Yan", "executive"),
        ("sam", "Sam", "staff"),
        ("pia", "Pia", "approver"),
        ("paul", "Paul", "approver"),
        ("cleo", "Cleo", "clerk"),
        ("lou", "Lou", "logistics"),
        ("wim", "Wim", "warehouse"),
        ("zoe", "Zoe", "warehouse"),
        ("ada", "Ada", ""),
        ("ghost", "Ghost", "employee"),
    ]
    .map(|(id, name, role)| Profile {
        id: id.into(),
        name: name.to_owned(),
        email: Some(format!("{id}@example.com")),
        roles: (!role.is_empty())
            .then(|| role.into())
            .into_iter()
            .collect(),
        active: id != "ghost",
        admin: id == "ada",
        ..Profile::default()
    })
    .into()
}

/// A server that knows people by a header.
pub(crate) async fn app() -> App {
    Setup::default().build().await
}

/// A server with the flows, that knows people by a header.
pub(crate) async fn flows() -> App {
    Setup {
        flows: true,
        ..Setup::default()
    }
    .build()
    .await
}

impl App {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.into()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, person: &str, path: &str) -> Answer {
        let request = Request::get(path).header("x-person", person);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A JSON command.
    pub(crate) async fn post(&self, person: &str, path: &str, body: Value) -> Answer {
        let request = Request::post(format!("/api/v1{path}"))
            .header("x-person", person)
            .header("content-type", "application/json");
        self.send(request.body(body.to_string().into()).unwrap())
            .await
    }

    /// What a browser sends when a form is submitted.
    pub(crate) async fn submit(&self, person: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header("x-person", person)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(encoded(fields).into()).unwrap())
            .await
    }

    /// Starts a purchase request of Ann's; gives the id of the instance.
    pub(crate) async fn start(&self, data: Value) -> String {
        let started = self
            .post(
                "ann",
                "/instances",
                json!({"workflow": "purchase_request", "data": data}),
            )
            .await;
        started.is(201);
        started.json()["instance"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Starts an instance of a flow; gives its id.
    pub(crate) async fn start_flow(&self, person: &str, workflow: &str, data: Value) -> String {
        let body = json!({"workflow": workflow, "data": data});
        let started = self.post(person, "/instances", body).await;
        started.is(201);
        started.json()["instance"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Completes the only task that the person has or may take.
    pub(crate) async fn complete(&self, person: &str, form: Option<Value>) -> Value {
        let path = format!("/tasks/{}/complete", self.task_of(person).await);
        let body = form.map_or(json!({}), |form| json!({"form": form}));
        self.post(person, &path, body).await.is(200).json()
    }

    /// Lets the worker do what is due at `time`.
    pub(crate) async fn work_at(&self, time: &str) {
        self.clock.set(time.parse().unwrap());
        while self.engine.tick().await.unwrap() > 0 {}
    }

    /// What the timeline of an instance tells.
    pub(crate) async fn story(&self, person: &str, instance: &str) -> String {
        let path = format!("/api/v1/instances/{instance}/timeline");
        let timeline = self.get(person, &path).await.is(200).json();
        let lines = timeline["items"].as_array().unwrap().iter();
        let lines: Vec<&str> = lines.map(|line| line["text"].as_str().unwrap()).collect();
        lines.join("\n")
    }

    /// The id of the only task that the person has or may take.
    pub(crate) async fn task_of(&self, person: &str) -> String {
        let mut found = Vec::new();
        for view in ["mine", "available"] {
            let list = self
                .get(person, &format!("/api/v1/tasks?view={view}"))
                .await
                .is(200)
                .json();
            found.extend(list["items"].as_array().unwrap().clone());
        }
        assert_eq!(found.len(), 1, "{found:#?}");
        found[0]["id"].as_str().unwrap().to_owned()
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let text = |text: &str| text.bytes().map(byte).collect::<String>();
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", text(name), text(value)))
        .collect();
    pairs.join("&")
}

/// A browser: it keeps cookies and follows nothing by itself.
pub(crate) struct Browser<'a> {
    app: &'a App,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        Self {
            app,
            cookies: Mutex::default(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header("origin", "http://signoff.test")
            .header("host", "signoff.test")
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(encoded(fields).into()).unwrap())
            .await
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> = {
            let kept = self.cookies.lock().unwrap();
            kept.iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        if !cookies.is_empty() {
            request
                .headers_mut()
                .insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let answer = self.app.send(request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (pair, rest) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            let mut kept = self.cookies.lock().unwrap();
            match rest.contains("Max-Age=0") {
                true => kept.remove(name),
                false => kept.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }
}
