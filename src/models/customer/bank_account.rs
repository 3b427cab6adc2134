//! Bank accounts of customers, for direct debits: line items of the customer.

use super::CustomerAttributes;
use crate::{
    db::{schema::customer_bank_accounts, sql::Column},
    id::NodeType,
    models::{
        Code, Violation,
        attribute::{Filterable, Line, Optional, Required, attributes},
        child::{Child, ChildAttributes, NoTest},
    },
};

pub type CustomerBankAccount = Child<CustomerBankAccountAttributes>;

attributes! {
    customer_bank_accounts;
    /// The writable attributes of a bank account.
    pub struct CustomerBankAccountAttributes {
        /// ID chosen by the client. Unique among the bank accounts of all customers.
        external_id: Filterable<Optional<Line>>,
        /// International bank account number. A customer has each at most once.
        iban: Filterable<Required<Line>>,
        /// Code of the bank (BIC).
        bic: Optional<Line>,
        /// Name of the account's owner, if it is not the customer.
        owner_name: Optional<Line>,
    }
}

impl ChildAttributes for CustomerBankAccountAttributes {
    type Parent = CustomerAttributes;
    const PARENT_ID: Column =
        Column::of::<customer_bank_accounts::customer_id>("customer_bank_accounts");
    const FIELD: &str = "bankAccounts";
    const NODE_TYPE: NodeType = NodeType::CustomerBankAccount;

    type Test = NoTest;

    fn external_id(&self) -> Option<&str> {
        self.external_id.as_deref()
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = "the customer has a bank account with this number";
        (self.iban == other.iban).then(|| Violation::new("iban", Code::Taken, message))
    }
}
