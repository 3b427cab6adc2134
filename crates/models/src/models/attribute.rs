//! Attributes: the fields of an object that clients write. `attributes!` declares those of a type, each by its kind.
//!
//! The kind of an attribute determines the type of its values, its check, and the rules in the descriptions of
//! inputs. Everything that is the same for all attributes iterates over
//! [`Attributes::ATTRIBUTES`]: checks, patches, the fields of outputs and those of inputs.

mod kind;
mod lists;
mod patch;
mod record;

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use super::{Error, Violations, search_key::fold};
use crate::{
    db::{
        pick::BothColumns,
        sql::{Column, SearchIndex, Sql},
        types::{Date, Decimal, Timestamp, Uid},
    },
    id::NodeType,
};

pub use self::{
    kind::{
        CardNumber, Choice, Count, Country, Currency, Day, Defaulted, Derived, Email, Filterable,
        Flag, Folded, Keyed, Kind, Line, LongText, NotNegative, Number, Optional, Phone, Reference,
        Referenced, Required, Searchable, Sortable, Time, Url,
    },
    lists::ListUses,
    patch::Patch,
    record::{InvalidRecord, from_record, to_record},
};

/// An attribute of the type `A`.
pub struct Attribute<A> {
    pub table: &'static str,
    /// The name of its column, which in camel case is its name in the API.
    pub column: &'static str,
    /// The path in the API, if it is within an object, like `credit.limit`.
    pub path: Option<&'static str>,
    /// The lines of its description.
    pub description: &'static [&'static str],
    /// The descriptions of its field in filters, and of its value in orders, if they differ from the description's
    /// first sentence.
    pub in_filter: Option<&'static str>,
    pub in_order: Option<&'static str>,
    pub kind: KindOf,
    /// The column of its folded copy, if it has one.
    pub key_column: &'static str,
    pub get: fn(&A) -> AttributeValue,
    /// Sets the value; `Null` sets the default.
    pub set: fn(&mut A, AttributeValue),
    /// Normalizes the value of the field of that name, and collects its violations.
    pub check: fn(&mut A, &str, &mut Violations),
}

/// The properties of an attribute that its [`Kind`] determines.
#[derive(Clone, Copy)]
pub struct KindOf {
    /// The type of its values; `None` if clients neither read nor write it.
    pub value_type: Option<AttributeType>,
    /// Whether the value can be null.
    pub is_nullable: bool,
    /// Whether a new object must be given a value.
    pub is_required: bool,
    pub uses: ListUses,
    /// The sentences that an input's description adds, like "Up to 2,048 characters."
    pub rule: &'static str,
    /// The default of a new object as descriptions write it, if it is not `null`.
    pub default: fn() -> Option<String>,
}

impl KindOf {
    pub const fn new<K: Kind>() -> Self {
        Self {
            value_type: K::TYPE,
            is_nullable: K::IS_NULLABLE,
            is_required: K::IS_REQUIRED,
            uses: K::USES,
            rule: K::RULE,
            default: K::default,
        }
    }
}

