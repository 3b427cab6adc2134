//! Objects with an id.

use std::sync::Arc;

use async_graphql::{
    Context, ID, ObjectType,
    registry::{MetaInputValue, Registry},
};

use super::{
    columns::{self, Derived},
    context::ContextExt,
    error::Error,
    filter::Filtered,
    loader::ById,
    memory,
    object::{RowObject, argument, value},
    selector::Selector,
};
use crate::{
    db::{pick::ColumnSet, types::Uid},
    id::NodeType,
    models::{Row, custom_attribute::Noun},
};

/// A GraphQL type whose objects are rows.
pub trait RowNode: RowObject<Row: Row> + ObjectType + From<Arc<<Self as RowObject>::Row>> {
    const NODE_TYPE: NodeType;
    /// The fields that are computed from columns of other names.
    const DERIVED: &'static [Derived];
    /// Columns that are read whichever fields are selected, because rows are chosen by them.
    const ALWAYS: &'static [&'static str];

    /// Loads the object with this id for a nested field.
    fn load(
        ctx: &Context<'_>,
        uid: Uid,
    ) -> impl Future<Output = Result<Option<Self>, Error>> + Send {
        Self::load_columns(ctx, uid, columns::of_objects::<Self>(ctx))
    }

    /// Like [`RowNode::load`], with these columns, for a field that does not return the object itself.
    fn load_columns(
        ctx: &Context<'_>,
        uid: Uid,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Option<Self>, Error>> + Send {
        async move {
            let row = ctx.loader()?.load(ById::<Self::Row>::new(uid), columns).await?;
            memory::take_shared(ctx, &row)?;
            Ok(row.map(|row| Self::from(row.shared())))
        }
    }
}

/// A node type with lists, and with root queries for one object and for all.
pub trait ListedNode: Filtered {
    /// The name of the query for one object, which is also the prefix of the mutations.
    const ONE: &'static str;
    /// The name of the query for all objects.
    const MANY: &'static str;
    /// The noun in descriptions: singular, without an article, and plural.
    const NOUNS: (&'static str, &'static str);
    /// The noun of the objects' custom attributes; `None` if they have none.
    const NOUN: Option<Noun> = Noun::of(Self::NODE_TYPE);
    /// The descriptions of the filter's fields `createdAt` and `updatedAt`.
    const FILTER_TIMES: (&'static str, &'static str) =
        ("Creation time.", "Time of the last change.");
    /// Sentences for the description of the order input, about all orders.
    const ORDER_RULES: &'static str = "";
    /// The description of the order by `updatedAt`.
    const UPDATED_AT: &'static str = "Time of the last change.";

    /// The arguments that select one object.
    fn selector_arguments(registry: &mut Registry) -> Vec<MetaInputValue> {
        let external_id = "ID chosen by the client. Give either this or `id`.";
        vec![
            argument::<Option<ID>>(
                registry,
                "id",
                "ID assigned by the server. Give either this or `externalId`.",
            ),
            argument::<Option<String>>(registry, "externalId", external_id),
        ]
    }

    /// The object that these arguments select.
    fn selector(ctx: &Context<'_>) -> Result<Selector, Error> {
        Selector::new(value(ctx, "id")?, value(ctx, "externalId")?, Self::NODE_TYPE)
    }
}
