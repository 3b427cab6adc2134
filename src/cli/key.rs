//! `clientele key …`

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use jiff::{Span, tz::TimeZone};

use super::{DatabaseArgs, boolish, clock, print, tenant_named};
use crate::{
    auth::{KeyKind, KeySecret},
    db::{self, types::Timestamp},
    id::NodeType,
    models::{
        api_key::{ApiKey, Scope},
        violation::LINE_MAX,
    },
};

#[derive(Subcommand)]
pub enum KeyCommand {
    /// Create a key. Its secret is printed on standard output, only this once.
    Create(CreateArgs),
    /// List a tenant's keys. Their secrets are not stored and cannot be shown.
    List {
        /// Name of the tenant.
        #[arg(long, env = "CLIENTELE_TENANT")]
        tenant: String,
    },
    /// Replace the secret of a key. The new one is printed only this once; the old one stops
    /// working within a second.
    Rotate(RotateArgs),
    /// Revoke a key permanently. Servers reject it within a second.
    Revoke {
        /// Name of the tenant.
        #[arg(long, env = "CLIENTELE_TENANT")]
        tenant: String,
        /// The key's id, as shown by `key list`.
        #[arg(env = "CLIENTELE_KEY_ID")]
        id: String,
    },
}

#[derive(Args)]
pub struct CreateArgs {
    /// Name of the tenant.
    #[arg(long, env = "CLIENTELE_TENANT")]
    tenant: String,
    /// The scope of the key: read, write (and read), or admin (and manage the tenant's keys and
    /// defaults, and delete groups and loyalty programs together with their contents).
    #[arg(long, env = "CLIENTELE_KEY_SCOPE", default_value = "write", value_parser = Scope::ALL.map(Scope::name))]
    scope: String,
    /// The name, recorded as `createdBy` and `lastModifiedBy` of the objects that the key changes.
    /// Must be unique among the tenant's keys. Default: derived from the scope and an id.
    #[arg(long, env = "CLIENTELE_KEY_NAME")]
    name: Option<String>,
    /// When the key expires: a time, like 2027-01-31T12:00:00Z, or a period from now, like 90d.
    /// Default: never.
    #[arg(long, env = "CLIENTELE_KEY_EXPIRES", value_name = "WHEN")]
    expires: Option<String>,
    /// Create a key whose secret starts with `sk_test_` instead of `sk_live_`, to tell them apart.
    #[arg(long, env = "CLIENTELE_KEY_TEST", value_parser = boolish())]
    test: bool,
}

#[derive(Args)]
pub struct RotateArgs {
    /// Name of the tenant.
    #[arg(long, env = "CLIENTELE_TENANT")]
    tenant: String,
    /// The key's id, as shown by `key list`.
    #[arg(env = "CLIENTELE_KEY_ID")]
    id: String,
    /// When the key expires, as for `key create`. Default: unchanged.
    #[arg(long, env = "CLIENTELE_KEY_EXPIRES", value_name = "WHEN")]
    expires: Option<String>,
    /// Create a secret that starts with `sk_test_` instead of `sk_live_`.
    #[arg(long, env = "CLIENTELE_KEY_TEST", value_parser = boolish())]
    test: bool,
}

pub async fn run(database: &DatabaseArgs, command: KeyCommand) -> anyhow::Result<()> {
    match command {
        KeyCommand::Create(args) => create(database, args).await,
        KeyCommand::List { tenant } => list(database, &tenant).await,
        KeyCommand::Rotate(args) => rotate(database, args).await,
        KeyCommand::Revoke { tenant, id } => revoke(database, &tenant, &id).await,
    }
}

