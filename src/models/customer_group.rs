//! Customer groups, which form trees.

mod delete;
mod level;
mod list;
pub mod path;
mod tree;

use diesel::{ExpressionMethods, QueryDsl};

use super::{
    Code, Error, Lookup, Row, Violation,
    attribute::{
        Attributes as _, Defaulted, Filterable, Flag, Line, Optional, Patch, Reference, Required,
        Searchable, attributes,
    },
    entity::{Entity, EntityAttributes},
};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, RunQueryDsl, on, schema::customer_groups, sql::Column},
};

pub use self::delete::DeletePolicy;
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
    }
}

impl CustomerGroupAttributes {
    pub fn check(&mut self) -> Result<(), Error> {
        self.check_kinds().finish()
    }
}

impl EntityAttributes for CustomerGroupAttributes {}

impl CustomerGroup {
    pub async fn create(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        attributes: CustomerGroupAttributes,
    ) -> Result<Self, Error> {
        conn.transaction(async |tx| Self::create_in(tx, writer, attributes).await).await
    }

    /// Creates a group in a transaction that is in progress.
    pub async fn create_in(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        mut attributes: CustomerGroupAttributes,
    ) -> Result<Self, Error> {
        let tenant = writer.tenant();
        Self::check_new(tx, tenant, &mut attributes).await?;
        let group = Self::new(writer, attributes);
        group.insert(tx, tenant).await?;
        Ok(group)
    }

    /// Creates a group with an existing id and history, in a transaction that is in progress.
    pub async fn restore(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        mut group: Self,
    ) -> Result<(), Error> {
        Self::check_new(tx, writer.tenant(), &mut group.attributes).await?;
        Ok(group.insert(tx, writer.tenant()).await?)
    }

    async fn check_new(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        attributes: &mut CustomerGroupAttributes,
    ) -> Result<(), Error> {
        attributes.check()?;
        Self::check_external_id(tx, tenant, attributes).await?;
        if let Some(parent) = attributes.parent_id {
            tree::lock(tx, tenant).await?;
            tree::check_parent(tx, tenant, parent, None).await?;
        }
        Ok(())
    }

    /// Updates a group, and with `parent_id` moves it; `None` if it does not exist. Without
    /// changes, nothing is written.
    pub async fn update(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
        patch: &Patch<CustomerGroupAttributes>,
    ) -> Result<Option<Self>, Error> {
        let tenant = writer.tenant();
        conn.transaction(async |tx| {
            tree::lock(tx, tenant).await?;
            let Some(mut group) = Self::find(tx, tenant, lookup).await? else { return Ok(None) };
            let before = group.attributes.clone();
            group.attributes.patch(patch);
            group.attributes.check()?;
            if group.attributes == before {
                return Ok(Some(group));
            }
            if group.attributes.external_id != before.external_id {
                Self::check_external_id(tx, tenant, &group.attributes).await?;
            }
            group.check_place(tx, tenant, &before).await?;
            group.write_attributes(tx, writer, &before).await?;
            Ok(Some(group))
        })
        .await
    }

    /// Checks the rules of the tree for the changes since `before`.
    async fn check_place(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        before: &CustomerGroupAttributes,
    ) -> Result<(), Error> {
        if before.is_group && !self.attributes.is_group {
            let children = self.count_children(tx, tenant).await?;
            if children > 0 {
                let message = format!("a group with {children} child groups cannot become a leaf");
                return Err(Violation::new("isGroup", Code::HasChildren, message).into());
            }
        }
        match self.attributes.parent_id {
            Some(parent) if before.parent_id != Some(parent) => {
                tree::check_parent(tx, tenant, parent, Some(self.id)).await
            }
            _ => Ok(()),
        }
    }

    async fn count_children(&self, tx: &mut Conn<'_>, tenant: &Tenant) -> Result<i64, db::Error> {
        let children = customer_groups::table
            .filter(customer_groups::tenant_id.eq(tenant.id()))
            .filter(customer_groups::parent_id.eq(self.id))
            .count();
        Ok(on!(tx, |c| children.get_result(c).await)?)
    }

    async fn check_external_id(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        attributes: &CustomerGroupAttributes,
    ) -> Result<(), Error> {
        let Some(external_id) = &attributes.external_id else { return Ok(()) };
        match Self::find(tx, tenant, &Lookup::ExternalId(external_id.clone())).await? {
            None => Ok(()),
            Some(_) => Err(Violation::external_id_taken().into()),
        }
    }
}
