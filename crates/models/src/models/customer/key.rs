//! The keys that identify customers of other systems.

use super::{CUSTOMER_POS_ID, Customer, CustomerAttributes, EXTERNAL_ID, ID, LOYALTY_ID, TABLE};
use crate::{
    auth::Tenant,
    db::{
        self, Conn,
        pick::ColumnSet,
        schema::customers,
        sql::{Column, Condition},
        types::Uid,
    },
    models::{
        lock::{Lock, select_locked},
        search::{self, KeyKind},
        search_key::fold,
    },
};

/// A text that can identify customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerKey {
    ExternalId,
    EmailId,
    MobileNo,
    TaxId,
    LoyaltyId,
    CustomerPosId,
    CustomerName,
}

impl CustomerKey {
    pub const ALL: [Self; 7] = [
        Self::ExternalId,
        Self::EmailId,
        Self::MobileNo,
        Self::TaxId,
        Self::LoyaltyId,
        Self::CustomerPosId,
        Self::CustomerName,
    ];

    /// The name of the field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExternalId => "externalId",
            Self::EmailId => "emailId",
            Self::MobileNo => "mobileNo",
            Self::TaxId => "taxId",
            Self::LoyaltyId => "loyaltyId",
            Self::CustomerPosId => "customerPosId",
            Self::CustomerName => "customerName",
        }
    }

    /// The text in the form in which it is compared. Texts that people write are compared without separators, in E.164,
    /// or ignoring case and accents.
    pub fn key(self, text: &str, tenant: &Tenant) -> String {
        match self.condition() {
            By::Text(_) => text.to_owned(),
            By::Folded(_) => fold(text),
            By::Spelling(_, kind) => {
                kind.own_keys(text, tenant).pop_first().unwrap_or_else(|| text.to_owned())
            }
        }
    }

    /// The customer's text in the form in which it is compared.
    pub fn key_of(self, customer: &CustomerAttributes, tenant: &Tenant) -> Option<String> {
        let text = match self {
            Self::ExternalId => customer.external_id.as_deref(),
            Self::EmailId => customer.email_id.as_deref(),
            Self::MobileNo => customer.mobile_no.as_deref(),
            Self::TaxId => customer.tax_id.as_deref(),
            Self::LoyaltyId => customer.loyalty_id.as_deref(),
            Self::CustomerPosId => customer.customer_pos_id.as_deref(),
            Self::CustomerName => Some(customer.customer_name.as_str()),
        };
        text.map(|text| self.key(text, tenant))
    }

    const fn condition(self) -> By {
        match self {
            Self::ExternalId => By::Text(EXTERNAL_ID),
            Self::EmailId => By::Folded(Column::of::<customers::email_id_key>(TABLE)),
            Self::MobileNo => {
                By::Spelling(Column { table: TABLE, name: "mobile_no" }, KeyKind::Phone)
            }
            Self::TaxId => By::Folded(Column::of::<customers::tax_id_key>(TABLE)),
            Self::CustomerName => By::Folded(Column::of::<customers::customer_name_key>(TABLE)),
            Self::LoyaltyId => By::Spelling(LOYALTY_ID, KeyKind::Card),
            Self::CustomerPosId => By::Text(CUSTOMER_POS_ID),
        }
    }
}

/// The comparison of a text.
enum By {
    /// Exactly.
    Text(Column),
    /// By the folded text, which is in that column.
    Folded(Column),
    /// By the search keys of the text in that column.
    Spelling(Column, KeyKind),
}

impl Customer {
    /// The customers with one of these texts, locked until this transaction ends.
    pub async fn find_keys_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        key: CustomerKey,
        texts: Vec<String>,
    ) -> Result<Vec<Self>, db::Error> {
        let condition = match key.condition() {
            By::Text(column) => Condition::text_in(column, texts),
            By::Folded(column) => Condition::text_in(column, texts.iter().map(|text| fold(text))),
            By::Spelling(column, kind) => search::has_spelling(column, kind, &texts, tenant),
        };
        select_locked(tx, tenant, condition, ColumnSet::ALL, Lock::NoKeyUpdate).await
    }

    /// Like [`Customer::find_keys_for_update`], by id.
    pub async fn find_ids_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        ids: &[Uid],
    ) -> Result<Vec<Self>, db::Error> {
        select_locked(tx, tenant, Condition::uid_in(ID, ids), ColumnSet::ALL, Lock::NoKeyUpdate)
            .await
    }
}
