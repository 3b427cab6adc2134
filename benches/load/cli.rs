//! The options.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{data::CUSTOMERS, server::Database, workloads::Workload};

/// Measures Clientele under load, beside PostgreSQL alone and beside PostGraphile.
#[derive(Parser)]
#[command(name = "cargo bench --bench load --")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub load: LoadArgs,
    #[command(flatten)]
    pub common: CommonArgs,
    /// Cargo gives it to every benchmark.
    #[arg(long, hide = true, global = true)]
    pub bench: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Count the instructions that a request takes, by callgrind.
    Instructions(InstructionArgs),
    /// Measure how long lookups of customers take.
    Lookups(LookupArgs),
}

#[derive(Args)]
pub struct CommonArgs {
    /// The databases that Clientele is measured on.
    #[arg(long, global = true, value_enum, default_value_t = Databases::Both)]
    pub database: Databases,
    /// The program to measure. Default: the one that Cargo has built.
    #[arg(long, global = true, value_name = "PATH")]
    pub binary: Option<PathBuf>,
    /// Keep the data in that folder, and use what is there. Default: a folder that is removed.
    #[arg(long, global = true, value_name = "FOLDER")]
    pub keep: Option<PathBuf>,
}

#[derive(Args)]
pub struct LoadArgs {
    /// How many times 10,000 customers there are.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    scale: usize,
    /// The workloads. Default: all.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    workloads: Vec<Workload>,
    /// How many connections send requests at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64], value_name = "NUMBERS")]
    pub connections: Vec<usize>,
    /// Seconds for each workload, number of connections and system in each round.
    #[arg(long, default_value_t = 4, value_name = "NUMBER")]
    seconds: u64,
    /// How many times the systems take turns.
    #[arg(long, default_value_t = 2, value_name = "NUMBER")]
    pub rounds: usize,
    /// Leave out pgbench.
    #[arg(long)]
    pub no_floor: bool,
    /// Leave out PostGraphile.
    #[arg(long)]
    pub no_peer: bool,
    /// Write the result into that file, between its two markers.
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

#[derive(Args)]
pub struct InstructionArgs {
    /// Fail if a request takes over 5% more instructions than is written down, or more statements.
    #[arg(long, conflicts_with = "update")]
    pub check: bool,
    /// Write the figures down.
    #[arg(long)]
    pub update: bool,
}

#[derive(Args)]
pub struct LookupArgs {
    /// How many times 10,000 customers there are in all.
    #[arg(long, default_value_t = 10, value_name = "NUMBER")]
    scale: usize,
    /// How many tenants have a part of them each.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub tenants: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Databases {
    Sqlite,
    Postgres,
    Both,
}

impl CommonArgs {
    pub const fn databases(&self) -> &'static [Database] {
        match self.database {
            Databases::Sqlite => &[Database::Sqlite],
            Databases::Postgres => &[Database::Postgres],
            Databases::Both => &[Database::Sqlite, Database::Postgres],
        }
    }
}

impl LookupArgs {
    /// The customers of each tenant.
    pub fn customers(&self) -> usize {
        self.scale * CUSTOMERS / self.tenants.max(1)
    }
}

impl LoadArgs {
    pub const fn customers(&self) -> usize {
        self.scale * CUSTOMERS
    }

    pub const fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    pub fn workloads(&self) -> Vec<Workload> {
        if self.workloads.is_empty() {
            Workload::value_variants().to_vec()
        } else {
            self.workloads.clone()
        }
    }
}
