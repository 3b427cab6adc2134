//! The parts of a customer that a row fills: its primary contact and its primary address.

use std::collections::HashMap;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Problem,
    fields::{RowError, both, checked, overlay},
    reader::{ADDRESS, CONTACT, Row},
};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    models::{
        self, Customer, Lookup, Row as _, Violation,
        child::{Child, ChildAttributes, Children},
        customer::{
            MaybePrimary, address::CustomerAddressAttributes, contact::CustomerContactAttributes,
            primaries,
        },
    },
};

/// What a row says of a customer's parts: the fields of each, if there are any.
#[derive(Default)]
pub struct PartFields {
    contact: Map<String, Value>,
    address: Map<String, Value>,
}

/// The parts that a customer has, or is to have.
#[derive(Clone, Default)]
pub struct Parts {
    contact: Option<CustomerContactAttributes>,
    address: Option<CustomerAddressAttributes>,
}

impl PartFields {
    /// Has the row any?
    pub fn are_in(row: &Row) -> bool {
        let is_of_part = |name: &String| name.starts_with(CONTACT) || name.starts_with(ADDRESS);
        row.fields.as_ref().is_ok_and(|fields| fields.keys().any(is_of_part))
    }

    /// Takes the parts' fields out of those of a row.
    pub fn take(fields: &mut Map<String, Value>) -> Self {
        Self { contact: take(fields, CONTACT), address: take(fields, ADDRESS) }
    }

    /// The parts with the row's fields over them, checked.
    pub fn over(self, before: &Parts) -> Result<Parts, RowError> {
        let contact = over(before.contact.as_ref(), self.contact, CONTACT);
        let address = over(before.address.as_ref(), self.address, ADDRESS);
        let (contact, address) = both(contact, address)?;
        Ok(Parts { contact, address })
    }
}

fn take(fields: &mut Map<String, Value>, prefix: &str) -> Map<String, Value> {
    let named: Vec<String> =
        fields.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
    let unprefixed = |name: String| {
        let value = fields.remove(&name)?;
        Some((name.strip_prefix(prefix)?.to_owned(), value))
    };
    named.into_iter().filter_map(unprefixed).collect()
}

fn over<A>(
    before: Option<&A>,
    fields: Map<String, Value>,
    prefix: &str,
) -> Result<Option<A>, RowError>
where
    A: ImportedPart,
{
    // To clear what is not there makes nothing.
    if fields.is_empty() || before.is_none() && fields.values().all(Value::is_null) {
        return Ok(before.cloned());
    }
    let part = checked(overlay(&before.cloned().unwrap_or_default(), fields), A::check);
    let prefixed = |error: RowError| error.map_columns(|column| format!("{prefix}{column}"));
    let mut part = part.map_err(prefixed)?;
    // It does not come from the file.
    part.set_primary(true);
    Ok(Some(part))
}

/// A kind of part that a row fills one of: the primary one.
trait ImportedPart: MaybePrimary + Default + Serialize + DeserializeOwned {}

impl<A: MaybePrimary + Default + Serialize + DeserializeOwned> ImportedPart for A {}

impl Parts {
    /// The primary contact and the primary address of each customer.
    pub async fn of(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customers: &[Uid],
    ) -> Result<HashMap<Uid, Self>, db::Error> {
        let mut parts: HashMap<Uid, Self> = HashMap::new();
        if customers.is_empty() {
            return Ok(parts);
        }
        for (customer, contact) in primaries(tx, writer.tenant(), customers).await? {
            parts.entry(customer).or_default().contact = Some(contact);
        }
        for (customer, address) in primaries(tx, writer.tenant(), customers).await? {
            parts.entry(customer).or_default().address = Some(address);
        }
        Ok(parts)
    }

    /// Checks the parts of a customer (`None`: a new one) against what is stored.
    pub async fn check_stored(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customer: Option<Uid>,
    ) -> Result<(), RowError> {
        check_external_id(tx, writer, customer, self.contact.as_ref(), CONTACT).await?;
        check_external_id(tx, writer, customer, self.address.as_ref(), ADDRESS).await
    }

    /// Inserts the parts of customers that were just created.
    pub async fn insert(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        created: &[(Uid, Self)],
    ) -> Result<(), db::Error> {
        let contacts = created.iter().filter_map(|(id, parts)| Some((*id, parts.contact.clone()?)));
        Child::insert_first(tx, writer, contacts.collect()).await?;
        let addresses =
            created.iter().filter_map(|(id, parts)| Some((*id, parts.address.clone()?)));
        Child::insert_first(tx, writer, addresses.collect()).await
    }

    /// Gives a customer these parts; answers whether it did not have them `before`.
    pub async fn write(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customer: &Customer,
        before: &Self,
    ) -> Result<bool, RowError> {
        let mut is_changed = false;
        if let Some(contact) =
            self.contact.as_ref().filter(|it| Some(*it) != before.contact.as_ref())
        {
            let written = write(tx, writer, customer.id, contact).await;
            written.map_err(|it| RowError::from(it).map_columns(|it| format!("{CONTACT}{it}")))?;
            is_changed = true;
        }
        if let Some(address) =
            self.address.as_ref().filter(|it| Some(*it) != before.address.as_ref())
        {
            let written = write(tx, writer, customer.id, address).await;
            written.map_err(|it| RowError::from(it).map_columns(|it| format!("{ADDRESS}{it}")))?;
            is_changed = true;
        }
        Ok(is_changed)
    }
}

/// Checks that no other part has this one's `externalId`.
async fn check_external_id<A: ImportedPart>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Option<Uid>,
    part: Option<&A>,
    prefix: &str,
) -> Result<(), RowError> {
    let Some(external_id) = part.and_then(ChildAttributes::external_id) else { return Ok(()) };
    let lookup = Lookup::ExternalId(external_id.to_owned());
    let found = Child::<A>::find(tx, writer.tenant(), &lookup).await?;
    let is_its = |it: &Child<A>| Some(it.parent) == customer && it.attributes.is_primary();
    if found.is_none_or(|found| is_its(&found)) {
        return Ok(());
    }
    let Violation { field, message, .. } = Violation::external_id_taken();
    Err(Problem::of_column(format!("{prefix}{}", field.join(".")), message).into())
}

/// Makes this the customer's primary one: in the place of the one that is, or as a further one.
async fn write<A: ImportedPart>(
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

impl RowError {
    /// The same, about columns of other names.
    fn map_columns(self, name: impl Fn(String) -> String) -> Self {
        match self {
            Self::Problems(problems) => Self::Problems(
                problems
                    .into_iter()
                    .map(|Problem { column, message }| Problem {
                        column: column.map(&name),
                        message,
                    })
                    .collect(),
            ),
            failed @ Self::Failed(_) => failed,
        }
    }
}
