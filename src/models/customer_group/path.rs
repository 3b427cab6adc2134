//! Groups by their path from the root, as files name them.

use std::collections::HashSet;

use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;

use super::{CustomerGroup, CustomerGroupAttributes, MAX_DEPTH, PARENT_ID, tree};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, on, schema::customer_groups, sql::Condition, types::Uid},
    models::{Code, Error, Violation},
};

/// What parts the names of a path, with a space on each side. Without them it is part of a name.
pub const SEPARATOR: &str = ">";

/// What a file calls the column that has the path.
const COLUMN: &str = "customerGroup";

/// The group at the end of the path, in a transaction that is under way. What is missing on the way
/// is made, and noted in `made`; a group that was made as a leaf before may become a parent.
pub async fn ensure_path(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    path: &str,
    made: &mut HashSet<Uid>,
) -> Result<Uid, Error> {
    let names = names(path)?;
    tree::lock(tx, writer.tenant()).await?;
    let mut parent: Option<CustomerGroup> = None;
    for name in names {
        let parent_id = parent.as_ref().map(|group| group.id);
        let mut found = find_named(tx, writer.tenant(), parent_id, &name).await?;
        let group = match (found.pop(), found.pop()) {
            (Some(_), Some(_)) => {
                let message = format!("there are several groups {name:?} in one place");
                return Err(Violation::new(COLUMN, Code::Invalid, message).into());
            }
            (Some(group), None) => group,
            _ => {
                if let Some(parent) = &mut parent {
                    open(tx, writer, parent, made).await?;
                }
                let attributes = CustomerGroupAttributes {
                    parent_id,
                    customer_group_name: name,
                    ..CustomerGroupAttributes::default()
                };
                let group = CustomerGroup::create_in(tx, writer, attributes).await;
                let group = group.map_err(in_column)?;
                made.insert(group.id);
                group
            }
        };
        parent = Some(group);
    }
    parent
        .map(|group| group.id)
        .ok_or_else(|| Violation::new(COLUMN, Code::Required, "must not be empty").into())
}

/// The names of a path, all checked before any group is made.
fn names(path: &str) -> Result<Vec<String>, Error> {
    // By words, so that in `All > > Germany` and at an end the name that is missing shows.
    let words: Vec<&str> = path.split(' ').collect();
    let names = words.split(|word| *word == SEPARATOR).map(|name| name.join(" ").trim().to_owned());
    let names: Vec<String> = names.collect();
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

/// Lets a group that was made here have children.
async fn open(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    group: &mut CustomerGroup,
    made: &HashSet<Uid>,
) -> Result<(), db::Error> {
    if !group.attributes.is_group && made.contains(&group.id) {
        group.attributes.is_group = true;
        group.write(tx, writer.tenant()).await?;
    }
    Ok(())
}

async fn find_named(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    parent: Option<Uid>,
    name: &str,
) -> Result<Vec<CustomerGroup>, db::Error> {
    let place = match parent {
        Some(parent) => Condition::uid_in(PARENT_ID, &[parent]),
        None => Condition::null(PARENT_ID, true),
    };
    let found = customer_groups::table
        .filter(customer_groups::tenant_id.eq(tenant.id()))
        .filter(customer_groups::customer_group_name_key.eq(super::fold(name)))
        .filter(customer_groups::customer_group_name.eq(name))
        .filter(place)
        .limit(2);
    Ok(on!(tx, |c| found.select(CustomerGroup::as_select()).load(c).await)?)
}

/// What is wrong with a group on the path is wrong with the column that has the path.
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
