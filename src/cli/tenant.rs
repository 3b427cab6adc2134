//! `clientele tenant …`

use anyhow::{Context, ensure};
use clap::Subcommand;

use super::{DatabaseArgs, boolish, clock, print, tenant_named};
use crate::{
    auth::{TENANT_NAME_MAX, Tenant, is_tenant_name},
    db,
    models::tenant,
};

#[derive(Subcommand)]
pub enum TenantCommand {
    /// Create a tenant.
    Create {
        /// The name: lower-case letters, digits and `-`, at most 32 characters. It cannot be
        /// changed.
        #[arg(env = "CLIENTELE_TENANT")]
        name: String,
    },
    /// List the tenants.
    List,
    /// Permanently delete a tenant with its keys and all of its data. Only a backup can restore it.
    Delete {
        /// The name.
        #[arg(env = "CLIENTELE_TENANT")]
        name: String,
        /// Do not ask for confirmation.
        #[arg(long, env = "CLIENTELE_YES", value_parser = boolish())]
        yes: bool,
    },
}

pub async fn run(database: &DatabaseArgs, command: TenantCommand) -> anyhow::Result<()> {
    match command {
        TenantCommand::Create { name } => create(database, &name).await,
        TenantCommand::List => list(database).await,
        TenantCommand::Delete { name, yes } => delete(database, &name, yes).await,
    }
}

async fn delete(database: &DatabaseArgs, name: &str, yes: bool) -> anyhow::Result<()> {
    let db = database.open().await?;
    tenant_named(&db, name).await?;
    ensure!(
        yes || is_confirmed(name)?,
        "the tenant {name} is not deleted: its name was not typed, and --yes was not given"
    );
    let customers = tenant::delete(&db, name).await.context("cannot delete the tenant")?;
    eprintln!("Deleted the tenant {name} and its {customers} customers.");
    Ok(())
}

/// Asks for the tenant's name.
fn is_confirmed(name: &str) -> anyhow::Result<bool> {
    eprint!("This deletes the keys and all data of the tenant. Type its name ({name}) to go on: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("standard input")?;
    Ok(line.trim() == name)
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
        created => created.context("cannot create the tenant")?,
    };
    eprintln!("Created the tenant {name}. For its first key: clientele key create --tenant {name}");
    Ok(())
}

async fn list(database: &DatabaseArgs) -> anyhow::Result<()> {
    let db = database.open_to_read().await?;
    let mut lease = db.read().await?;
    let tenants = tenant::list(&mut lease.conn()).await?;
    let width = tenants.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(4);
    let mut lines = vec![format!("{:width$}  CREATED", "NAME")];
    lines.extend(tenants.iter().map(|(name, created)| format!("{name:width$}  {created}")));
    print(&lines.join("\n"))
}
