//! Types of nodes that clients create, update and delete.

use async_graphql::{
    Context, ID, InputType,
    registry::{MetaInputValue, Registry},
};

use super::{error::Error, node::ListedNode, object::argument};
use crate::{
    auth::Writer,
    db::{Conn, types::Uid},
    models::{self, mutable::Mutable},
};

/// A type of nodes that clients create, update and delete.
pub trait MutableNode: ListedNode<Row: for<'a> Mutable<Deletion<'a>: PolicyArgument<'a>>> {
    type CreateInput: InputType + TryInto<<Self::Row as Mutable>::New, Error: Into<models::Error>>;
    type UpdateInput: InputType
        + TryInto<<Self::Row as Mutable>::Change, Error: Into<models::Error>>;

    const MUTATIONS: MutationDescriptions;
    /// As [`ChildNode::REORDER`](super::child::ChildNode::REORDER).
    const REORDER: Option<(&'static str, &'static str)> = None;
    /// One object, without an article, in the description of the argument with a new one.
    const NEW: &'static str = Self::NOUNS.0;
    /// Whether a creation can have warnings.
    const HAS_WARNINGS: bool = false;

    /// Puts all objects of a parent, which the client named, in this order, in a transaction that is in progress. Only
    /// called for types with a description of it.
    fn reorder(
        _tx: &mut Conn<'_>,
        _writer: Writer<'_>,
        _parent: &ID,
        _ids: &[Uid],
    ) -> impl Future<Output = Result<Vec<Self::Row>, models::Error>> + Send {
        async { Ok(Vec::new()) }
    }
}

/// The descriptions of the mutations of a type.
pub struct MutationDescriptions {
    pub create: &'static str,
    pub update: &'static str,
    pub delete: &'static str,
}

/// The policy of a deletion, which the client gives as the argument `policy`.
pub trait PolicyArgument<'a>: Send + Sized {
    /// The argument, unless clients have no choice.
    fn argument(registry: &mut Registry) -> Option<MetaInputValue>;

    /// Reads the argument; fails if the viewer may not choose this policy.
    fn read(ctx: &'a Context<'_>) -> Result<Self, Error>;
}

impl PolicyArgument<'_> for () {
    fn argument(_registry: &mut Registry) -> Option<MetaInputValue> {
        None
    }

    fn read(_ctx: &Context<'_>) -> Result<Self, Error> {
        Ok(())
    }
}

/// The argument `policy` of a deletion, which has the default of its type.
pub fn policy_argument<P: InputType + Default>(
    registry: &mut Registry,
    description: &str,
) -> MetaInputValue {
    let default_value = Some(P::default().to_value().to_string());
    MetaInputValue { default_value, ..argument::<P>(registry, "policy", description) }
}

/// The value of that argument.
pub fn policy_value<P: InputType + Default>(ctx: &Context<'_>) -> Result<P, Error> {
    let value = ctx.param_value("policy", Some(P::default));
    value.map(|(_, value)| value).map_err(|error| Error::bad_input(error.message))
}
