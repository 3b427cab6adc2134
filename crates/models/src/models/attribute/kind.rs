//! The kinds of attributes.

mod scalar;

use std::marker::PhantomData;

use super::{AttributeType, AttributeValue, ListUses};
use crate::models::{Violations, search::KeyKind};

pub use self::scalar::{
    CardNumber, Choice, Count, Country, Currency, Day, Email, Flag, Line, LongText, NotNegative,
    Number, Phone, Reference, Referenced, Time, Url,
};

/// A kind of attribute: a `Scalar` that is [`Optional`], [`Required`] or [`Defaulted`].
pub trait Kind {
    /// The value in a row.
    type Value;
    /// The type of the values; `None` if clients neither read nor write them.
    const TYPE: Option<AttributeType>;
    /// Whether the value can be null.
    const IS_NULLABLE: bool;
    /// Whether a new object must be given a value.
    const IS_REQUIRED: bool;
    /// Its uses in lists.
    const USES: ListUses = ListUses::NONE;

    /// The kind of its search keys, if customers are found by its texts.
    const KEYS: Option<KeyKind> = None;

    /// The sentences that an input's description adds.
    const RULE: &'static str = "";

    /// The default of a new object as descriptions write it, if it is not `null`.
    fn default() -> Option<String> {
        None
    }
    fn get(value: &Self::Value) -> AttributeValue;
    /// Sets a value of the kind's type; `Null` sets the default.
    fn set(target: &mut Self::Value, value: AttributeValue);
    /// Normalizes the value of a field, and collects its violations.
    fn check(violations: &mut Violations, field: &str, value: &mut Self::Value);
}

/// A kind of value.
pub trait Scalar {
    type Inner: Clone;
    const TYPE: AttributeType;
    /// Sentences for the description of an input, if there is a rule that clients should know.
    const RULE: &'static str = "";
    /// The same for a value that must be given.
    const RULE_IF_REQUIRED: &'static str = Self::RULE;
    const KEYS: Option<KeyKind> = None;

    fn wrap(value: Self::Inner) -> AttributeValue;
    /// `None` for `Null` (or for a value of another type, which does not occur).
    fn unwrap(value: AttributeValue) -> Option<Self::Inner>;
    /// Normalizes a value, possibly to `None`, and collects its violations.
    fn check(_violations: &mut Violations, _field: &str, _value: &mut Option<Self::Inner>) {}
}

/// May be missing.
pub struct Optional<S>(PhantomData<S>);

/// Must be given for a new object, and cannot be cleared.
pub type Required<S> = Present<S, true>;

/// Has the default of its type if it is not given, or cleared.
pub type Defaulted<S> = Present<S, false>;

/// Always has a value.
pub struct Present<S, const IS_REQUIRED: bool>(PhantomData<S>);

/// Lists can be filtered by it. That takes an index, if there are many rows.
pub struct Filterable<K>(PhantomData<K>);

/// Lists can be filtered by equality with a text, ignoring case and accents. This uses its folded copy, a [`Derived`]
/// attribute in the column `…_key`.
pub struct Folded<K>(PhantomData<K>);

/// Lists can be filtered by equality with a text in any spelling, by the search keys of the row. No other text in the
/// type's `SEARCHED` may have keys of the same kind.
pub struct Keyed<K>(PhantomData<K>);

/// Lists can be sorted by it, which requires an index. It is a decimal, a date, or a text that is not null, which is
/// sorted bytewise.
pub struct Sortable<K>(PhantomData<K>);

/// Lists can be searched for this text, filtered and sorted by it, ignoring case and accents. All of that uses its
/// folded copy in the column `…_key`, which is empty if there is no text, and takes two indexes: one of that column,
/// and one of its trigrams.
pub struct Searchable<K>(PhantomData<K>);

/// A column that follows from other attributes. Clients neither read nor write it.
pub struct Derived<T>(PhantomData<T>);

impl<S: Scalar> Kind for Optional<S> {
    type Value = Option<S::Inner>;
    const TYPE: Option<AttributeType> = Some(S::TYPE);
    const IS_NULLABLE: bool = true;
    const IS_REQUIRED: bool = false;
    const KEYS: Option<KeyKind> = S::KEYS;
    const RULE: &'static str = S::RULE;

    fn get(value: &Self::Value) -> AttributeValue {
        value.clone().map_or(AttributeValue::Null, S::wrap)
    }

