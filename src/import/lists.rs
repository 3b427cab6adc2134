//! The lists of a customer in a row: its addresses, contacts, consents, extensions and supplier
//! numbers. A given list replaces the customer's list, including its order.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Problem,
    fields::{
        Problems, RowError, checked, of_violations, read_item, take_flag, take_id, take_list,
        take_parsed,
    },
};
use crate::{
    auth::Writer,
    db::{
        self, Conn, Measured,
        types::{Timestamp, Uid},
    },
    models::{
        self,
        attribute::{Attribute, AttributeType, AttributeValue, Attributes, Patch},
        child::{Child, ChildAttributes, Children, Entry},
    },
    transfer::other_attributes,
};

/// Rows per insert statement, because the number of parameters is limited.
const ROWS: usize = 1_000;

/// An item of a list.
#[derive(Clone, Debug)]
pub struct Item<A> {
    /// The id in the row, or a new one.
    pub id: Uid,
    pub is_given: bool,
    pub attributes: A,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// The item's path in the row, like `contacts.0`.
    pub path: String,
}

impl<A: ChildAttributes> Item<A> {
    /// Creates a new item with checked attributes.
    pub fn new(writer: Writer<'_>, path: &str, attributes: A) -> Self {
        let (id, now) = writer.new_id();
        let path = path.to_owned();
        Self { id, is_given: false, attributes, created_at: now, updated_at: now, path }
    }

    /// Creates an item from a stored child.
    pub fn stored(child: &Child<A>) -> Self {
        Self {
            id: child.id,
            is_given: true,
            attributes: child.attributes.clone(),
            created_at: child.created_at,
            updated_at: child.updated_at,
            path: A::FIELD.to_owned(),
        }
    }

    /// Parses and checks an item.
    pub fn read(
        writer: Writer<'_>,
        path: &str,
        value: Value,
        problems: &mut Problems,
    ) -> Result<Option<Self>, db::Error> {
        read_item(path, value, problems, |mut fields, found| {
            let mut own = fields.clone();
            found.take(take_others(&mut A::default(), &mut fields))?;
            let id = found.take(take_id(&mut fields, "id", A::NODE_TYPE))?.flatten();
            let created: Option<Timestamp> =
                found.take(take_parsed(&mut fields, "createdAt"))?.flatten();
            let updated: Option<Timestamp> =
                found.take(take_parsed(&mut fields, "updatedAt"))?.flatten();
            let missing = missing::<A>(&fields);
            let (mut attributes, others) = checked(&A::default(), fields, A::check)?;
            // The problems of these fields have already been reported.
            take_others(&mut attributes, &mut own).ok();
            found.extend(others.0);
            found.extend(missing);
            let mut item = Self::new(writer, path, attributes);
            item.is_given = id.is_some();
            item.id = id.unwrap_or(item.id);
            item.created_at = created.unwrap_or(item.created_at);
            item.updated_at = updated.or(created).unwrap_or(item.updated_at);
            Ok(item)
        })
    }
}

/// The problems of required fields that an item omits. The default of a flag would be a statement that nobody made.
fn missing<A: Attributes>(fields: &Map<String, Value>) -> Vec<Problem> {
    let others: Vec<String> = other_attributes::<A>().map(Attribute::name).collect();
    let required = A::ATTRIBUTES.iter().filter(|attribute| attribute.kind.is_required);
    let names = required.map(Attribute::name).filter(|name| !others.contains(name));
    let is_missing = |name: &String| fields.get(name).is_none_or(Value::is_null);
    names.filter(is_missing).map(|name| Problem::of_column(name, "must be given")).collect()
}

/// Removes the fields that are not plain attributes from an item and applies them.
fn take_others<A: Attributes>(
    attributes: &mut A,
    fields: &mut Map<String, Value>,
) -> Result<(), Problem> {
    for attribute in other_attributes::<A>() {
        let name = attribute.name();
        let value = match attribute.kind.value_type {
            Some(AttributeType::Reference(node)) => {
                take_id(fields, &name, node)?.map(AttributeValue::Reference)
            }
            _ => take_flag(fields, &name)?.map(AttributeValue::Flag),
        };
        if value.is_none() && attribute.kind.is_required {
            return Err(Problem::of_column(name, "must be given"));
        }
        (attribute.set)(attributes, value.unwrap_or(AttributeValue::Null));
    }
    Ok(())
}

/// Removes a list from the fields of a row and parses it; `None` if it is omitted.
pub fn take<A: ChildAttributes>(
    fields: &mut Map<String, Value>,
    writer: Writer<'_>,
    problems: &mut Problems,
) -> Result<Option<Vec<Item<A>>>, db::Error> {
    let Some(values) = problems.take(take_list(fields, A::FIELD))?.flatten() else {
        return Ok(None);
    };
    let mut items = Vec::new();
    for (position, value) in values.into_iter().enumerate() {
        let path = format!("{}.{position}", A::FIELD);
        items.extend(Item::read(writer, &path, value, problems)?);
    }
    Ok(Some(items))
}

/// Converts the items to children of this parent, in order.
pub fn children<A: ChildAttributes>(parent: Uid, items: &[Item<A>]) -> Vec<Child<A>> {
    let child = |(item, idx): (&Item<A>, i32)| Child {
        id: item.id,
        parent,
        idx,
        attributes: item.attributes.clone(),
        created_at: item.created_at,
        updated_at: item.updated_at,
    };
    items.iter().zip(1..).map(child).collect()
}