async fn create(database: &DatabaseArgs, args: CreateArgs) -> anyhow::Result<()> {
    let clock = clock();
    let scope: Scope = args.scope.parse().map_err(anyhow::Error::msg).context("--scope")?;
    let name = args.name.as_deref().map(str::trim);
    ensure!(
        name.is_none_or(|name| (1..=LINE_MAX).contains(&name.chars().count())
            && !name.contains(char::is_control)),
        "--name: must have 1 to {LINE_MAX} characters, and no control characters"
    );
    let now = clock.now();
    let expires = args.expires.map(|when| expiry(&when, now)).transpose().context("--expires")?;

    let db = database.open().await?;
    let tenant = tenant_named(&db, &args.tenant).await?;
    let kind = if args.test { KeyKind::Test } else { KeyKind::Live };
    let secret = KeySecret::generate(&tenant, kind);
    let mut lease = db.write().await?;
    let conn = &mut lease.conn();
    let key = match ApiKey::create(conn, &tenant, &clock, &secret, scope, name, expires).await {
        Err(db::Error::NotUnique(_)) => {
            anyhow::bail!("--name: the tenant already has a key with this name")
        }
        key => key.context("cannot create the key")?,
    };
    eprintln!(
        "Created the key {:?} ({}, scope {scope}). It is shown only once:",
        key.name,
        NodeType::ApiKey.id(key.id)
    );
    print(secret.reveal())
}

/// Parses a time, or a period from now.
fn expiry(when: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let expires = if let Ok(time) = when.parse::<Timestamp>() {
        time
    } else {
        let span: Span = when.parse().ok().with_context(|| {
            format!("{when:?} is neither a time, like 2027-01-31T12:00:00Z, nor a span, like 90d")
        })?;
        let now: jiff::Timestamp = now.to_string().parse()?;
        let end = now.to_zoned(TimeZone::UTC).checked_add(span)?;
        end.timestamp().to_string().parse()?
    };
    ensure!(expires > now, "{when:?} is not in the future");
    Ok(expires)
}

async fn list(database: &DatabaseArgs, tenant: &str) -> anyhow::Result<()> {
    let db = database.open_to_read().await?;
    let tenant = tenant_named(&db, tenant).await?;
    let mut lease = db.read().await?;
    let keys = ApiKey::list(&mut lease.conn(), &tenant).await?;
    let now = clock().now();
    let width = keys.iter().map(|key| key.name.chars().count()).max().unwrap_or(0).max(4);
    let row = |id: &str, name: &str, scope: &str, state: &str, created: &str, used: &str| {
        format!("{id:36}  {name:width$}  {scope:5}  {state:35}  {created:27}  {used}")
    };
    let mut lines = vec![row("ID", "NAME", "SCOPE", "STATE", "CREATED", "LAST USED")];
    for key in keys {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {at}"),
            (None, Some(at)) if at <= now => format!("expired {at}"),
            (None, Some(at)) => format!("until {at}"),
            (None, None) => "valid".to_owned(),
        };
        let used = key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let id = NodeType::ApiKey.id(key.id).to_string();
        lines.push(row(&id, &key.name, &key.scope, &state, &key.created_at.to_string(), &used));
    }
    print(&lines.join("\n"))
}

async fn rotate(database: &DatabaseArgs, args: RotateArgs) -> anyhow::Result<()> {
    let now = clock().now();
    let expires = args.expires.map(|when| expiry(&when, now)).transpose().context("--expires")?;
    let db = database.open().await?;
    let tenant = tenant_named(&db, &args.tenant).await?;
    let kind = if args.test { KeyKind::Test } else { KeyKind::Live };
    let secret = KeySecret::generate(&tenant, kind);
    let mut lease = db.write().await?;
    let rotated = match NodeType::ApiKey.parse(&args.id) {
        Some(uid) => ApiKey::rotate(&mut lease.conn(), &tenant, uid, &secret, expires).await?,
        None => None,
    };
    let key = rotated.with_context(|| {
        let (tenant, id) = (tenant.id(), args.id);
        format!("ID: the tenant {tenant} has no key {id:?} that is not revoked; see `clientele key list`")
    })?;
    eprintln!("The key {:?} has a new secret. It is shown only once:", key.name);
    print(secret.reveal())
}

async fn revoke(database: &DatabaseArgs, tenant: &str, id: &str) -> anyhow::Result<()> {
    let db = database.open().await?;
    let tenant = tenant_named(&db, tenant).await?;
    let mut lease = db.write().await?;
    let revoked = match NodeType::ApiKey.parse(id) {
        Some(uid) => ApiKey::revoke(&mut lease.conn(), &tenant, uid, clock().now()).await?,
        None => false,
    };
    ensure!(revoked, "ID: the tenant {} has no key {id:?}; see `clientele key list`", tenant.id());
    eprintln!("Revoked the key {id}.");
    Ok(())
}
