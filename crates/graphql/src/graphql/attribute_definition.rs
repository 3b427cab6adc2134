//! The definitions of custom attributes. Changing them requires the scope admin.

use std::marker::PhantomData;

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::{
    context::ContextExt,
    custom_attribute::AttributeType,
    error::Error,
    memory::{Item, take_items},
    object::Items,
    payload::{Create, ObjectMutation, Payload, PayloadKind, Update},
    shape::LISTED,
};
use crate::{
    db::types::{Timestamp, Uid},
    id::NodeType,
    models::custom_attribute::{self, Definition, DefinitionChange, NewDefinition},
};

/// Types of objects for which custom attributes can be declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "custom_attribute::Noun")]
pub enum AttributeNoun {
    /// Customers.
    Customer,
    /// Customer groups.
    CustomerGroup,
    /// Loyalty programs.
    LoyaltyProgram,
    /// POS profiles.
    PosProfile,
}

/// A custom attribute that the tenant declared for a type of objects.
#[derive(SimpleObject)]
pub struct AttributeDefinition {
    /// Globally unique ID, assigned by the server.
    id: ID,
    /// Type of the objects that have the attribute.
    noun: AttributeNoun,
    /// Name of the attribute in requests, imports and exports. Unique among the attributes of the
    /// `noun`. It cannot be changed.
    key: String,
    /// Type of the values.
    #[graphql(name = "type")]
    value_type: AttributeType,
    /// Whether the attribute holds a list of up to 50 values instead of one value.
    is_list: bool,
    /// Whether no two objects can have the same value. Text is compared exactly, including case.
    is_unique: bool,
    /// Whether lists can be filtered and sorted by the attribute.
    is_searchable: bool,
    /// Human-readable description of the attribute.
    description: Option<String>,
    /// Allowed values of the type `CHOICE`; empty for other types.
    choices: Vec<String>,
    /// When the attribute was declared.
    created_at: Timestamp,
    /// When the definition was last changed.
    updated_at: Timestamp,
    /// Name of the API key, or of the command (like `import`), that declared the attribute.
    created_by: String,
    /// Name of the API key, or of the command, that last changed the definition.
    last_modified_by: String,
}

impl Item for AttributeDefinition {
    fn texts(&self) -> usize {
        let choices = self.choices.iter().map(|it| it.len() + LISTED);
        self.key.len() + self.description.as_ref().map_or(0, String::len) + choices.sum::<usize>()
    }
}

impl From<Definition> for AttributeDefinition {
    fn from(definition: Definition) -> Self {
        Self {
            id: NodeType::AttributeDefinition.id(definition.id).to_string().into(),
            noun: definition.noun.into(),
            value_type: definition.value_type.into(),
            is_list: definition.is_list,
            is_unique: definition.is_unique,
            is_searchable: definition.is_searchable,
            choices: definition.choices().map(str::to_owned).collect(),
            key: definition.key,
            description: definition.description,
            created_at: definition.created_at,
            updated_at: definition.updated_at,
            created_by: definition.created_by,
            last_modified_by: definition.last_modified_by,
        }
    }
}

/// Input for `attributeDefinitionCreate`.
#[derive(InputObject)]
pub struct AttributeDefinitionCreateInput {
    /// Type of the objects that have the attribute; at most 100 attributes each.
    noun: AttributeNoun,
    /// Name of the attribute in requests, imports and exports, like `shoeSize`: 1 to 64 letters (a to z),
    /// digits and underscores, the first a letter. Unique among the attributes of the `noun`. It cannot
    /// be changed later.
    key: String,
    /// Type of the values.
    #[graphql(name = "type")]
    value_type: AttributeType,
    /// Whether the attribute holds a list of up to 50 values instead of one value.
    #[graphql(default)]
    is_list: bool,
    /// Whether no two objects can have the same value. Text is compared exactly, including case.
    #[graphql(default)]
    is_unique: bool,
    /// Whether lists can be filtered and sorted by the attribute. This requires an index, which
    /// makes writing values slightly slower.
    #[graphql(default)]
    is_searchable: bool,
    /// Human-readable description of the attribute; up to 255 characters.
    description: Option<String>,
    /// Allowed values of the type `CHOICE`, in the order to display them: 1 to 100, each up to 255
    /// characters. Not allowed for other types.
    choices: Option<Vec<String>>,
}

impl From<AttributeDefinitionCreateInput> for NewDefinition {
    fn from(input: AttributeDefinitionCreateInput) -> Self {
        Self {
            noun: input.noun.into(),
            key: input.key,
            value_type: input.value_type.into(),
            is_list: input.is_list,
            is_unique: input.is_unique,
            is_searchable: input.is_searchable,
            description: input.description,
            choices: input.choices.unwrap_or_default(),
        }
    }
}

/// Input for `attributeDefinitionUpdate`. Omitted fields keep their values, and so do those that are
/// `null`, except for `description`.
#[derive(InputObject)]
pub struct AttributeDefinitionUpdateInput {
    /// Type of the values. Cannot change while an object has a value.
    #[graphql(name = "type")]
    value_type: Option<AttributeType>,
    /// Whether an object has a list of values instead of one. Cannot change while an object has a value.
    is_list: Option<bool>,
    /// Whether no two objects can have the same value. Cannot become `true` while two values are equal.
    is_unique: Option<bool>,
    /// Whether lists can be filtered and sorted by the attribute. A change rewrites all values, which
    /// takes some seconds per million.
    is_searchable: Option<bool>,
    /// Human-readable description of the attribute; up to 255 characters. `null` clears it.
    description: MaybeUndefined<String>,
    /// All allowed values of the type `CHOICE`, in the order to display them: 1 to 100, each up to 255 characters.
    /// A choice that is in use cannot be removed.
    choices: Option<Vec<String>>,
}

