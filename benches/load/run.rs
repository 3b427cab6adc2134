//! The measurements: each system in turn, for each workload and each number of connections.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, ensure};

use super::{
    cli::{CommonArgs, LoadArgs},
    client::{self, Request, Requests},
    floor::Floor,
    measure::{cpu, peak_memory, reset_peak},
    peer::{self, Peer},
    postgres::Postgres,
    random::Random,
    report::{Cell, Report, Sample, write},
    server::{Database, Server},
    setup::Setup,
    truth::Order,
    verify,
    workloads::{Subject, Workload},
};

/// How many connections a system is warmed up on.
const WARM_UP: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    Clientele(Database),
    Floor,
    Peer,
}

impl System {
    /// How long it is warmed up before it is measured. JavaScript is compiled while it runs: after a second,
    /// PostGraphile still needs twice the time that it needs later.
    const fn warm_up(self) -> Duration {
        match self {
            Self::Clientele(_) | Self::Floor => Duration::from_secs(1),
            Self::Peer => Duration::from_secs(8),
        }
    }
}

/// All that is measured.
struct Systems<'a> {
    setup: &'a Setup,
    clientele: Vec<(Database, Server, Order)>,
    floor: Option<Floor>,
    peer: Option<Peer>,
    requests: HashMap<(System, Workload), Arc<Requests>>,
}

pub async fn run(common: &CommonArgs, args: &LoadArgs) -> anyhow::Result<()> {
    let beside = !args.no_floor || !args.no_peer;
    let has_postgres = common.databases().contains(&Database::Postgres);
    let setup = Setup::new(common, args.customers(), 1, beside && has_postgres).await?;
    let workloads = args.workloads();
    let mut systems = Systems::start(&setup, args, &workloads).await?;
    let mut statements = HashMap::new();
    for workload in workloads.iter().copied().filter(|it| *it != Workload::Mixed) {
        statements.extend(systems.verify(workload).await?);
    }
    println!("The responses are right.");
    let mut cells = Vec::new();
    for workload in &workloads {
        cells.extend(systems.measure(*workload, args).await?);
    }
    let wrong = cells.iter().find_map(|cell| {
        let samples = cell.samples.iter();
        samples.filter(|sample| sample.wrong > 0).find_map(|sample| sample.reason.clone())
    });
    let report = Report { cells, statements, setup: &setup, args };
    let text = report.text()?;
    println!("\n{text}");
    ensure!(wrong.is_none(), "a response was wrong: {}", wrong.unwrap_or_default());
    args.write.as_deref().map_or(Ok(()), |path| write(path, &text))
}

impl<'a> Systems<'a> {
    async fn start(
        setup: &'a Setup,
        args: &LoadArgs,
        workloads: &[Workload],
    ) -> anyhow::Result<Self> {
        let mut clientele = Vec::new();
        for filled in &setup.filled {
            let server = setup.clientele().serve(filled, &[]).await?;
            let order = verify::walk(&server, &setup.data).await.context(filled.database.name())?;
            clientele.push((filled.database, server, order));
        }
        let (mut floor, mut peer) = (None, None);
        if let Some(postgres) = &setup.postgres {
            if !args.no_floor {
                let searches = Workload::Search.subjects(&setup.data);
                let customers = setup.data.customers.len();
                floor = Some(Floor::new(postgres, setup.folder(), customers, &searches).await?);
            }
            if !args.no_peer
                && let Some(folder) = peer::install()?
            {
                peer = Some(Peer::start(&folder, setup.folder(), postgres, workloads).await?);
            }
        }
        Ok(Self { setup, clientele, floor, peer, requests: HashMap::new() })
    }

    /// Fails unless all responses to a workload are right; returns the statements of each system.
    async fn verify(&self, workload: Workload) -> anyhow::Result<HashMap<(System, Workload), u64>> {
        let data = &self.setup.data;
        let mut statements = HashMap::new();
        for (database, server, order) in &self.clientele {
            let in_database = || database.name();
            verify::clientele(server, workload, data, order).await.with_context(in_database)?;
            let count = verify::statements(server, workload, data, order).await?;
            statements.insert((System::Clientele(*database), workload), count);
        }
        let (_, _, order) = self.clientele.first().context("no database")?;
        if let Some(floor) = &self.floor {
            verify::floor(floor, workload, data, order).await?;
            let count = u64::try_from(Floor::statements(workload)?)?;
            statements.insert((System::Floor, workload), count);
        }
        if let Some(peer) = &self.peer {
            verify::peer(peer, workload, data, order).await.context("PostGraphile")?;
        }
        Ok(statements)
    }

