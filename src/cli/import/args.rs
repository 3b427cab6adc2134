//! The options of `clientele import`.

use std::path::PathBuf;

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use encoding_rs::Encoding;

use crate::{
    cli::boolish,
    models::customer::CustomerKey,
    transfer::{RowKind, Selection},
};

#[derive(Args)]
pub struct ImportArgs {
    /// What is in the file.
    pub(super) kind: Selection,
    /// The file; `-` for standard input. Customers: CSV with a header of field names, or NDJSON. All
    /// else: NDJSON, as `clientele export` writes it. It may be packed by gzip.
    #[arg(env = "CLIENTELE_IMPORT_FILE")]
    pub(super) file: PathBuf,
    /// Whose they are.
    #[arg(long, env = "CLIENTELE_TENANT")]
    pub(super) tenant: String,
    /// The column by which customers are recognised that exist. (One that is named by its `id` is that
    /// one.) A row without it is not imported. For customers only. Default: externalId.
    #[arg(
        long = "match",
        env = "CLIENTELE_IMPORT_MATCH",
        value_parser = match_column(),
        value_name = "COLUMN"
    )]
    pub(super) match_column: Option<CustomerKey>,
    /// Create a customer for each row. For customers only. One whose `externalId` or `id` is known is not imported.
    #[arg(
        long,
        env = "CLIENTELE_IMPORT_CREATE_ONLY",
        value_parser = boolish(),
        conflicts_with = "match_column"
    )]
    pub(super) create_only: bool,
    /// Do not make groups: a customer's row that names one that does not exist is not imported.
    #[arg(long, env = "CLIENTELE_IMPORT_NO_NEW_GROUPS", value_parser = boolish())]
    pub(super) no_new_groups: bool,
    /// The format. Default: by the first character of the file.
    #[arg(long, env = "CLIENTELE_IMPORT_FORMAT")]
    pub(super) format: Option<FormatArg>,
    /// What separates the cells: `,` `;` or `tab`. Default: by the first line of the file.
    #[arg(long, env = "CLIENTELE_IMPORT_DELIMITER", value_parser = delimiter, value_name = "CHARACTER")]
    pub(super) delimiter: Option<u8>,
    /// What the file is written in, like `windows-1252` or `utf-16le`. Default: by its byte order mark;
    /// else UTF-8, or Windows-1252 if it cannot be UTF-8.
    #[arg(long, env = "CLIENTELE_IMPORT_ENCODING", value_parser = encoding, value_name = "NAME")]
    pub(super) encoding: Option<&'static Encoding>,
    /// Numbers in the file have a decimal comma, like 1234,5.
    #[arg(long, env = "CLIENTELE_IMPORT_DECIMAL_COMMA", value_parser = boolish())]
    pub(super) decimal_comma: bool,
    /// Where rows go that cannot be imported. Why goes to a file beside it, that ends in
    /// `.reasons.csv`. Default: FILE with `.rejects` before its extension.
    #[arg(long, env = "CLIENTELE_IMPORT_REJECTS", value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,
    /// Overwrite these files also if somebody has changed them since an import wrote them.
    #[arg(long, env = "CLIENTELE_IMPORT_OVERWRITE_REJECTS", value_parser = boolish())]
    pub(super) overwrite_rejects: bool,
    /// Stop when more rows than that have failed.
    #[arg(
        long,
        env = "CLIENTELE_IMPORT_MAX_ERRORS",
        default_value_t = 1_000,
        value_name = "NUMBER"
    )]
    pub(super) max_errors: u64,
    /// A file without rows is no error.
    #[arg(long, env = "CLIENTELE_IMPORT_ALLOW_EMPTY", value_parser = boolish())]
    pub(super) allow_empty: bool,
    /// Check everything, write nothing. (A customer that comes again much later in a file of customers
    /// counts as created twice: nothing was written that could be updated. A file of another kind is
    /// checked in one transaction: others who write the same objects wait until it ends, and on SQLite
    /// all who write.)
    #[arg(long, env = "CLIENTELE_IMPORT_DRY_RUN", value_parser = boolish())]
    pub(super) dry_run: bool,
}

impl ImportArgs {
    /// The problem with an option that means nothing for what is imported.
    pub(super) fn conflict(&self) -> Option<String> {
        if self.kind.has(RowKind::Customer) {
            return None;
        }
        let name = match self.kind {
            Selection::Pos => "posProfileId",
            _ => "externalId",
        };
        let recognised = format!("a row of these is recognised by its `id`, or else its `{name}`");
        if self.match_column.is_some() {
            Some(format!("--match is for customers: {recognised}"))
        } else if self.create_only {
            Some(format!("--create-only is for customers: {recognised}"))
        } else if self.no_new_groups {
            Some(
                "--no-new-groups is for customers, whose rows name groups by their paths"
                    .to_owned(),
            )
        } else {
            None
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum FormatArg {
    Csv,
    Ndjson,
}

/// One of the names of [`CustomerKey`]s.
fn match_column() -> impl TypedValueParser<Value = CustomerKey> {
    PossibleValuesParser::new(CustomerKey::ALL.map(CustomerKey::name)).try_map(|name| {
        let found = CustomerKey::ALL.into_iter().find(|key| key.name() == name);
        found.ok_or("is no column that customers are recognised by")
    })
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "," | "comma" => Ok(b','),
        ";" | "semicolon" => Ok(b';'),
        "\t" | "\\t" | "tab" => Ok(b'\t'),
        _ => Err("must be a comma, a semicolon or `tab`".to_owned()),
    }
}

fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes()).ok_or_else(|| {
        "must be an encoding's name, like utf-8, utf-16le, windows-1252 or iso-8859-15".to_owned()
    })
}
