//! The mutations of a node type: create, update, delete and, for children whose order clients see, reorder.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContainerType, Context, ID, ObjectType, OutputType, ServerResult, Value,
    registry::{MetaField, MetaInputValue, Registry},
};

use super::{
    context::ContextExt,
    error::Error,
    input::references,
    mutable_node::{MutableNode, PolicyArgument},
    object::{argument, meta_field, register_object, resolve_fields, returned, value},
    payload::{CreatePayload, DeletePayload, Payload, ReorderPayload, UpdatePayload},
};
use crate::{
    db::Conn,
    models::mutable::{Create, Delete, Mutable, Update},
};

/// The mutations of the type `N`, as a part of the type `Mutation`.
pub struct Mutations<N>(PhantomData<fn() -> N>);

impl<N> Default for Mutations<N> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<N: MutableNode> Mutations<N> {
    async fn create(ctx: &Context<'_>) -> Result<CreatePayload<N>, Error> {
        let input: N::CreateInput = value(ctx, "input")?;
        let writer = ctx.writer()?;
        let new = match input.try_into() {
            Ok(new) => new,
            Err(invalid) => return Payload::created(Err(invalid.into())),
        };
        let mut lease = ctx.db()?.write().await?;
        Payload::created(new.create(&mut lease.conn(), writer).await)
    }

    async fn update(ctx: &Context<'_>) -> Result<UpdatePayload<N>, Error> {
        let input: N::UpdateInput = value(ctx, "input")?;
        let (writer, selector) = (ctx.writer()?, N::selector(ctx)?);
        let change = match input.try_into() {
            Ok(change) => change,
            Err(invalid) => return Payload::of(Err(invalid.into()), selector.argument),
        };
        let update = async |tx: &mut Conn<'_>| change.update(tx, writer, &selector.lookup).await;
        let updated = ctx.db()?.write().await?.conn().transaction(update).await;
        Payload::of(updated, selector.argument)
    }

    async fn delete(ctx: &Context<'_>) -> Result<DeletePayload<N>, Error> {
        let (writer, policy) = (ctx.writer()?, <N::Row as Mutable>::Deletion::read(ctx)?);
        let selector = N::selector(ctx)?;
        let mut lease = ctx.db()?.write().await?;
        let delete = async |tx: &mut Conn<'_>| policy.delete(tx, writer, &selector.lookup).await;
        let deleted = lease.conn().transaction(delete).await;
        Payload::of(deleted, selector.argument)
    }

    async fn reorder(ctx: &Context<'_>) -> Result<ReorderPayload<N>, Error> {
        let (parent, ids): (ID, Vec<ID>) = (value(ctx, "parentId")?, value(ctx, "ids")?);
        let writer = ctx.writer()?;
        let ids = references(&ids, N::NODE_TYPE);
        let mut lease = ctx.db()?.write().await?;
        let reorder = async |tx: &mut Conn<'_>| N::reorder(tx, writer, &parent, &ids).await;
        let list = lease.conn().transaction(reorder).await;
        Payload::of(list.map(Some), "id")
    }

    fn fields(registry: &mut Registry) -> Vec<MetaField> {
        let name = |mutation| format!("{}{mutation}", N::ONE);
        let input = format!("The new {}.", N::NEW);
        let create = vec![argument::<N::CreateInput>(registry, "input", &input)];
        let mut update = N::selector_arguments(registry);
        update.push(argument::<N::UpdateInput>(registry, "input", "The fields to change."));
        let mut delete = N::selector_arguments(registry);
        delete.extend(<N::Row as Mutable>::Deletion::argument(registry));
        let texts = N::MUTATIONS;
        let mut fields = vec![
            mutation::<CreatePayload<N>>(registry, &name("Create"), texts.create, create),
            mutation::<UpdatePayload<N>>(registry, &name("Update"), texts.update, update),
            mutation::<DeletePayload<N>>(registry, &name("Delete"), texts.delete, delete),
        ];
        if let Some((description, parent)) = N::REORDER {
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

impl<N: MutableNode> ContainerType for Mutations<N> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        let reorders = N::REORDER.is_some();
        let payload = match name.strip_prefix(N::ONE) {
            Some("Create") => returned(ctx, Box::pin(Self::create(ctx)).await).await,
            Some("Update") => returned(ctx, Box::pin(Self::update(ctx)).await).await,
            Some("Delete") => returned(ctx, Box::pin(Self::delete(ctx)).await).await,
            Some("Reorder") if reorders => returned(ctx, Box::pin(Self::reorder(ctx)).await).await,
            _ => return Ok(None),
        };
        payload.map(Some)
    }
}

impl<N: MutableNode> OutputType for Mutations<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Mutations", N::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register_object::<Self>(registry, &[], &mut Self::fields)
    }

    resolve_fields!();
}

impl<N: MutableNode> ObjectType for Mutations<N> {}
