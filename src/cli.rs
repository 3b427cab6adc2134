//! The command line. Every option is also an environment variable.

mod backup;
mod check;
mod documents;
mod export;
mod import;
mod key;
mod listen;
mod log;
mod serve;
mod shell;
mod tenant;

use std::{
    ffi::OsString, io::Write, process::ExitCode, thread::available_parallelism, time::Duration,
};

use anyhow::Context;
use clap::{
    Args, CommandFactory, Parser, Subcommand,
    builder::{BoolishValueParser, TypedValueParser},
    error::ErrorKind,
};
use tokio::runtime::Runtime;

use self::{log::LogArgs, serve::ServeArgs};
use crate::{
    auth::Tenant,
    clock::Clock,
    db::{
        Db,
        migrate::{self, Plan},
        url::DatabaseUrl,
    },
    graphql,
    models::customer,
    server::duration,
};

/// Time that the program waits at exit for running statements.
const LAST_STATEMENTS: Duration = Duration::from_secs(1);

/// The customer graph of a retailer, served over GraphQL.
#[derive(Parser)]
#[command(name = "clientele", version, about, propagate_version = true)]
#[command(after_help = "Without a command, clientele runs `serve`.")]
struct Cli {
    #[command(flatten)]
    database: DatabaseArgs,

    #[command(flatten)]
    log: LogArgs,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args)]
struct DatabaseArgs {
    /// The database: `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, optionally
    /// with `?sslmode=` disable, prefer, require, verify-ca or verify-full.
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:clientele.db",
        value_name = "URL"
    )]
    database_url: String,

    /// Maximum number of connections to the database.
    #[arg(
        long,
        global = true,
        env = "CLIENTELE_POOL_SIZE",
        default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..=1000),
        value_name = "NUMBER"
    )]
    pool_size: u16,

    /// Do not run migrations; fail if any are missing.
    #[arg(long, global = true, env = "CLIENTELE_NO_MIGRATE", value_parser = boolish())]
    no_migrate: bool,

    /// How long to wait while another process migrates the database, or keeps SQLite's file locked.
    #[arg(
        long,
        global = true,
        env = "CLIENTELE_MIGRATE_TIMEOUT",
        default_value = "60s",
        value_parser = duration,
        value_name = "TIME"
    )]
    migrate_timeout: Duration,

    /// Let `--log clientele::sql=trace` also show the values of statements, which include customer
    /// data. Values of API keys are never shown.
    #[arg(long, global = true, env = "CLIENTELE_LOG_VALUES", value_parser = boolish())]
    log_values: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API at /graphql and GraphiQL at /. (The default.)
    Serve(Box<ServeArgs>),
    /// Migrate the database to this version's schema.
    Migrate,
    /// Manage tenants: the retailers that share an installation.
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// Manage a tenant's API keys.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Import from a file. Existing customers, found by `externalId` unless `--match` is given, are
    /// updated if anything differs. A `customerGroup` is a path, like `All > Europe > Germany`:
    /// missing groups are created, and listed at the end.
    Import(Box<import::ImportArgs>),
    /// Export a tenant's data, from one snapshot, as NDJSON, which `clientele import` reads.
    Export(export::ExportArgs),
    /// Check the database's schema, settings and data; fail if anything is wrong.
    Check,
    /// Copy a SQLite database to a file while it is in use; for PostgreSQL, print the command.
    Backup(backup::BackupArgs),
    /// Print the GraphQL schema.
    Schema,
    /// Print the completion script for a shell.
    Completions(shell::CompletionsArgs),
    /// Print the manual page.
    Man,
}