    fn set(target: &mut Self::Value, value: AttributeValue) {
        *target = S::unwrap(value);
    }

    fn check(violations: &mut Violations, field: &str, value: &mut Self::Value) {
        S::check(violations, field, value);
    }
}

impl<S: Scalar<Inner: Default>, const IS_REQUIRED: bool> Kind for Present<S, IS_REQUIRED> {
    type Value = S::Inner;
    const TYPE: Option<AttributeType> = Some(S::TYPE);
    const IS_NULLABLE: bool = false;
    const IS_REQUIRED: bool = IS_REQUIRED;
    const RULE: &'static str = if IS_REQUIRED { S::RULE_IF_REQUIRED } else { S::RULE };

    fn default() -> Option<String> {
        match S::wrap(S::Inner::default()) {
            _ if IS_REQUIRED => None,
            AttributeValue::Flag(flag) => Some(format!("`{flag}`")),
            AttributeValue::Choice(name) => Some(format!("`{name}`")),
            AttributeValue::Decimal(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn get(value: &Self::Value) -> AttributeValue {
        S::wrap(value.clone())
    }

    fn set(target: &mut Self::Value, value: AttributeValue) {
        *target = S::unwrap(value).unwrap_or_default();
    }

    fn check(violations: &mut Violations, field: &str, value: &mut Self::Value) {
        let mut given = Some(std::mem::take(value));
        S::check(violations, field, &mut given);
        match given {
            Some(given) => *value = given,
            None if IS_REQUIRED => violations.required(field),
            None => {}
        }
    }
}

/// Implements a kind with the values of the kind `K`.
macro_rules! values_of {
    ($K:ident) => {
        type Value = $K::Value;
        const TYPE: Option<AttributeType> = $K::TYPE;
        const IS_NULLABLE: bool = $K::IS_NULLABLE;
        const IS_REQUIRED: bool = $K::IS_REQUIRED;
        const KEYS: Option<KeyKind> = $K::KEYS;
        const RULE: &'static str = $K::RULE;

        fn default() -> Option<String> {
            $K::default()
        }

        fn get(value: &Self::Value) -> AttributeValue {
            $K::get(value)
        }

        fn set(target: &mut Self::Value, value: AttributeValue) {
            $K::set(target, value);
        }

        fn check(violations: &mut Violations, field: &str, value: &mut Self::Value) {
            $K::check(violations, field, value);
        }
    };
}

impl<K: Kind> Kind for Filterable<K> {
    values_of!(K);
    const USES: ListUses = ListUses { is_filterable: true, ..K::USES };
}

impl<K: Kind> Kind for Folded<K> {
    values_of!(K);
    const USES: ListUses = ListUses { is_filterable: true, is_folded: true, ..K::USES };
}

impl<K: Kind> Kind for Keyed<K> {
    values_of!(K);
    const USES: ListUses = {
        assert!(K::KEYS.is_some(), "there are no keys of this kind");
        ListUses { is_filterable: true, keys: K::KEYS, ..K::USES }
    };
}

impl<K: Kind> Kind for Sortable<K> {
    values_of!(K);
    const USES: ListUses = {
        let is_ordered = match K::TYPE {
            Some(AttributeType::Decimal | AttributeType::Date) => true,
            // The databases do not agree on the place of `NULL`.
            Some(AttributeType::Text) => !K::IS_NULLABLE,
            _ => false,
        };
        assert!(is_ordered, "lists cannot be sorted by values of this kind");
        ListUses { is_sortable: true, ..K::USES }
    };
}

impl<K: Kind> Kind for Searchable<K> {
    values_of!(K);
    const USES: ListUses = {
        assert!(matches!(K::TYPE, Some(AttributeType::Text)), "only texts can be searched");
        ListUses { is_filterable: true, is_sortable: true, is_searchable: true, ..K::USES }
    };
}

impl<T> Kind for Derived<T> {
    type Value = T;
    const TYPE: Option<AttributeType> = None;
    const IS_NULLABLE: bool = true;
    const IS_REQUIRED: bool = false;

    fn get(_value: &T) -> AttributeValue {
        AttributeValue::Null
    }

    fn set(_target: &mut T, _value: AttributeValue) {}

    fn check(_violations: &mut Violations, _field: &str, _value: &mut T) {}
}
