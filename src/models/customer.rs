//! Customers.

mod attributes;
mod filter;
mod list;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper, prelude::*};
use diesel_async::RunQueryDsl;

use super::{Code, CustomerGroup, Error, Lookup, Violation, membership};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, on,
        schema::customers,
        sql::{Column, Condition},
        types::{Timestamp, Uid},
    },
};

use self::attributes::CustomerKeys;
pub use self::{
    attributes::{CustomerAttributes, CustomerType},
    filter::{CustomerFlag, CustomerTest, CustomerText},
    list::{CustomerRelation, CustomerSort},
};

const TABLE: &str = "customers";
const TENANT_ID: Column = Column::of::<customers::tenant_id>(TABLE);
const ID: Column = Column::of::<customers::id>(TABLE);
const EXTERNAL_ID: Column = Column::of::<customers::external_id>(TABLE);
const UPDATED_AT: Column = Column::of::<customers::updated_at>(TABLE);

/// A customer: a company, a person or a partnership that buys.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = customers)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Customer {
    pub id: Uid,
    #[diesel(embed)]
    pub attributes: CustomerAttributes,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: String,
    pub last_modified_by: String,
}

/// A customer's row as it is inserted.
#[derive(Insertable)]
#[diesel(table_name = customers)]
struct NewCustomer {
    tenant_id: String,
    id: Uid,
    #[diesel(embed)]
    attributes: CustomerAttributes,
    #[diesel(embed)]
    keys: CustomerKeys,
    created_at: Timestamp,
    updated_at: Timestamp,
    created_by: String,
    last_modified_by: String,
}

impl Customer {
    pub async fn find(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> Result<Option<Self>, db::Error> {
        let found =
            customers::table.filter(customers::tenant_id.eq(tenant.id())).filter(match lookup {
                Lookup::Id(uid) => Condition::uid_in(ID, &[*uid]),
                Lookup::ExternalId(text) => Condition::text(EXTERNAL_ID, text),
            });
        Ok(on!(conn, |c| found.select(Self::as_select()).first(c).await.optional())?)
    }

    /// As [`Customer::find`], and nobody else changes the row until this transaction ends.
    async fn find_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> Result<Option<Self>, db::Error> {
        let Some(found) = Self::find(tx, tenant, lookup).await? else { return Ok(None) };
        // SQLite has one writer anyway.
        if let Conn::Postgres(c) = tx {
            let row = customers::table.find((tenant.id(), found.id)).select(Self::as_select());
            return Ok(row.for_no_key_update().first(*c).await.optional()?);
        }
        Ok(Some(found))
    }

    pub async fn find_many(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        uids: &[Uid],
    ) -> Result<Vec<Self>, db::Error> {
        let found = customers::table
            .filter(customers::tenant_id.eq(tenant.id()))
            .filter(Condition::uid_in(ID, uids));
        Ok(on!(conn, |c| found.select(Self::as_select()).load(c).await)?)
    }

    /// The customers with those ids of the client's choosing; nobody else changes them until this
    /// transaction ends.
    pub async fn find_many_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        external_ids: &[&str],
    ) -> Result<Vec<Self>, db::Error> {
        let found = customers::table
            .filter(customers::tenant_id.eq(tenant.id()))
            .filter(customers::external_id.eq_any(external_ids));
        Ok(match tx {
            // There is one writer anyway.
            Conn::Sqlite(c) => found.select(Self::as_select()).load(*c).await,
            Conn::Postgres(c) => {
                // In one order, so that two of these do not wait for each other.
                let ordered = found.order_by(customers::id).select(Self::as_select());
                ordered.for_no_key_update().load(*c).await
            }
        }?)
    }

    pub async fn create(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        mut attributes: CustomerAttributes,
    ) -> Result<Self, Error> {
        attributes.check()?;
        conn.transaction(async |tx| {
            Self::check_external_id(tx, writer.tenant(), &attributes).await?;
            Self::check_group(tx, writer.tenant(), &attributes).await?;
            let mut created = Self::insert_many(tx, writer, vec![attributes]).await?;
            created.pop().ok_or_else(|| diesel::result::Error::NotFound.into())
        })
        .await
    }