impl From<AttributeDefinitionUpdateInput> for DefinitionChange {
    fn from(input: AttributeDefinitionUpdateInput) -> Self {
        let description = match input.description {
            MaybeUndefined::Undefined => None,
            description => Some(description.take().unwrap_or_default()),
        };
        Self {
            value_type: input.value_type.map(Into::into),
            is_list: input.is_list,
            is_unique: input.is_unique,
            is_searchable: input.is_searchable,
            description,
            choices: input.choices,
        }
    }
}

/// Payload kind of the mutations that create or change a definition.
pub struct ChangedDefinition<M>(PhantomData<M>);

impl<M: ObjectMutation> PayloadKind for ChangedDefinition<M> {
    type Row = Definition;
    type Result = AttributeDefinition;
    const NODE_TYPE: NodeType = NodeType::AttributeDefinition;
    const FIELD: &'static str = "attributeDefinition";
    const INPUT: Option<&'static str> = Some("input");

    fn mutation() -> String {
        format!("attributeDefinition{}", M::SUFFIX)
    }

    fn result(definition: Definition) -> AttributeDefinition {
        definition.into()
    }
}

/// Payload kind of the mutation that deletes a definition: the definition's id.
pub enum DeletedDefinition {}

impl PayloadKind for DeletedDefinition {
    type Row = Uid;
    type Result = ID;
    const NODE_TYPE: NodeType = NodeType::AttributeDefinition;
    const FIELD: &'static str = "deletedId";
    const DESCRIPTION: &'static str =
        "ID of the deleted definition; `null` if there are user errors.";

    fn mutation() -> String {
        "attributeDefinitionDelete".to_owned()
    }

    fn result(uid: Uid) -> ID {
        NodeType::AttributeDefinition.id(uid).to_string().into()
    }
}

/// The noun's definitions with one of these keys, or all of its definitions if no keys are given.
async fn definitions(
    ctx: &Context<'_>,
    noun: AttributeNoun,
    key: Option<String>,
) -> Result<Items<AttributeDefinition>, Error> {
    let ((db, tenant), noun) = (ctx.source()?, noun.into());
    let found = ctx
        .load(Box::pin(async move {
            let mut lease = db.read().await?;
            let conn = &mut lease.conn();
            let found = match key {
                Some(key) => custom_attribute::with_keys(conn, &tenant, noun, vec![key]).await?,
                None => custom_attribute::of_noun(conn, &tenant, noun).await?,
            };
            conn.meter().take_rows(found.len())?;
            Ok(found)
        }))
        .await?;
    Ok(found.into_iter().map(Into::into).collect())
}

#[derive(Default)]
pub struct AttributeDefinitionQuery;

#[Object]
impl AttributeDefinitionQuery {
    /// All custom attributes of a type of objects, by `key`; at most 100.
    async fn attribute_definitions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Type of the objects.")] noun: AttributeNoun,
    ) -> Result<Items<AttributeDefinition>, Error> {
        definitions(ctx, noun, None).await
    }

    /// The custom attribute with this key; `null` if it does not exist.
    async fn attribute_definition(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Type of the objects.")] noun: AttributeNoun,
        #[graphql(desc = "Key of the attribute.")] key: String,
    ) -> Option<Result<AttributeDefinition, Error>> {
        let found = definitions(ctx, noun, Some(key)).await;
        let found = found.and_then(|it| take_items(ctx, &it.0).map(|()| it));
        found.map(|mut it| it.0.pop()).transpose()
    }
}

#[derive(Default)]
pub struct AttributeDefinitionMutation;

#[Object]
impl AttributeDefinitionMutation {
    /// Declares a custom attribute for a type of objects. Requires the scope `ADMIN`; otherwise the
    /// error is `FORBIDDEN`.
    async fn attribute_definition_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new attribute.")] input: AttributeDefinitionCreateInput,
    ) -> Result<Payload<ChangedDefinition<Create>>, Error> {
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let mut lease = ctx.db()?.write().await?;
        let created = custom_attribute::create(&mut lease.conn(), admin, input.into()).await;
        Payload::of(created.map(Some), "id")
    }

    /// Changes a custom attribute. The values of objects stay as they are. Requires the scope `ADMIN`;
    /// otherwise the error is `FORBIDDEN`.
    async fn attribute_definition_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the definition, assigned by the server.")] id: ID,
        #[graphql(desc = "The fields to change.")] input: AttributeDefinitionUpdateInput,
    ) -> Result<Payload<ChangedDefinition<Update>>, Error> {
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, id) = (&mut lease.conn(), NodeType::AttributeDefinition.uid(&id));
        Payload::of(custom_attribute::update(conn, admin, id, input.into()).await, "id")
    }

    /// Permanently deletes a custom attribute. If an object has a value, the user error is `IN_USE`,
    /// unless `deleteValues` is `true`. Requires the scope `ADMIN`; otherwise the error is `FORBIDDEN`.
    async fn attribute_definition_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the definition, assigned by the server.")] id: ID,
        #[graphql(
            desc = "Whether to delete the values of all objects, too. The `updatedAt` of the objects does not change.",
            default = false
        )]
        delete_values: bool,
    ) -> Result<Payload<DeletedDefinition>, Error> {
        ctx.writer()?;
        let admin = ctx.administrator()?;
        let mut lease = ctx.db()?.write().await?;
        let (conn, id) = (&mut lease.conn(), NodeType::AttributeDefinition.uid(&id));
        Payload::of(custom_attribute::delete(conn, admin, id, delete_values).await, "id")
    }
}
