//! The root of queries.

use async_graphql::{Context, ID, MergedObject};

use super::{
    api_key::ApiKeyQuery,
    columns,
    context::ContextExt,
    customer::{
        CustomerQuery, address::CustomerAddressQuery, consent::CustomerConsentQuery,
        contact::CustomerContactQuery, extension::CustomerExtensionQuery,
    },
    customer_group::CustomerGroupQuery,
    error::Error,
    loyalty_program::LoyaltyProgramQuery,
    loyalty_program_collection::LoyaltyProgramCollectionQuery,
    memory,
    node::{NodeQuery, RowNode},
    pos_customer_group::PosCustomerGroupQuery,
    pos_profile::PosProfileQuery,
    supplier_number_at_customer::SupplierNumberAtCustomerQuery,
};
use crate::{
    id::NodeType,
    models::{Lookup, Row},
};

/// The root of queries.
#[derive(Default, MergedObject)]
pub struct Query(
    ApiKeyQuery,
    CustomerQuery,
    CustomerAddressQuery,
    CustomerConsentQuery,
    CustomerContactQuery,
    CustomerExtensionQuery,
    CustomerGroupQuery,
    LoyaltyProgramQuery,
    LoyaltyProgramCollectionQuery,
    NodeQuery,
    PosCustomerGroupQuery,
    PosProfileQuery,
    SupplierNumberAtCustomerQuery,
);

/// The object that a request refers to.
pub struct Selector {
    /// How to look it up.
    pub lookup: Lookup,
    /// The argument that named it.
    pub argument: &'static str,
}

impl Selector {
    /// Reads the arguments `id` and `externalId`, of which exactly one must be given.
    pub fn new(
        id: Option<ID>,
        external_id: Option<String>,
        node_type: NodeType,
    ) -> Result<Self, Error> {
        match (id, external_id) {
            (Some(id), None) => Ok(Self { lookup: Lookup::Id(node_type.uid(&id)), argument: "id" }),
            (None, Some(text)) => {
                // External ids are trimmed when they are written.
                let lookup = Lookup::ExternalId(text.trim().to_owned());
                Ok(Self { lookup, argument: "externalId" })
            }
            _ => Err(Error::bad_input("id, externalId: exactly one of them must be given")),
        }
    }
}

/// The object with this id or external id.
pub async fn find<N: RowNode>(
    ctx: &Context<'_>,
    id: Option<ID>,
    external_id: Option<String>,
) -> Result<Option<N>, Error> {
    let lookup = Selector::new(id, external_id, N::NODE_TYPE)?.lookup;
    find_row(ctx, lookup).await
}

/// The object for a lookup.
pub async fn find_row<N: RowNode>(ctx: &Context<'_>, lookup: Lookup) -> Result<Option<N>, Error> {
    let ((db, tenant), columns) = (ctx.source()?, columns::of_objects::<N>(ctx));
    let row = ctx
        .load(Box::pin(async move {
            let mut lease = db.read().await?;
            let conn = &mut lease.conn();
            let row = N::Row::find_measured(conn, &tenant, &lookup, columns).await?;
            conn.meter().take_rows(row.iter().count())?;
            Ok(row)
        }))
        .await?;
    memory::take_own(ctx, &row)?;
    Ok(row.map(|row| N::from(row.shared())))
}

/// Defines the queries of a type: one object by its id, and the connection of all objects.
///
/// `queries! { Query of Node; one: "the one", several ("several"): "several"; Order, Filter }`
macro_rules! queries {
    (
        $Query:ident of $Node:ident;
        $one:ident: $noun:literal,
        $all:ident ($connection:literal): $nouns:literal;
        $Order:ident, $Filter:ident
    ) => {
        impl $crate::graphql::object::connections::ListedNode for $Node {
            type Order = $Order;
            type Filter = $Filter;

            fn tests(
                filter: Option<Box<$Filter>>,
            ) -> Result<
                <Self::Row as $crate::models::list::Listed>::Filter,
                $crate::graphql::error::Error,
            > {
                $Filter::tests(filter)
            }
        }

        #[derive(Default)]
        pub struct $Query;

        #[async_graphql::Object]
        impl $Query {
            #[doc = concat!(
                        "The ", $noun, " with this ID; `null` if it does not exist. ",
                        "Give exactly one argument."
                    )]
            async fn $one(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "The ID assigned by the server.")] id: Option<async_graphql::ID>,
                #[graphql(desc = "The ID chosen by the client.")] external_id: Option<String>,
            ) -> Option<Result<$Node, $crate::graphql::error::Error>> {
                $crate::graphql::query::find::<$Node>(ctx, id, external_id).await.transpose()
            }

            #[doc = concat!(
                        "All ", $nouns, ", most recently created first by default."
                    )]
            #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
            async fn $all(
                &self,
                ctx: &async_graphql::Context<'_>,
                #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")]
                first: Option<i32>,
                #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
                #[graphql(desc = "Number of items from the end, 1 to 100. Not with `first`.")] last: Option<i32>,
                #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
                #[graphql(desc = "Number of items to skip, 0 to 100,000. Default: 0.")] offset: Option<i32>,
                #[graphql(desc = "Sort order. Default: most recently created first.")]
                order_by: Option<$Order>,
                #[graphql(desc = "Only items that match this filter.")] filter: Option<Box<$Filter>>,
            ) -> Result<
                $crate::graphql::connection::ConnectionOf<$Node>,
                $crate::graphql::error::Error,
            > {
                use $crate::graphql::{
                    connection::{PageArgs, connection},
                    object::RowObject,
                };
                let args = PageArgs { first, after, last, before, offset };
                let (order, filter) =
                    (order_by.unwrap_or_default().into(), $Filter::tests(filter)?);
                connection::<<$Node as RowObject>::Row, _>(
                    ctx,
                    $connection,
                    None,
                    args,
                    order,
                    filter,
                )
                .await
            }
        }
    };
}
pub(in crate::graphql) use queries;
