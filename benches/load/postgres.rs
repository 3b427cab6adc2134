//! A PostgreSQL of our own, as safe as it is in production.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use rustix::process::Signal;
use tokio_postgres::NoTls;

use super::{
    installed,
    process::{Process, free_address},
};

/// The database with the data as they were imported.
pub const FILLED: &str = "filled";
/// A copy of it, which a run may change.
pub const RUN: &str = "run";

pub struct Postgres {
    pub port: u16,
    pub binaries: PathBuf,
    process: Process,
}

impl Postgres {
    /// Starts a server whose data are in that folder, and are made if they are not there.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let binaries = installed::binaries()
            .context("PostgreSQL is not installed; --database sqlite goes without")?;
        if !folder.is_dir() {
            initialise(folder, &binaries)?;
        }
        let port = free_address()?.port();
        let mut server = as_owner(&binaries.join("postgres"), folder);
        server.arg("-D").arg(folder.join("data"));
        for setting in [
            "listen_addresses=127.0.0.1",
            &format!("port={port}"),
            &format!("unix_socket_directories={}", folder.display()),
            "shared_buffers=512MB",
            "max_wal_size=2GB",
        ] {
            server.args(["-c", setting]);
        }
        let process = Process::start(&mut server, &folder.with_extension("log"), Signal::INT)?;
        let mut postgres = Self { port, binaries, process };
        while postgres.execute("postgres", "SELECT").await.is_err() {
            postgres.process.ensure_running()?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(postgres)
    }

    /// The id of the process that all others of the server come from.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A URL as all clients understand it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    pub async fn execute(&self, database: &str, statements: &str) -> anyhow::Result<()> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await?;
        let connection = tokio::spawn(connection);
        client.batch_execute(statements).await.with_context(|| statements.to_owned())?;
        drop(client);
        Ok(connection.await??)
    }

    /// Makes a database anew, as a copy of another if that is given.
    pub async fn create(&self, database: &str, template: Option<&str>) -> anyhow::Result<()> {
        self.execute("postgres", &format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
            .await?;
        let copy = template.map(|name| format!(" TEMPLATE {name}")).unwrap_or_default();
        self.execute("postgres", &format!("CREATE DATABASE {database}{copy}")).await
    }
}

fn initialise(folder: &Path, binaries: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    if let Some((uid, gid)) = installed::unprivileged_user() {
        chown(folder, Some(uid), Some(gid))?;
    }
    let mut initdb = as_owner(&binaries.join("initdb"), folder);
    initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
    initdb.arg("--pgdata").arg(folder.join("data")).stdout(Stdio::null());
    ensure!(initdb.status()?.success(), "initdb failed in {}", folder.display());
    Ok(())
}

/// A command that runs as whom PostgreSQL wants.
fn as_owner(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = installed::unprivileged_user() {
        command.uid(uid).gid(gid);
    }
    command.current_dir(folder);
    command
}
