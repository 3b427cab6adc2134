//! `clientele serve`

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use anyhow::{Context, ensure};
use axum::http::HeaderValue;
use clap::{ArgAction, Parser};

use tokio::net::TcpListener;

use super::{DatabaseArgs, boolish, clock, documents::DocumentArgs, listen::ListenAddress};
use crate::{
    auth::KeySecret,
    clock::Clock,
    db::{self, Db},
    demo,
    executor::Executor,
    graphql::Policy,
    http::{
        self, App,
        admission::{Admission, AdmissionSettings},
    },
    limits::Limits,
    models::{customer::merge::empty_old_archives, tenant},
    server::{ConnectionSettings, Operations, Server, Stopped},
    telemetry::Endpoint,
};

#[derive(Parser)]
pub struct ServeArgs {
    /// The address to listen on. Without a host, all IPv4 interfaces; port 0 selects a free port.
    #[arg(
        long,
        env = "CLIENTELE_LISTEN",
        default_value = "127.0.0.1:8000",
        value_name = "HOST:PORT"
    )]
    listen: ListenAddress,

    /// Fill an empty database with sample data and a publicly known key. The server then listens only
    /// on this machine's loopback interface.
    #[arg(long, env = "CLIENTELE_DEMO", value_parser = boolish())]
    demo: bool,

    /// An origin whose pages may call the API, like `https://shop.example.com`. May be repeated; in
    /// the environment, separated by commas.
    #[arg(
        long,
        env = "CLIENTELE_CORS_ORIGIN",
        value_delimiter = ',',
        value_parser = origin,
        value_name = "ORIGIN"
    )]
    cors_origin: Vec<HeaderValue>,

    /// Whether clients may query the schema, as GraphiQL and code generators do.
    #[arg(long, env = "CLIENTELE_INTROSPECTION", default_value_t = true, action = ArgAction::Set,
          value_parser = boolish(), value_name = "BOOLEAN")]
    introspection: bool,

    /// Whether errors about unknown names suggest similar names from the schema.
    #[arg(long, env = "CLIENTELE_SUGGESTIONS", default_value_t = true, action = ArgAction::Set,
          value_parser = boolish(), value_name = "BOOLEAN")]
    suggestions: bool,

    #[command(flatten)]
    documents: DocumentArgs,

    /// The address of a second listener for /metrics (Prometheus), /health and /ready, which has
    /// its own thread. Default: none.
    #[arg(long, env = "CLIENTELE_METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,

    /// An OpenTelemetry collector for traces, by OTLP over HTTP, like `http://localhost:4318`.
    /// Default: none.
    #[arg(long, env = "CLIENTELE_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<Endpoint>,

    #[command(flatten)]
    connections: ConnectionSettings,

    #[command(flatten)]
    admission: AdmissionSettings,

    #[command(flatten)]
    limits: Limits,
}

/// Parses an origin as browsers send it: a scheme and a host, optionally with a port, and nothing
/// else.
fn origin(text: &str) -> Result<HeaderValue, &'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed)) {
        return Err("must be https:// (or http://) and a host, with no path and no / at the end");
    }
    HeaderValue::from_str(text).map_err(|_invalid| "must be plain ASCII")
}

pub async fn run(database: &DatabaseArgs, args: ServeArgs) -> anyhow::Result<ExitCode> {
    // Binds first, so that an address in use is an error before anything is written.
    let listener = listen(&args).await.with_context(|| format!("--listen ({})", args.listen))?;
    let db = database.open().await?;
    let clock = clock();
    if args.demo {
        demo::fill(&db, &clock).await.context("--demo")?;
    } else {
        explain_keys(&db).await?;
    }
    empty_archives(&db, &clock).await;
    tokio::spawn(empty_archives_daily(db.clone(), clock.clone()));
    let policy = Policy { introspection: args.introspection, suggestions: args.suggestions };
    let executor = Executor::start(db.blocking_calls()).context("cannot start")?;
    let app = App::with_limits(db, clock, args.demo, args.limits, policy);
    let documents = args.documents.documents(&app.engine)?;
    let app = App {
        admission: Admission::new(&args.admission),
        executor,
        ..app.with_documents(documents)
    };
    // Determines the readiness before the first request.
    app.readiness.check(&app.db).await;
    let router = http::router(app.clone(), args.cors_origin);
    if let Some(address) = args.metrics_listen {
        start_operations(&app, address).with_context(|| format!("--metrics-listen ({address})"))?;
    }
    let pool_size = database.pool_size.into();
    let server = Server::new(listener, app, &args.connections, pool_size);
    let address = server.address()?;
    eprintln!("GraphiQL:  http://{address}/");
    eprintln!("API:       http://{address}/graphql");
    if args.demo {
        eprintln!("Demo key:  {}", KeySecret::demo().reveal());
    }
    match server.run(router).await.context("the server stopped")? {
        Stopped::Done | Stopped::Overdue => Ok(ExitCode::SUCCESS),
        // Exits immediately, without waiting for requests in progress.
        Stopped::Forced(signal) => std::process::exit(128 + i32::from(signal)),
    }
}

/// Listens; with `--demo`, on the loopback interface only.
async fn listen(args: &ServeArgs) -> anyhow::Result<TcpListener> {
    let addresses = args.listen.resolve().await?;
    ensure!(
        !args.demo || addresses.iter().all(|address| address.ip().is_loopback()),
        "with --demo the server listens on the loopback interface only, because the \
         demo's key is public"
    );
    Ok(TcpListener::bind(addresses.as_slice()).await?)
}

/// Prints how to create a key, if no tenant exists yet.
async fn explain_keys(db: &Db) -> anyhow::Result<()> {
    let mut lease = db.read().await?;
    if tenant::list(&mut lease.conn()).await?.is_empty() {
        eprintln!(
            "There is no tenant yet, so there is no key. Create both with this DATABASE_URL, now or later:\n  \
             clientele tenant create NAME\n  clientele key create --tenant NAME"
        );
    }
    Ok(())
}

/// Empties the archives of merges that can no longer be undone.
async fn empty_archives(db: &Db, clock: &Clock) {
    if let Err(error) = empty_old_archives(db, clock.now()).await {
        // Expired archives cannot be used anyway, so the next attempt is early enough.
        tracing::error!(cause = db::describe(&error), "cannot empty the archives of merges");
    }
}

/// Interval at which archives are emptied.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn empty_archives_daily(db: Db, clock: Clock) {
    loop {
        tokio::time::sleep(DAY).await;
        empty_archives(&db, &clock).await;
    }
}

fn start_operations(app: &App, address: SocketAddr) -> anyhow::Result<()> {
    let operations = Operations::bind(address)?;
    eprintln!("Metrics:   http://{}/metrics", operations.address()?);
    operations.start(http::operations(app))?;
    Ok(())
}
