//! The nouns: the types of objects that belong to no other object, and can have custom attributes.

use crate::{
    db::{sql::Column, types::stored_as_text},
    id::NodeType,
};

stored_as_text! {
    /// A type of objects for which custom attributes can be defined.
    #[derive(Default)]
    pub enum Noun {
        #[default]
        Customer = "CUSTOMER",
        CustomerGroup = "CUSTOMER_GROUP",
        LoyaltyProgram = "LOYALTY_PROGRAM",
        PosProfile = "POS_PROFILE",
    }
}

impl Noun {
    /// All nouns, in the order of exports.
    pub const ALL: [Self; 4] =
        [Self::Customer, Self::CustomerGroup, Self::LoyaltyProgram, Self::PosProfile];

    /// The table with the values.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Customer => "customer_attribute_values",
            Self::CustomerGroup => "customer_group_attribute_values",
            Self::LoyaltyProgram => "loyalty_program_attribute_values",
            Self::PosProfile => "pos_profile_attribute_values",
        }
    }

    /// A column of the table with the values.
    pub(super) const fn column(self, name: &'static str) -> Column {
        Column { table: self.table(), name }
    }

    /// The type of its objects' ids.
    pub const fn node_type(self) -> NodeType {
        match self {
            Self::Customer => NodeType::Customer,
            Self::CustomerGroup => NodeType::CustomerGroup,
            Self::LoyaltyProgram => NodeType::LoyaltyProgram,
            Self::PosProfile => NodeType::PosProfile,
        }
    }

    /// The noun of the objects with ids of that type; `None` if they have no custom attributes.
    pub const fn of(node_type: NodeType) -> Option<Self> {
        match node_type {
            NodeType::Customer => Some(Self::Customer),
            NodeType::CustomerGroup => Some(Self::CustomerGroup),
            NodeType::LoyaltyProgram => Some(Self::LoyaltyProgram),
            NodeType::PosProfile => Some(Self::PosProfile),
            _ => None,
        }
    }

    /// One of its objects, in messages.
    pub(super) const fn name_of_one(self) -> &'static str {
        self.node_type().noun()
    }
}
