//! The format of files that are exported and imported.

pub mod columns;

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::{Map, Value};
use tempfile::NamedTempFile;

use crate::models::attribute::{Attribute, AttributeType, Attributes};

/// A kind of row. In NDJSON, the field `type` of a line contains its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowKind {
    AttributeDefinition,
    CustomerGroup,
    LoyaltyProgram,
    Customer,
    PosProfile,
}

/// The field of an NDJSON line that contains its kind.
pub const TYPE: &str = "type";

impl RowKind {
    /// All kinds, each after the kinds that it refers to.
    pub const ALL: [Self; 5] = [
        Self::AttributeDefinition,
        Self::CustomerGroup,
        Self::LoyaltyProgram,
        Self::Customer,
        Self::PosProfile,
    ];

    /// The value of `type`: the name of the type in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AttributeDefinition => "AttributeDefinition",
            Self::CustomerGroup => "CustomerGroup",
            Self::LoyaltyProgram => "LoyaltyProgram",
            Self::Customer => "Customer",
            Self::PosProfile => "PosProfile",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The format of a file. (Comments on the values would be in the help of commands.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    // Customers only; an export has only their primary contact and their primary address.
    Csv,
    Ndjson,
}

/// The kinds that are exported or imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Selection {
    /// Customers, with the objects that belong to them.
    Customers,
    /// Customer groups.
    Groups,
    /// Loyalty programs with their tiers.
    Programs,
    /// POS profiles with their links.
    Pos,
    /// Definitions of custom attributes.
    Attributes,
    /// All data of a tenant except its keys.
    All,
}

impl Selection {
    pub fn kinds(self) -> impl Iterator<Item = RowKind> {
        RowKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }

    pub fn has(self, kind: RowKind) -> bool {
        match self {
            Self::Customers => kind == RowKind::Customer,
            Self::Groups => kind == RowKind::CustomerGroup,
            Self::Programs => kind == RowKind::LoyaltyProgram,
            Self::Pos => kind == RowKind::PosProfile,
            Self::Attributes => kind == RowKind::AttributeDefinition,
            Self::All => true,
        }
    }

    /// The kind of lines without a `type`; `None` if every line must have one.
    pub fn only_kind(self) -> Option<RowKind> {
        let mut kinds = self.kinds();
        kinds.next().filter(|_| kinds.next().is_none())
    }
}

/// The fields of attributes by name.
pub fn fields_of(attributes: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(attributes) {
        Ok(Value::Object(fields)) => fields,
        // Attributes are objects of strings, numbers and booleans, which always serialize to JSON.
        _ => Map::new(),
    }
}

/// The attributes of list items that are not among their plain fields: references, and the mark of the primary item,
/// which the columns of a CSV file imply.
pub fn other_attributes<A: Attributes>() -> impl Iterator<Item = &'static Attribute<A>> {
    let is_reference =
        |it: &Attribute<A>| matches!(it.kind.value_type, Some(AttributeType::Reference(_)));
    A::ATTRIBUTES.iter().filter(move |it| it.column == "is_primary" || is_reference(it))
}

/// Whether a file is compressed, by its name.
pub fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"))
}

/// The path without the extension of a compressed file.
pub fn unpacked(path: &Path) -> PathBuf {
    if is_packed(path) { path.with_extension("") } else { path.to_owned() }
}

/// Creates a temporary file in the directory of the given file, so that it can replace it by a
/// rename.
pub fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let made = NamedTempFile::with_prefix_in(".clientele-", folder);
    // The original message contains the name of the temporary file, which means nothing to the
    // user.
    made.map_err(|error| error.kind().into())
}
