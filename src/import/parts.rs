//! The parts of a customer: its primary contact and its primary address, which CSV files have in
//! columns.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Problem,
    fields::{Problems, RowError, checked},
};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    models::{
        self, Customer, Lookup, Row as _, Violation,
        child::{Child, Children},
        customer::{
            MaybePrimary, address::CustomerAddressAttributes, contact::CustomerContactAttributes,
            primaries,
        },
    },
    transfer::columns::{ADDRESS, CONTACT},
};

/// The fields of a customer's parts in a row, if any.
#[derive(Default)]
pub struct PartFields {
    contact: Map<String, Value>,
    address: Map<String, Value>,
}

/// The current or new parts of a customer.
#[derive(Clone, Default)]
pub struct Parts {
    pub contact: Option<CustomerContactAttributes>,
    pub address: Option<CustomerAddressAttributes>,
}

impl PartFields {
    /// Removes the parts' fields from a row.
    pub fn take(fields: &mut Map<String, Value>) -> Self {
        Self { contact: take(fields, CONTACT), address: take(fields, ADDRESS) }
    }

    /// Applies the row's fields to the parts, and checks the result.
    pub fn over(self, before: &Parts, problems: &mut Problems) -> Result<Parts, db::Error> {
        Ok(Parts {
            contact: over(before.contact.as_ref(), self.contact, CONTACT, problems)?,
            address: over(before.address.as_ref(), self.address, ADDRESS, problems)?,
        })
    }
}

fn take(fields: &mut Map<String, Value>, prefix: &str) -> Map<String, Value> {
    let named: Vec<String> =
        fields.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
    let unprefixed = |name: String| {
        let value = fields.shift_remove(&name)?;
        Some((name.strip_prefix(prefix)?.to_owned(), value))
    };
    named.into_iter().filter_map(unprefixed).collect()
}

fn over<A: MaybePrimary>(
    before: Option<&A>,
    fields: Map<String, Value>,
    prefix: &str,
    problems: &mut Problems,
) -> Result<Option<A>, db::Error> {
    // Clearing fields of a missing part does not create it.
    if fields.is_empty() || before.is_none() && fields.values().all(Value::is_null) {
        return Ok(before.cloned());
    }
    let (mut part, found) = checked(&before.cloned().unwrap_or_default(), fields, A::check)?;
    problems.extend(found.0.into_iter().map(|it| it.within(prefix)).collect());
    // The file has no column for this.
    part.set_primary(true);
    Ok(Some(part))
}

impl Parts {
    /// Loads the primary contact and the primary address of each customer.
    pub async fn of(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customers: &[Uid],
    ) -> Result<HashMap<Uid, Self>, db::Error> {
        let mut parts: HashMap<Uid, Self> = HashMap::new();
        for (customer, contact) in primaries(tx, writer.tenant(), customers).await? {
            parts.entry(customer).or_default().contact = Some(contact);
        }
        for (customer, address) in primaries(tx, writer.tenant(), customers).await? {
            parts.entry(customer).or_default().address = Some(address);
        }
        Ok(parts)
    }

    /// Checks the parts of a customer (`None` for a new one) against stored rows.
    pub async fn check_stored(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customer: Option<Uid>,
        problems: &mut Problems,
    ) -> Result<(), db::Error> {
        let contact = self.contact.as_ref();
        problems.take(check_external_id(tx, writer, customer, contact, CONTACT).await)?;
        let address = self.address.as_ref();
        problems.take(check_external_id(tx, writer, customer, address, ADDRESS).await)?;
        Ok(())
    }

    /// Writes the parts of a customer. Returns whether they differ from those `before`.
    pub async fn write(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customer: &Customer,
        before: &Self,
    ) -> Result<bool, RowError> {
        let contact = self.contact.as_ref().filter(|_| self.contact != before.contact);
        if let Some(contact) = contact {
            let written = write(tx, writer, customer.id, contact).await;
            written.map_err(|it| RowError::from(it).within(CONTACT))?;
        }
        let address = self.address.as_ref().filter(|_| self.address != before.address);
        if let Some(address) = address {
            let written = write(tx, writer, customer.id, address).await;
            written.map_err(|it| RowError::from(it).within(ADDRESS))?;
        }
        Ok(contact.is_some() || address.is_some())
    }
}

/// Checks that no other contact or address has the same `externalId`.
async fn check_external_id<A: MaybePrimary>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Option<Uid>,
    part: Option<&A>,
    prefix: &str,
) -> Result<(), RowError> {
    let Some(external_id) = part.and_then(A::external_id) else { return Ok(()) };
    let lookup = Lookup::ExternalId(external_id.to_owned());
    let found = Child::<A>::find(tx, writer.tenant(), &lookup).await?;
    let is_its = |it: &Child<A>| Some(it.parent) == customer && it.attributes.is_primary();
    if found.is_none_or(|found| is_its(&found)) {
        return Ok(());
    }
    let Violation { field, message, .. } = Violation::external_id_taken();
    Err(Problem::of_column(format!("{prefix}{}", field.join(".")), message).into())
}

/// Writes the customer's primary item: replaces the existing one, or adds one.
async fn write<A: MaybePrimary>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    part: &A,
) -> Result<(), models::Error> {
    let children = Children::<A>::lock(tx, writer.tenant(), customer).await?;
    let Some(mut children) = children else { return Ok(()) };
    let primary = children.list().iter().find(|child| child.attributes.is_primary());
    match primary.map(|child| child.id) {
        Some(id) => children.change(writer, id, |it| part.clone_into(it)),
        None => {
            children.insert(writer, None, part.clone())?;
        }
    }
    children.save(tx, writer).await?;
    Ok(())
}
