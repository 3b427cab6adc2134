//! The rules for the children of two customers that are merged, by their kinds.

use crate::{
    db::types::{Timestamp, Uid},
    models::{
        attribute::to_record,
        child::{Child, ChildAttributes},
        customer::{
            address::CustomerAddressAttributes, consent::CustomerConsentAttributes,
            contact::CustomerContactAttributes, extension::CustomerExtensionAttributes,
        },
        search_key::fold,
        supplier_number_at_customer::SupplierNumberAtCustomerAttributes,
    },
};

/// A kind of children whose lists can be united.
pub trait Unite: ChildAttributes {
    const KIND: UnitedKind;
    /// Whether a customer can have only one child with a key.
    const IS_EXCLUSIVE: bool;

    /// Two children with the same key are about the same thing, and one of them is dropped.
    fn merge_key(&self) -> String;

    /// A text for people that distinguishes it from its siblings.
    fn title(&self) -> String;

    /// Replaces a reference to a dropped contact. `replaced` returns the contact that replaces it.
    fn refer_to(&mut self, _replaced: impl Fn(Uid) -> Option<Uid>) {}

    /// Sets values that default to the time of the last change, because the merge is about to change that.
    fn settle(&mut self, _updated_at: Timestamp) {}

    /// The precedence of two children with the same key.
    fn precedence(own: &Child<Self>, other: &Child<Self>) -> Precedence {
        if own.attributes.content() == other.attributes.content() {
            Precedence::Equal
        } else {
            Precedence::Survivor
        }
    }

    /// The attributes that do not identify the row, as a folded text to compare.
    fn content(&self) -> String {
        let mut content = self.clone();
        content.set_external_id(None);
        content.set_primary(false);
        let record = serde_json::Value::Object(to_record(&content));
        fold(&record.to_string())
    }
}

/// The kinds of children, for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitedKind {
    Address,
    Contact,
    Consent,
    Extension,
    SupplierNumber,
}

/// The customer whose child takes precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precedence {
    Equal,
    Survivor,
    Absorbed,
}

/// Implements the rules of a kind of which a customer can have a primary child, and any number of others.
macro_rules! with_primary {
    ($($Attributes:ty: $kind:ident),+) => {$(
        impl Unite for $Attributes {
            const KIND: UnitedKind = UnitedKind::$kind;
            const IS_EXCLUSIVE: bool = false;

            fn merge_key(&self) -> String {
                self.content()
            }

            fn title(&self) -> String {
                self.display_name()
            }
        }
    )+};
}

with_primary!(CustomerAddressAttributes: Address, CustomerContactAttributes: Contact);

impl Unite for CustomerConsentAttributes {
    const KIND: UnitedKind = UnitedKind::Consent;
    const IS_EXCLUSIVE: bool = true;

    fn merge_key(&self) -> String {
        self.name.clone()
    }

    fn title(&self) -> String {
        self.name.clone()
    }

    fn settle(&mut self, updated_at: Timestamp) {
        self.recorded_at.get_or_insert(updated_at);
    }

    /// The more recent decision prevails. Of two equally recent ones, a refusal prevails, because only that is safe.
    fn precedence(own: &Child<Self>, other: &Child<Self>) -> Precedence {
        let decided =
            |it: &Child<Self>| -> Timestamp { it.attributes.recorded_at.unwrap_or(it.updated_at) };
        let later = decided(other).cmp(&decided(own));
        let refuses = own.attributes.status && !other.attributes.status;
        if later.is_gt() || later.is_eq() && refuses {
            Precedence::Absorbed
        } else if own.attributes.status == other.attributes.status {
            Precedence::Equal
        } else {
            Precedence::Survivor
        }
    }
}

impl Unite for CustomerExtensionAttributes {
    const KIND: UnitedKind = UnitedKind::Extension;
    const IS_EXCLUSIVE: bool = true;

    fn merge_key(&self) -> String {
        let contact = self.contact_id.map(|it| it.to_string()).unwrap_or_default();
        format!("{contact}\n{}", self.extension_code)
    }

    fn title(&self) -> String {
        self.extension_code.clone()
    }

    fn refer_to(&mut self, replaced: impl Fn(Uid) -> Option<Uid>) {
        self.contact_id = self.contact_id.map(|contact| replaced(contact).unwrap_or(contact));
    }
}

impl Unite for SupplierNumberAtCustomerAttributes {
    const KIND: UnitedKind = UnitedKind::SupplierNumber;
    const IS_EXCLUSIVE: bool = true;

    fn merge_key(&self) -> String {
        self.company.clone().unwrap_or_default()
    }

    fn title(&self) -> String {
        self.supplier_number.clone()
    }
}
