//! `Node`: the interface of all objects with an id.

use std::{future::Future, sync::Arc};

use async_graphql::{Context, ID, Interface, Object, ObjectType};

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
    object::RowObject,
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
pub trait RowNode: RowObject<Row: Row> + ObjectType + From<Arc<<Self as RowObject>::Row>> {
    const NODE_TYPE: NodeType;
    /// The fields that are not named as the column that they need.
    const DERIVED: &'static [Derived];
    /// Columns that are needed whichever fields are asked for, to choose among the rows.
    const ALWAYS: &'static [&'static str];

    /// Loads the object with that id for a nested field. (Boxed, because each field of an object
    /// needs memory for the largest future of any of them.)
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
            Ok(row.map(|row| Box::new(Self::from(row.shared()))))
        }
    }
}

/// Makes an object of a row, which it shares with other objects or has for itself.
macro_rules! node_of_row {
    // A group may also know its depth, and makes itself.
    (CustomerGroup($Row:ty)) => {};
    ($Node:ident($Row:ty)) => {
        impl From<Arc<$Row>> for $Node {
            fn from(row: Arc<$Row>) -> Self {
                Self(row)
            }
        }

        impl AsRef<$Row> for $Node {
            fn as_ref(&self) -> &$Row {
                &self.0
            }
        }

        impl From<$Row> for $Node {
            fn from(row: $Row) -> Self {
                Self(Arc::new(row))
            }
        }
    };
}

/// The types that are nodes: each with its rows, its name in [`NodeType`], too, and the columns that its
/// fields need (see [`columns`]). Fields without columns load what they return by the row's id.
macro_rules! nodes {
    ($($Node:ident: $Row:ty {
        $($($field:ident)|+ => $columns:tt,)*
        $(; always [$($always:ident),+])?
    })+) => {
        /// An object with a globally unique ID.
        #[derive(Interface)]
        #[graphql(field(
            name = "id",
            ty = "ID",
            desc = "Globally unique ID, assigned by the server."
        ))]
        pub enum Node {
            $($Node(Box<$Node>),)+
        }

        $(impl RowNode for $Node {
            const NODE_TYPE: NodeType = NodeType::$Node;
            const DERIVED: &'static [Derived] =
                &[$($((stringify!($field), nodes!(@columns $columns)),)+)*];
            const ALWAYS: &'static [&'static str] = &[$($(stringify!($always)),+)?];
        })+

        $(node_of_row!($Node($Row));)+

        $(impl $Node {
            /// The field of the interface.
            pub async fn id(&self, _ctx: &Context<'_>) -> Result<ID, Error> {
                Ok(NodeType::$Node.id(self.as_ref().uid()).to_string().into())
            }
        })+

        /// Loads the object with that id as a field of its type does.
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
    /// The object of any type with this ID; `null` if it does not exist.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the object.")] id: ID,
    ) -> Option<Result<Node, Error>> {
        find(ctx, &id).await.transpose()
    }

    /// The objects with these IDs, in the given order; `null` in place of each that does not exist.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "IDs of the objects, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Node>>, Error> {
        if ids.len() > NODES_MAX {
            return Err(Error::bad_input(format!("ids: must be at most {NODES_MAX}")));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}
