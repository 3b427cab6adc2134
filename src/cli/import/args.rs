//! The options of `clientele import`.

use std::path::PathBuf;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use encoding_rs::Encoding;

use crate::{
    cli::boolish,
    models::customer::CustomerKey,
    transfer::{Format, RowKind, Selection},
};

#[derive(Args)]
pub struct ImportArgs {
    /// The objects in the file.
    pub(super) kind: Selection,
    /// The file; `-` for standard input. Customers: CSV with a header of field names, or NDJSON.
    /// Other objects: NDJSON, as written by `clientele export`. The file may be compressed with
    /// gzip.
    #[arg(env = "CLIENTELE_IMPORT_FILE")]
    pub(super) file: PathBuf,
    /// Name of the tenant.
    #[arg(long, env = "CLIENTELE_TENANT")]
    pub(super) tenant: String,
    /// The column that identifies existing customers; for customers only. (A row with an `id` always
    /// means the customer with that id.) Rows without a value in this column are rejected. Default:
    /// externalId.
    #[arg(
        long = "match",
        env = "CLIENTELE_IMPORT_MATCH",
        value_parser = match_column(),
        value_name = "COLUMN"
    )]
    pub(super) match_column: Option<CustomerKey>,
    /// Create a customer for each row; for customers only. Rows with an `externalId` or `id` that
    /// exists are rejected.
    #[arg(
        long,
        env = "CLIENTELE_IMPORT_CREATE_ONLY",
        value_parser = boolish(),
        conflicts_with = "match_column"
    )]
    pub(super) create_only: bool,
    /// Do not create groups: rows of customers that name a missing group are rejected.
    #[arg(long, env = "CLIENTELE_IMPORT_NO_NEW_GROUPS", value_parser = boolish())]
    pub(super) no_new_groups: bool,
    /// The format. Default: detected from the first character of the file.
    #[arg(long, env = "CLIENTELE_IMPORT_FORMAT")]
    pub(super) format: Option<Format>,
    /// The separator of cells: `,` `;` or `tab`. Default: detected from the first line of the file.
    #[arg(long, env = "CLIENTELE_IMPORT_DELIMITER", value_parser = delimiter, value_name = "CHARACTER")]
    pub(super) delimiter: Option<u8>,
    /// The encoding of the file, like `windows-1252` or `utf-16le`. Default: detected from the byte
    /// order mark; else UTF-8, or Windows-1252 if the file is not valid UTF-8.
    #[arg(long, env = "CLIENTELE_IMPORT_ENCODING", value_parser = encoding, value_name = "NAME")]
    pub(super) encoding: Option<&'static Encoding>,
    /// Numbers have a decimal comma, like 1234,5.
    #[arg(long, env = "CLIENTELE_IMPORT_DECIMAL_COMMA", value_parser = boolish())]
    pub(super) decimal_comma: bool,
    /// The file for rejected rows. The reasons go to a file beside it that ends in `.reasons.csv`.
    /// Default: FILE with `.rejects` before its extension.
    #[arg(long, env = "CLIENTELE_IMPORT_REJECTS", value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,
    /// Overwrite these files even if they were changed after an import wrote them.
    #[arg(long, env = "CLIENTELE_IMPORT_OVERWRITE_REJECTS", value_parser = boolish())]
    pub(super) overwrite_rejects: bool,
    /// Stop when more than this number of rows have failed.
    #[arg(
        long,
        env = "CLIENTELE_IMPORT_MAX_ERRORS",
        default_value_t = 1_000,
        value_name = "NUMBER"
    )]
    pub(super) max_errors: u64,
    /// Do not fail if the file has no rows.
    #[arg(long, env = "CLIENTELE_IMPORT_ALLOW_EMPTY", value_parser = boolish())]
    pub(super) allow_empty: bool,
    /// Check everything but write nothing. (A customer that occurs twice, far apart in a file of
    /// customers, counts as created twice, because nothing is written that could be updated. Files of
    /// other objects are checked in one transaction: other writers of the same objects wait until it
    /// ends, and on SQLite all writers wait.)
    #[arg(long, env = "CLIENTELE_IMPORT_DRY_RUN", value_parser = boolish())]
    pub(super) dry_run: bool,
}

impl ImportArgs {
    /// The message about an option that does not apply to the kind of objects in the file.
    pub(super) fn conflict(&self) -> Option<String> {
        if self.kind.has(RowKind::Customer) {
            return None;
        }
        let name = match self.kind {
            Selection::Pos => "`posProfileId`",
            Selection::Attributes => "`noun` and `key`",
            _ => "`externalId`",
        };
        let rule = format!("rows of this kind are matched by their `id`, or else by their {name}");
        if self.match_column.is_some() {
            Some(format!("--match is for customers: {rule}"))
        } else if self.create_only {
            Some(format!("--create-only is for customers: {rule}"))
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

/// Parses the name of a [`CustomerKey`].
fn match_column() -> impl TypedValueParser<Value = CustomerKey> {
    PossibleValuesParser::new(CustomerKey::ALL.map(CustomerKey::name)).try_map(|name| {
        let found = CustomerKey::ALL.into_iter().find(|key| key.name() == name);
        found.ok_or("is not a column that identifies customers")
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
