//! `signoff demo`: sample workflows with sample people, on this machine only.

mod claims;
mod mails;
mod people;
mod purchases;
mod samples;

use std::path::Path;

use signoff::{
    Engine, Format, MemoryDirectory, TenantId,
    actions::mail::{Address, FolderMailer},
    diesel::SqliteStore,
    store::{Choice, InstanceFilter, PageRequest},
};
use signoff_server::Server;
use tokio::net::TcpListener;

use self::samples::{Host, SAMPLES};
use crate::{
    args::Demo,
    exit::{Exit, Failure},
};

pub(crate) async fn run(args: Demo) -> Result<Exit, Failure> {
    let database = args.dir.join("signoff.db");
    let listener = listen(args.port).await?;
    let address = listener.local_addr().map_err(|error| {
        Failure::failed(
            "runtime_failed",
            format!("cannot tell the address: {error}"),
        )
    })?;
    let url = format!("http://{address}");
    let mailbox = mailbox(&args.dir)?;
    let store = store(&database).await?;
    let host = Host::new(mailbox.clone(), &url)?;
    let builder = || {
        let engine = Engine::builder()
            .store(store.clone())
            .directory(MemoryDirectory::new(people::everybody()))
            .mailer(mailbox.clone())
            .base_url(&url);
        host.serves(engine)
    };
    let engine = builder().build()?;
    let published = publish(&engine).await?;
    purchases::begin(builder(), engine.clock().now()).await?;
    claims::begin(&engine).await?;
    let server = Server::builder(engine.clone())
        .demo()
        .mailbox(mailbox)
        .build()
        .map_err(|error| Failure::failed("configuration_invalid", error.to_string()))?;
    greet(&url, &database, &published);
    serve(listener, &engine, &server).await
}

async fn listen(port: u16) -> Result<TcpListener, Failure> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                let message = format!(
                    "another program listens on port {port}: choose one with --port, or 0 for any"
                );
                Failure::failed("port_in_use", message).exit(Exit::Conflict)
            }
            _ => Failure::failed(
                "runtime_failed",
                format!("cannot listen on port {port}: {error}"),
            ),
        })
}

fn mailbox(dir: &Path) -> Result<FolderMailer, Failure> {
    let sender = Address::named("Signoff demo", "signoff@example.com");
    FolderMailer::new(dir.join("signoff-mail"), &sender)
        .map_err(|error| Failure::failed(error.code(), error.to_string()))
}

async fn store(database: &Path) -> Result<SqliteStore, Failure> {
    SqliteStore::open(database).await.map_err(|error| {
        Failure::failed(
            error.code(),
            format!("cannot open `{}`: {error}", database.display()),
        )
    })
}

/// Whether there has ever been an instance of the workflow.
async fn has_run(engine: &Engine, workflow: &str) -> Result<bool, Failure> {
    let filter = InstanceFilter {
        workflow: Choice::of(workflow),
        ..InstanceFilter::default()
    };
    let page = PageRequest {
        limit: 1,
        after: None,
    };
    let tenant = TenantId::default();
    let found = engine.store().instances(&tenant, &filter, &page).await;
    Ok(!found.map_err(signoff::Error::from)?.items.is_empty())
}

async fn publish(engine: &Engine) -> Result<Vec<String>, Failure> {
    let sources: Vec<(&str, Format)> = SAMPLES.iter().map(|text| (*text, Format::Yaml)).collect();
    let published = engine.publish(&TenantId::default(), &sources).await?;
    Ok(published
        .into_iter()
        .map(|found| found.id.to_string())
        .collect())
}

fn greet(url: &str, database: &Path, published: &[String]) {
    outln!("Signoff demo on {url}");
    outln!("  database   {}", database.display());
    outln!("  workflows  {}", published.join(", "));
    outln!("  people     choose one to sign in:");
    for profile in people::everybody() {
        let roles: Vec<&str> = profile.roles.iter().map(|role| role.as_str()).collect();
        outln!(
            "    {:5} {:18} {}",
            profile.id.as_str(),
            profile.display_name(),
            roles.join(", ")
        );
    }
    outln!("Ctrl-C stops it; everything is kept.");
}

async fn serve(listener: TcpListener, engine: &Engine, server: &Server) -> Result<Exit, Failure> {
    let (stop, stopped) = tokio::sync::watch::channel(());
    let wait = |mut stopped: tokio::sync::watch::Receiver<()>| async move {
        // The sender going away means the same as its word.
        let _ = stopped.changed().await;
    };
    let worker = engine.worker();
    let working = tokio::spawn({
        let stopped = wait(stopped.clone());
        async move { worker.run(stopped).await }
    });
    let serving = axum::serve(listener, server.router()).with_graceful_shutdown(wait(stopped));
    let serving = tokio::spawn(async move { serving.await });
    told_to_stop().await.map_err(|error| {
        Failure::failed("runtime_failed", format!("cannot wait for Ctrl-C: {error}"))
    })?;
    drop(stop);
    // A page that stays open must not keep the program alive.
    let patience = std::time::Duration::from_secs(3);
    let _ = tokio::time::timeout(patience, serving).await;
    let _ = tokio::time::timeout(patience, working).await;
    outln!("stopped");
    Ok(Exit::Ok)
}

/// Ctrl-C, or what a service manager sends.
#[cfg(unix)]
async fn told_to_stop() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
async fn told_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
