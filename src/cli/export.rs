//! `clientele export …`

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use clap::Args;
use flate2::{Compression, write::GzEncoder};

use super::{DatabaseArgs, tenant_named};
use crate::{
    auth::Tenant,
    db::Db,
    export::{self, Error},
    transfer::{Format, RowKind, Selection, is_packed, temporary_beside, unpacked},
};

/// The exit code of a program that SIGPIPE ends: the reader of its output has closed the pipe.
const BROKEN_PIPE: u8 = 141;

#[derive(Args)]
pub struct ExportArgs {
    /// The objects to export.
    kind: Selection,
    /// Name of the tenant.
    #[arg(long, env = "CLIENTELE_TENANT")]
    tenant: String,
    /// The file to write. It appears, or replaces an existing file, when it is complete. Compressed
    /// with gzip if its name ends in `.gz`. Default: standard output.
    #[arg(short, long, env = "CLIENTELE_EXPORT_OUTPUT", value_name = "FILE")]
    output: Option<PathBuf>,
    /// The format. Default: CSV if the name of FILE says so, else NDJSON. CSV is only for
    /// customers, and has only their primary contact and address.
    #[arg(long, env = "CLIENTELE_EXPORT_FORMAT")]
    format: Option<Format>,
}

pub async fn run(database: &DatabaseArgs, args: ExportArgs) -> anyhow::Result<ExitCode> {
    let format = args.format();
    ensure!(
        format == Format::Ndjson || args.kind == Selection::Customers,
        "--format: only customers can be exported as CSV"
    );
    let db = database.open().await?;
    let tenant = tenant_named(&db, &args.tenant).await?;
    let counts = match &args.output {
        Some(path) => {
            let context = || format!("--output ({})", path.display());
            to_file(&db, &tenant, args.kind, format, path).await.with_context(context)?
        }
        None => {
            let mut out = BufWriter::new(io::stdout());
            match write(&db, &tenant, args.kind, format, &mut out).await {
                Err(Error::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    return Ok(ExitCode::from(BROKEN_PIPE));
                }
                counts => counts.context("standard output")?,
            }
        }
    };
    let told: Vec<String> = counts.into_iter().map(told).collect();
    eprintln!("Exported {}.", told.join(", "));
    Ok(ExitCode::SUCCESS)
}

impl ExportArgs {
    fn format(&self) -> Format {
        let path = self.output.as_deref().map(unpacked).unwrap_or_default();
        let is_csv = path.to_string_lossy().to_ascii_lowercase().ends_with(".csv");
        self.format.unwrap_or(if is_csv { Format::Csv } else { Format::Ndjson })
    }
}

/// Writes to a temporary file beside the target, and replaces the target once the file is complete
/// and on disk.
async fn to_file(
    db: &Db,
    tenant: &Tenant,
    kind: Selection,
    format: Format,
    path: &Path,
) -> anyhow::Result<Vec<(RowKind, u64)>> {
    let mut out = BufWriter::new(temporary_beside(path)?);
    let counts = if is_packed(path) {
        let mut packed = GzEncoder::new(&mut out, Compression::default());
        let counts = write(db, tenant, kind, format, &mut packed).await?;
        packed.finish()?;
        counts
    } else {
        write(db, tenant, kind, format, &mut out).await?
    };
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(counts)
}

async fn write(
    db: &Db,
    tenant: &Tenant,
    kind: Selection,
    format: Format,
    out: &mut (impl Write + Send),
) -> Result<Vec<(RowKind, u64)>, Error> {
    let counts = export::run(db, tenant, kind, format, out).await?;
    out.flush()?;
    Ok(counts)
}

fn told((kind, count): (RowKind, u64)) -> String {
    let noun = match kind {
        RowKind::AttributeDefinition => "attribute definition",
        RowKind::CustomerGroup => "customer group",
        RowKind::LoyaltyProgram => "loyalty program",
        RowKind::Customer => "customer",
        RowKind::PosProfile => "POS profile",
    };
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
