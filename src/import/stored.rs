//! The stored parts of a batch's customers.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    columns::{GROUP_IDS, GROUP_PATHS, LISTS},
    lists::Listed,
    parts::{PartFields, Parts},
    reader::Row,
};
use crate::{
    auth::Writer,
    db::{self, Conn, Measured, types::Uid},
    models::{
        child::Child,
        customer::{
            address::CustomerAddressAttributes, consent::CustomerConsentAttributes,
            contact::CustomerContactAttributes, extension::CustomerExtensionAttributes,
        },
        membership,
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

/// The parts that a batch's rows contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    parts: bool,
    groups: bool,
    /// In the order of [`LISTS`].
    lists: [bool; 5],
}

/// The parts of a customer.
#[derive(Clone, Default)]
pub struct Stored {
    pub parts: Parts,
    pub groups: Vec<Uid>,
    pub addresses: Vec<Child<CustomerAddressAttributes>>,
    pub contacts: Vec<Child<CustomerContactAttributes>>,
    pub consents: Vec<Child<CustomerConsentAttributes>>,
    pub extensions: Vec<Child<CustomerExtensionAttributes>>,
    pub supplier_numbers: Vec<Child<SupplierNumberAtCustomerAttributes>>,
}

impl Wanted {
    pub fn of(rows: &[&Row]) -> Self {
        let any =
            |test: &dyn Fn(&Map<String, Value>) -> bool| rows.iter().any(|it| test(&it.fields));
        let mut lists = LISTS.map(|list| any(&|fields| fields.contains_key(list)));
        // Extensions are also part of contacts.
        let [_, contacts, _, extensions, _] = &mut lists;
        *extensions |= *contacts;
        Self {
            parts: any(&PartFields::are_in),
            groups: any(&|fields| {
                fields.contains_key(GROUP_PATHS) || fields.contains_key(GROUP_IDS)
            }),
            lists,
        }
    }
}

impl Stored {
    /// Loads the parts of each of these customers, with one statement per kind of part.
    pub async fn load(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customers: &[Uid],
        wanted: Wanted,
    ) -> Result<HashMap<Uid, Self>, db::Error> {
        let mut found: HashMap<Uid, Self> =
            customers.iter().map(|id| (*id, Self::default())).collect();
        if customers.is_empty() {
            return Ok(found);
        }
        if wanted.parts {
            for (customer, parts) in Parts::of(tx, writer, customers).await? {
                found.entry(customer).or_default().parts = parts;
            }
        }
        if wanted.groups {
            for (customer, group) in membership::pairs_of(tx, writer.tenant(), customers).await? {
                found.entry(customer).or_default().groups.push(group);
            }
        }
        let [addresses, contacts, consents, extensions, numbers] = wanted.lists;
        for (customer, list) in children(tx, writer, customers, addresses).await? {
            found.entry(customer).or_default().addresses = list;
        }
        for (customer, list) in children(tx, writer, customers, contacts).await? {
            found.entry(customer).or_default().contacts = list;
        }
        for (customer, list) in children(tx, writer, customers, consents).await? {
            found.entry(customer).or_default().consents = list;
        }
        for (customer, list) in children(tx, writer, customers, extensions).await? {
            found.entry(customer).or_default().extensions = list;
        }
        for (customer, list) in children(tx, writer, customers, numbers).await? {
            found.entry(customer).or_default().supplier_numbers = list;
        }
        Ok(found)
    }
}

async fn children<A: Listed>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customers: &[Uid],
    are_wanted: bool,
) -> Result<HashMap<Uid, Vec<Child<A>>>, db::Error> {
    if !are_wanted {
        return Ok(HashMap::new());
    }
    let found = Child::<A>::of_parents(tx, writer.tenant(), customers).await?;
    let rows = |list: Vec<Measured<Child<A>>>| list.into_iter().map(Measured::into_row).collect();
    Ok(found.into_iter().map(|(customer, list)| (customer, rows(list))).collect())
}