    async fn measure(&mut self, workload: Workload, args: &LoadArgs) -> anyhow::Result<Vec<Cell>> {
        let systems = self.having(workload);
        for system in &systems {
            self.sample(*system, workload, WARM_UP, system.warm_up()).await?;
        }
        let mut cells = Vec::new();
        for connections in &args.connections {
            let mut samples: HashMap<System, Vec<Sample>> = HashMap::new();
            for round in 0..args.rounds {
                // There and back, so that none is always the first.
                let mut turn = systems.clone();
                if round % 2 == 1 {
                    turn.reverse();
                }
                for system in turn {
                    let sample = self.sample(system, workload, *connections, args.time()).await?;
                    samples.entry(system).or_default().push(sample);
                }
            }
            for system in &systems {
                let samples = samples.remove(system).unwrap_or_default();
                let cell = Cell { workload, connections: *connections, system: *system, samples };
                println!("{}", cell.progress());
                cells.push(cell);
            }
        }
        Ok(cells)
    }

    /// The systems that have a workload, with the requests for it.
    fn having(&mut self, workload: Workload) -> Vec<System> {
        let data = &self.setup.data;
        let mut systems = Vec::new();
        for ((_, server, order), filled) in self.clientele.iter().zip(&self.setup.filled) {
            let requests = requests(workload, self.setup, server, order);
            let system = System::Clientele(filled.database);
            self.requests.insert((system, workload), Requests::new(requests));
            systems.push(system);
        }
        if self.floor.is_some() {
            systems.push(System::Floor);
        }
        if let Some(peer) = &self.peer {
            let subjects = workload.subjects(data);
            let requests: Option<Vec<Request>> =
                subjects.iter().map(|subject| peer.request(workload, subject)).collect();
            if let Some(requests) = requests {
                self.requests.insert((System::Peer, workload), Requests::new(requests));
                systems.push(System::Peer);
            }
        }
        systems
    }

    /// Runs one system for some time.
    async fn sample(
        &self,
        system: System,
        workload: Workload,
        connections: usize,
        time: Duration,
    ) -> anyhow::Result<Sample> {
        let server = match system {
            System::Clientele(database) => {
                self.clientele.iter().find(|it| it.0 == database).map(|it| &it.1)
            }
            System::Peer => self.peer.as_ref().map(|peer| peer.server(workload)),
            System::Floor => None,
        };
        let process = server.map(|server| server.process.id());
        let database = self.setup.postgres.as_ref().map(Postgres::id);
        let used = |process: Option<u32>| process.map(cpu).unwrap_or_default();
        process.inspect(|id| reset_peak(*id));
        let before = (used(process), used(database));
        let run = match server {
            Some(server) => {
                let requests = self.requests.get(&(system, workload)).context("no requests")?;
                client::run(server.address, requests, connections, time).await?
            }
            None => {
                let floor = self.floor.as_ref().context("no floor")?;
                floor.run(workload, connections, time)?
            }
        };
        // PostgreSQL's processes end a moment after their clients.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(Sample::new(
            run,
            used(process).saturating_sub(before.0),
            used(database).saturating_sub(before.1),
            process.map(peak_memory),
        ))
    }
}

/// The requests that Clientele is sent.
pub fn requests(workload: Workload, setup: &Setup, server: &Server, order: &Order) -> Vec<Request> {
    let all = |workload: Workload| -> Vec<Request> {
        let request = |subject: &Subject| {
            let variables = workload.variables(subject, &order.cursors);
            Request::new(&server.headers, workload.document(), &variables)
        };
        workload.subjects(&setup.data).iter().map(request).collect()
    };
    if workload != Workload::Mixed {
        return all(workload);
    }
    let mut mixed = Vec::new();
    for one in Workload::SINGLE {
        // Of 2,000, that share.
        mixed.extend(all(one).into_iter().take(20 * one.weight()));
    }
    Random::new(7).shuffle(&mut mixed);
    mixed
}
