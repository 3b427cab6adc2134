//! `clientele serve`

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use axum::http::HeaderValue;
use clap::{ArgAction, Parser};

use super::{DatabaseArgs, boolish, clock, documents::DocumentArgs};
use crate::{auth::KeySecret, demo, graphql::Policy, http::App, limits::Limits, server::Server};

#[derive(Parser)]
pub struct ServeArgs {
    /// The address to listen on; port 0 takes any that is free.
    #[arg(
        long,
        env = "CLIENTELE_LISTEN",
        default_value = "127.0.0.1:8000",
        value_name = "ADDRESS:PORT"
    )]
    listen: SocketAddr,

    /// Fill an empty database with sample data, and let everybody in who can reach this machine's
    /// loopback interface.
    #[arg(long, env = "CLIENTELE_DEMO", value_parser = boolish())]
    demo: bool,

    /// A web site whose pages may call the API, like `https://shop.example.com`. May be repeated;
    /// in the environment, separated by commas.
    #[arg(
        long,
        env = "CLIENTELE_CORS_ORIGIN",
        value_delimiter = ',',
        value_parser = origin,
        value_name = "ORIGIN"
    )]
    cors_origin: Vec<HeaderValue>,

    /// Whether clients may ask for the schema. GraphiQL and code generators do.
    #[arg(long, env = "CLIENTELE_INTROSPECTION", default_value_t = true, action = ArgAction::Set,
          value_parser = boolish(), value_name = "BOOLEAN")]
    introspection: bool,

    /// Whether errors about unknown names suggest similar ones of the schema.
    #[arg(long, env = "CLIENTELE_SUGGESTIONS", default_value_t = true, action = ArgAction::Set,
          value_parser = boolish(), value_name = "BOOLEAN")]
    suggestions: bool,

    #[command(flatten)]
    documents: DocumentArgs,

    #[command(flatten)]
    limits: Limits,
}

/// Reads an origin as browsers send it: a scheme and a host, optionally with a port, and nothing
/// after.
fn origin(text: &str) -> Result<HeaderValue, &'static str> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if !host.is_some_and(|host| !host.is_empty() && host.bytes().all(allowed)) {
        return Err("must be https:// (or http://) and a host, with no path and no / at the end");
    }
    HeaderValue::from_str(text).map_err(|_invalid| "must be plain ASCII")
}

pub async fn run(database: &DatabaseArgs, args: ServeArgs) -> anyhow::Result<()> {
    ensure!(
        !args.demo || args.listen.ip().is_loopback(),
        "--listen ({}): with --demo the server listens on the loopback interface only, since \
         everybody knows the demo's key",
        args.listen
    );
    let db = database.open().await?;
    let clock = clock();
    if args.demo {
        demo::fill(&db, &clock).await.context("--demo")?;
    }
    let policy = Policy { introspection: args.introspection, suggestions: args.suggestions };
    let app = App::new(db, clock, args.demo).with_limits(args.limits, policy);
    let documents = args.documents.documents(&app.engine)?;
    let app = app.with_documents(documents);
    let server = Server::bind(args.listen, app, args.cors_origin)
        .await
        .with_context(|| format!("--listen ({})", args.listen))?;
    let address = server.address()?;
    eprintln!("GraphiQL:  http://{address}/");
    eprintln!("API:       http://{address}/graphql");
    if args.demo {
        eprintln!("Demo key:  {}", KeySecret::demo().reveal());
    }
    server.run().await.context("the server stopped")?;
    Ok(())
}
