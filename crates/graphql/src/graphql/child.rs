//! The API of children (line items, addresses, …). Their lists are here; their inputs and mutations are in submodules.

mod input;

use async_graphql::{Context, ID, InputType};

use super::{
    columns,
    context::ContextExt,
    error::Error,
    filter::{IdFilter, Tests},
    loader::ChildrenOf,
    memory,
    mutable_node::{MutableNode, MutationDescriptions},
    node::{ListedNode, RowNode},
    object::Objects,
};
use crate::{
    auth::Writer,
    db::{Conn, Measured, types::Uid},
    models::{
        self, Lookup,
        child::{Child, ChildAttributes},
        filter::{Predicate, RowTest},
        list::TestOf,
    },
};

pub use self::input::{ChildCreateInput, ChildInput, ChildUpdateInput, new_children};

/// A type of nodes that are children of another type, and their mutations.
pub trait ChildNode: ListedNode<Row = Child<Self::Attributes>> {
    type Attributes: ChildAttributes;
    /// The argument `input` of the mutation that creates a child.
    type CreateInput: InputType
        + TryInto<<Self::Attributes as ChildAttributes>::New, Error: Into<models::Error>>;
    /// The argument `input` of the mutation that updates a child.
    type UpdateInput: InputType
        + TryInto<<Self::Attributes as ChildAttributes>::Change, Error: Into<models::Error>>;

    type Parent: ListedNode;
    const MUTATIONS: MutationDescriptions;
    /// The descriptions of the reorder mutation and of its argument `parentId`; `None` if clients do not see the order.
    const REORDER: Option<(&'static str, &'static str)> = None;

    /// The field of an input that names the parent.
    fn parent_field() -> String {
        format!("{}Id", Self::Parent::ONE)
    }

    /// The parent that the client named in `parentId`.
    fn parent(id: &ID) -> Lookup {
        Lookup::Id(Self::Parent::NODE_TYPE.uid(id))
    }
}

impl<N: ChildNode> MutableNode for N {
    type CreateInput = <N as ChildNode>::CreateInput;
    type UpdateInput = <N as ChildNode>::UpdateInput;
    const MUTATIONS: MutationDescriptions = <N as ChildNode>::MUTATIONS;
    const REORDER: Option<(&'static str, &'static str)> = <N as ChildNode>::REORDER;

    async fn reorder(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: &ID,
        ids: &[Uid],
    ) -> Result<Vec<N::Row>, models::Error> {
        Child::reorder(tx, writer, &N::parent(parent), ids).await
    }
}

/// Loads the children of a parent for which `is_wanted` returns `true`.
pub async fn list_where<A: ChildAttributes, Item: RowNode<Row = Child<A>>>(
    ctx: &Context<'_>,
    parent: Uid,
    is_wanted: impl Fn(&A) -> bool,
) -> Result<Objects<Item>, Error> {
    let columns = columns::of_objects::<Item>(ctx);
    let children = ctx.loader()?.load(ChildrenOf::<A>::new(parent), columns).await?;
    let wanted: Vec<&Measured<Child<A>>> =
        children.iter().flat_map(|it| it.iter()).filter(|it| is_wanted(&it.attributes)).collect();
    // Memory is counted before objects are made of them.
    memory::take_shared(ctx, wanted.iter().copied())?;
    Ok(Objects(wanted.into_iter().map(|it| Item::from(it.clone().shared())).collect()))
}

/// Converts a filter's condition on the parent to tests.
pub fn of_parent<N: ChildNode>(parent: IdFilter) -> Tests<TestOf<N::Row>> {
    let column = <N::Attributes as ChildAttributes>::PARENT_ID;
    let tests = parent.tests(N::Parent::NODE_TYPE)?;
    Ok(tests.map(&|it| RowTest::column(column, Predicate::Parent(it))))
}

/// Declares the type of a customer's children like [`object!`](super::object::object), without the fields common to all
/// of them: ids, timestamps and the customer.
macro_rules! customer_child {
    (
        $(#[doc = $type_doc:literal])+
        pub struct $Type:ident($row:ident: $Row:ty) of $Customer:ident {
            $($(#[doc = $doc:literal])+ $name:ident: $value:expr,)*
        }
        $(references {
            $($(#[doc = $one_doc:literal])+ $one:ident: $One:ident by $uid:expr,)+
        })?
    ) => {
        $crate::graphql::object::object! {
            $(#[doc = $type_doc])+
            pub struct $Type($row: $Row) {
                #[doc = " Globally unique ID, assigned by the server."]
                id: $crate::id::NodeType::$Type.id($row.id),
                #[doc = " ID of the customer that it belongs to."]
                customerId: $crate::id::NodeType::$Customer.id($row.parent),
                #[doc = " When the object was created."]
                createdAt: $row.created_at,
                #[doc = " When the object was last changed."]
                updatedAt: $row.updated_at,
                $($(#[doc = $doc])+ $name: $value,)*
            }
            references {
                #[doc = " The customer that it belongs to."]
                customer: $Customer by $row.parent,
                $($($(#[doc = $one_doc])+ $one: $One by $uid,)+)?
            }
        }
    };
}
pub(in crate::graphql) use customer_child;
