//! `Node`: anything that has an id.

use std::future::Future;

use async_graphql::{Context, ID, Interface, Object};

use super::{
    columns::{self, Derived},
    context::ContextExt,
    customer::{
        Customer, address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
        extension::CustomerExtension,
    },
    customer_group::CustomerGroup,
    error::Error,
    loader::ById,
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    memory,
    pos_customer_group::PosCustomerGroup,
    pos_profile::PosProfile,
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    db::{pick::ColumnSet, types::Uid},
    id::{Id, NodeType},
    models::{
        self, Row, customer, loyalty_program_collection, pos_customer_group,
        supplier_number_at_customer,
    },
};

/// Most ids that `nodes` takes.
pub const NODES_MAX: usize = 100;

/// A GraphQL type whose objects are rows.
pub trait RowNode: From<Self::Row> + Send {
    type Row: Row;
    const NODE_TYPE: NodeType;
    /// The fields that are not named as the column that they need.
    const DERIVED: &'static [Derived];
    /// Columns that are needed whichever fields are asked for, to choose among the rows.
    const ALWAYS: &'static [&'static str];

    /// The object with that id, as a nested field loads it. (It is in a box, for every field of an
    /// object needs memory for the largest of what they load.)
    fn load(
        ctx: &Context<'_>,
        uid: Uid,
    ) -> impl Future<Output = Result<Option<Box<Self>>, Error>> + Send {
        Self::load_columns(ctx, uid, columns::of_objects::<Self>(ctx))
    }

    /// As [`RowNode::load`], with those columns, for a field that does not return the object itself.
    fn load_columns(
        ctx: &Context<'_>,
        uid: Uid,
        columns: ColumnSet,
    ) -> impl Future<Output = Result<Option<Box<Self>>, Error>> + Send {
        async move {
            let row = ctx.loader()?.load(ById::<Self::Row>::new(uid), columns).await?;
            memory::take_shared(ctx, &row)?;
            Ok(row.map(|row| Box::new(Self::from(row.into_row()))))
        }
    }
}

/// The types that are nodes: each with its rows, its name in [`NodeType`], too, and the columns that its
/// fields need (see [`columns`]). Fields without columns load what they return by the row's id.
macro_rules! nodes {
    ($($Node:ident: $Row:ty {
        $($($field:ident)|+ => $columns:tt,)*
        $(; always [$($always:ident),+])?
    })+) => {
        /// An object with an id that is unique among all objects.
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "The id, which is unique among all objects."
        ))]
        pub enum Node {
            $($Node(Box<$Node>),)+
        }

        $(impl RowNode for $Node {
            type Row = $Row;
            const NODE_TYPE: NodeType = NodeType::$Node;
            const DERIVED: &'static [Derived] =
                &[$($((stringify!($field), nodes!(@columns $columns)),)+)*];
            const ALWAYS: &'static [&'static str] = &[$($(stringify!($always)),+)?];
        })+

        /// The object with that id, as the field that has its type loads it.
        async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Error> {
            let Some(Id { node_type, uid }) = Id::parse(id) else { return Ok(None) };
            match node_type {
                NodeType::ApiKey => Ok(None),
                $(NodeType::$Node => {
                    Ok($Node::load(ctx, uid).await?.map(Node::$Node))
                })+
            }
        }
    };
    (@columns [$($column:ident),*]) => { &[$(stringify!($column)),*] };
}

nodes! {
    Customer: models::Customer {
        displayName => [display_name, customer_name],
        credit => [credit_limit, credit_balance],
        customerGroup => [customer_group_id],
        loyaltyProgram => [loyalty_program_id],
        loyaltyProgramTier => [loyalty_program_tier_id],
        addresses | consents | contacts | customerGroups | extensions => [],
        primaryAddress | primaryContact | supplierNumbers => [],
    }
    CustomerAddress: customer::address::CustomerAddress {
        customerId | customer => [customer_id],
        displayName => [
            display_name, company_name, first_name, last_name, address, postal_code, city, region,
            country_code
        ],
        formatted => [
            company_name, first_name, last_name, address, postal_code, city, region, country_code
        ],
        ; always [is_primary]
    }
    CustomerConsent: customer::consent::CustomerConsent {
        customerId | customer => [customer_id],
        recordedAt => [recorded_at, updated_at],
    }
    CustomerContact: customer::contact::CustomerContact {
        customerId | customer | extensions => [customer_id],
        displayName => [display_name, first_name, last_name, email_id, mobile_no, title],
        ; always [is_primary]
    }
    CustomerExtension: customer::extension::CustomerExtension {
        customerId | customer => [customer_id],
        contactId | contact => [contact_id],
        ; always [contact_id]
    }
    CustomerGroup: models::CustomerGroup {
        parentCustomerGroup => [parent_id],
        ancestors | children | customers | depth | descendants | loyaltyPrograms | posProfiles => [],
    }
    LoyaltyProgram: models::LoyaltyProgram {
        customerGroup => [customer_group_id],
        collections | customers => [],
    }
    LoyaltyProgramCollection: loyalty_program_collection::LoyaltyProgramCollection {
        loyaltyProgramId | loyaltyProgram => [loyalty_program_id],
        customers => [],
    }
    PosCustomerGroup: pos_customer_group::PosCustomerGroup {
        posProfileId | posProfile => [profile_id],
        customerGroup => [customer_group_id],
    }
    PosProfile: models::PosProfile {
        posCustomerGroups | customers => [],
    }
    SupplierNumberAtCustomer: supplier_number_at_customer::SupplierNumberAtCustomer {
        customerId | customer => [customer_id],
    }
}

#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// The object with this id, of whatever type. `null` if there is none.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The object's id.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        find(ctx, &id).await.transpose()
    }

    /// The objects with these ids, in the same order; `null` where there is none.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objects' ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        if ids.len() > NODES_MAX {
            return Err(Error::bad_input(format!("ids: must be at most {NODES_MAX}")));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}
