//! The ids that clients see: `customer_0193…`, a prefix for the type and the row's [`Uid`].
//!
//! The prefixes are those of the REST documents that Clientele implements. Ids are opaque to
//! clients; they are parsed only here.

use std::fmt;

use crate::db::types::Uid;

/// Declares the types with ids: the prefix of each one's ids, and its noun in messages.
macro_rules! node_types {
    ($($Type:ident: $prefix:literal, $noun:literal;)+) => {
        /// The types with ids.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum NodeType {
            $($Type,)+
        }

        impl NodeType {
            const ALL: &'static [Self] = &[$(Self::$Type),+];

            const fn prefix(self) -> &'static str {
                match self {
                    $(Self::$Type => $prefix,)+
                }
            }

            /// Its name in messages.
            pub const fn noun(self) -> &'static str {
                match self {
                    $(Self::$Type => $noun,)+
                }
            }
        }
    };
}

node_types! {
    ApiKey: "key", "key";
    AttributeDefinition: "attribute-definition", "attribute definition";
    Customer: "customer", "customer";
    CustomerAddress: "customer-address", "customer address";
    CustomerConsent: "customer-consent", "customer consent";
    CustomerContact: "customer-contact", "customer contact";
    CustomerExtension: "customer-extension", "customer extension";
    CustomerGroup: "customer-group", "customer group";
    LoyaltyProgram: "loyalty-program", "loyalty program";
    LoyaltyProgramCollection: "loyalty-program-collection", "loyalty program tier";
    PosCustomerGroup: "p-o-s-customer-group", "POS customer group";
    PosProfile: "p-o-s-profile", "POS profile";
    SupplierNumberAtCustomer: "supplier-number-at-customer", "supplier number";
}

impl NodeType {
    /// The id, as clients see it, of the row of this type with that `uid`.
    pub fn id(self, uid: Uid) -> Id {
        Id { node_type: self, uid }
    }

    /// Parses an id of this type. `None` for anything else: where a customer is expected, the id of
    /// a group is invalid.
    pub fn parse(self, text: &str) -> Option<Uid> {
        let id = Id::parse(text)?;
        (id.node_type == self).then_some(id.uid)
    }

    /// Whether the text has the form of an id of this type, valid or not.
    pub fn is_meant_by(self, text: &str) -> bool {
        let (prefix, _) = text.split_once('_').unwrap_or_default();
        prefix.eq_ignore_ascii_case(self.prefix())
    }

    /// The row of this type that a client refers to. A text that is not an id of this type becomes
    /// the id of nothing, and the lookup reports that it does not exist.
    pub fn uid(self, text: &str) -> Uid {
        self.parse(text).unwrap_or(Uid::NOTHING)
    }
}

/// An id and its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id {
    pub node_type: NodeType,
    pub uid: Uid,
}

impl Id {
    /// Parses an id of any type.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, uid) = text.rsplit_once('_')?;
        let node_type = NodeType::ALL.iter().copied().find(|it| it.prefix() == prefix)?;
        Some(Self { node_type, uid: uid.parse().ok()? })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.node_type.prefix(), self.uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn an_id_is_read_as_its_own_type_only() {
        let (uid, _) = Clock::system().new_id();
        let text = NodeType::CustomerGroup.id(uid).to_string();
        assert!(text.starts_with("customer-group_"));
        assert_eq!(NodeType::CustomerGroup.parse(&text), Some(uid));
        assert_eq!(NodeType::Customer.parse(&text), None);
        assert!(NodeType::CustomerGroup.is_meant_by("CUSTOMER-group_?"));
        assert!(!NodeType::CustomerGroup.is_meant_by("customer-group"));
        for text in ["", "_", "customer", "customer_", "nothing_0", "customer_\0", "customer_é"] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
