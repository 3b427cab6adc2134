//! Test databases: each is a copy of a template that was migrated once.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use clientele::db::{
    migrate::{Plan, migrate},
    url::DatabaseUrl,
};
use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

use super::cluster::{Cluster, cluster};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A database that is dropped when the test ends.
pub struct Database {
    pub backend: Backend,
    /// The URL, in the format of `DATABASE_URL`.
    pub url: String,
    folder: Option<TempDir>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Database {
    /// An empty database without the schema; `None` if the server is not installed.
    pub async fn empty(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => {
                let folder = TempDir::with_prefix("clientele-test-").unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                Some(Self { backend, url, folder: Some(folder) })
            }
            Backend::Postgres => {
                let cluster = cluster()?;
                let name = unique_name();
                admin(cluster, &format!("CREATE DATABASE {name}")).await;
                Some(Self { backend, url: on_cluster(cluster, &name), folder: None })
            }
        }
    }

    /// The database for a test of `both!`.
    pub async fn start(backend: Backend) -> Option<Self> {
        Self::migrated(backend).await
    }

    /// An empty database with the schema.
    pub async fn migrated(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => {
                let template = sqlite_template().await;
                let database = Self::empty(backend).await?;
                let path = database.url.strip_prefix("sqlite:").unwrap();
                std::fs::copy(template, path).unwrap();
                Some(database)
            }
            Backend::Postgres => {
                let cluster = cluster()?;
                let template = postgres_template(cluster).await;
                let name = unique_name();
                admin(cluster, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Some(Self { backend, url: on_cluster(cluster, &name), folder: None })
            }
        }
    }

    /// An empty database with the schema, on this server.
    pub async fn on(cluster: &Cluster) -> Self {
        let name = unique_name();
        admin(cluster, &format!("CREATE DATABASE {name}")).await;
        let database =
            Self { backend: Backend::Postgres, url: on_cluster(cluster, &name), folder: None };
        migrate(&database.parsed(), Plan::Run).await.unwrap();
        database
    }

    pub fn parsed(&self) -> DatabaseUrl {
        self.url.parse().unwrap()
    }

    /// Executes statements outside of the server.
    pub async fn execute(&self, statements: &str) {
        match self.backend {
            Backend::Sqlite => {
                let path = self.url.strip_prefix("sqlite:").unwrap();
                SqliteConnection::establish(path).unwrap().batch_execute(statements).unwrap();
            }
            Backend::Postgres => {
                let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute(statements).await.unwrap();
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A private cluster is removed as a whole. On a shared one, the database must be dropped.
        if self.folder.is_none() && std::env::var_os("TEST_DATABASE_URL").is_some() {
            let (Some(cluster), Some((_, name))) = (cluster(), self.url.rsplit_once('/')) else {
                return;
            };
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Runtime::new().unwrap();
                    runtime.block_on(admin(cluster, &drop));
                });
            });
        }
    }
}

fn unique_name() -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("clientele_test_{}_{number}", std::process::id())
}

fn on_cluster(cluster: &Cluster, name: &str) -> String {
    let (server, _) = cluster.url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

async fn sqlite_template() -> &'static PathBuf {
    static TEMPLATE: OnceCell<(PathBuf, TempDir)> = OnceCell::const_new();
    let make = || async {
        let folder = TempDir::with_prefix("clientele-test-").unwrap();
        let path = folder.path().join("template.db");
        migrate(&DatabaseUrl::Sqlite(path.clone()), Plan::Run).await.unwrap();
        (path, folder)
    };
    &TEMPLATE.get_or_init(make).await.0
}

async fn postgres_template(cluster: &'static Cluster) -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let make = || async {
        let name = unique_name();
        admin(cluster, &format!("CREATE DATABASE {name}")).await;
        migrate(&on_cluster(cluster, &name).parse().unwrap(), Plan::Run).await.unwrap();
        name
    };
    TEMPLATE.get_or_init(make).await
}

/// Executes a statement on the cluster's own database. Retries while the last connection to a
/// template is still closing.
async fn admin(cluster: &Cluster, statement: &str) {
    let (client, connection) = tokio_postgres::connect(&cluster.url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut tries = 0;
    while let Err(error) = client.batch_execute(statement).await {
        tries += 1;
        assert!(tries < 100, "{statement}: {error:?}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    drop(client);
    connection.await.unwrap().unwrap();
}
