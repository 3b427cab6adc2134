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
    /// It must be given, and must not be empty.
    Required,
    /// It is not in the form that is wanted.
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

impl UserError {
    fn new(violation: Violation, prefix: Option<&str>) -> Self {
        let field = prefix.map(str::to_owned).into_iter().chain(violation.field).collect();
        Self { field, code: violation.code.into(), message: violation.message }
    }
}

/// What a mutation came to: the object, or what the user can mend.
pub type Outcome<T> = (Option<T>, Vec<UserError>);

/// Sorts out what a change of an object of that type came to. `argument` is how the request said which
/// object, and `prefix` the argument that its attributes are in.
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
