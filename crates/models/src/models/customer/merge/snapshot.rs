//! All rows of a customer, and their form in an archive.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    auth::{Tenant, hexadecimal},
    db::{
        self, Conn,
        types::{Timestamp, Uid},
    },
    models::{
        Customer, Error,
        attribute::{Attributes, InvalidRecord, from_record, to_record},
        child::{Child, ChildAttributes},
        custom_attribute::{Noun, Texts, stored_texts},
        customer::{CustomerLists, StoredChildren, each_list},
        entity::Entity,
        membership::Membership,
    },
};

/// All rows of a customer.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub customer: Customer,
    pub memberships: Vec<Membership>,
    pub lists: CustomerLists<StoredChildren>,
    /// The values of custom attributes.
    pub values: Texts,
}

/// Maximum number of memberships of the customers in a merge.
pub const MEMBERSHIPS_MAX: usize = 10_000;

impl Snapshot {
    /// The rows of these customers, in the same order, in a fixed number of statements. Up to one membership more than
    /// the maximum is read, to detect that there are too many.
    pub async fn load(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: Vec<Customer>,
    ) -> Result<Vec<Self>, db::Error> {
        let ids: Vec<Uid> = customers.iter().map(|it| it.id).collect();
        let limit = i64::try_from(MEMBERSHIPS_MAX + 1).unwrap_or(i64::MAX);
        let memberships = Membership::of_customers(conn, tenant, &ids, limit).await?;
        let mut lists = CustomerLists::load(conn, tenant, &ids, |_| true).await?;
        let mut values = stored_texts(conn, tenant, Noun::Customer, &ids, None).await?;
        let snapshot = |customer: Customer| {
            let of_customer = memberships.iter().filter(|it| it.customer == customer.id);
            Self {
                memberships: of_customer.cloned().collect(),
                lists: CustomerLists::take(&mut lists, customer.id),
                values: values.remove(&customer.id).unwrap_or_default().into_iter().collect(),
                customer,
            }
        };
        Ok(customers.into_iter().map(snapshot).collect())
    }

    /// The rows in the form of an archive.
    pub fn to_record(&self) -> Record {
        self.record(Defaults::Included)
    }

    /// A digest of the rows, to detect changes. A later release that adds an attribute or a list calculates the same.
    pub fn digest(&self) -> Result<String, InvalidArchive> {
        digest(&self.record(Defaults::Omitted))
    }

    fn record(&self, defaults: Defaults) -> Record {
        let mut lists = Map::new();
        each_list!(&self.lists, |list| {
            if defaults == Defaults::Included || !list.is_empty() {
                let rows = list.iter().map(|child| child_record(child, defaults)).collect();
                lists.insert(field_of(list).to_owned(), Value::Array(rows));
            }
        });
        let membership = |it: &Membership| MembershipRecord {
            group: it.group.to_string(),
            created_at: it.created_at,
            created_by: it.created_by.clone(),
        };
        Record {
            id: self.customer.id.to_string(),
            attributes: defaults.record(&self.customer.attributes),
            created_at: self.customer.created_at,
            updated_at: self.customer.updated_at,
            created_by: self.customer.created_by.clone(),
            last_modified_by: self.customer.last_modified_by.clone(),
            memberships: self.memberships.iter().map(membership).collect(),
            lists,
            values: self.values.iter().map(|(id, texts)| (id.to_string(), texts.clone())).collect(),
        }
    }

    /// The rows of an archive.
    pub fn from_record(record: &Record) -> Result<Self, InvalidArchive> {
        let customer = Entity {
            id: uid(&record.id)?,
            attributes: from_record(&record.attributes)?,
            created_at: record.created_at,
            updated_at: record.updated_at,
            created_by: record.created_by.clone(),
            last_modified_by: record.last_modified_by.clone(),
        };
        let membership = |it: &MembershipRecord| {
            let group = uid(&it.group)?;
            let (created_at, created_by) = (it.created_at, it.created_by.clone());
            Ok(Membership { customer: customer.id, group, created_at, created_by })
        };
        let memberships = record.memberships.iter().map(membership);
        let memberships = memberships.collect::<Result<_, InvalidArchive>>()?;
        let mut lists = CustomerLists::<StoredChildren>::default();
        each_list!(&mut lists, |list| {
            let rows = record.lists.get(field_of(list)).and_then(Value::as_array);
            let rows = rows.into_iter().flatten().map(|row| child(row, customer.id));
            *list = rows.collect::<Result<_, _>>()?;
        });
        let texts = |(id, texts): (&String, &Vec<String>)| Ok((uid(id)?, texts.clone()));
        let values = record.values.iter().map(texts).collect::<Result<_, InvalidArchive>>()?;
        Ok(Self { customer, memberships, lists, values })
    }
}

