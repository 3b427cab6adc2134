//! What mutations answer.

use async_graphql::{Enum, SimpleObject};

use super::error::Error;
use crate::{
    id::NodeType,
    models::{self, Violation},
};

/// Something that the user of the client can correct. Nothing was changed.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The path to what is wrong, from the mutation's arguments: `["input", "customerName"]`.
    field: Vec<String>,
    /// What is wrong, for programs.
    code: UserErrorCode,
    /// What is wrong and what is allowed, for people, in English.
    message: String,
}

/// Kinds of user errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::Code")]
pub enum UserErrorCode {
    /// Something is missing: a value that must be given, or items that a list must have.
    Required,
    /// It breaks a rule; `message` says which.
    Invalid,
    /// It has too many characters.
    TooLong,
    /// The list has too many items.
    TooMany,
    /// There is no such object.
    NotFound,
    /// Another object has it, and it must be unique.
    Taken,
    /// The parent is a leaf, and cannot have children.
    ParentIsLeaf,
    /// A group with children cannot become a leaf.
    HasChildren,
    /// A group cannot be below itself.
    Cycle,
    /// The tree would have too many levels.
    TooDeep,
    /// It is still in use.
    InUse,
    /// It is the customer's primary group.
    IsPrimary,
}

/// Something that the user of the client may want to know. The change was made.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserWarning {
    /// What it is about, for programs.
    code: UserWarningCode,
    /// What it is about, for people, in English.
    message: String,
}

/// Kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::customer::Warning")]
pub enum UserWarningCode {
    /// More than one loyalty program with `autoOptIn` is for the customer, which joined none of them.
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

/// The payloads of the mutations of a type: its GraphQL type, and the field that it is in.
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
            /// The id of what was deleted; `null` if there are user errors.
            deleted_id: Option<async_graphql::ID>,
            /// What the user can correct; empty on success.
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
                /// The object after the change; `null` if there are user errors.
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
            /// What the user can correct; empty on success.
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

/// What a mutation came to: the object, or what the user can mend.
pub type Outcome<T> = (Option<T>, Vec<UserError>);

/// Sorts out what a change of an object of that type came to. `argument` is how the request said
/// which object, and `prefix` the argument that its attributes are in.
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
                // To the models, the object itself is its `id`: it is no attribute.
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