/// The stored children of a parent, in order.
pub async fn stored<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    parent: Uid,
) -> Result<Vec<Child<A>>, db::Error> {
    let found = Child::of_parents(tx, writer.tenant(), &[parent]).await?.remove(&parent);
    Ok(found.into_iter().flatten().map(Measured::into_row).collect())
}

/// The problems of a parent's list.
pub fn check<A: ChildAttributes>(parent: Uid, items: &[Item<A>]) -> Vec<Problem> {
    let violations = Children::with_list(parent, children(parent, items)).check();
    at_paths(items, violations)
}

/// The problems of a new parent's list that depend on stored rows.
pub async fn check_stored<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    parent: Uid,
    items: &[Item<A>],
) -> Result<Vec<Problem>, db::Error> {
    let children = Children::with_list(parent, children(parent, items));
    Ok(at_paths(items, children.check_stored(tx, writer.tenant()).await?))
}

fn at_paths<A: ChildAttributes>(
    items: &[Item<A>],
    violations: Vec<(Uid, models::Violation)>,
) -> Vec<Problem> {
    let about = |(id, violation): (Uid, models::Violation)| {
        let path = items.iter().find(|item| item.id == id).map_or(A::FIELD, |item| &item.path);
        violation.within(path.split('.').map(str::to_owned))
    };
    of_violations(violations.into_iter().map(about).collect())
}

/// Inserts the children of new parents, which must have been checked.
pub async fn insert<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    mut rows: Vec<Child<A>>,
) -> Result<(), db::Error> {
    for child in &mut rows {
        child.attributes.complete(None, child.updated_at, writer.name());
    }
    for rows in rows.chunks(ROWS) {
        Child::insert_rows(tx, writer.tenant(), rows).await?;
    }
    Ok(())
}

/// Whether a stored child corresponds to an item.
type Test<A> = fn(&Child<A>, &Item<A>) -> bool;

/// The stored child of each item, matched by id, by external id, by attributes, or by a value that
/// must be unique in the list; `None` for new items.
fn matched<A: ChildAttributes>(stored: &[Child<A>], items: &[Item<A>]) -> Vec<Option<Uid>> {
    let mut left: Vec<&Child<A>> = stored.iter().collect();
    let mut found: Vec<Option<Uid>> = vec![None; items.len()];
    let tests: [Test<A>; 5] = [
        |child, item| item.is_given && child.id == item.id,
        |child, item| {
            let external_id = item.attributes.external_id();
            external_id.is_some() && child.attributes.external_id() == external_id
        },
        |child, item| child.attributes == item.attributes,
        |child, item| secondary(&child.attributes) == secondary(&item.attributes),
        |child, item| child.attributes.clash(&item.attributes).is_some(),
    ];
    for test in tests {
        for (found, item) in found.iter_mut().zip(items).filter(|(found, _)| found.is_none()) {
            if let Some(position) = left.iter().position(|child| test(child, item)) {
                *found = Some(left.remove(position).id);
            }
        }
    }
    found
}

/// The attributes of an item that is not the primary one.
fn secondary<A: ChildAttributes>(attributes: &A) -> A {
    let mut attributes = attributes.clone();
    attributes.set_primary(false);
    attributes
}

/// The attributes of each item, with the stored child that the item replaces.
fn replaced<A: ChildAttributes>(stored: &[Child<A>], items: &[Item<A>]) -> Vec<(Option<Uid>, A)> {
    let attributes = |(id, item): (Option<Uid>, &Item<A>)| {
        let mut attributes = item.attributes.clone();
        if let Some(before) = stored.iter().find(|child| Some(child.id) == id) {
            attributes.take_over(&before.attributes);
        }
        (id, attributes)
    };
    matched(stored, items).into_iter().zip(items).map(attributes).collect()
}

/// The resulting list of a parent with these children.
pub fn entries<A: ChildAttributes>(stored: &[Child<A>], items: &[Item<A>]) -> Vec<Entry<A>> {
    let entry = |(id, attributes): (Option<Uid>, A)| match id {
        Some(id) => Entry::Stored(id, Patch::of_all(&attributes)),
        None => Entry::New(attributes),
    };
    replaced(stored, items).into_iter().map(entry).collect()
}

/// Replaces the list of a parent; returns whether it differed, and the id of each item.
pub async fn write<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    parent: Uid,
    stored: &[Child<A>],
    items: &[Item<A>],
) -> Result<(bool, HashMap<Uid, Uid>), RowError> {
    let replaced = replaced(stored, items);
    let is_same = |(child, (id, attributes)): (&Child<A>, &(Option<Uid>, A))| {
        Some(child.id) == *id && child.attributes == *attributes
    };
    if stored.len() == items.len() && stored.iter().zip(&replaced).all(is_same) {
        let ids = items.iter().map(|it| it.id).zip(replaced.iter().filter_map(|(id, _)| *id));
        return Ok((false, ids.collect()));
    }
    let Some(mut children) = Children::<A>::lock(tx, writer.tenant(), parent).await? else {
        return Ok((false, HashMap::new()));
    };
    // Write the primary item first, so that the previous one is no longer primary.
    let primary = replaced.iter().find(|(_, attributes)| attributes.is_primary());
    if let Some((Some(id), attributes)) = primary {
        children.change(writer, *id, |it| it.clone_from(attributes));
    }
    children.replace(writer, A::FIELD, entries(stored, items));
    let saved = children.save(tx, writer).await;
    let saved = saved.map_err(|it| RowError::from(it).within(&format!("{}.", A::FIELD)))?;
    Ok((true, items.iter().map(|it| it.id).zip(saved.iter().map(|it| it.id)).collect()))
}
