//! Custom attributes: those that a tenant declares for a type of objects, and their values.
//!
//! A [`Definition`] says which values an attribute has. The values are rows of a table for each noun, one per value, in
//! canonical text ([`Value::stored`]) and as a text that sorts like the values ([`Value::sort_key`]): so filters and orders
//! have one form for all types, on both databases.

mod assignment;
mod change;
mod definition;
mod json;
mod loaded;
mod order;
mod stored;
mod test;
mod texts;
mod value;
mod with_attributes;

use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};

use crate::{
    db::{sql::Column, types::stored_as_text},
    id::NodeType,
    models::{
        Row,
        entity::{Entity, EntityAttributes},
    },
};

pub use self::{
    assignment::{Assignment, Given, Prepared, insert_new},
    change::{DefinitionChange, create, delete, replace, restore, update},
    definition::{
        DEFINITIONS_MAX, Definition, NewDefinition, keep_of_noun, lock, lock_named, of_noun,
        with_keys,
    },
    loaded::{CustomAttribute, of_objects},
    order::{CustomSort, SortKeys},
    stored::{StoredTexts, StoredValue, delete as delete_values, stored_texts},
    test::{Comparison, CustomTest, NamedTest, Operator},
    texts::{Texts, restore as restore_values},
    value::{Money, Value, ValueType},
    with_attributes::WithAttributes,
};

/// A type of objects for which attributes can be declared.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsExpression,
    FromSqlRow,
    Serialize,
    Deserialize,
)]
#[diesel(sql_type = Text)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Noun {
    #[default]
    Customer,
    CustomerGroup,
    LoyaltyProgram,
    PosProfile,
}

stored_as_text!(Noun {
    Customer = "CUSTOMER",
    CustomerGroup = "CUSTOMER_GROUP",
    LoyaltyProgram = "LOYALTY_PROGRAM",
    PosProfile = "POS_PROFILE",
});

impl Noun {
    /// All of them, in the order of exports.
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
    const fn column(self, name: &'static str) -> Column {
        Column { table: self.table(), name }
    }

    /// One of its objects, in messages.
    const fn name_of_one(self) -> &'static str {
        match self {
            Self::Customer => NodeType::Customer.noun(),
            Self::CustomerGroup => NodeType::CustomerGroup.noun(),
            Self::LoyaltyProgram => NodeType::LoyaltyProgram.noun(),
            Self::PosProfile => NodeType::PosProfile.noun(),
        }
    }
}

/// A type of rows for which attributes can be declared.
pub trait HasNoun: Row {
    const NOUN: Noun;
}

impl<A: EntityAttributes> HasNoun for Entity<A> {
    const NOUN: Noun = A::NOUN;
}
