//! The payloads of mutations.

use async_graphql::{Enum, SimpleObject};

use super::error::Error;
use crate::{
    id::NodeType,
    models::{self, Violation},
};

/// An error that the user can correct. The mutation changed nothing.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// Path to the invalid value from the mutation's arguments, like `["input", "customerName"]`.
    /// Positions in lists count from 0.
    field: Vec<String>,
    /// Machine-readable code.
    code: UserErrorCode,
    /// Description of the error for people, in English. The wording may change.
    message: String,
}

/// Codes of user errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::Code")]
pub enum UserErrorCode {
    /// A required value, or a required item of a list, is missing.
    Required,
    /// The value is invalid; `message` states the rule.
    Invalid,
    /// The text has too many characters.
    TooLong,
    /// The list has too many items.
    TooMany,
    /// The object does not exist.
    NotFound,
    /// The value must be unique, and another object has it.
    Taken,
    /// The parent group is a leaf (`isGroup: false`) and cannot have children.
    ParentIsLeaf,
    /// A group with children cannot become a leaf.
    HasChildren,
    /// A group cannot be its own ancestor.
    Cycle,
    /// The tree would have more than 32 levels.
    TooDeep,
    /// The object is in use; `message` says by what.
    InUse,
    /// The group is the customer's primary group, so the customer cannot be removed from it.
    IsPrimary,
}

/// A notice for the user. The mutation succeeded.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserWarning {
    /// Machine-readable code.
    code: UserWarningCode,
    /// Description of the warning for people, in English. The wording may change.
    message: String,
}

/// Codes of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::Warning")]
pub enum UserWarningCode {
    /// Several loyalty programs with `autoOptIn` match the customer, so it joined none of them.
    AmbiguousAutoOptIn,
}

impl From<models::customer::Warning> for UserWarning {
    fn from(warning: models::customer::Warning) -> Self {
        Self { code: warning.into(), message: warning.message().to_owned() }
    }
}

impl UserError {
    fn new(violation: Violation, prefix: Option<&str>) -> Self {
        let field = prefix.map(str::to_owned).into_iter().chain(violation.field).collect();
        Self { field, code: violation.code.into(), message: violation.message }
    }
}

/// Defines the payloads of a type's mutations, from its GraphQL type and the name of the payload's
/// field.
///
/// `payloads! { CustomerGroup, customer_group, NodeType::CustomerGroup; "customerGroup", … }`
macro_rules! payloads {
    (
        $Type:ident, $field:ident, $node_type:expr;
        $create:literal => $Create:ident,
        $update:literal => $Update:ident,
        $delete:literal => $Delete:ident $(,)?
    ) => {
        payloads! { $create => $Create { $field: $Type } }
        payloads! { $update => $Update { $field: $Type } }
        payloads! { $node_type; $delete => $Delete }
    };
    ($node_type:expr; $delete:literal => $Delete:ident) => {
        #[doc = concat!("Payload of `", $delete, "`.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $Delete {
            /// ID of the deleted object; `null` if there are user errors.
            deleted_id: Option<async_graphql::ID>,
            /// Errors that the user can correct; empty on success. If there are any, nothing was
            /// changed.
            user_errors: Vec<$crate::graphql::payload::UserError>,
        }

        impl From<$crate::graphql::payload::Outcome<$crate::db::types::Uid>> for $Delete {
            fn from(
                (deleted, user_errors): $crate::graphql::payload::Outcome<$crate::db::types::Uid>,
            ) -> Self {
                let deleted_id = deleted.map(|uid| $node_type.id(uid).to_string().into());
                Self { deleted_id, user_errors }
            }
        }
    };
    ($mutation:literal => $Payload:ident { $field:ident: $Type:ty }) => {
        payloads! {
            $mutation => $Payload {
                /// The object after the mutation; `null` if there are user errors.
                $field: $Type
            }
        }
    };
    ($mutation:literal => $Payload:ident { $(#[$doc:meta])+ $field:ident: $Type:ty }) => {
        #[doc = concat!("Payload of `", $mutation, "`.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $Payload {
            $(#[$doc])+
            $field: Option<$Type>,
            /// Errors that the user can correct; empty on success. If there are any, nothing was
            /// changed.
            user_errors: Vec<$crate::graphql::payload::UserError>,
        }

        impl<Row: Into<$Type>> From<$crate::graphql::payload::Outcome<Row>> for $Payload {
            fn from((row, user_errors): $crate::graphql::payload::Outcome<Row>) -> Self {
                Self { $field: row.map(Into::into), user_errors }
            }
        }
    };
}
pub(super) use payloads;

/// The outcome of a mutation: the object, or the errors that the user can correct.
pub type Outcome<T> = (Option<T>, Vec<UserError>);

/// Turns the result of changing an object of a type into an outcome. `argument` names the argument
/// that identified the object, and `prefix` the one with its attributes.
pub fn outcome<T>(
    result: Result<Option<T>, models::Error>,
    node_type: NodeType,
    argument: &str,
    prefix: Option<&str>,
) -> Result<Outcome<T>, Error> {
    match result {
        Ok(Some(object)) => Ok((Some(object), Vec::new())),
        Ok(None) => {
            let message = format!("there is no {} with this {argument}", node_type.noun());
            let missing = Violation::new(argument, models::Code::NotFound, message);
            Ok((None, vec![UserError::new(missing, None)]))
        }
        Err(models::Error::Invalid(violations)) => {
            let error = |mut violation: Violation| {
                // The models report errors of the object itself as `id`, which is not an attribute.
                if violation.field == ["id"] {
                    violation.field = vec![argument.to_owned()];
                    UserError::new(violation, None)
                } else {
                    UserError::new(violation, prefix)
                }
            };
            Ok((None, violations.into_iter().map(error).collect()))
        }
        Err(models::Error::Database(error)) => Err(error.into()),
    }
}
