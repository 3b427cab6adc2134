//! Creation of a customer with its related objects, in one transaction.

use std::collections::{HashMap, HashSet};

use futures_util::future::BoxFuture;

use super::{
    ChildKeys, Customer, CustomerAttributes, CustomerLists, Family, NewChildren,
    contact::CustomerContactAttributes, each_list, extension::CustomerExtensionAttributes,
    merge::external_ids,
};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, types::Uid},
    models::{
        Code, CustomerGroup, Error, Row, Violation, Violations,
        child::{ChildAttributes, Children},
        entity::EntityAttributes,
        loyalty_program::{self, GroupsOf, OpenProgram},
        membership,
        mutable::{Create, Created, Warning},
        violation::paths,
    },
};

/// Maximum number of groups that a customer can be created in, besides its primary one.
const GROUPS_MAX: usize = 1_000;

/// A new customer with its related objects.
#[derive(Clone, Debug, Default)]
pub struct NewCustomer {
    pub attributes: CustomerAttributes,
    /// Groups besides the primary one.
    pub group_ids: Vec<Uid>,
    pub lists: CustomerLists<NewChildren>,
    /// The extensions of each contact, in the order of the contacts.
    pub extensions_of_contacts: Vec<Vec<CustomerExtensionAttributes>>,
    /// Whether the customer stays out of all loyalty programs, even those with `autoOptIn`.
    pub stays_out: bool,
}

/// A new contact with its extensions.
#[derive(Clone, Debug, Default)]
pub struct NewContact {
    pub attributes: CustomerContactAttributes,
    pub extensions: Vec<CustomerExtensionAttributes>,
}

impl NewContact {
    pub fn into_parts(self) -> (CustomerContactAttributes, Vec<CustomerExtensionAttributes>) {
        (self.attributes, self.extensions)
    }
}

/// The extensions of a contact, once it has an id.
pub(super) fn extensions_of(
    contact: Uid,
    extensions: Vec<CustomerExtensionAttributes>,
) -> Vec<CustomerExtensionAttributes> {
    let of_contact = |it| CustomerExtensionAttributes { contact_id: Some(contact), ..it };
    extensions.into_iter().map(of_contact).collect()
}

/// The paths of violations are those of the input of `customerCreate`.
impl Create<Customer> for NewCustomer {
    async fn create(
        self,
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<Customer>, Error> {
        if self.attributes.external_id.is_some() {
            return conn.transaction(async |tx| self.create_in(tx, writer).await).await;
        }
        // The other checks lock nothing, so they need no transaction; what they rely on is also enforced by the
        // database's keys.
        let mut checked = Checked::new(conn, writer, self).await?;
        let mut open = None;
        if checked.is_alone() {
            let tenant = writer.tenant();
            open = loyalty_program::insert_or_find_open(conn, tenant, &checked.customer).await?;
            if open.is_none() {
                return Ok(checked.customer.into());
            }
        }
        checked.opt_in(conn, writer, open).await?;
        conn.transaction(async |tx| checked.insert(tx, writer).await).await
    }

    async fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<Customer>, Error> {
        if self.attributes.external_id.is_some() {
            external_ids::share(tx, writer.tenant()).await?;
        }
        let mut checked = Checked::new(tx, writer, self).await?;
        checked.opt_in(tx, writer, None).await?;
        checked.insert(tx, writer).await
    }
}

/// A checked new customer with its related objects.
struct Checked {
    customer: Customer,
    /// Groups besides the primary one.
    group_ids: Vec<Uid>,
    /// All but the extensions, which come last because they refer to contacts.
    parts: CustomerLists<Parts>,
    /// The extensions, which are checked except for their references to contacts.
    extensions: Part<CustomerExtensionAttributes>,
    /// Whether the customer joins a program with `autoOptIn`, if one matches.
    may_join: bool,
    warnings: Vec<Warning>,
}

impl Checked {
    /// Checks a new customer. (This and [`Checked::insert`] are boxed, so that this crate compiles them, and not each
    /// crate that calls them.)
    fn new<'a>(
        conn: &'a mut Conn<'_>,
        writer: Writer<'a>,
        mut new: NewCustomer,
    ) -> BoxFuture<'a, Result<Box<Self>, Error>> {
        Box::pin(async move {
            let tenant = writer.tenant();
            let mut violations = Violations::default();
            violations.take(new.attributes.check())?;
            if new.group_ids.len() > GROUPS_MAX {
                let message = format!("at most {GROUPS_MAX} groups");
                violations.push(Violation::new("customerGroupIds", Code::TooMany, message));
            }
            let customer = Customer::new(writer, new.attributes);
            let extensions = std::mem::take(&mut new.lists.extensions);
            let mut parts = CustomerLists::<Parts>::default();
            each_list!((&mut parts, new.lists), |part, list| {
                *part = Part::new(writer, customer.id, list);
            });
            let mut extensions = Part::new(writer, customer.id, extensions);
            extensions.add_of_contacts(writer, &parts.contacts, new.extensions_of_contacts);
            each_list!(&mut parts, |part| part.check(&mut violations));
            extensions.check(&mut violations);
            violations.finish()?;

            let groups = GroupsOf::New(&new.group_ids);
            let mut violations =
                customer.attributes.check_stored(conn, tenant, None, groups).await?;
            violations.extend(missing_groups(conn, tenant, &new.group_ids).await?);
            each_list!(&parts, |part| part.check_stored(conn, tenant, &mut violations).await?);
            violations.finish()?;

            let may_join = !new.stays_out && customer.attributes.loyalty_program_id.is_none();
            let (group_ids, warnings) = (new.group_ids, Vec::new());
            Ok(Box::new(Self { customer, group_ids, parts, extensions, may_join, warnings }))
        })
    }

    /// Whether the customer has no related objects, but may join a program.
    fn is_alone(&self) -> bool {
        let is_in_groups =
            self.customer.attributes.customer_group_id.is_some() || !self.group_ids.is_empty();
        let mut is_alone = self.may_join && !is_in_groups && self.extensions.ids.is_empty();
        each_list!(&self.parts, |part| is_alone &= part.ids.is_empty());
        is_alone
    }

    /// Lets the customer join the matching program with `autoOptIn`. `open` has the possible programs, if they have
    /// been read.
    async fn opt_in(
        &mut self,
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        open: Option<Vec<OpenProgram>>,
    ) -> Result<(), db::Error> {
        if !self.may_join {
            return Ok(());
        }
        let (tenant, today) = (writer.tenant(), self.customer.created_at.date());
        let customers = vec![&mut self.customer.attributes];
        let ambiguous = match open {
            Some(open) => loyalty_program::join(conn, tenant, open, customers).await?,
            None => loyalty_program::opt_in(conn, tenant, today, customers).await?,
        };
        self.warnings.extend((ambiguous > 0).then_some(Warning::AmbiguousAutoOptIn));
        Ok(())
    }

    /// Inserts the customer, in a transaction that is in progress.
    fn insert<'a>(
        self: Box<Self>,
        tx: &'a mut Conn<'_>,
        writer: Writer<'a>,
    ) -> BoxFuture<'a, Result<Created<Customer>, Error>> {
        Box::pin(async move {
            let (tenant, customer) = (writer.tenant(), self.customer);
            let mut keys = ChildKeys::default();
            each_list!(&self.parts, |part| keys.add(tenant, part.children.list()));
            let customers = std::slice::from_ref(&customer);
            Customer::insert_all(tx, tenant, customers, |it| keys.of(it.id)).await?;
            let mut groups = self.group_ids;
            groups.extend(customer.attributes.customer_group_id);
            membership::join(tx, writer, customer.id, &groups).await?;
            each_list!(self.parts, |part| part.children.save_new(tx, tenant).await?);
            let mut violations = Violations::default();
            self.extensions.check_stored(tx, tenant, &mut violations).await?;
            violations.finish()?;
            self.extensions.children.save_new(tx, tenant).await?;
            Ok(Created { row: customer, warnings: self.warnings })
        })
    }
}