/// The rows of a customer in JSON. Folded texts and search keys are not in it: they are derived when the rows are
/// restored, by the rules of that time.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    id: String,
    attributes: Map<String, Value>,
    created_at: Timestamp,
    updated_at: Timestamp,
    created_by: String,
    last_modified_by: String,
    memberships: Vec<MembershipRecord>,
    /// The children, by the fields that list them.
    lists: Map<String, Value>,
    /// The stored texts of custom attributes, by the ids of their definitions.
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MembershipRecord {
    group: String,
    created_at: Timestamp,
    created_by: String,
}

#[derive(Deserialize)]
struct ChildRecord {
    id: String,
    idx: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
    attributes: Map<String, Value>,
}

/// An archive cannot be read: a defect of the server or of the database.
#[derive(Debug, thiserror::Error)]
pub enum InvalidArchive {
    #[error(transparent)]
    Attribute(#[from] InvalidRecord),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("an archive has an invalid id")]
    Id,
}

impl From<InvalidArchive> for Error {
    fn from(error: InvalidArchive) -> Self {
        Self::Database(error.into())
    }
}

impl From<InvalidArchive> for db::Error {
    fn from(error: InvalidArchive) -> Self {
        Self::Statement(diesel::result::Error::DeserializationError(Box::new(error)))
    }
}

fn field_of<A: ChildAttributes>(_list: &[Child<A>]) -> &'static str {
    A::FIELD
}

fn uid(text: &str) -> Result<Uid, InvalidArchive> {
    text.parse().map_err(|_invalid| InvalidArchive::Id)
}

/// Whether a record contains values that equal their default, and empty lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defaults {
    Included,
    Omitted,
}

impl Defaults {
    fn record<A: Attributes>(self, attributes: &A) -> Map<String, Value> {
        let mut record = to_record(attributes);
        if self == Self::Omitted {
            let defaults = to_record(&A::default());
            record.retain(|column, value| defaults.get(column) != Some(value));
        }
        record
    }
}

fn child_record<A: ChildAttributes>(child: &Child<A>, defaults: Defaults) -> Value {
    serde_json::json!({
        "id": child.id.to_string(),
        "idx": child.idx,
        "created_at": child.created_at,
        "updated_at": child.updated_at,
        "attributes": defaults.record(&child.attributes),
    })
}

fn child<A: ChildAttributes>(row: &Value, parent: Uid) -> Result<Child<A>, InvalidArchive> {
    let record = ChildRecord::deserialize(row)?;
    let mut attributes: A = from_record(&record.attributes)?;
    attributes.derive();
    let (created_at, updated_at) = (record.created_at, record.updated_at);
    Ok(Child { id: uid(&record.id)?, parent, idx: record.idx, attributes, created_at, updated_at })
}

/// A digest of anything that can be written as JSON.
pub fn digest(value: &impl Serialize) -> Result<String, InvalidArchive> {
    Ok(hexadecimal(&Sha256::digest(serde_json::to_vec(value)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::customer::CustomerAttributes;

    #[test]
    fn a_digest_does_not_depend_on_attributes_with_their_defaults_and_empty_lists() {
        let attributes =
            CustomerAttributes { customer_name: "Ana".to_owned(), ..CustomerAttributes::default() };
        let (id, now) = (Uid::NOTHING, Timestamp::default());
        let by = || "test".to_owned();
        let customer = Entity {
            id,
            attributes,
            created_at: now,
            updated_at: now,
            created_by: by(),
            last_modified_by: by(),
        };
        let lists = CustomerLists::default();
        let snapshot =
            Snapshot { customer, memberships: Vec::new(), lists, values: BTreeMap::new() };
        let digested = snapshot.record(Defaults::Omitted);
        assert_eq!(
            Value::Object(digested.attributes),
            serde_json::json!({ "customer_name": "Ana" })
        );
        assert!(digested.lists.is_empty());
        let archived = snapshot.to_record();
        assert!(archived.attributes.len() > 1 && archived.lists.contains_key("contacts"));
    }
}
