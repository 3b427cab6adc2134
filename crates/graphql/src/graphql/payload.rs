//! The payloads of mutations.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Enum, ID, ObjectType, OutputType, Positioned,
    ServerResult, SimpleObject, Value, parser::types::Field, registry::Registry,
    resolver_utils::resolve_container,
};

use super::{
    connection::capitalized,
    error::Error,
    memory::Item,
    mutable_node::MutableNode,
    node::ListedNode,
    object::{AnyObject, Items, Objects, meta_field, register_object, resolved},
    shape::LISTED,
};
use crate::{
    db::types::Uid,
    id::NodeType,
    models::{self, Violation, mutable::Created},
};

/// An error that the user can correct. The mutation changed nothing.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// Path to the invalid value from the mutation's arguments, like `["input", "customerName"]`.
    /// Positions in lists count from 0.
    field: Vec<String>,
    /// Machine-readable code.
    code: UserErrorCode,
    /// Human-readable description of the error, in English. The wording may change.
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
    /// The customer has been merged into another one; `message` says into which.
    Merged,
    /// The data has changed since the preview or since the merge.
    Stale,
    /// A later merge of the same customer must be undone first; `message` says which.
    LaterMerge,
    /// This is no longer possible; `message` says why.
    Expired,
}

/// A warning for the user. The mutation succeeded.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserWarning {
    /// Machine-readable code.
    code: UserWarningCode,
    /// Human-readable description of the warning, in English. The wording may change.
    message: String,
}

/// Codes of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "models::mutable::Warning")]
pub enum UserWarningCode {
    /// Several loyalty programs with `autoOptIn` match the customer, so it joined none of them.
    AmbiguousAutoOptIn,
}

impl From<models::mutable::Warning> for UserWarning {
    fn from(warning: models::mutable::Warning) -> Self {
        Self { code: warning.into(), message: warning.message().to_owned() }
    }
}

impl Item for UserError {
    fn texts(&self) -> usize {
        self.field.iter().map(|it| it.len() + LISTED).sum::<usize>() + self.message.len()
    }
}

impl Item for UserWarning {
    fn texts(&self) -> usize {
        self.message.len()
    }
}

impl UserError {
    fn new(violation: Violation, prefix: Option<&str>) -> Self {
        let field = prefix.map(str::to_owned).into_iter().chain(violation.field).collect();
        Self { field, code: violation.code.into(), message: violation.message }
    }
}

/// The payload of a mutation: an object or a list, and the errors that the user can correct.
pub struct Payload<K: PayloadKind> {
    result: Option<K::Result>,
    warnings: Items<UserWarning>,
    user_errors: Items<UserError>,
}

/// A kind of payload. Most kinds exist for each node type.
pub trait PayloadKind: 'static {
    /// The type that the models return.
    type Row: Send;
    type Result: OutputType + Send;

    /// The node type of the changed object, for error messages.
    const NODE_TYPE: NodeType;
    /// The name of the field with the result.
    const FIELD: &'static str;
    /// The argument with the attributes, which is prepended to the paths of errors.
    const INPUT: Option<&'static str> = None;
    const DESCRIPTION: &'static str =
        "The object after the mutation; `null` if there are user errors.";
    const HAS_WARNINGS: bool = false;

    fn mutation() -> String;
    fn result(row: Self::Row) -> Self::Result;
}

/// Payload kind: the object that a mutation created or changed.
pub struct Changed<N, M>(PhantomData<(N, M)>);
/// Payload kind: the id of the object that a mutation deleted.
pub struct Deleted<N>(PhantomData<N>);
/// Payload kind: all objects of a parent, which a mutation reordered.
pub struct Reordered<N>(PhantomData<N>);

/// A mutation whose payload contains the object.
pub trait ObjectMutation: 'static {
    const SUFFIX: &'static str;
    const IS_CREATION: bool;
}

pub enum Create {}
pub enum Update {}

impl ObjectMutation for Create {
    const SUFFIX: &'static str = "Create";
    const IS_CREATION: bool = true;
}

impl ObjectMutation for Update {
    const SUFFIX: &'static str = "Update";
    const IS_CREATION: bool = false;
}

pub type CreatePayload<N> = Payload<Changed<N, Create>>;
pub type UpdatePayload<N> = Payload<Changed<N, Update>>;
pub type DeletePayload<N> = Payload<Deleted<N>>;
pub type ReorderPayload<N> = Payload<Reordered<N>>;

impl<N: MutableNode, M: ObjectMutation> PayloadKind for Changed<N, M> {
    type Row = N::Row;
    type Result = N;
    const NODE_TYPE: NodeType = N::NODE_TYPE;
    const FIELD: &'static str = N::ONE;
    const INPUT: Option<&'static str> = Some("input");
    const HAS_WARNINGS: bool = M::IS_CREATION && N::HAS_WARNINGS;

    fn mutation() -> String {
        format!("{}{}", N::ONE, M::SUFFIX)
    }

    fn result(row: N::Row) -> N {
        N::from(Arc::new(row))
    }
}

impl<N: ListedNode> PayloadKind for Deleted<N> {
    type Row = Uid;
    type Result = ID;
    const NODE_TYPE: NodeType = N::NODE_TYPE;
    const FIELD: &'static str = "deletedId";
    const DESCRIPTION: &'static str = "ID of the deleted object; `null` if there are user errors.";