/// The type of the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    Text,
    Flag,
    Integer,
    Decimal,
    Date,
    Timestamp,
    /// One of the values of the enum of that name, by their stored names.
    Choice(&'static str, &'static [&'static str]),
    /// The id of an object of that type.
    Reference(NodeType),
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    Null,
    Text(String),
    Flag(bool),
    Integer(i32),
    Decimal(Decimal),
    Date(Date),
    Timestamp(Timestamp),
    /// The stored name of the value of an enum.
    Choice(&'static str),
    Reference(Uid),
}

impl From<Option<Decimal>> for AttributeValue {
    fn from(number: Option<Decimal>) -> Self {
        number.map_or(Self::Null, Self::Decimal)
    }
}

impl<A> Attribute<A> {
    /// Its column in SQL.
    pub const fn sql(&self) -> Column {
        Column { table: self.table, name: self.column }
    }

    /// Its name in the API; one within an object is written like `credit.limit`.
    pub fn name(&self) -> String {
        self.path.map_or_else(|| camel_case(self.column), str::to_owned)
    }

    /// Whether that is its name in the API.
    pub fn is_named(&self, name: &str) -> bool {
        self.path.map_or_else(|| is_camel_case(name, self.column), |path| path == name)
    }

    /// The folded text of a searchable attribute; empty if there is no text.
    pub fn folded(&self, row: &A) -> String {
        match (self.get)(row) {
            AttributeValue::Text(text) => fold(&text),
            _ => String::new(),
        }
    }

    /// Whether clients read and write it as a field of the object, and not of a nested object.
    pub fn is_field(&self) -> bool {
        self.path.is_none() && self.kind.value_type.is_some()
    }
}

/// The writable attributes of a type of rows. The macro `attributes!` implements it.
pub trait Attributes:
    BothColumns + Clone + Debug + Default + DeserializeOwned + PartialEq + Send + Serialize + Sync
{
    const TABLE: &'static str;
    const NAME: &'static str;
    /// In the order of the declaration.
    const ATTRIBUTES: &'static [Attribute<Self>];
    /// The index of the searchable attributes, if there are any.
    const SEARCH: SearchIndex;

    /// The id chosen by the client, which is the attribute `external_id`; `None` for a type without one.
    fn external_id(&self) -> Option<&str> {
        None
    }

    fn set_external_id(&mut self, _external_id: Option<String>) {}

    /// The attributes for whose texts lists can be searched.
    fn searchable() -> impl Iterator<Item = &'static Attribute<Self>> {
        Self::ATTRIBUTES.iter().filter(|it| it.kind.uses.is_searchable)
    }

    /// The columns with the folded copies of the searchable attributes.
    fn search_columns() -> Vec<Column> {
        Self::searchable().map(Attribute::key_sql).collect()
    }

    /// The folded texts of the searchable attributes, with their columns.
    fn keys(&self) -> Vec<(&'static str, String)> {
        Self::searchable().map(|it| (it.key_column, it.folded(self))).collect()
    }

    /// The assignments of changed folded texts in an `UPDATE`, each followed by a comma.
    fn changed_keys(&self, before: &Self) -> Sql {
        let pairs = self.keys().into_iter().zip(before.keys());
        let changed = pairs.filter(|((_, key), (_, key_before))| key != key_before);
        changed.fold(Sql::default(), |set, ((column, key), _)| {
            set.name(column).sql(" = ").text(key).sql(", ")
        })
    }

    /// The place of the attribute that is a field of that name in the API.
    fn place_of_field(name: &str) -> Option<usize> {
        let mut attributes = Self::ATTRIBUTES.iter();
        attributes
            .position(|attribute| attribute.is_field() && is_camel_case(name, attribute.column))
    }

    /// Applies a client's changes, and the changes of other attributes that follow from them.
    fn patch(&mut self, patch: &Patch<Self>) {
        patch.apply(self);
    }

    /// Normalizes all attributes, and collects the violations of their kinds.
    fn check_kinds(&mut self) -> Violations {
        let mut violations = Violations::default();
        for attribute in Self::ATTRIBUTES {
            (attribute.check)(self, &attribute.name(), &mut violations);
        }
        violations
    }

    /// The error without the violations of unchanged attributes, whose values may be older than a rule.
    fn errors_of_change(&self, before: &Self, error: Error) -> Result<(), Error> {
        let Error::Invalid(violations) = error else { return Err(error) };
        let is_changed = |field: &str| {
            let attribute = Self::ATTRIBUTES.iter().find(|it| it.is_named(field));
            attribute.is_none_or(|it| (it.get)(self) != (it.get)(before))
        };
        let mut changed = Violations::default();
        changed.extend(violations.into_iter().filter(|it| is_changed(&it.field.join("."))));
        changed.finish()
    }
}

/// A row with attributes.
pub trait HasAttributes {
    type Attributes: Attributes;

    fn attributes(&self) -> &Self::Attributes;
}

/// The API name of a column.
pub fn camel_case(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    let mut begins_word = false;
    for char in column.chars() {
        match char {
            '_' => begins_word = true,
            _ if begins_word => {
                name.push(char.to_ascii_uppercase());
                begins_word = false;
            }
            _ => name.push(char),
        }
    }
    name
}

/// Whether `name` is the API name of the column.
pub fn is_camel_case(name: &str, column: &str) -> bool {
    let mut name = name.bytes();
    let mut begins_word = false;
    for byte in column.bytes() {
        if byte == b'_' {
            begins_word = true;
            continue;
        }
        let expected = if begins_word { byte.to_ascii_uppercase() } else { byte };
        begins_word = false;
        if name.next() != Some(expected) {
            return false;
        }
    }
    name.next().is_none()
}

/// Declares the writable attributes of a type: the table, and the struct, in which each attribute has a description,
/// the name of its column, and a kind instead of a type. One that is a field of an object within the object is declared
/// like `credit_limit as "credit.limit"`. If the first sentence of the description does not suit filters or orders,
/// `#[filter = "…"]` describes the field of the filter, and `#[order = "…"]` the value of the order.
macro_rules! attributes {
    (
        $table:ident;
        $(#[doc = $type_doc:literal])+
        pub struct $Name:ident {
            $(
                $(#[doc = $doc:literal])+
                $(#[filter = $in_filter:literal])?
                $(#[order = $in_order:literal])?
                $(#[serde($($serde:tt)+)])?
                $field:ident $(as $path:literal)?: $Kind:ty,
            )+
        }
        $(fn patch(&mut $this:ident, $patch:ident) $body:block)?
    ) => {
        $crate::db::pick::columns_of! {
            $(#[doc = $type_doc])+
            #[derive(
                Clone,
                Debug,
                Default,
                PartialEq,
                Eq,
                serde::Serialize,
                serde::Deserialize,
            )]
            #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
            pub struct $Name {
                $(
                    $(#[doc = $doc])+
                    $(#[serde($($serde)+)])?
                    $(#[serde(rename = $path)])?
                    pub $field: <$Kind as $crate::models::attribute::Kind>::Value,
                )+
            }
        }

        impl $crate::models::attribute::Attributes for $Name {
            const TABLE: &'static str = stringify!($table);
            const NAME: &'static str = stringify!($Name);
            const SEARCH: $crate::db::sql::SearchIndex = $crate::db::sql::SearchIndex {
                id: $crate::db::sql::Column { table: stringify!($table), name: "id" },
                index: concat!(stringify!($table), "_search"),
                docs: concat!(stringify!($table), "_search_docs"),
            };
            const ATTRIBUTES: &'static [$crate::models::attribute::Attribute<Self>] = &[$(
                $crate::models::attribute::Attribute {
                    table: stringify!($table),
                    column: stringify!($field),
                    path: $crate::models::attribute::attributes!(@option $($path)?),
                    description: &[$($doc),+],
                    in_filter: $crate::models::attribute::attributes!(@option $($in_filter)?),
                    in_order: $crate::models::attribute::attributes!(@option $($in_order)?),
                    kind: $crate::models::attribute::KindOf::new::<$Kind>(),
                    key_column: concat!(stringify!($field), "_key"),
                    get: |it| <$Kind as $crate::models::attribute::Kind>::get(&it.$field),
                    set: |it, value| {
                        <$Kind as $crate::models::attribute::Kind>::set(&mut it.$field, value);
                    },
                    check: |it, field, violations| {
                        <$Kind as $crate::models::attribute::Kind>::check(
                            violations, field, &mut it.$field,
                        );
                    },
                },
            )+];

            $($crate::models::attribute::attributes! { @external_id $field })+

            $(
                fn patch(&mut $this, $patch: &$crate::models::attribute::Patch<Self>) $body
            )?
        }
    };
    (@external_id external_id) => {
        fn external_id(&self) -> Option<&str> {
            self.external_id.as_deref()
        }

        fn set_external_id(&mut self, external_id: Option<String>) {
            self.external_id = external_id;
        }
    };
    (@external_id $other:ident) => {};
    (@option) => { None };
    (@option $text:literal) => { Some($text) };
}
pub(crate) use attributes;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_in_camel_case() {
        for (name, column) in [
            ("id", "id"),
            ("customerName", "customer_name"),
            ("organizationUid", "organization_uid"),
        ] {
            assert_eq!(camel_case(column), name);
            assert!(is_camel_case(name, column), "{name} {column}");
        }
        for (name, column) in [
            ("customerName", "customer_name_key"),
            ("customer_name", "customer_name"),
            ("customer", "customer_name"),
        ] {
            assert!(!is_camel_case(name, column), "{name} {column}");
        }
    }
}