/// The violations of missing groups of a new customer.
async fn missing_groups(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    group_ids: &[Uid],
) -> Result<Vec<Violation>, db::Error> {
    if group_ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = CustomerGroup::find_many(tx, tenant, group_ids).await?;
    let found: HashSet<Uid> = found.into_iter().map(|group| group.id).collect();
    let missing = group_ids.iter().enumerate().filter(|(_, id)| !found.contains(id));
    let message = "there is no customer group with this id";
    let violation = |position| Violation::at("customerGroupIds", position, Code::NotFound, message);
    Ok(missing.map(|(position, _)| violation(position)).collect())
}

/// The children of one kind of a new customer, with their paths in the input.
#[derive(Default)]
struct Part<A> {
    customer: Uid,
    children: Children<A>,
    ids: Vec<Uid>,
    paths: HashMap<Uid, Vec<String>>,
}

#[derive(Default)]
struct Parts;

impl Family for Parts {
    type Of<A: ChildAttributes> = Part<A>;
}

impl<A: ChildAttributes> Part<A> {
    fn new(writer: Writer<'_>, customer: Uid, list: Vec<A>) -> Self {
        let mut children = Children::of_new(customer);
        let ids = children.insert_list(writer, list);
        let paths = paths(A::FIELD, customer, &ids);
        Self { customer, children, ids, paths }
    }

    fn check(&mut self, violations: &mut Violations) {
        violations.take_at(&self.paths, self.children.check());
    }

    async fn check_stored(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        violations: &mut Violations,
    ) -> Result<(), db::Error> {
        violations.take_at(&self.paths, self.children.check_stored(tx, tenant).await?);
        Ok(())
    }
}

impl Part<CustomerExtensionAttributes> {
    fn add_of_contacts(
        &mut self,
        writer: Writer<'_>,
        contacts: &Part<CustomerContactAttributes>,
        new: Vec<Vec<CustomerExtensionAttributes>>,
    ) {
        for (position, (contact, new)) in contacts.ids.iter().zip(new).enumerate() {
            let had_room = !self.children.is_too_long();
            let ids = self.children.insert_list(writer, extensions_of(*contact, new));
            // A violation of the list's length belongs to the contact whose extensions made it too
            // long.
            let blamed = had_room && self.children.is_too_long();
            let list = if blamed { self.customer } else { *contact };
            for (id, path) in paths("extensions", list, &ids) {
                let contact = ["contacts".to_owned(), position.to_string()];
                self.paths.insert(id, contact.into_iter().chain(path).collect());
            }
        }
    }
}
