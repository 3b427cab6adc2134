//! Writes the customer of a row.

use std::collections::HashMap;

use super::{BatchWriter, NewRow, Plan};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    import::{
        Outcome, extras::Lists, fields::RowError, lists, merges::Absorbed, stored::Stored, survivor,
    },
    models::{
        Customer,
        child::Child,
        custom_attribute::{self, Noun, Prepared},
        customer::{
            ChildKeys, CustomerLists, StoredChildren, each_list,
            extension::CustomerExtensionAttributes, merge::Merged,
        },
        loyalty_program, membership,
        mutable::Warning,
    },
};

impl BatchWriter<'_, '_, '_> {
    pub(super) fn create(&mut self, plan: Plan) -> Outcome {
        let Plan { attributes, custom, origin, mut lists, parts, groups, absorbed, may_opt_in } =
            plan;
        lists.add_parts(self.writer, &parts);
        let customer = origin.entity(self.writer, attributes);
        self.known.add_pending(customer.id, &customer.attributes);
        self.add_merged(customer.id, &[], absorbed);
        let groups = groups.unwrap_or_default();
        self.new.push(NewRow { customer, custom, lists, groups, may_opt_in });
        Outcome::Created
    }

    pub(super) async fn change(
        &mut self,
        mut customer: Customer,
        stored: &Stored,
        plan: Plan,
    ) -> Result<Outcome, RowError> {
        self.has_begun = true;
        let before = customer.attributes.clone();
        let mut is_changed = before != plan.attributes;
        customer.attributes = plan.attributes;
        if is_changed {
            customer.write(self.tx, self.writer, &before).await?;
        }
        is_changed |= plan.parts.write(self.tx, self.writer, &customer, &stored.parts).await?;
        let have_others = self.write_lists(customer.id, stored, plan.lists).await?;
        let has_other_groups = self.write_groups(&customer, stored, plan.groups).await?;
        let has_other_values = self.write_custom(customer.id, stored, &plan.custom).await?;
        is_changed |= have_others | has_other_groups | has_other_values;
        let has_merged = self.add_merged(customer.id, &stored.merged, plan.absorbed);
        self.survivors.extend((has_merged && !is_changed).then_some(customer.id));
        is_changed |= has_merged;
        if is_changed {
            self.stored.remove(&customer.id);
            self.known.remember(customer);
        }
        Ok(if is_changed { Outcome::Updated } else { Outcome::Unchanged })
    }

    async fn write_lists(
        &mut self,
        id: Uid,
        stored: &Stored,
        mut lists: Lists,
    ) -> Result<bool, RowError> {
        let mut is_changed = false;
        let (tx, writer) = (&mut *self.tx, self.writer);
        let (contacts, extensions) = (lists.given.contacts.take(), lists.given.extensions.take());
        let mut contact_ids = HashMap::new();
        if let Some(items) = contacts {
            let written = lists::write(tx, writer, id, &stored.lists.contacts, &items).await?;
            is_changed |= written.0;
            contact_ids = written.1;
        }
        each_list!((&stored.lists, &lists.given), |stored, given| if let Some(items) = given {
            is_changed |= lists::write(tx, writer, id, stored, items).await?.0;
        });
        // Extensions come last, because they refer to contacts.
        if let Some(mut items) = extensions {
            for item in &mut items {
                let contact = item.attributes.contact_id;
                item.attributes.contact_id =
                    contact.map(|it| contact_ids.get(&it).copied().unwrap_or(it));
            }
            let is_kept = |it: &&Child<CustomerExtensionAttributes>| {
                lists.are_own_extensions_kept && it.attributes.contact_id.is_none()
            };
            let kept = stored.lists.extensions.iter().filter(is_kept).map(lists::Item::stored);
            let items: Vec<_> = kept.chain(items).collect();
            // The extensions of deleted contacts were deleted with them.
            let left = lists::stored(tx, writer, id).await?;
            is_changed |= lists::write(tx, writer, id, &left, &items).await?.0;
        }
        Ok(is_changed)
    }

    async fn write_custom(
        &mut self,
        id: Uid,
        stored: &Stored,
        custom: &Prepared,
    ) -> Result<bool, RowError> {
        let (tx, tenant) = (&mut *self.tx, self.writer.tenant());
        let is_changed = custom.write_over(tx, tenant, id, &stored.attributes).await?;
        if is_changed {
            Customer::touch(tx, self.writer, id).await?;
        }
        Ok(is_changed)
    }

    /// Queues the missing merges of a customer. Returns whether there are any.
    fn add_merged(&mut self, id: Uid, stored: &[Merged], missing: Vec<Absorbed>) -> bool {
        let merged = survivor::rows(self.writer, id, stored, missing);
        self.known.follow(&merged);
        let is_changed = !merged.is_empty();
        self.merged.extend(merged);
        is_changed
    }

    /// Stores the queued merges, in one statement for all customers.
    pub(super) async fn insert_merged(&mut self) -> Result<(), db::Error> {
        let merged = std::mem::take(&mut self.merged);
        Merged::insert_all(self.tx, self.writer.tenant(), merged).await?;
        let survivors = std::mem::take(&mut self.survivors);
        if survivors.is_empty() {
            return Ok(());
        }
        Customer::touch_many(self.tx, self.writer, &survivors).await
    }

    async fn write_groups(
        &mut self,
        customer: &Customer,
        stored: &Stored,
        groups: Option<Vec<Uid>>,
    ) -> Result<bool, RowError> {
        let Some(groups) = groups else { return Ok(false) };
        let primary = customer.attributes.customer_group_id;
        let is_further = |id: &&Uid| Some(**id) != primary;
        let left: Vec<Uid> = stored
            .groups
            .iter()
            .filter(is_further)
            .filter(|id| !groups.contains(id))
            .copied()
            .collect();
        let joined: Vec<Uid> =
            groups.iter().filter(|id| !stored.groups.contains(id)).copied().collect();
        if !left.is_empty() {
            membership::leave(self.tx, self.writer, customer.id, &left).await?;
        }
        if !joined.is_empty() {
            membership::join(self.tx, self.writer, customer.id, &joined).await?;
        }
        let is_changed = !left.is_empty() || !joined.is_empty();
        if is_changed {
            Customer::touch(self.tx, self.writer, customer.id).await?;
        }
        Ok(is_changed)
    }

    /// Inserts the queued customers, with their lists, memberships and merges, in a constant number
    /// of statements.
    pub(super) async fn insert_new(&mut self) -> Result<(), RowError> {
        self.insert_customers().await?;
        Ok(self.insert_merged().await?)
    }

    async fn insert_customers(&mut self) -> Result<(), RowError> {
        let mut new = std::mem::take(&mut self.new);
        self.known.clear_pending();
        if new.is_empty() {
            return Ok(());
        }
        let (tx, writer) = (&mut *self.tx, self.writer);
        opt_in(tx, writer, &mut new).await?;
        let customers: Vec<Customer> = new.iter().map(|row| row.customer.clone()).collect();
        let mut children = CustomerLists::<StoredChildren>::default();
        for row in &new {
            each_list!((&mut children, &row.lists.given), |all, given| {
                all.extend(given.iter().flat_map(|it| lists::children(row.customer.id, it)));
            });
        }
        let mut keys = ChildKeys::default();
        each_list!(&children, |rows| keys.add(writer.tenant(), rows));
        Customer::insert_rows(tx, writer, &customers, &keys).await?;
        let pairs = new.iter().flat_map(|row| row.groups.iter().map(|it| (row.customer.id, *it)));
        membership::insert_pairs(tx, writer, pairs.collect()).await?;
        each_list!(children, |rows| lists::insert(tx, writer, rows).await?);
        let values: Vec<_> = new.iter().map(|row| (row.customer.id, &row.custom)).collect();
        custom_attribute::insert_new(tx, writer.tenant(), Noun::Customer, &values).await?;
        for customer in customers {
            self.known.remember(customer);
        }
        Ok(())
    }
}

/// Enrolls new customers in the matching loyalty programs with `autoOptIn`.
async fn opt_in(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    new: &mut [NewRow],
) -> Result<(), db::Error> {
    let joining = new.iter_mut().filter(|row| row.may_opt_in);
    let joining = joining.map(|row| &mut row.customer.attributes).collect();
    let today = writer.now().date();
    let ambiguous = loyalty_program::opt_in(tx, writer.tenant(), today, joining).await?;
    if ambiguous > 0 {
        tracing::warn!(customers = ambiguous, "{}", Warning::AmbiguousAutoOptIn.message());
    }
    Ok(())
}
