//! The keys that identify customers from elsewhere.

use super::{Customer, CustomerAttributes, EXTERNAL_ID, ID, TABLE};
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

    /// The text in the form that is compared, ignoring case and accents where people write it.
    pub fn key(self, text: &str) -> String {
        match self {
            Self::ExternalId | Self::LoyaltyId | Self::CustomerPosId => text.to_owned(),
            Self::EmailId | Self::MobileNo | Self::TaxId | Self::CustomerName => fold(text),
        }
    }

    /// The customer's text in the form that is compared.
    pub fn key_of(self, customer: &CustomerAttributes) -> Option<String> {
        let text = match self {
            Self::ExternalId => customer.external_id.as_deref(),
            Self::EmailId => customer.email_id.as_deref(),
            Self::MobileNo => customer.mobile_no.as_deref(),
            Self::TaxId => customer.tax_id.as_deref(),
            Self::LoyaltyId => customer.loyalty_id.as_deref(),
            Self::CustomerPosId => customer.customer_pos_id.as_deref(),
            Self::CustomerName => Some(customer.customer_name.as_str()),
        };
        text.map(|text| self.key(text))
    }

    const fn column(self) -> Column {
        match self {
            Self::ExternalId => EXTERNAL_ID,
            Self::EmailId => Column::of::<customers::email_id_key>(TABLE),
            Self::MobileNo => Column::of::<customers::mobile_no_key>(TABLE),
            Self::TaxId => Column::of::<customers::tax_id_key>(TABLE),
            Self::CustomerName => Column::of::<customers::customer_name_key>(TABLE),
            Self::LoyaltyId => Column::of::<customers::loyalty_id>(TABLE),
            Self::CustomerPosId => Column::of::<customers::customer_pos_id>(TABLE),
        }
    }
}

impl Customer {
    /// The customers with one of those keys, locked until this transaction ends.
    pub async fn find_keys_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        key: CustomerKey,
        texts: Vec<String>,
    ) -> Result<Vec<Self>, db::Error> {
        select_locked(
            tx,
            tenant,
            Condition::text_in(key.column(), texts),
            ColumnSet::ALL,
            Lock::NoKeyUpdate,
        )
        .await
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
