//! Queries for POS profiles.

use async_graphql::{Context, ID, Object};

use super::{PosProfile, PosProfileFilter, PosProfileOrder, profile_name};
use crate::{
    graphql::{
        connection::{ConnectionOf, PageArgs, connection},
        error::Error,
        object::connections::ListedNode,
        query::find_row,
    },
    models::{self, list::Listed},
};

impl ListedNode for PosProfile {
    type Order = PosProfileOrder;
    type Filter = PosProfileFilter;

    fn tests(
        filter: Option<Box<PosProfileFilter>>,
    ) -> Result<<Self::Row as Listed>::Filter, Error> {
        PosProfileFilter::tests(filter)
    }
}

#[derive(Default)]
pub struct PosProfileQuery;

#[Object]
impl PosProfileQuery {
    /// The POS profile with this `id` or `posProfileId`; `null` if it does not exist.
    async fn pos_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `id` or `posProfileId` of the profile.")] id: ID,
    ) -> Option<Result<PosProfile, Error>> {
        find_row(ctx, profile_name(&id)).await.transpose()
    }

    /// All POS profiles, most recently created first by default.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn pos_profiles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start, 1 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, 1 to 100. Not with `first`.")] last: Option<
            i32,
        >,
        #[graphql(desc = "Only items before this cursor.")] before: Option<String>,
        #[graphql(desc = "Number of items to skip, 0 to 100,000. Default: 0.")] offset: Option<i32>,
        #[graphql(desc = "Sort order. Default: most recently created first.")] order_by: Option<
            PosProfileOrder,
        >,
        #[graphql(desc = "Only items that match this filter.")] filter: Option<
            Box<PosProfileFilter>,
        >,
    ) -> Result<ConnectionOf<PosProfile>, Error> {
        let args = PageArgs { first, after, last, before, offset };
        let (order, filter) =
            (order_by.unwrap_or_default().into(), PosProfileFilter::tests(filter)?);
        connection::<models::PosProfile, _>(ctx, "posProfiles", None, args, order, filter).await
    }
}
