//! Custom attributes, which a tenant defines for a type of objects, and their values.
//!
//! A [`Definition`] determines which values an attribute can have. Each noun has a table with a row per value, with its
//! canonical text ([`Value::stored`]) and a text that sorts like the values ([`Value::sort_key`]). So filters and
//! orders have the same form for all types, on both databases.

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
pub use super::noun::Noun;
