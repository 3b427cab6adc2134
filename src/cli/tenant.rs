//! `clientele tenant …`

use anyhow::{Context, ensure};
use clap::Subcommand;

use super::{DatabaseArgs, clock, print};
use crate::{
    auth::{TENANT_NAME_MAX, Tenant, is_tenant_name},
    db,
    models::tenant,
};

#[derive(Subcommand)]
pub enum TenantCommand {
    /// Make a tenant.
    Create {
        /// Its name: lower-case letters, digits and `-`, up to 32. It stays.
        #[arg(env = "CLIENTELE_TENANT")]
        name: String,
    },
    /// List the tenants.
    List,
}

pub async fn run(database: &DatabaseArgs, command: TenantCommand) -> anyhow::Result<()> {
    match command {
        TenantCommand::Create { name } => create(database, &name).await,
        TenantCommand::List => list(database).await,
    }
}

async fn create(database: &DatabaseArgs, name: &str) -> anyhow::Result<()> {
    ensure!(
        is_tenant_name(name),
        "NAME: {name:?} must be 1 to {TENANT_NAME_MAX} lower-case letters, digits and `-`, with no \
         `-` at an end"
    );
    let db = database.open().await?;
    let mut lease = db.write().await?;
    match Tenant::create(&mut lease.conn(), name, &clock()).await {
        Err(db::Error::NotUnique(_)) => anyhow::bail!("NAME: there is a tenant {name:?} already"),
        created => created.context("cannot make the tenant")?,
    };
    eprintln!("Made the tenant {name}. Its first key: clientele key create --tenant {name}");
    Ok(())
}

async fn list(database: &DatabaseArgs) -> anyhow::Result<()> {
    let db = database.open().await?;
    let mut lease = db.read().await?;
    let tenants = tenant::list(&mut lease.conn()).await?;
    let width = tenants.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(4);
    let mut lines = vec![format!("{:width$}  CREATED", "NAME")];
    lines.extend(tenants.iter().map(|(name, created)| format!("{name:width$}  {created}")));
    print(&lines.join("\n"))
}
