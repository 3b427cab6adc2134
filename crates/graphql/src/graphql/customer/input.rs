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
        child::{ChildInput, new_children},
        custom_attribute::{CustomAttributeInput, assignments},
        input::{reference, references},
        supplier_number_at_customer::SupplierNumberAtCustomer,
    },
    id::NodeType,
    models::{
        attribute::Patch,
        custom_attribute::WithAttributes,
        customer::{
            Change, CustomerAttributes, CustomerChange, CustomerLists, NewContact, NewCustomer,
            PrimaryChange,
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
    /// Custom attributes; at most 100.
    attributes: Option<Vec<CustomAttributeInput>>,
    /// Credit limit and balance.
    credit: MaybeUndefined<CustomerCreditInput>,
    #[graphql(flatten)]
    fields: NewAttributes<CustomerAttributes>,
}

/// Input for `customerUpdate`. Omitted fields keep their values, and `null` clears a field. Text is
/// trimmed, and empty text becomes `null`. Maximum length: 255 characters unless stated otherwise.
#[derive(InputObject)]
pub struct CustomerUpdateInput {
    /// ID of the customer's contact to make the primary one; `null` for none.
    primary_contact_id: MaybeUndefined<ID>,
    /// ID of the customer's address to make the primary one; `null` for none.
    primary_address_id: MaybeUndefined<ID>,
    /// Custom attributes to change; at most 100. The others keep their values.
    attributes: Option<Vec<CustomAttributeInput>>,
    /// Credit limit and balance.
    credit: MaybeUndefined<CustomerCreditInput>,
    #[graphql(flatten)]
    fields: ChangedAttributes<CustomerAttributes>,
}

/// Credit limit and balance of a customer, in its `defaultCurrency`. Omitted fields keep their
/// values, and `null` clears a field.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerCreditInput {
    /// Maximum amount that the customer may owe; not negative. 0 means no limit; `null` leaves the
    /// limit to the customer's groups and to the tenant.
    limit: MaybeUndefined<Decimal>,
    /// Amount that the customer owes. Negative if the customer is in credit.
    balance: MaybeUndefined<Decimal>,
}

impl From<CustomerCreateInput> for WithAttributes<NewCustomer> {
    fn from(input: CustomerCreateInput) -> Self {
        let patch = with_credit(input.fields.patch, input.credit);
        let stays_out = patch.opts_out();
        let groups = input.customer_group_ids.unwrap_or_default();
        let contacts = input.contacts.into_iter().flatten().map(CustomerContactInput::into_new);
        let (contacts, extensions_of_contacts) = contacts.map(NewContact::into_parts).unzip();
        let customer = NewCustomer {
            attributes: patch.into_new(),
            group_ids: references(&groups, NodeType::CustomerGroup),
            lists: CustomerLists {
                addresses: new_children(input.addresses),
                contacts,
                consents: new_children(input.consents),
                extensions: new_children(input.extensions),
                supplier_numbers: new_children(input.supplier_numbers),
            },
            extensions_of_contacts,
            stays_out,
        };
        Self { object: customer, attributes: assignments(input.attributes) }
    }
}

impl From<CustomerUpdateInput> for WithAttributes<CustomerChange> {
    fn from(input: CustomerUpdateInput) -> Self {
        let (contact, address) = (input.primary_contact_id, input.primary_address_id);
        let primary = PrimaryChange {
            contact: change(reference(contact, NodeType::CustomerContact)),
            address: change(reference(address, NodeType::CustomerAddress)),
        };
        let patch = with_credit(input.fields.patch, input.credit);
        let customer = CustomerChange { patch, primary };
        Self { object: customer, attributes: assignments(input.attributes) }
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
