//! The node types, and `Node`, the interface of all objects with an id.

use async_graphql::{Context, ID, Interface, Object};

use super::{
    columns::Derived,
    customer::{
        Customer, address::CustomerAddress, consent::CustomerConsent, contact::CustomerContact,
        extension::CustomerExtension,
    },
    customer_group::CustomerGroup,
    error::Error,
    loyalty_program::LoyaltyProgram,
    loyalty_program_collection::LoyaltyProgramCollection,
    node::RowNode,
    pos_customer_group::PosCustomerGroup,
    pos_profile::PosProfile,
    supplier_number_at_customer::SupplierNumberAtCustomer,
};
use crate::{
    id::{Id, NodeType},
    models::Row,
};

/// Maximum number of ids in `nodes`.
pub const NODES_MAX: usize = 100;

/// Declares the node types: each with its name in [`NodeType`] and the columns that its fields need (see
/// `graphql::columns`). A field with `[]` needs no column, because it is loaded by the row's id.
macro_rules! nodes {
    ($($Node:ident {
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
            $($Node($Node),)+
        }

        $(impl RowNode for $Node {
            const NODE_TYPE: NodeType = NodeType::$Node;
            const DERIVED: &'static [Derived] =
                &[$($((stringify!($field), nodes!(@columns $columns)),)+)*];
            const ALWAYS: &'static [&'static str] = &[$($(stringify!($always)),+)?];
        })+

        $(impl $Node {
            /// The field of the interface.
            pub async fn id(&self, _ctx: &Context<'_>) -> Result<ID, Error> {
                Ok(NodeType::$Node.id(self.as_ref().uid()).to_string().into())
            }
        })+

        /// Loads the object with this id, as a field of its type would.
        async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>, Error> {
            let Some(Id { node_type, uid }) = Id::parse(id) else { return Ok(None) };
            match node_type {
                NodeType::ApiKey | NodeType::AttributeDefinition => Ok(None),
                $(NodeType::$Node => {
                    Ok($Node::load(ctx, uid).await?.map(Node::$Node))
                })+
            }
        }
    };
    (@columns [$($column:ident),*]) => { &[$(stringify!($column)),*] };
}

nodes! {
    Customer {
        displayName => [display_name, customer_name],
        mobileNoE164 => [mobile_no],
        credit => [credit_limit, credit_balance],
        effective => [
            default_price_list, payment_terms, payment_terms_days, credit_limit, language,
            customer_group_id
        ],
        customerGroup => [customer_group_id],
        loyaltyProgram => [loyalty_program_id],
        loyaltyProgramTier => [loyalty_program_tier_id],
        attribute | attributes | duplicates | extensions | mergedFrom | primaryAddress | primaryContact => [],
    }
    CustomerAddress {
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
    CustomerConsent {
        customerId | customer => [customer_id],
        recordedAt => [recorded_at, updated_at],
    }
    CustomerContact {
        customerId | customer | extensions => [customer_id],
        mobileNoE164 => [mobile_no],
        displayName => [display_name, first_name, last_name, email_id, mobile_no, title],
        ; always [is_primary]
    }
    CustomerExtension {
        customerId | customer => [customer_id],
        contactId | contact => [contact_id],
        ; always [contact_id]
    }
    CustomerGroup {
        parentCustomerGroup => [parent_id],
        ancestors | attribute | attributes | depth | descendants => [],
    }
    LoyaltyProgram {
        customerGroup => [customer_group_id],
        attribute | attributes => [],
    }
    LoyaltyProgramCollection {
        loyaltyProgramId | loyaltyProgram => [loyalty_program_id],
    }
    PosCustomerGroup {
        posProfileId | posProfile => [profile_id],
        customerGroup => [customer_group_id],
    }
    PosProfile {
        attribute | attributes => [],
    }
    SupplierNumberAtCustomer {
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
            return Err(Error::bad_input(format!("ids: at most {NODES_MAX} are allowed")));
        }
        futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id))).await
    }
}
