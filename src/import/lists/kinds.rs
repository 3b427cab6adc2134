//! The kinds of items in customers' lists.

use serde_json::{Map, Value};

use super::Listed;
use crate::{
    id::NodeType,
    import::{Problem, fields::take_id},
    models::{
        customer::{
            MaybePrimary, address::CustomerAddressAttributes, consent::CustomerConsentAttributes,
            contact::CustomerContactAttributes, extension::CustomerExtensionAttributes,
        },
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

fn take_primary(fields: &mut Map<String, Value>) -> Result<bool, Problem> {
    match fields.remove("isPrimary") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(value),
        Some(_) => Err(Problem::of_column("isPrimary", "must be true or false")),
    }
}

impl Listed for CustomerAddressAttributes {
    fn take(&mut self, fields: &mut Map<String, Value>) -> Result<(), Problem> {
        self.is_primary = take_primary(fields)?;
        Ok(())
    }

    fn give(&self, fields: &mut Map<String, Value>) {
        fields.insert("isPrimary".to_owned(), self.is_primary.into());
    }

    fn is_marked(&self) -> bool {
        self.is_primary()
    }
}

impl Listed for CustomerContactAttributes {
    fn take(&mut self, fields: &mut Map<String, Value>) -> Result<(), Problem> {
        self.is_primary = take_primary(fields)?;
        Ok(())
    }

    fn give(&self, fields: &mut Map<String, Value>) {
        fields.insert("isPrimary".to_owned(), self.is_primary.into());
    }

    fn is_marked(&self) -> bool {
        self.is_primary()
    }
}

impl Listed for CustomerConsentAttributes {}

impl Listed for CustomerExtensionAttributes {
    fn take(&mut self, fields: &mut Map<String, Value>) -> Result<(), Problem> {
        self.contact_id = take_id(fields, "contactId", NodeType::CustomerContact)?;
        Ok(())
    }

    fn give(&self, fields: &mut Map<String, Value>) {
        let id = self.contact_id.map(|uid| NodeType::CustomerContact.id(uid).to_string());
        fields.insert("contactId".to_owned(), id.into());
    }
}

impl Listed for SupplierNumberAtCustomerAttributes {}
