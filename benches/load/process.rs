//! Processes that the harness starts, and ends.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::client::{Connection, Request};

/// How long a process may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that is told to end when it is dropped, and waited for.
pub struct Process {
    child: Child,
    log: PathBuf,
    end: Signal,
}

impl Process {
    /// Starts a command, whose output goes to a file. `end` tells it to end.
    pub fn start(command: &mut Command, log: &Path, end: Signal) -> anyhow::Result<Self> {
        let file = File::create(log).with_context(|| log.display().to_string())?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let name = command.get_program().to_owned();
        let child = command.spawn().with_context(|| name.display().to_string())?;
        Ok(Self { child, log: log.to_owned(), end })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Fails if the process has ended.
    pub fn ensure_running(&mut self) -> anyhow::Result<()> {
        let ended = self.child.try_wait()?;
        ensure!(ended.is_none(), "it has ended: {}", self.log());
        Ok(())
    }

    /// Waits until a server responds to a request.
    pub async fn wait_for(&mut self, address: SocketAddr, request: &Request) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            self.ensure_running()?;
            let error = match Connection::open(address).await {
                Ok(mut connection) => match connection.ask(request).await {
                    Ok(_response) => return Ok(()),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if start.elapsed() > PATIENCE {
                bail!("it does not respond: {error}\n{}", self.log());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_none() {
            let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
            kill_process(id.context("a process without an id")?, self.end)?;
        }
        let start = Instant::now();
        while self.child.try_wait()?.is_none() {
            if start.elapsed() > PATIENCE {
                self.child.kill()?;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("cannot end a process: {error}");
        }
    }
}

/// An address of this machine that nobody listens at.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
