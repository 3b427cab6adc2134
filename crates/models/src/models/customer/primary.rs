//! The primary contact and the primary address of a customer.

use std::collections::HashMap;

use super::{address::CustomerAddressAttributes, contact::CustomerContactAttributes};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Measured,
        pick::ColumnSet,
        schema::{customer_addresses, customer_contacts},
        sql::{Column, Condition},
        types::Uid,
    },
    models::{
        Code, Error, Row, Violation, Violations,
        child::{Child, ChildAttributes, Children},
    },
};

/// The change of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

/// The contact and the address that a change makes primary.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrimaryChange {
    pub contact: Change<Uid>,
    pub address: Change<Uid>,
}

impl PrimaryChange {
    /// Applies the change to a customer that is locked; returns whether anything changed.
    pub(super) async fn apply(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customer: Uid,
    ) -> Result<bool, Error> {
        let mut violations = Violations::default();
        let contact = set::<CustomerContactAttributes>(tx, writer, customer, self.contact).await?;
        if !contact {
            let message = "the customer has no contact with this id";
            violations.push(Violation::new("primaryContactId", Code::NotFound, message));
        }
        let address = set::<CustomerAddressAttributes>(tx, writer, customer, self.address).await?;
        if !address {
            let message = "the customer has no address with this id";
            violations.push(Violation::new("primaryAddressId", Code::NotFound, message));
        }
        violations.finish()?;
        Ok((self.contact, self.address) != (Change::Keep, Change::Keep))
    }
}

/// The primary contact, or address, of each of these customers. Customers without one have no
/// entry.
pub async fn primaries<A: MaybePrimary>(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    customers: &[Uid],
) -> Result<HashMap<Uid, A>, db::Error> {
    let of_customers = Condition::uid_in(A::PARENT_ID, customers);
    let primary = Condition::all([of_customers, Condition::flag(A::IS_PRIMARY, true)]);
    let found = Child::<A>::select(conn, tenant, primary, ColumnSet::ALL).await?;
    let of_parent = |child: Child<A>| (child.parent, child.attributes);
    Ok(found.into_iter().map(Measured::into_row).map(of_parent).collect())
}

/// A kind of child that can be primary.
pub trait MaybePrimary: ChildAttributes {
    const IS_PRIMARY: Column;
}

impl MaybePrimary for CustomerContactAttributes {
    const IS_PRIMARY: Column = Column::of::<customer_contacts::is_primary>("customer_contacts");
}

impl MaybePrimary for CustomerAddressAttributes {
    const IS_PRIMARY: Column = Column::of::<customer_addresses::is_primary>("customer_addresses");
}

/// Applies the change; returns whether the new primary one belongs to the customer.
async fn set<A: MaybePrimary>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    customer: Uid,
    change: Change<Uid>,
) -> Result<bool, Error> {
    if change == Change::Keep {
        return Ok(true);
    }
    let mut children = Children::<A>::of_locked(tx, writer.tenant(), customer).await?;
    match change {
        Change::Keep => {}
        Change::Clear => {
            let ids: Vec<Uid> = children.list().iter().map(|child| child.id).collect();
            for id in ids {
                children.change(writer, id, |it| it.set_primary(false));
            }
        }
        Change::Set(id) => {
            if !children.list().iter().any(|child| child.id == id) {
                return Ok(false);
            }
            children.change(writer, id, |it| it.set_primary(true));
        }
    }
    children.save(tx, writer).await?;
    Ok(true)
}