/// Runs the program, and prints errors on standard error.
pub fn main() -> ExitCode {
    let Cli { database, log, command } = parse();
    let command =
        command.unwrap_or_else(|| Command::Serve(Box::new(ServeArgs::parse_from(["clientele"]))));
    let runtime = runtime(&database, &command);
    let ran = runtime.and_then(|runtime| {
        let ran = runtime.block_on(run(database, &log, command));
        // A statement may still be running on a blocking thread. Do not wait for it indefinitely.
        runtime.shutdown_timeout(LAST_STATEMENTS);
        ran
    });
    match ran {
        Ok(code) => code,
        Err(error) => {
            eprintln!("clientele: {}", error_chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// Parses the command line. Without a command, it accepts the options of `serve`.
fn parse() -> Cli {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let error = match Cli::try_parse_from(&arguments) {
        Ok(cli) => return cli,
        Err(error) => error,
    };
    let is_command = |argument: &OsString| {
        Cli::command().get_subcommands().any(|command| argument == command.get_name())
    };
    if error.kind() != ErrorKind::UnknownArgument || arguments.iter().any(is_command) {
        error.exit();
    }
    let mut with_serve = arguments;
    with_serve.insert(1.min(with_serve.len()), "serve".into());
    Cli::parse_from(with_serve)
}

/// Creates the Tokio runtime. While a statement of SQLite blocks one of its threads, another thread must take over. So
/// the number of blocking threads is that of database connections plus a few. Tokio's default is far higher, and each
/// thread takes memory.
///
/// A server executes its requests on other threads ([`crate::executor`]). The worker threads of this runtime only do
/// network I/O, so there are half as many as processors: each additional one costs wake-ups and context switches.
fn runtime(database: &DatabaseArgs, command: &Command) -> anyhow::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let connections = match command {
        Command::Serve(_) => {
            builder.worker_threads(available_parallelism()?.get().div_ceil(2));
            database.pool_size.into()
        }
        _ => 1,
    };
    builder.enable_all().max_blocking_threads(connections + 4);
    builder.build().context("cannot start")
}

/// The error and its causes on one line. Some errors include their cause in their message; it is
/// not repeated.
fn error_chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    let mut last = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !last.contains(&cause) {
            let separator = if text.is_empty() { "" } else { ": " };
            text.extend([separator, &cause]);
            last = cause;
        }
    }
    text
}

async fn run(database: DatabaseArgs, log: &LogArgs, command: Command) -> anyhow::Result<ExitCode> {
    let endpoint = match &command {
        Command::Serve(args) => args.otlp_endpoint.as_ref(),
        _ => None,
    };
    let traces = log.init(endpoint)?;
    let code = run_command(database, command).await;
    if let Some(traces) = traces {
        // The exporter blocks until the collector responds.
        tokio::task::spawn_blocking(move || traces.finish()).await.ok();
    }
    code
}

async fn run_command(database: DatabaseArgs, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => return serve::run(&database, *args).await,
        Command::Migrate => database.migrate_now().await?,
        Command::Tenant(command) => tenant::run(&database, command).await?,
        Command::Key(command) => key::run(&database, command).await?,
        Command::Check => return check::run(&database).await,
        Command::Backup(args) => backup::run(&database, args).await?,
        Command::Import(args) => return Box::pin(import::run(&database, *args)).await,
        Command::Export(args) => return export::run(&database, args).await,
        Command::Schema => print(&graphql::sdl())?,
        Command::Completions(args) => shell::completions(&args)?,
        Command::Man => shell::man()?,
    }
    Ok(ExitCode::SUCCESS)
}

impl DatabaseArgs {
    fn url(&self) -> anyhow::Result<DatabaseUrl> {
        self.database_url.parse().context("DATABASE_URL")
    }

    /// Opens the database and runs its migrations.
    async fn open(&self) -> anyhow::Result<Db> {
        let url = self.url()?;
        let plan = if self.no_migrate { Plan::Check } else { Plan::Run };
        for name in self.migrate(&url, plan).await.context(in_setting(&url))? {
            tracing::info!("ran the migration {name}");
        }
        let db = self.open_as_it_is(&url)?;
        if plan == Plan::Run {
            customer::rebuild_outdated(&db).await.context("cannot make search keys")?;
        }
        Ok(db)
    }

    /// Opens the database for a read-only command, which does not wait for a writer.
    async fn open_to_read(&self) -> anyhow::Result<Db> {
        let url = self.url()?;
        match self.migrate(&url, Plan::Check).await {
            Ok(_none) => self.open_as_it_is(&url),
            Err(busy @ migrate::Error::Busy(_)) => Err(busy).context(in_setting(&url)),
            Err(_lacks_some) => self.open().await,
        }
    }

    fn open_as_it_is(&self, url: &DatabaseUrl) -> anyhow::Result<Db> {
        let db = Db::open(url, self.pool_size.into()).context(in_setting(url))?;
        Ok(db.logging_values(self.log_values))
    }

    async fn migrate(&self, url: &DatabaseUrl, plan: Plan) -> Result<Vec<String>, migrate::Error> {
        migrate::migrate_within(url, plan, self.migrate_timeout).await
    }

    async fn migrate_now(&self) -> anyhow::Result<()> {
        let url = self.url()?;
        let names = self.migrate(&url, Plan::Run).await.context(in_setting(&url))?;
        match names.as_slice() {
            [] => eprintln!("The schema of {url} is up to date."),
            names => eprintln!("Ran {} migrations on {url}: {}.", names.len(), names.join(", ")),
        }
        let db = self.open_as_it_is(&url)?;
        customer::rebuild_outdated(&db).await.context("cannot make search keys")
    }
}

fn in_setting(url: &DatabaseUrl) -> String {
    format!("DATABASE_URL ({url})")
}

/// The tenant with this name, or an error that says how to create it.
async fn tenant_named(db: &Db, name: &str) -> anyhow::Result<Tenant> {
    let tenant = Tenant::named(db, name).await?;
    tenant.with_context(|| {
        format!(
            "--tenant: there is no tenant {name:?}; create it with `clientele tenant create {name}`"
        )
    })
}

/// Exits as clap does, because options of this command conflict.
fn wrong_option(command: &str, message: String) -> ! {
    let mut cli = Cli::command();
    cli.build();
    let command = cli.find_subcommand_mut(command);
    match command {
        Some(command) => command.error(ErrorKind::ArgumentConflict, message).exit(),
        None => cli.error(ErrorKind::ArgumentConflict, message).exit(),
    }
}

/// Parses a flag from an environment variable: true, yes, on or 1, or their opposites. By default,
/// clap accepts only `true` and `false` for a flag, but people write `CLIENTELE_DEMO=1`.
fn boolish() -> impl TypedValueParser<Value = bool> {
    BoolishValueParser::new()
}

fn clock() -> Clock {
    Clock::system()
}

/// Prints to standard output. A reader that closes the pipe early, like `head`, is not an error.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("standard output")
        }
        _ => Ok(()),
    }
}
