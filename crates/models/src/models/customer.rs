//! Customers.

pub mod address;
pub mod consent;
pub mod contact;
pub mod duplicates;
pub mod extension;
pub mod lookup;
pub mod merge;

mod attributes;
mod child_keys;
mod effective;
mod filter;
mod key;
mod list;
mod lists;
mod new;
mod price_list;
mod primary;
mod search;

use std::collections::HashMap;

use diesel::{ExpressionMethods, QueryDsl};
use futures_util::future::BoxFuture;

use super::{
    Code, CustomerGroup, Error, Lookup, Row, Violation, Violations,
    attribute::{Attributes, Patch},
    child::ParentAttributes,
    custom_attribute::{Noun, WithAttributes},
    entity::{Entity, EntityAttributes},
    lock,
    loyalty_program::{self, GroupsOf},
    membership,
    mutable::{Mutable, Update},
    search::SearchedText,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, on,
        schema::customers,
        sql::{Column, Condition, Sql},
        types::Uid,
    },
};

pub use self::{
    attributes::{CustomerAttributes, CustomerType},
    child_keys::ChildKeys,
    effective::{Effective, Source},
    filter::CustomerTest,
    key::CustomerKey,
    list::CustomerRelation,
    lists::{ByCustomer, CustomerLists, Family, LoadedChildren, NewChildren, StoredChildren},
    new::{NewContact, NewCustomer},
    primary::{Change, MaybePrimary, PrimaryChange, primaries},
    search::{rebuild, rebuild_outdated},
};

pub use self::lists::each_list;

const TABLE: &str = "customers";
const LOYALTY_ID: Column = Column::of::<customers::loyalty_id>(TABLE);
const CUSTOMER_POS_ID: Column = Column::of::<customers::customer_pos_id>(TABLE);

type Number = fn(&CustomerAttributes) -> Option<&String>;

/// The numbers that are unique among customers, with the names of their fields.
const NUMBERS: [(&str, Column, Number); 2] = [
    ("loyaltyId", LOYALTY_ID, |it| it.loyalty_id.as_ref()),
    ("customerPosId", CUSTOMER_POS_ID, |it| it.customer_pos_id.as_ref()),
];
const ID: Column = Column::of::<customers::id>(TABLE);
const EXTERNAL_ID: Column = Customer::EXTERNAL_ID;
const DISABLED: Column = Column::of::<customers::disabled>(TABLE);
const CUSTOMER_GROUP_ID: Column = Column::of::<customers::customer_group_id>(TABLE);
const DEFAULT_PRICE_LIST: Column = Column { table: TABLE, name: "default_price_list" };
const LOYALTY_PROGRAM_ID: Column = Column::of::<customers::loyalty_program_id>(TABLE);
const LOYALTY_PROGRAM_TIER_ID: Column = Column::of::<customers::loyalty_program_tier_id>(TABLE);

/// A customer: a company, an individual or a partnership.
pub type Customer = Entity<CustomerAttributes>;

impl EntityAttributes for CustomerAttributes {
    const NOUN: Noun = Noun::Customer;

    const SEARCHED: &'static [SearchedText<Self>] = search::TEXTS;

    fn child_keys() -> Sql {
        child_keys::assignment().sql(", ")
    }

    /// Unchanged attributes are not checked, because they may be older than a rule.
    fn check_change(&mut self, before: &Self) -> Result<(), Error> {
        self.check().or_else(|error| self.errors_of_change(before, error))
    }

    fn check_others<'a>(
        &'a self,
        tx: &'a mut Conn<'_>,
        tenant: &'a Tenant,
        stored: Option<&'a Customer>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let groups = stored.map_or(GroupsOf::New(&[]), |it| GroupsOf::Stored(it.id));
            let before = stored.map(|it| &it.attributes);
            self.check_stored(tx, tenant, before, groups).await?.finish()
        })
    }

    const HAVE_SUCCESSORS: bool = true;

    async fn successors(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        missing: &[Lookup],
    ) -> Result<HashMap<Lookup, Uid>, db::Error> {
        merge::successors(conn, tenant, missing).await
    }

    /// A customer is a member of its primary group.
    async fn after_write(
        customer: &Customer,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        before: &Self,
    ) -> Result<(), db::Error> {
        let group = customer.attributes.customer_group_id;
        match group.filter(|_| group != before.customer_group_id) {
            Some(group) => membership::join(tx, writer, customer.id, &[group]).await,
            None => Ok(()),
        }
    }
}

impl ParentAttributes for CustomerAttributes {
    const CHILD_COLUMN: &str = "customer_id";
}

