//! The inputs for customers.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::{
    address::CustomerAddress, consent::CustomerConsent, contact::CustomerContactInput,
    extension::CustomerExtension,
};
use crate::{
    db::types::Decimal,
    graphql::{
        attributes::{ChangedAttributes, NewAttributes},
        child::{ChildInput, ChildNode},
        input::{reference, references},
        supplier_number_at_customer::SupplierNumberAtCustomer,
    },
    id::NodeType,
    models::{
        attribute::Patch,
        customer::{
            Change, CustomerAttributes, CustomerLists, NewContact, NewCustomer, PrimaryChange,
        },
    },
};

/// Input for `customerCreate`. Text is trimmed, and empty text becomes `null`. Maximum length: 255
/// characters unless stated otherwise.
#[derive(InputObject)]
pub struct CustomerCreateInput {
    /// IDs of groups to become a member of, besides the primary one; at most 1,000.
    customer_group_ids: Option<Vec<ID>>,
    /// Addresses; at most 500.
    addresses: Option<Vec<ChildInput<CustomerAddress>>>,
    /// Contacts; at most 500.
    contacts: Option<Vec<CustomerContactInput>>,
    /// Consents that the customer gave or refused; at most 500.
    consents: Option<Vec<ChildInput<CustomerConsent>>>,
    /// Registrations of the customer with third-party services; at most 500 including those of its
    /// contacts.
    extensions: Option<Vec<ChildInput<CustomerExtension>>>,
    /// Supplier numbers that the customer assigned to your own companies, in order; at most 500.
    supplier_numbers: Option<Vec<ChildInput<SupplierNumberAtCustomer>>>,
    /// Credit limit and balance.
    credit: MaybeUndefined<CustomerCreditInput>,
    #[graphql(flatten)]
    attributes: NewAttributes<CustomerAttributes>,
}

/// Input for `customerUpdate`. Omitted fields keep their values, and `null` clears a field. Text is
/// trimmed, and empty text becomes `null`. Maximum length: 255 characters unless stated otherwise.
#[derive(InputObject)]
pub struct CustomerUpdateInput {
    /// ID of the customer's contact to make the primary one; `null` for none.
    primary_contact_id: MaybeUndefined<ID>,
    /// ID of the customer's address to make the primary one; `null` for none.
    primary_address_id: MaybeUndefined<ID>,
    /// Credit limit and balance.
    credit: MaybeUndefined<CustomerCreditInput>,
    #[graphql(flatten)]
    attributes: ChangedAttributes<CustomerAttributes>,
}

/// Credit limit and balance of a customer, in its `defaultCurrency`. Omitted fields keep their
/// values, and `null` clears a field.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerCreditInput {
    /// Maximum amount that the customer may owe; not negative. `null` or 0 means no limit.
    limit: MaybeUndefined<Decimal>,
    /// Amount that the customer owes. Negative if the customer is in credit.
    balance: MaybeUndefined<Decimal>,
}

impl CustomerCreateInput {
    pub fn into_new(self) -> NewCustomer {
        let patch = with_credit(self.attributes.patch, self.credit);
        let stays_out = patch.opts_out();
        let groups = self.customer_group_ids.unwrap_or_default();
        let contacts = self.contacts.into_iter().flatten().map(CustomerContactInput::into_new);
        let (contacts, extensions_of_contacts) = contacts.map(NewContact::into_parts).unzip();
        NewCustomer {
            attributes: patch.into_new(),
            group_ids: references(&groups, NodeType::CustomerGroup),
            lists: CustomerLists {
                addresses: new_children(self.addresses),
                contacts,
                consents: new_children(self.consents),
                extensions: new_children(self.extensions),
                supplier_numbers: new_children(self.supplier_numbers),
            },
            extensions_of_contacts,
            stays_out,
        }
    }
}

/// The attributes of the children in a list of the input.
pub fn new_children<N: ChildNode>(list: Option<Vec<ChildInput<N>>>) -> Vec<N::Attributes> {
    list.into_iter().flatten().map(|it| it.attributes.patch.into_new()).collect()
}

impl CustomerUpdateInput {
    /// The contact and the address that become primary.
    pub fn primary(&self) -> PrimaryChange {
        let (contact, address) = (self.primary_contact_id.clone(), self.primary_address_id.clone());
        PrimaryChange {
            contact: change(reference(contact, NodeType::CustomerContact)),
            address: change(reference(address, NodeType::CustomerAddress)),
        }
    }

    pub fn into_patch(self) -> Patch<CustomerAttributes> {
        with_credit(self.attributes.patch, self.credit)
    }
}

/// The patch with the fields of `credit`.
fn with_credit(
    mut patch: Patch<CustomerAttributes>,
    credit: MaybeUndefined<CustomerCreditInput>,
) -> Patch<CustomerAttributes> {
    let (limit, balance) = match credit {
        MaybeUndefined::Value(CustomerCreditInput { limit, balance }) => (limit, balance),
        MaybeUndefined::Null => (MaybeUndefined::Null, MaybeUndefined::Null),
        MaybeUndefined::Undefined => return patch,
    };
    if !limit.is_undefined() {
        patch.set_credit_limit(limit.take());
    }
    if !balance.is_undefined() {
        patch.set_credit_balance(balance.take());
    }
    patch
}

fn change<T>(value: MaybeUndefined<T>) -> Change<T> {
    match value {
        MaybeUndefined::Undefined => Change::Keep,
        MaybeUndefined::Null => Change::Clear,
        MaybeUndefined::Value(value) => Change::Set(value),
    }
}
