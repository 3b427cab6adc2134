//! Customer groups, which form trees.

mod delete;
mod inherited;
mod level;
mod list;
pub mod path;
mod tree;

use diesel::{ExpressionMethods, QueryDsl};
use futures_util::future::BoxFuture;

use super::{
    Code, Error, Lookup, Row, Violation,
    attribute::{
        Count, Defaulted, Filterable, Flag, Line, NotNegative, Optional, Patch, Reference,
        Required, Searchable, attributes,
    },
    custom_attribute::{Noun, WithAttributes},
    entity::{Entity, EntityAttributes},
    mutable::Mutable,
};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, RunQueryDsl, on, schema::customer_groups, sql::Column},
};

pub use self::delete::DeletePolicy;
pub use self::inherited::{Inherited, Level, inherited, inheriting_price_list};
pub use self::level::page_of_level;
pub use self::list::{CustomerGroupRelation, is_root};
pub use self::tree::{
    Descendant, MAX_DEPTH, ancestors, depths, descendants, line_of, lines, lock, subtree_of,
};

const TABLE: &str = "customer_groups";
const TENANT_ID: Column = Column::of::<customer_groups::tenant_id>(TABLE);
const ID: Column = Column::of::<customer_groups::id>(TABLE);
const PARENT_ID: Column = Column::of::<customer_groups::parent_id>(TABLE);
const NAME: Column = Column::of::<customer_groups::customer_group_name>(TABLE);
const NAME_KEY: Column = Column::of::<customer_groups::customer_group_name_key>(TABLE);

/// A customer group, as a node of the forest.
pub type CustomerGroup = Entity<CustomerGroupAttributes>;

attributes! {
    customer_groups;
    /// The writable attributes of a group.
    pub struct CustomerGroupAttributes {
        /// ID chosen by the client. Unique among the groups.
        external_id: Filterable<Optional<Line>>,
        /// ID of the parent group; `null` for a root. The parent must have `isGroup: true`. A new `parentId`
        /// moves the group with all its descendants. A tree has at most 32 levels.
        #[serde(skip)]
        parent_id: Filterable<Optional<Reference<CustomerGroup>>>,
        /// Whether the group can have children. If `false`, it is a leaf. A group with children cannot become
        /// a leaf.
        is_group: Filterable<Defaulted<Flag>>,
        /// Name of the group. Need not be unique.
        #[order = "Name, ignoring case and accents."]
        customer_group_name: Searchable<Required<Line>>,
        /// Price list for the group's customers; an identifier from another system.
        default_price_list: Optional<Line>,
        /// Payment terms for the group's customers; a name from another system.
        payment_terms: Optional<Line>,
        /// Payment period for the group's customers, in days.
        payment_terms_days: Optional<Count>,
        /// Maximum amount that each of the group's customers may owe, in the customer's `defaultCurrency`. 0
        /// means no limit; `null` leaves the limit to the groups above and to the tenant.
        credit_limit: Optional<NotNegative>,
        /// Language for correspondence with the group's customers; free text, like `nb`.
        language: Optional<Line>,
    }
}

impl EntityAttributes for CustomerGroupAttributes {
    const NOUN: Noun = Noun::CustomerGroup;

    /// Locks the tree, because a change may move the group.
    async fn find_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> Result<Option<CustomerGroup>, db::Error> {
        tree::lock(tx, tenant).await?;
        CustomerGroup::find(tx, tenant, lookup).await
    }

    fn check_others<'a>(
        &'a self,
        tx: &'a mut Conn<'_>,
        tenant: &'a Tenant,
        stored: Option<&'a CustomerGroup>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let before = stored.map(|it| &it.attributes);
            if let Some(taken) = CustomerGroup::external_id_taken(tx, tenant, self, before).await? {
                return Err(taken.into());
            }
            if let Some(group) = stored
                && group.attributes.is_group
                && !self.is_group
            {
                group.check_childless(tx, tenant).await?;
            }
            let parent =
                self.parent_id.filter(|it| before.and_then(|it| it.parent_id) != Some(*it));
            let Some(parent) = parent else { return Ok(()) };
            // An update has locked the tree before it read the group.
            if stored.is_none() {
                tree::lock(tx, tenant).await?;
            }
            tree::check_parent(tx, tenant, parent, stored.map(|it| it.id)).await
        })
    }
}

impl Mutable for CustomerGroup {
    type New = WithAttributes<CustomerGroupAttributes>;
    type Change = WithAttributes<Patch<CustomerGroupAttributes>>;
    type Deletion<'a> = DeletePolicy<'a>;
}

impl CustomerGroup {
    /// Creates a group with an existing id and history, in a transaction that is in progress.
    pub async fn restore(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        mut group: Self,
    ) -> Result<(), Error> {
        group.attributes.check()?;
        group.attributes.check_others(tx, writer.tenant(), None).await?;
        Ok(group.insert(tx, writer.tenant()).await?)
    }

    /// Fails if the group has children, so that it cannot become a leaf.
    async fn check_childless(&self, tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), Error> {
        let children = self.count_children(tx, tenant).await?;
        if children == 0 {
            return Ok(());
        }
        let message = format!("a group with {children} child groups cannot become a leaf");
        Err(Violation::new("isGroup", Code::HasChildren, message).into())
    }

    async fn count_children(&self, tx: &mut Conn<'_>, tenant: &Tenant) -> Result<i64, db::Error> {
        let children = customer_groups::table
            .filter(customer_groups::tenant_id.eq(tenant.id()))
            .filter(customer_groups::parent_id.eq(self.id))
            .count();
        Ok(on!(tx, |c| children.get_result(c).await)?)
    }
}