impl Customer {
    /// Inserts customers whose attributes are checked, and makes them members of their primary groups, in a transaction
    /// that is in progress. No customer joins a program here: the attributes are stored as they are. `child_keys` are
    /// the search keys of the customers' children, which are inserted later.
    pub async fn insert_rows(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        customers: &[Self],
        child_keys: &ChildKeys,
    ) -> Result<(), db::Error> {
        Self::insert_all(tx, writer.tenant(), customers, |it| child_keys.of(it.id)).await?;
        let in_groups = customers.iter().filter(|it| it.attributes.customer_group_id.is_some());
        let in_groups: Vec<Uid> = in_groups.map(|customer| customer.id).collect();
        membership::insert_primary(tx, writer, &in_groups).await
    }
}

/// The changes of a customer, and of its primary contact and address.
pub struct CustomerChange {
    pub patch: Patch<CustomerAttributes>,
    pub primary: PrimaryChange,
}

impl Mutable for Customer {
    type New = WithAttributes<NewCustomer>;
    type Change = WithAttributes<CustomerChange>;
    type Deletion<'a> = ();
}

impl Update<Customer> for CustomerChange {
    async fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Customer>, Error> {
        let tenant = writer.tenant();
        if self.patch.sets_named(EXTERNAL_ID.name) {
            merge::external_ids::share(tx, tenant).await?;
        }
        let found = lock::find_for_update::<Customer>(tx, tenant, lookup).await?;
        let Some(mut customer) = found else { return Ok(None) };
        customer.change(tx, writer, &self.patch).await?;
        if self.primary.apply(tx, writer, customer.id).await? {
            return Ok(Customer::find(tx, tenant, &Lookup::Id(customer.id)).await?);
        }
        Ok(Some(customer))
    }
}

impl CustomerAttributes {
    /// Checks the changes since `before` against stored rows.
    pub async fn check_stored(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        before: Option<&Self>,
        groups: GroupsOf<'_>,
    ) -> Result<Violations, db::Error> {
        let mut violations = Violations::default();
        violations.extend(self.external_id_taken(tx, tenant, before, groups).await?);
        violations.extend(self.taken_numbers(tx, tenant, before).await?);
        if let Some(group) = self.customer_group_id
            && before.is_none_or(|it| it.customer_group_id != self.customer_group_id)
            && CustomerGroup::find(tx, tenant, &Lookup::Id(group)).await?.is_none()
        {
            violations.push(Violation::no_customer_group());
        }
        let loyalty = |it: &Self| (it.loyalty_program_id, it.loyalty_program_tier_id);
        if before.map(loyalty) != Some(loyalty(self)) {
            let stays = before.is_some_and(|it| it.loyalty_program_id == self.loyalty_program_id);
            let joins = (!stays).then_some(groups);
            violations.extend(loyalty_program::check_membership(tx, tenant, self, joins).await?);
        }
        Ok(violations)
    }

    /// Whether it has a value that must be unique among customers.
    pub(super) fn has_unique_value(&self) -> bool {
        self.external_id.is_some() || NUMBERS.iter().any(|(.., number)| number(self).is_some())
    }

    /// The violation of a changed external id that belongs to another customer, or redirects to
    /// one.
    async fn external_id_taken(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        before: Option<&Self>,
        groups: GroupsOf<'_>,
    ) -> Result<Option<Violation>, db::Error> {
        let is_changed = before.is_none_or(|it| it.external_id != self.external_id);
        let Some(external_id) = self.external_id.as_ref().filter(|_| is_changed) else {
            return Ok(None);
        };
        let own = match groups {
            GroupsOf::Stored(id) => Some(id),
            GroupsOf::New(_) | GroupsOf::Restored => None,
        };
        let owners = merge::owners_of_external_id(tx, tenant, external_id).await?;
        let is_taken = owners.iter().any(|owner| Some(*owner) != own);
        Ok(is_taken.then(Violation::external_id_taken))
    }

    /// The violations of changed numbers that another customer already has.
    async fn taken_numbers(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        before: Option<&Self>,
    ) -> Result<Vec<Violation>, db::Error> {
        let changed = NUMBERS.into_iter().filter_map(|(field, column, number)| {
            let value = number(self).filter(|value| before.and_then(number) != Some(*value))?;
            Some((field, column, value))
        });
        let changed: Vec<_> = changed.collect();
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let same = |(_, column, value): &(_, Column, &String)| Condition::text(*column, *value);
        let with_any = customers::table
            .filter(customers::tenant_id.eq(tenant.id()))
            .filter(Condition::any(changed.iter().map(same)))
            .select((customers::loyalty_id, customers::customer_pos_id));
        let found: Vec<(Option<String>, Option<String>)> = on!(tx, |c| with_any.load(c).await)?;
        let is_taken = |(_, column, value): &(_, Column, &String)| {
            found.iter().any(|(loyalty_id, pos_id)| match *column {
                LOYALTY_ID => loyalty_id.as_ref() == Some(*value),
                _ => pos_id.as_ref() == Some(*value),
            })
        };
        let taken = changed.iter().filter(|it| is_taken(it));
        let message = "another customer has this number";
        Ok(taken.map(|(field, ..)| Violation::new(field, Code::Taken, message)).collect())
    }
}
