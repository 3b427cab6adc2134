//! The queries of a node type: one object, and the connection of all objects.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ContainerType, Context, ObjectType, OutputType, ServerResult, Value, registry::Registry,
};

use super::{
    error::Error,
    node::ListedNode,
    object::{connections, meta_field, register_object, resolve_fields, resolved},
    selector::find,
};

/// The queries of the type `N`, as a part of the type `Query`.
pub struct Queries<N>(PhantomData<fn() -> N>);

impl<N> Default for Queries<N> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<N: ListedNode> Queries<N> {
    /// The selected object; `None` if it does not exist.
    async fn one(ctx: &Context<'_>) -> Option<Result<N, Error>> {
        match N::selector(ctx) {
            Ok(selector) => find(ctx, selector.lookup).await.transpose(),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<N: ListedNode> ContainerType for Queries<N> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = ctx.item.node.name.node.as_str();
        if name == N::ONE {
            resolved(ctx, Box::pin(Self::one(ctx)).await).await.map(Some)
        } else if name == N::MANY {
            Box::pin(connections::resolve::<N>(ctx, N::MANY, None)).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<N: ListedNode> OutputType for Queries<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Queries", N::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register_object::<Self>(registry, &[], &mut |registry| {
            let (noun, nouns) = N::NOUNS;
            let (object, selector) = (
                <Option<N> as OutputType>::create_type_info(registry),
                N::selector_arguments(registry),
            );
            let choice = if selector.len() > 1 { " Give exactly one argument." } else { "" };
            let one = format!("The {noun} with this ID; `null` if it does not exist.{choice}");
            let (connection, arguments) = connections::register::<N>(registry);
            let many = format!("All {nouns}, most recently created first by default.");
            vec![
                meta_field(N::ONE, &[&one], object, selector),
                meta_field(N::MANY, &[&many], connection, arguments),
            ]
        })
    }

    resolve_fields!();
}

impl<N: ListedNode> ObjectType for Queries<N> {}
