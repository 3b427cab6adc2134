//! Node types that clients can create, update and delete.

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

/// A node type that clients can create, update and delete.
pub trait MutableNode: ListedNode<Row: for<'a> Mutable<Deletion<'a>: PolicyArgument<'a>>> {
    type CreateInput: InputType + TryInto<<Self::Row as Mutable>::New, Error: Into<models::Error>>;
    type UpdateInput: InputType
        + TryInto<<Self::Row as Mutable>::Change, Error: Into<models::Error>>;

    const MUTATIONS: MutationDescriptions;
    /// See [`ChildNode::REORDER`](super::child::ChildNode::REORDER).
    const REORDER: Option<(&'static str, &'static str)> = None;
    /// The noun for a new object, without an article, in the description of the create mutation's
    /// argument.
    const NEW: &'static str = Self::NOUNS.0;
    /// Whether creating an object can cause warnings.
    const HAS_WARNINGS: bool = false;

    /// Reorders all objects of the parent that the client named, within the current transaction. Only called for types
    /// with [`Self::REORDER`].
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

/// The policy of a deletion, from the argument `policy`.
pub trait PolicyArgument<'a>: Send + Sized {
    /// Registers and returns the argument; `None` if the type has no policies to choose from.
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

/// The argument `policy` of a deletion. Its default is that of the type `P`.
pub fn policy_argument<P: InputType + Default>(
    registry: &mut Registry,
    description: &str,
) -> MetaInputValue {
    let default_value = Some(P::default().to_value().to_string());
    MetaInputValue { default_value, ..argument::<P>(registry, "policy", description) }
}

/// The value of the argument `policy`.
pub fn policy_value<P: InputType + Default>(ctx: &Context<'_>) -> Result<P, Error> {
    let value = ctx.param_value("policy", Some(P::default));
    value.map(|(_, value)| value).map_err(|error| Error::bad_input(error.message))
}
