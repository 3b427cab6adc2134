//! Clientele: filled with the data, and started.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use clap::ValueEnum;
use rustix::process::Signal;
use serde_json::json;

use super::{
    client::Request,
    postgres::{FILLED, Postgres, RUN},
    process::{Process, free_address},
};

pub const TENANT: &str = "acme";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    const fn file_name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A copy of a database with the data, which a run may change, and a key to it.
pub struct Filled {
    pub database: Database,
    pub url: String,
    pub key: String,
}

/// The program, and the folder with the data.
pub struct Clientele<'a> {
    pub binary: PathBuf,
    pub folder: &'a Path,
}

impl Clientele<'_> {
    /// Fills a database unless it is full, and copies it.
    pub async fn fill(
        &self,
        database: Database,
        postgres: Option<&Postgres>,
        lines: &Path,
        tenants: usize,
    ) -> anyhow::Result<Filled> {
        let key_file = self.folder.join(format!("{}.key", database.file_name()));
        let (filled, run) = (self.folder.join("filled.db"), self.folder.join("run.db"));
        let postgres = postgres.filter(|_| database == Database::Postgres);
        // The key comes last: without it, something went wrong.
        if !key_file.is_file() {
            println!("Filling {}.", database.name());
            let url = if let Some(postgres) = postgres {
                postgres.create(FILLED, None).await?;
                postgres.url(FILLED)
            } else {
                remove(&filled);
                sqlite_url(&filled)
            };
            for number in 2..=tenants {
                self.import(&url, &format!("{TENANT}-{number}"), lines)?;
            }
            self.import(&url, TENANT, lines)?;
            let key = ["key", "create", "--tenant", TENANT, "--name", "bench", "--scope", "write"];
            fs::write(&key_file, self.run(&url, &key, &[])?.trim())?;
        }
        let url = if let Some(postgres) = postgres {
            postgres.create(RUN, Some(FILLED)).await?;
            postgres.execute(RUN, "VACUUM ANALYZE").await?;
            postgres.execute(RUN, "CHECKPOINT").await?;
            postgres.url(RUN)
        } else {
            remove(&run);
            fs::copy(filled, &run)?;
            sqlite_url(&run)
        };
        Ok(Filled { database, url, key: fs::read_to_string(key_file)? })
    }

    fn import(&self, url: &str, tenant: &str, lines: &Path) -> anyhow::Result<()> {
        self.run(url, &["tenant", "create", tenant], &[])?;
        self.run(url, &["import", "all", "--tenant", tenant], &[lines])?;
        Ok(())
    }

    /// Runs a command to its end; returns its standard output. Its progress is seen.
    fn run(&self, url: &str, arguments: &[&str], files: &[&Path]) -> anyhow::Result<String> {
        let mut command = self.command(url, &[]);
        command.args(arguments).args(files).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().with_context(|| self.binary.display().to_string())?;
        ensure!(output.status.success(), "clientele {} failed", arguments.join(" "));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The program, or another one that runs it, with nothing of the environment.
    fn command(&self, url: &str, outer: &[String]) -> Command {
        let mut words = outer.iter();
        let mut command = Command::new(words.next().map_or(self.binary.as_os_str(), AsRef::as_ref));
        if !outer.is_empty() {
            command.args(words).arg(&self.binary);
        }
        command.env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("DATABASE_URL", url).env("CLIENTELE_LOG", "warn").current_dir(self.folder);
        command
    }

    /// Starts a server, within another program if `outer` names one, and waits until it responds.
    pub async fn serve(&self, filled: &Filled, outer: &[String]) -> anyhow::Result<Server> {
        let address = free_address()?;
        let mut command = self.command(&filled.url, outer);
        command.args(["serve", "--listen", &address.to_string()]);
        if !outer.is_empty() {
            // With one thread, who takes which task does not depend on time.
            command.env("TOKIO_WORKER_THREADS", "1");
        }
        let log = self.folder.join(format!("clientele-{}.log", filled.database.file_name()));
        File::create(&log)?;
        let process = Process::start(&mut command, &log, Signal::TERM)?;
        let headers = format!("authorization: Bearer {}\r\n", filled.key);
        let mut server = Server { address, process, headers };
        let request = Request::new(&server.headers, "{ __typename }", &json!({}));
        server.process.wait_for(address, &request).await?;
        Ok(server)
    }
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Removes a database of SQLite, if it is there.
fn remove(path: &Path) {
    for end in ["db", "db-wal", "db-shm"] {
        fs::remove_file(path.with_extension(end)).ok();
    }
}

/// A server that serves, Clientele or another one.
pub struct Server {
    pub address: SocketAddr,
    pub process: Process,
    /// The headers that its requests need, as lines.
    pub headers: String,
}
