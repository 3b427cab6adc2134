//! A customer's consents.

use diesel::{ExpressionMethods, prelude::*};
use serde::{Deserialize, Serialize};

use super::Customer;
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, insert_all,
        pick::columns_of,
        schema::customer_consents,
        sql::{Column, Condition, Sql},
        types::{Timestamp, Uid},
    },
    models::{
        Code, Error, Violation, Violations,
        child::{Child, ChildAttributes, child_queries},
        filter::ExactTest,
    },
};

const TABLE: &str = "customer_consents";
const NAME: Column = Column::of::<customer_consents::name>(TABLE);
const STATUS: Column = Column::of::<customer_consents::status>(TABLE);

pub type CustomerConsent = Child<CustomerConsentAttributes>;

columns_of! {
    customer_consents;
    /// The writable attributes of a consent.
    #[derive(
        Clone,
        Debug,
        Default,
        PartialEq,
        Eq,
        Insertable,
        Queryable,
        Selectable,
        Serialize,
        Deserialize,
    )]
    #[diesel(table_name = customer_consents)]
    #[diesel(treat_none_as_default_value = false)]
    #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
    pub struct CustomerConsentAttributes {
        pub external_id: Option<String>,
        /// The purpose of the consent; unique among the customer's consents.
        pub name: String,
        /// Given (`true`) or refused.
        pub status: bool,
        /// Where the customer made the decision.
        pub source: Option<String>,
        /// When the decision was recorded, here or elsewhere.
        pub recorded_at: Option<Timestamp>,
        /// Who recorded it.
        pub recorded_by: Option<String>,
    }
}

/// The filter conditions on a consent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerConsentTest {
    Name(ExactTest),
    Status(bool),
}

impl ChildAttributes for CustomerConsentAttributes {
    child_queries!(customer_consents, customer_id, "customers", Customer);

    const SHOWS_PLACE: bool = false;

    type Test = CustomerConsentTest;

    fn test_condition(_tenant: &Tenant, test: &CustomerConsentTest) -> Condition {
        match test {
            CustomerConsentTest::Name(test) => test.condition(NAME),
            CustomerConsentTest::Status(value) => Condition::flag(STATUS, *value),
        }
    }

    fn check(&mut self) -> Result<(), Error> {
        let mut violations = Violations::default();
        violations.required_line("name", &mut self.name);
        violations.line("externalId", &mut self.external_id);
        violations.line("source", &mut self.source);
        violations.line("recordedBy", &mut self.recorded_by);
        violations.finish()
    }

    fn complete(&mut self, now: Timestamp, by: &str) {
        self.recorded_at.get_or_insert(now);
        self.recorded_by.get_or_insert_with(|| by.to_owned());
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = "the customer has a consent of this name";
        (self.name == other.name).then(|| Violation::new("name", Code::Taken, message))
    }
}

/// The condition that a customer (by its id's column) has a consent with one of these names and
/// that status.
pub(super) fn customer_has(
    tenant: &Tenant,
    customer: Column,
    names: &[String],
    status: bool,
) -> Condition {
    let sql = Sql::default()
        .column(customer)
        .sql(" IN (SELECT customer_id FROM customer_consents WHERE ")
        .append(
            Condition::all([
                Condition::text(Column::of::<customer_consents::tenant_id>(TABLE), tenant.id()),
                Condition::text_in(NAME, names.iter().cloned()),
                Condition::flag(STATUS, status),
            ])
            .into_sql(),
        )
        .sql(")");
    Condition::of(sql)
}
