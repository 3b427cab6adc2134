//! How fast Clientele is, measured from outside; see `docs/performance.md`.

#![expect(clippy::indexing_slicing, reason = "a benchmark that cannot go on fails")]

mod cli;
mod client;
mod data;
mod floor;
mod instructions;
mod lookups;
mod measure;
mod peer;
mod postgres;
mod process;
mod random;
mod report;
mod run;
mod server;
mod setup;
mod truth;
mod verify;
mod workloads;

#[path = "../../tests/integration/support/installed.rs"]
mod installed;

use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use self::cli::{Cli, Command};

/// Waits until somebody wants an end.
async fn interrupted() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    anyhow::bail!("interrupted")
}

// One thread: the client shares the processors with what it measures.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { command, load, common, bench: _ } = Cli::parse();
    let all = async {
        match command {
            Some(Command::Instructions(args)) => instructions::count(&common, &args).await,
            Some(Command::Lookups(args)) => lookups::measure(&common, &args).await,
            None => run::run(&common, &load).await,
        }
    };
    let ended = tokio::select! {
        ended = all => ended,
        // Whatever was started ends on the way out.
        interrupted = interrupted() => interrupted,
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
