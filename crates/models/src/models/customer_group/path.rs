//! Groups by their path from the root, as used in files.

use super::{CustomerGroup, CustomerGroupAttributes, MAX_DEPTH, NAME, NAME_KEY, PARENT_ID, tree};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, Measured, pick::ColumnSet, sql::Condition, types::Uid},
    models::{
        Code, Error, Row, Violation, entity::EntityAttributes, mutable::Create, search_key::fold,
    },
};

/// The separator of the names of a path; spaces around it are ignored.
pub const SEPARATOR: char = '>';

/// Joins the names of a path, from the root.
pub fn joined(names: &[String]) -> String {
    names.join(" > ")
}

/// The name of the column with the path.
const COLUMN: &str = "customerGroup";

/// The group at the end of the path, in a transaction that is in progress. Missing groups are
/// created, and their paths added to `created`.
///
/// A leaf on the path becomes a parent if an import created it, and nobody changed it: it is a leaf only because the rows so far
/// contained no path below it.
pub async fn ensure_path(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    path: &str,
    created: &mut Vec<String>,
) -> Result<Uid, Error> {
    let names = names(path)?;
    tree::lock(tx, writer.tenant()).await?;
    let mut parent: Option<CustomerGroup> = None;
    for (level, name) in names.iter().enumerate() {
        let parent_id = parent.as_ref().map(|group| group.id);
        let group = match find_named(tx, writer.tenant(), parent_id, name).await? {
            Some(group) => group,
            None => {
                if let Some(parent) = &mut parent {
                    open(tx, writer, parent).await?;
                }
                let attributes = CustomerGroupAttributes {
                    parent_id,
                    customer_group_name: name.clone(),
                    ..CustomerGroupAttributes::default()
                };
                let group = attributes.create_in(tx, writer).await.map_err(in_column)?.row;
                created.push(joined(names.get(..=level).unwrap_or_default()));
                group
            }
        };
        parent = Some(group);
    }
    parent.map(|group| group.id).ok_or_else(empty)
}

/// The group at the end of the path, if it exists.
pub async fn find_path(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    path: &str,
) -> Result<Option<Uid>, Error> {
    let mut parent = None;
    for name in names(path)? {
        match find_named(tx, tenant, parent, &name).await? {
            Some(group) => parent = Some(group.id),
            None => return Ok(None),
        }
    }
    Ok(Some(parent.ok_or_else(empty)?))
}

fn empty() -> Error {
    Violation::new(COLUMN, Code::Required, "must not be empty").into()
}

/// The names of a path, all checked before any group is created.
fn names(path: &str) -> Result<Vec<String>, Error> {
    let names: Vec<String> = path.split(SEPARATOR).map(|name| name.trim().to_owned()).collect();
    if i64::try_from(names.len()).is_ok_and(|levels| levels > MAX_DEPTH) {
        let message = format!("has {} levels; {MAX_DEPTH} are allowed", names.len());
        return Err(Violation::new(COLUMN, Code::TooDeep, message).into());
    }
    for name in &names {
        let mut group = CustomerGroupAttributes {
            customer_group_name: name.clone(),
            ..CustomerGroupAttributes::default()
        };
        group.check().map_err(in_column)?;
    }
    Ok(names)
}

/// Lets a group that an import created have children.
async fn open(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    group: &mut CustomerGroup,
) -> Result<(), db::Error> {
    let is_imported =
        [&group.created_by, &group.last_modified_by].iter().all(|it| *it == writer.name());
    if !group.attributes.is_group && is_imported {
        let before = group.attributes.clone();
        group.attributes.is_group = true;
        group.write(tx, writer, &before).await?;
    }
    Ok(())
}

async fn find_named(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    parent: Option<Uid>,
    name: &str,
) -> Result<Option<CustomerGroup>, Error> {
    let place = match parent {
        Some(parent) => Condition::uid_in(PARENT_ID, &[parent]),
        None => Condition::null(PARENT_ID, true),
    };
    let named =
        Condition::all([Condition::text(NAME_KEY, fold(name)), Condition::text(NAME, name), place]);
    let mut found = CustomerGroup::select(tx, tenant, named, ColumnSet::ALL).await?;
    match (found.pop(), found.pop()) {
        (Some(_), Some(_)) => {
            let message =
                format!("there are several groups named {name:?} at this place in the tree");
            Err(Violation::new(COLUMN, Code::Invalid, message).into())
        }
        (group, _) => Ok(group.map(Measured::into_row)),
    }
}

/// A violation of a group on the path belongs to the column of the path.
fn in_column(error: Error) -> Error {
    match error {
        Error::Invalid(violations) => {
            let about = |it: Violation| {
                let message = format!("a group on the path: {}", it.message);
                Violation::new(COLUMN, it.code, message)
            };
            Error::Invalid(violations.into_iter().map(about).collect())
        }
        error @ Error::Database(_) => error,
    }
}
