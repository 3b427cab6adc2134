//! A customer's consents.

use super::CustomerAttributes;
use crate::{
    auth::Tenant,
    db::{
        schema::customer_consents,
        sql::{Column, Condition, Sql},
        types::Timestamp,
    },
    id::NodeType,
    models::{
        Code, Violation,
        attribute::{Filterable, Flag, Line, Optional, Required, Time, attributes},
        child::{Child, ChildAttributes, ChildChange, NewChild},
        filter::NoTest,
    },
};

const TABLE: &str = "customer_consents";
const NAME: Column = Column::of::<customer_consents::name>(TABLE);
const STATUS: Column = Column::of::<customer_consents::status>(TABLE);

pub type CustomerConsent = Child<CustomerConsentAttributes>;

attributes! {
    customer_consents;
    /// The writable attributes of a consent.
    pub struct CustomerConsentAttributes {
        /// ID chosen by the client. Unique among the consents of all customers.
        external_id: Filterable<Optional<Line>>,
        /// Purpose of the consent, like `newsletter`. Unique among the customer's consents.
        name: Filterable<Required<Line>>,
        /// Whether the consent was given (`true`) or refused (`false`).
        status: Filterable<Required<Flag>>,
        /// Where the customer made the decision, like a shop or a web form.
        source: Optional<Line>,
        /// When the customer made the decision, for consents recorded elsewhere. Default: the current time for
        /// a new consent or a changed `status`. `null` means the current time.
        recorded_at: Optional<Time>,
        /// Who recorded the decision, for consents recorded elsewhere. Default: the name of the API key for a
        /// new consent or a changed `status`. `null` means that name.
        recorded_by: Optional<Line>,
    }

    fn patch(&mut self, patch) {
        let status = self.status;
        patch.apply(self);
        // A changed decision is recorded again; missing values are filled in when it is written.
        if self.status != status {
            self.recorded_at.take_if(|_| !patch.sets::<customer_consents::recorded_at>());
            self.recorded_by.take_if(|_| !patch.sets::<customer_consents::recorded_by>());
        }
    }
}

impl ChildAttributes for CustomerConsentAttributes {
    type Parent = CustomerAttributes;
    type New = NewChild<Self>;
    type Change = ChildChange<Self>;
    const FIELD: &str = "consents";
    const NODE_TYPE: NodeType = NodeType::CustomerConsent;

    const SHOWS_PLACE: bool = false;

    type Test = NoTest;

    fn complete(&mut self, before: Option<&Child<Self>>, now: Timestamp, by: &str) {
        // Older versions imported consents without a time. For these, it is the time of the last
        // change.
        if let Some(before) = before
            && before.attributes.recorded_at.is_none()
            && before.attributes.status == self.status
        {
            self.recorded_at.get_or_insert(before.updated_at);
            return;
        }
        self.recorded_at.get_or_insert(now);
        self.recorded_by.get_or_insert_with(|| by.to_owned());
    }

    fn take_over(&mut self, before: &Self) {
        if self.status == before.status {
            self.recorded_at = self.recorded_at.or(before.recorded_at);
            self.recorded_by = self.recorded_by.take().or_else(|| before.recorded_by.clone());
        }
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
    let consents = Condition::all([
        Condition::text(Column::of::<customer_consents::tenant_id>(TABLE), tenant.id()),
        Condition::text_in(NAME, names.iter().cloned()),
        Condition::flag(STATUS, status),
    ]);
    Condition::of(Sql::template(
        "{customer} IN (SELECT customer_id FROM customer_consents WHERE {consents})",
        [("customer", customer.sql()), ("consents", consents.into_sql())],
    ))
}
