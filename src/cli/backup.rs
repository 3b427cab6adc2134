//! `clientele backup`: copies the database while it is in use.

use std::{fs, path::PathBuf};

use anyhow::{Context, ensure};
use clap::Parser;

use super::{DatabaseArgs, in_setting, print};
use crate::db::{backup, url::DatabaseUrl};

#[derive(Parser)]
pub struct BackupArgs {
    /// The file to write. It must not exist.
    #[arg(env = "CLIENTELE_BACKUP_FILE")]
    file: PathBuf,
}

/// Copies a SQLite database; for PostgreSQL, prints the command that does.
pub async fn run(database: &DatabaseArgs, args: BackupArgs) -> anyhow::Result<()> {
    let url = database.url()?;
    let file = args.file;
    ensure!(!file.exists(), "FILE: {} exists already", file.display());
    let path = match &url {
        DatabaseUrl::Sqlite(path) => path.clone(),
        DatabaseUrl::Postgres(_) => {
            eprintln!("Use PostgreSQL's own program, which takes the same DATABASE_URL:");
            let quoted = file.display().to_string().replace('\'', r"'\''");
            return print(&format!(r#"pg_dump --format=custom --file='{quoted}' "$DATABASE_URL""#));
        }
    };
    ensure!(path.exists(), "DATABASE_URL: {} does not exist", path.display());
    // Write to a partial file and rename it, so that the target file is always complete.
    let mut partial = file.clone().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    match fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("FILE: {}", partial.display()));
        }
        _ => {}
    }
    let copied = backup::sqlite(path, partial.clone()).await;
    if copied.is_err() {
        fs::remove_file(&partial).ok();
    }
    copied.with_context(|| in_setting(&url))?;
    fs::rename(&partial, &file).with_context(|| format!("FILE: {}", file.display()))?;
    let bytes = fs::metadata(&file).map(|it| it.len()).unwrap_or_default();
    eprintln!("Copied {url} to {} ({bytes} bytes).", file.display());
    Ok(())
}
