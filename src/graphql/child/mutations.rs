//! The mutations of a type of children: create, update, delete and, if clients see the order, reorder.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, ObjectType, OutputType, Positioned,
    ServerResult, Value,
    parser::types::Field,
    registry::{MetaField, MetaInputValue, MetaTypeId, Registry},
    resolver_utils::resolve_container,
};

use super::{ChildNode, CreateChild, UpdateChild, no_parent};
use crate::{
    graphql::{
        context::ContextExt,
        error::Error,
        input::references,
        object::{argument, meta_field, meta_object, resolved, value},
        payload::{CreatePayload, DeletePayload, Payload, ReorderPayload, UpdatePayload},
    },
    models::child::Child,
};

/// The mutations of the type `N`, as a part of the root.
pub struct ChildMutations<N>(PhantomData<fn() -> N>);

impl<N> Default for ChildMutations<N> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<N: ChildNode> ChildMutations<N> {
    async fn create(ctx: &Context<'_>) -> Result<CreatePayload<N>, Error> {
        let input: N::CreateInput = value(ctx, "input")?;
        let writer = ctx.writer()?;
        let mut lease = ctx.db()?.write().await?;
        Payload::created(input.create(&mut lease.conn(), writer).await)
    }

    async fn update(ctx: &Context<'_>) -> Result<UpdatePayload<N>, Error> {
        let input: N::UpdateInput = value(ctx, "input")?;
        let (writer, selector) = (ctx.writer()?, N::selector(ctx)?);
        let mut lease = ctx.db()?.write().await?;
        let updated = input.update(&mut lease.conn(), writer, &selector.lookup).await;
        Payload::of(updated, selector.argument)
    }

    async fn delete(ctx: &Context<'_>) -> Result<DeletePayload<N>, Error> {
        let (writer, selector) = (ctx.writer()?, N::selector(ctx)?);
        let mut lease = ctx.db()?.write().await?;
        let conn = &mut lease.conn();
        let deleted = Child::<N::Attributes>::delete(conn, writer, &selector.lookup).await;
        Payload::of(deleted, selector.argument)
    }

    async fn reorder(ctx: &Context<'_>) -> Result<ReorderPayload<N>, Error> {
        let (parent, ids): (ID, Vec<ID>) = (value(ctx, "parentId")?, value(ctx, "ids")?);
        let writer = ctx.writer()?;
        let ids = references(&ids, N::NODE_TYPE);
        let mut lease = ctx.db()?.write().await?;
        let list = N::reorder(&mut lease.conn(), writer, &parent, &ids).await;
        let list = list.and_then(|it| it.ok_or_else(|| no_parent::<N>("parentId")));
        Payload::of(list.map(Some), "id")
    }

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        let (noun, _) = N::NOUNS;
        let name = |mutation| format!("{}{mutation}", N::ONE);
        let input = format!("The new {noun}.");
        let create = vec![argument::<N::CreateInput>(registry, "input", &input)];
        let mut update = N::selector_arguments(registry);
        update.push(argument::<N::UpdateInput>(registry, "input", "The fields to change."));
        let delete = N::selector_arguments(registry);
        let texts = N::MUTATIONS;
        let mut fields = vec![
            mutation::<CreatePayload<N>>(registry, &name("Create"), texts.create, create),
            mutation::<UpdatePayload<N>>(registry, &name("Update"), texts.update, update),
            mutation::<DeletePayload<N>>(registry, &name("Delete"), texts.delete, delete),
        ];
        if let Some((description, parent)) = texts.reorder {
            let ids = "IDs of all items of the list, each exactly once, in the new order.";
            let order = vec![
                argument::<ID>(registry, "parentId", parent),
                argument::<Vec<ID>>(registry, "ids", ids),
            ];
            let name = name("Reorder");
            fields.push(mutation::<ReorderPayload<N>>(registry, &name, description, order));
        }
        fields
    }
}

fn mutation<P: OutputType>(
    registry: &mut Registry,
    name: &str,
    description: &str,
    arguments: Vec<MetaInputValue>,
) -> MetaField {
    meta_field(name, &[description], P::create_type_info(registry), arguments)
}

impl<N: ChildNode> ContainerType for ChildMutations<N> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        let reorders = N::MUTATIONS.reorder.is_some();
        let payload = match name.strip_prefix(N::ONE) {
            Some("Create") => resolved(ctx, Box::pin(Self::create(ctx)).await).await,
            Some("Update") => resolved(ctx, Box::pin(Self::update(ctx)).await).await,
            Some("Delete") => resolved(ctx, Box::pin(Self::delete(ctx)).await).await,
            Some("Reorder") if reorders => resolved(ctx, Box::pin(Self::reorder(ctx)).await).await,
            _ => return Ok(None),
        };
        payload.map(Some)
    }
}

impl<N: ChildNode> OutputType for ChildMutations<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Mutations", N::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let fields = Self::fields(registry);
            meta_object::<Self>(&Self::type_name(), &[], fields)
        })
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl<N: ChildNode> ObjectType for ChildMutations<N> {}
