//! The kinds of values.

use std::marker::PhantomData;

use super::Scalar;
use crate::{
    db::types::{Date, Decimal, StoredAsText, Timestamp, Uid},
    id::NodeType,
    models::{
        Violations,
        attribute::{AttributeType, AttributeValue},
        search::KeyKind,
    },
};

/// Declares scalars: a name with the type of its values, and if there are any, its rules and the check of
/// [`Violations`].
macro_rules! scalars {
    ($(
        $(#[$doc:meta])+
        $Name:ident: $Inner:ty as $Variant:ident {
            $(rule $rule:literal;)?
            $(required rule $rule_if_required:literal;)?
            $(check $method:ident;)?
            $(keys $Keys:ident;)?
        }
    )+) => {$(
        $(#[$doc])+
        pub struct $Name;

        impl Scalar for $Name {
            type Inner = $Inner;
            const TYPE: AttributeType = AttributeType::$Variant;
            $(const RULE: &'static str = $rule;)?
            $(const RULE_IF_REQUIRED: &'static str = $rule_if_required;)?
            $(const KEYS: Option<KeyKind> = Some(KeyKind::$Keys);)?

            fn wrap(value: $Inner) -> AttributeValue {
                AttributeValue::$Variant(value)
            }

            fn unwrap(value: AttributeValue) -> Option<$Inner> {
                match value {
                    AttributeValue::$Variant(value) => Some(value),
                    _ => None,
                }
            }

            $(fn check(violations: &mut Violations, field: &str, value: &mut Option<$Inner>) {
                violations.$method(field, value);
            })?
        }
    )+};
}

scalars! {
    /// A text on one line, up to 255 characters.
    Line: String as Text {
        required rule "1 to 255 characters.";
        check line;
    }
    /// A text that may have several lines.
    LongText: String as Text {
        rule "Up to 10,000 characters.";
        check text;
    }
    /// An e-mail address.
    Email: String as Text {
        check email;
        keys Email;
    }
    /// A phone number in any format.
    Phone: String as Text {
        check line;
        keys Phone;
    }
    /// The number of a loyalty card.
    CardNumber: String as Text {
        check line;
        keys Card;
    }
    /// An http or https URL.
    Url: String as Text {
        rule "Up to 2,048 characters.";
        check url;
    }
    /// An ISO 4217 code.
    Currency: String as Text {
        check currency;
    }
    /// An ISO 3166-1 code of two letters.
    Country: String as Text {
        check country;
    }
    /// True or false.
    Flag: bool as Flag {}
    /// A whole number that is not negative.
    Count: i32 as Integer {
        rule "Not negative.";
        check not_negative;
    }
    /// Any decimal number.
    Number: Decimal as Decimal {}
    /// An amount or a factor that is not negative.
    NotNegative: Decimal as Decimal {
        rule "Not negative.";
        check not_negative;
    }
    /// A day.
    Day: Date as Date {}
    /// A point in time.
    Time: Timestamp as Timestamp {}
}

/// One of the values of an enum.
pub struct Choice<E>(PhantomData<E>);

impl<E: StoredAsText> Scalar for Choice<E> {
    type Inner = E;
    const TYPE: AttributeType = AttributeType::Choice(E::TYPE_NAME, E::NAMES);

    fn wrap(value: E) -> AttributeValue {
        AttributeValue::Choice(value.stored_name())
    }

    fn unwrap(value: AttributeValue) -> Option<E> {
        match value {
            AttributeValue::Choice(name) => E::from_stored_name(name),
            _ => None,
        }
    }
}

/// A type of rows that attributes refer to.
pub trait Referenced {
    const NODE_TYPE: NodeType;
}

/// The id of an object of another type. Whether it exists is checked with the stored rows.
pub struct Reference<R>(PhantomData<R>);

impl<R: Referenced> Scalar for Reference<R> {
    type Inner = Uid;
    const TYPE: AttributeType = AttributeType::Reference(R::NODE_TYPE);

    fn wrap(value: Uid) -> AttributeValue {
        AttributeValue::Reference(value)
    }

    fn unwrap(value: AttributeValue) -> Option<Uid> {
        match value {
            AttributeValue::Reference(uid) => Some(uid),
            _ => None,
        }
    }
}
