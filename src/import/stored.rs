//! The stored parts of a batch's customers.

use std::collections::{HashMap, HashSet};

use super::{attributes, parts::Parts, reader::Row};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    models::{
        custom_attribute::{Noun, StoredTexts, stored_texts},
        customer::{CustomerLists, StoredChildren, merge::Merged},
        membership,
    },
    transfer::columns::{ADDRESS, CONTACT, GROUP_IDS, GROUP_PATHS, MERGED_FROM},
};

/// The names of all fields in a batch's rows, which determine the parts to load.
pub struct Wanted(HashSet<String>);

/// The parts of a customer.
#[derive(Clone, Default)]
pub struct Stored {
    pub parts: Parts,
    pub groups: Vec<Uid>,
    pub lists: CustomerLists<StoredChildren>,
    /// The values of custom attributes.
    pub attributes: StoredTexts,
    /// The customers that were merged into this one.
    pub merged: Vec<Merged>,
}

impl Wanted {
    pub fn of(rows: &[&Row]) -> Self {
        let names: HashSet<&String> = rows.iter().flat_map(|row| row.fields.keys()).collect();
        Self(names.into_iter().cloned().collect())
    }

    fn has_parts(&self) -> bool {
        self.0.iter().any(|name| name.starts_with(CONTACT) || name.starts_with(ADDRESS))
    }

    fn has_groups(&self) -> bool {
        self.0.contains(GROUP_PATHS) || self.0.contains(GROUP_IDS)
    }

    fn has_attributes(&self) -> bool {
        self.0.iter().any(|name| attributes::is_field(name))
    }

    fn has_merged(&self) -> bool {
        self.0.contains(MERGED_FROM)
    }

    /// Whether this list is needed. Contacts contain extensions, too.
    fn has_list(&self, field: &str) -> bool {
        self.0.contains(field) || field == "extensions" && self.0.contains("contacts")
    }
}

impl Stored {
    /// Loads the parts of each of these customers, with one statement per kind of part.
    pub async fn load(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customers: &[Uid],
        wanted: &Wanted,
    ) -> Result<HashMap<Uid, Self>, db::Error> {
        let mut found: HashMap<Uid, Self> =
            customers.iter().map(|id| (*id, Self::default())).collect();
        if customers.is_empty() {
            return Ok(found);
        }
        if wanted.has_parts() {
            for (customer, parts) in Parts::of(tx, writer, customers).await? {
                found.entry(customer).or_default().parts = parts;
            }
        }
        if wanted.has_groups() {
            for (customer, group) in membership::pairs_of(tx, writer.tenant(), customers).await? {
                found.entry(customer).or_default().groups.push(group);
            }
        }
        if wanted.has_attributes() {
            let (tenant, noun) = (writer.tenant(), Noun::Customer);
            for (customer, texts) in stored_texts(tx, tenant, noun, customers, None).await? {
                found.entry(customer).or_default().attributes = texts;
            }
        }
        if wanted.has_merged() {
            let tenant = writer.tenant();
            for (customer, merged) in Merged::into_customers(tx, tenant, customers).await? {
                found.entry(customer).or_default().merged = merged;
            }
        }
        let is_wanted = |field: &str| wanted.has_list(field);
        let mut lists = CustomerLists::load(tx, writer.tenant(), customers, is_wanted).await?;
        for (customer, stored) in &mut found {
            stored.lists = CustomerLists::take(&mut lists, *customer);
        }
        Ok(found)
    }
}