    fn mutation() -> String {
        format!("{}Delete", N::ONE)
    }

    fn result(uid: Uid) -> ID {
        N::NODE_TYPE.id(uid).to_string().into()
    }
}

impl<N: ListedNode> PayloadKind for Reordered<N> {
    type Row = Vec<N::Row>;
    type Result = Objects<N>;
    const NODE_TYPE: NodeType = N::NODE_TYPE;
    const FIELD: &'static str = N::MANY;
    const DESCRIPTION: &'static str =
        "The complete list in its new order; `null` if there are user errors.";

    fn mutation() -> String {
        format!("{}Reorder", N::ONE)
    }

    fn result(rows: Vec<N::Row>) -> Objects<N> {
        Objects(rows.into_iter().map(|row| N::from(Arc::new(row))).collect())
    }
}

const WARNINGS: &[&str] =
    &["Warnings for the user; empty if there are none. They do not prevent the creation."];

const USER_ERRORS: &[&str] = &[
    "Errors that the user can correct; empty on success. If there are any, nothing was",
    "changed.",
];

impl<K: PayloadKind> Payload<K> {
    /// The payload of a mutation of an existing object. `argument` is the name of the argument that identifies the
    /// object. `Ok(None)` means that the object does not exist.
    pub fn of(
        result: Result<Option<K::Row>, models::Error>,
        argument: &str,
    ) -> Result<Self, Error> {
        let (row, user_errors) = outcome(result, K::NODE_TYPE, argument, K::INPUT)?;
        Ok(Self { result: row.map(K::result), warnings: Items(Vec::new()), user_errors })
    }
}

impl<N: MutableNode> CreatePayload<N> {
    /// The payload of a mutation that created an object.
    pub fn created(result: Result<Created<N::Row>, models::Error>) -> Result<Self, Error> {
        let (result, warnings) = match result {
            Ok(Created { row, warnings }) => (Ok(Some(row)), warnings),
            Err(error) => (Err(error), Vec::new()),
        };
        let warnings = warnings.into_iter().map(UserWarning::from).collect();
        Ok(Self { warnings, ..Self::of(result, "id")? })
    }
}

impl<K: PayloadKind<Result: Sync>> ContainerType for Payload<K> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        if name == "userErrors" {
            resolved(ctx, &self.user_errors).await.map(Some)
        } else if name == K::FIELD {
            resolved(ctx, &self.result).await.map(Some)
        } else if K::HAS_WARNINGS && name == "warnings" {
            resolved(ctx, &self.warnings).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<K: PayloadKind<Result: Sync>> OutputType for Payload<K> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Payload", capitalized(&K::mutation())).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let description = format!("Payload of `{}`.", K::mutation());
        register_object::<Self>(registry, &[&description], &mut |registry| {
            let result = <Option<K::Result>>::create_type_info(registry);
            let mut fields = vec![meta_field(K::FIELD, &[K::DESCRIPTION], result, Vec::new())];
            if K::HAS_WARNINGS {
                let warnings = <Items<UserWarning> as OutputType>::create_type_info(registry);
                fields.push(meta_field("warnings", WARNINGS, warnings, Vec::new()));
            }
            let user_errors = <Items<UserError> as OutputType>::create_type_info(registry);
            fields.push(meta_field("userErrors", USER_ERRORS, user_errors, Vec::new()));
            fields
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let payload: &dyn AnyObject = self;
        resolve_container(ctx, payload).await
    }
}

impl<K: PayloadKind<Result: Sync>> ObjectType for Payload<K> {}

/// The outcome of a mutation: the object, or the errors that the user can correct.
pub type Outcome<T> = (Option<T>, Items<UserError>);

/// Converts the result of a change to an outcome, if no argument identifies the object. `prefix` is the name of the
/// argument with its attributes.
pub fn changed<T>(result: Result<T, models::Error>, prefix: &str) -> Result<Outcome<T>, Error> {
    outcome_of(result, |violation| UserError::new(violation, Some(prefix)))
}

/// Converts the result of changing an object of this type to an outcome. `argument` is the name of the argument that
/// identifies the object, and `prefix` that of the argument with its attributes.
pub fn outcome<T>(
    result: Result<Option<T>, models::Error>,
    node_type: NodeType,
    argument: &str,
    prefix: Option<&str>,
) -> Result<Outcome<T>, Error> {
    let missing = || {
        let message = format!("there is no {} with this {argument}", node_type.noun());
        Violation::new("id", models::Code::NotFound, message).into()
    };
    outcome_of(result.and_then(|object| object.ok_or_else(missing)), |mut violation| {
        // The models report errors of the object itself under `id`, which is not an attribute.
        if violation.field == ["id"] {
            violation.field = vec![argument.to_owned()];
            UserError::new(violation, None)
        } else {
            UserError::new(violation, prefix)
        }
    })
}

fn outcome_of<T>(
    result: Result<T, models::Error>,
    error: impl Fn(Violation) -> UserError,
) -> Result<Outcome<T>, Error> {
    match result {
        Ok(object) => Ok((Some(object), Items(Vec::new()))),
        Err(models::Error::Invalid(violations)) => {
            Ok((None, violations.into_iter().map(error).collect()))
        }
        Err(models::Error::Database(error)) => Err(error.into()),
    }
}
