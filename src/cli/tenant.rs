//! `clientele tenant …`

use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Subcommand;

use super::{DatabaseArgs, boolish, clock, print, tenant_named};
use crate::{
    auth::{KNOWN, TENANT_NAME_MAX, Tenant, is_tenant_name},
    db,
    models::{customer, tenant},
    phone::Country,
};

#[derive(Subcommand)]
pub enum TenantCommand {
    /// Create a tenant.
    Create {
        /// The name: lower-case letters, digits and `-`, at most 32 characters. It cannot be
        /// changed.
        #[arg(env = "CLIENTELE_TENANT")]
        name: String,
        /// The country of phone numbers without an international prefix: an ISO 3166-1 code, like
        /// NO. Default: none; only numbers with such a prefix are then compared in all spellings.
        #[arg(long, env = "CLIENTELE_COUNTRY", value_name = "CODE")]
        country: Option<Country>,
    },
    /// Set the country of phone numbers without an international prefix, and find customers by it
    /// from then on. Takes some minutes for a million customers.
    Country {
        /// The name.
        #[arg(env = "CLIENTELE_TENANT")]
        name: String,
        /// The ISO 3166-1 code of the country, like NO. Without it, there is none.
        #[arg(value_name = "CODE")]
        country: Option<Country>,
    },
    /// Index all customers of a tenant for `customerLookup` again: once after an upgrade during which
    /// servers of two releases ran.
    Reindex {
        /// The name.
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
        TenantCommand::Create { name, country } => create(database, &name, country).await,
        TenantCommand::Country { name, country } => set_country(database, &name, country).await,
        TenantCommand::Reindex { name } => reindex(database, &name).await,
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

/// Asks the user to confirm by entering the tenant's name.
fn is_confirmed(name: &str) -> anyhow::Result<bool> {
    eprint!("This deletes the keys and all data of the tenant. Type its name ({name}) to go on: ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("standard input")?;
    Ok(line.trim() == name)
}

async fn set_country(
    database: &DatabaseArgs,
    name: &str,
    country: Option<Country>,
) -> anyhow::Result<()> {
    let db = database.open().await?;
    let tenant = tenant_named(&db, name).await?;
    let set = tenant::set_country(&mut db.write().await?.conn(), &tenant, country).await;
    set.context("cannot set the country")?;
    // Wait until no server caches the tenant's country with a key any more.
    tokio::time::sleep(KNOWN + Duration::from_secs(1)).await;
    let tenant = tenant_named(&db, name).await?;
    customer::rebuild(&db, &tenant).await.context("cannot make search keys")?;
    match country {
        Some(country) => eprintln!("The phone numbers of {name} are those of {}.", country.code()),
        None => eprintln!("The phone numbers of {name} are of no particular country."),
    }
    Ok(())
}

async fn reindex(database: &DatabaseArgs, name: &str) -> anyhow::Result<()> {
    let db = database.open().await?;
    let tenant = tenant_named(&db, name).await?;
    // Each customer's words are added again.
    let removed = tenant::delete_words(&mut db.write().await?.conn(), name).await;
    removed.context("cannot remove words")?;
    customer::rebuild(&db, &tenant).await.context("cannot make search keys")?;
    eprintln!("Indexed the customers of {name}.");
    Ok(())
}

async fn create(
    database: &DatabaseArgs,
    name: &str,
    country: Option<Country>,
) -> anyhow::Result<()> {
    ensure!(
        is_tenant_name(name),
        "NAME: {name:?} must be 1 to {TENANT_NAME_MAX} lower-case letters, digits and `-`, with no \
         `-` at an end"
    );
    let db = database.open().await?;
    let mut lease = db.write().await?;
    match Tenant::create(&mut lease.conn(), name, country, &clock()).await {
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
