//! Bank accounts of customers.

use async_graphql::ComplexObject;

use super::Customer;
use crate::{
    graphql::{
        child::{
            ChildCreateInput, ChildNode, ChildUpdateInput, MutationDescriptions, child_filter,
            child_order, customer_child,
        },
        node::ListedNode,
    },
    models::{
        self,
        child::{ChildTest, NoTest},
        customer::bank_account::CustomerBankAccountAttributes,
    },
};

customer_child! {
    /// A bank account of a customer.
    pub struct CustomerBankAccount(it: models::customer::bank_account::CustomerBankAccount) of Customer {
        /// Position among the customer's bank accounts, from 1, without gaps.
        idx: it.idx,
    }
}

#[ComplexObject]
impl CustomerBankAccount {}

child_filter! {
    /// Filter for bank accounts. All given conditions must match; at most 100 conditions, nested
    /// ones included.
    CustomerBankAccountFilter of CustomerBankAccountAttributes makes ChildTest<NoTest>,
    in customer_id: "The customer that it belongs to." (Customer) {}
}

child_order! { CustomerBankAccountOrder by CustomerBankAccountOrderField: "bank accounts" }

impl ListedNode for CustomerBankAccount {
    type Order = CustomerBankAccountOrder;
    type Filter = CustomerBankAccountFilter;
    const ONE: &'static str = "customerBankAccount";
    const MANY: &'static str = "customerBankAccounts";
    const NOUNS: (&'static str, &'static str) = ("bank account", "bank accounts");
}

impl ChildNode for CustomerBankAccount {
    type Attributes = CustomerBankAccountAttributes;
    type CreateInput = ChildCreateInput<Self>;
    type UpdateInput = ChildUpdateInput<Self>;
    type Parent = Customer;
    const MUTATIONS: MutationDescriptions = MutationDescriptions {
        create: "Adds a bank account to a customer, at the end unless `idx` is given.",
        update: "Updates a bank account. Omitted fields keep their values. A new `idx` moves the account.",
        delete: "Permanently deletes a bank account. Later accounts move up by one.",
        reorder: Some(("Changes the order of a customer's bank accounts.", "ID of the customer.")),
    };
}
