//! Prerequisites of a measurement: the folder, the data, the databases.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::TempDir;

use super::{
    cli::CommonArgs,
    data::Data,
    postgres::Postgres,
    server::{Clientele, Database, Filled},
};

/// A folder to work in, and what runs in it.
pub struct Setup {
    pub data: Data,
    pub postgres: Option<Postgres>,
    pub filled: Vec<Filled>,
    pub binary: PathBuf,
    // Dropped after all that runs in it.
    folder: Folder,
}

enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Setup {
    /// Makes what is missing: so many customers in each tenant. `needs_postgres` starts it for others than Clientele, too.
    pub async fn new(
        args: &CommonArgs,
        customers: usize,
        tenants: usize,
        needs_postgres: bool,
    ) -> anyhow::Result<Self> {
        let folder = match &args.keep {
            Some(folder) => {
                let name = if tenants == 1 { String::new() } else { format!("x{tenants}") };
                let folder = std::path::absolute(folder)?.join(format!("{customers}{name}"));
                std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
                Folder::Kept(folder)
            }
            None => Folder::Temporary(TempDir::with_prefix("clientele-bench-")?),
        };
        open_to_all(folder.path())?;
        let binary = match &args.binary {
            Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
            None => PathBuf::from(env!("CARGO_BIN_EXE_clientele")),
        };
        let data = Data::new(customers);
        let lines = folder.path().join("data.ndjson");
        if !lines.is_file() {
            println!("Making {customers} customers in {} groups.", data.groups.len());
            data.write(&lines)?;
        }
        let mut databases = args.databases().to_vec();
        if needs_postgres && !databases.contains(&Database::Postgres) {
            databases.push(Database::Postgres);
        }
        let postgres = if databases.contains(&Database::Postgres) {
            Some(Postgres::start(&folder.path().join("postgres")).await?)
        } else {
            None
        };
        let clientele = Clientele { binary: binary.clone(), folder: folder.path() };
        let mut filled = Vec::new();
        for database in databases {
            filled.push(clientele.fill(database, postgres.as_ref(), &lines, tenants).await?);
        }
        Ok(Self { data, postgres, filled, binary, folder })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn clientele(&self) -> Clientele<'_> {
        Clientele { binary: self.binary.clone(), folder: self.folder() }
    }
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

/// PostgreSQL runs as another user if we are root, and has its folder within ours.
fn open_to_all(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?)
}