    /// Inserts customers whose attributes are checked, and makes them members of their groups, in a
    /// transaction that is under way.
    pub async fn insert_many(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        attributes: Vec<CustomerAttributes>,
    ) -> Result<Vec<Self>, db::Error> {
        let customers: Vec<Self> = attributes
            .into_iter()
            .map(|attributes| {
                let (id, now) = writer.new_id();
                let by = || writer.name().to_owned();
                let (created_by, last_modified_by) = (by(), by());
                Self {
                    id,
                    attributes,
                    created_at: now,
                    updated_at: now,
                    created_by,
                    last_modified_by,
                }
            })
            .collect();
        let tenant = writer.tenant();
        let rows: Vec<_> = customers.iter().map(|customer| customer.row(tenant)).collect();
        match tx {
            Conn::Postgres(c) => {
                diesel::insert_into(customers::table).values(rows).execute(*c).await?;
            }
            Conn::Sqlite(c) => {
                // SQLite is here, not at the end of a wire: one small statement, prepared once, is
                // faster than a large one, and needs less memory. One hop to its thread for all.
                c.spawn_blocking(move |c| {
                    for row in rows {
                        let insert = diesel::insert_into(customers::table).values(row);
                        diesel::RunQueryDsl::execute(insert, c)?;
                    }
                    Ok(())
                })
                .await?;
            }
        }
        let created: Vec<Uid> = customers.iter().map(|customer| customer.id).collect();
        membership::insert_primary(tx, writer, &created).await?;
        Ok(customers)
    }

    fn row(&self, tenant: &Tenant) -> NewCustomer {
        NewCustomer {
            tenant_id: tenant.id().to_owned(),
            id: self.id,
            keys: CustomerKeys::of(&self.attributes),
            attributes: self.attributes.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by.clone(),
            last_modified_by: self.last_modified_by.clone(),
        }
    }

    /// Changes a customer; `None` if there is no such customer. A change that changes nothing is not
    /// written.
    pub async fn update(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
        change: impl FnOnce(&mut CustomerAttributes) + Send,
    ) -> Result<Option<Self>, Error> {
        let tenant = writer.tenant();
        conn.transaction(async |tx| {
            let Some(mut customer) = Self::find_for_update(tx, tenant, lookup).await? else {
                return Ok(None);
            };
            let before = customer.attributes.clone();
            change(&mut customer.attributes);
            customer.attributes.check()?;
            if customer.attributes == before {
                return Ok(Some(customer));
            }
            if customer.attributes.external_id != before.external_id {
                Self::check_external_id(tx, tenant, &customer.attributes).await?;
            }
            if customer.attributes.customer_group_id != before.customer_group_id {
                Self::check_group(tx, tenant, &customer.attributes).await?;
            }
            customer.write(tx, writer, &before).await?;
            Ok(Some(customer))
        })
        .await
    }

    /// Writes the customer's checked attributes, which were `before`, in a transaction that is under
    /// way.
    pub async fn write(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        before: &CustomerAttributes,
    ) -> Result<(), db::Error> {
        self.updated_at = writer.now();
        writer.name().clone_into(&mut self.last_modified_by);
        let change = (
            &self.attributes,
            &CustomerKeys::of(&self.attributes),
            customers::updated_at.eq(self.updated_at),
            customers::last_modified_by.eq(&self.last_modified_by),
        );
        let row = customers::table.find((writer.tenant().id(), self.id));
        on!(tx, |c| diesel::update(row).set(change).execute(c).await)?;
        if self.attributes.customer_group_id != before.customer_group_id {
            membership::insert_primary(tx, writer, &[self.id]).await?;
        }
        Ok(())
    }

    /// Deletes a customer and its memberships; answers its id, or `None` if there is no such one.
    pub async fn delete(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        let tenant = writer.tenant();
        conn.transaction(async |tx| {
            let Some(customer) = Self::find(tx, tenant, lookup).await? else { return Ok(None) };
            let row = customers::table.find((tenant.id(), customer.id));
            let deleted = on!(tx, |c| diesel::delete(row).execute(c).await)?;
            Ok((deleted > 0).then_some(customer.id))
        })
        .await
    }

    async fn check_external_id(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        attributes: &CustomerAttributes,
    ) -> Result<(), Error> {
        let Some(external_id) = &attributes.external_id else { return Ok(()) };
        match Self::find(tx, tenant, &Lookup::ExternalId(external_id.clone())).await? {
            None => Ok(()),
            Some(_) => Err(Violation::external_id_taken().into()),
        }
    }

    async fn check_group(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        attributes: &CustomerAttributes,
    ) -> Result<(), Error> {
        let Some(group) = attributes.customer_group_id else { return Ok(()) };
        match CustomerGroup::find(tx, tenant, &Lookup::Id(group)).await? {
            Some(_) => Ok(()),
            None => {
                let message = "there is no customer group with this id";
                Err(Violation::new("customerGroupId", Code::NotFound, message).into())
            }
        }
    }
}
