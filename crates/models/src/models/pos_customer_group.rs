//! Links from POS profiles to the groups that they may sell to: line items of the profile.

use std::{collections::HashSet, sync::Arc};

use diesel::{ExpressionMethods, QueryDsl};

use super::{
    Code, CustomerGroup, Error, Lookup, Row, Violation,
    attribute::{
        Attributes as _, Filterable, Line, Optional, Patch, Reference, Required, attributes,
    },
    child::{Child, ChildAttributes, ChildChange, Children},
    customer_group,
    filter::{Filter, OwnTest, RowTest},
    list::FilterOf,
    mutable::{Create, Created, Update},
    pos_profile::{self, PosProfile, PosProfileAttributes},
    row::of_tenant,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, on,
        schema::pos_customer_groups,
        sql::{Column, Condition, Sql},
        types::Uid,
    },
    id::NodeType,
};

pub type PosCustomerGroup = Child<PosCustomerGroupAttributes>;

attributes! {
    pos_customer_groups;
    /// The writable attributes of a link, besides its profile.
    pub struct PosCustomerGroupAttributes {
        /// ID chosen by the client. Unique among the POS customer groups.
        external_id: Filterable<Optional<Line>>,
        /// ID of the group that the profile may sell to.
        #[serde(skip)]
        customer_group_id: Filterable<Required<Reference<CustomerGroup>>>,
    }
}

const TENANT_ID: Column = PosCustomerGroup::TENANT_ID;
const CUSTOMER_GROUP_ID: Column =
    Column::of::<pos_customer_groups::customer_group_id>("pos_customer_groups");

/// The filter conditions on a link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PosCustomerGroupTest {
    /// Belongs to a profile with one of these names, all of which must exist.
    Profile(Vec<Lookup>),
    /// Belongs to one of these profiles.
    ProfileIs(Vec<Uid>),
}

impl OwnTest for PosCustomerGroupTest {
    fn condition(&self, tenant: &Tenant) -> Condition {
        match self {
            Self::Profile(names) => {
                pos_profile::is_named(tenant, PosCustomerGroupAttributes::PARENT_ID, names)
            }
            Self::ProfileIs(profiles) => {
                Condition::uid_in(PosCustomerGroupAttributes::PARENT_ID, profiles)
            }
        }
    }
}

impl ChildAttributes for PosCustomerGroupAttributes {
    type Parent = PosProfileAttributes;
    type New = NewLink;
    type Change = LinkChange;
    const FIELD: &str = "posCustomerGroups";
    const NODE_TYPE: NodeType = NodeType::PosCustomerGroup;

    type Test = PosCustomerGroupTest;

    async fn resolve(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        filter: FilterOf<PosCustomerGroup>,
    ) -> Result<FilterOf<PosCustomerGroup>, db::Error> {
        let mut named: Vec<Lookup> = Vec::new();
        filter.for_each(&mut |test| {
            if let RowTest::Own(PosCustomerGroupTest::Profile(names)) = test {
                named.extend(names.iter().cloned());
            }
        });
        let found = pos_profile::named_profiles(conn, tenant, &named).await?;
        Ok(filter.replaced(&|test| {
            let RowTest::Own(PosCustomerGroupTest::Profile(names)) = test else { return None };
            let profiles = names.iter().filter_map(|name| found.get(name)).map(|(id, _)| *id);
            let test = PosCustomerGroupTest::ProfileIs(profiles.collect());
            Some(Filter::own(test))
        }))
    }

    fn clash(&self, other: &Self) -> Option<Violation> {
        let message = "the POS profile has a link to this group";
        (self.customer_group_id == other.customer_group_id)
            .then(|| Violation::new("customerGroupId", Code::Taken, message))
    }

    async fn check_stored(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        _list: &[Child<Self>],
        changed: &[&Child<Self>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let groups: Vec<Uid> =
            changed.iter().map(|link| link.attributes.customer_group_id).collect();
        let found = CustomerGroup::find_many(tx, tenant, &groups).await?;
        let found: HashSet<Uid> = found.into_iter().map(|group| group.id).collect();
        let is_missing = |link: &&&Child<Self>| !found.contains(&link.attributes.customer_group_id);
        let violation = |link: &&Child<Self>| (link.id, Violation::no_customer_group());
        Ok(changed.iter().filter(is_missing).map(violation).collect())
    }

    /// The same lock as for moving a link to another profile.
    async fn keep_parents(tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
        customer_group::lock(tx, tenant).await
    }
}

/// A new link of that profile, at the end or at position `idx`. A profile that is named by its external id and does
/// not exist is created.
pub struct NewLink {
    pub profile: Lookup,
    pub idx: Option<i32>,
    pub attributes: PosCustomerGroupAttributes,
}

/// The changes of a link. With another profile, it moves there, to position `idx` or to the end.
pub struct LinkChange {
    pub profile: Option<Lookup>,
    pub idx: Option<i32>,
    pub patch: Patch<PosCustomerGroupAttributes>,
}

impl Create<PosCustomerGroup> for NewLink {
    async fn create_in(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Created<PosCustomerGroup>, Error> {
        let mut links = lock(tx, writer, &self.profile).await?;
        let id = links.insert(writer, self.idx, self.attributes)?;
        Ok(links.save_with(tx, writer, id).await?.into())
    }
}

impl Update<PosCustomerGroup> for LinkChange {
    async fn update(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<PosCustomerGroup>, Error> {
        let Self { profile, idx, patch } = self;
        let Some(profile) = profile else {
            return ChildChange { idx, patch }.update(tx, writer, lookup).await;
        };
        let tenant = writer.tenant();
        PosCustomerGroupAttributes::keep_parents(tx, tenant).await?;
        let found = PosCustomerGroup::find(tx, tenant, lookup).await?;
        let Some(link) = found else { return Ok(None) };
        let mut links = lock(tx, writer, &profile).await?;
        if !links.list().iter().any(|it| it.id == link.id) {
            // It cannot have moved again, because the tenant's lock is held.
            let before = Children::lock_with(tx, tenant, lookup).await?;
            let (mut before, id) = before.ok_or(diesel::result::Error::NotFound)?;
            if let Some(mut link) = before.take(id) {
                before.save(tx, writer).await?;
                link.updated_at = writer.now();
                links.put(link, idx)?;
            }
        } else if let Some(idx) = idx {
            links.move_to(link.id, idx)?;
        }
        links.change(writer, link.id, |attributes| attributes.patch(&patch));
        links.save_with(tx, writer, link.id).await.map(Some)
    }
}

/// Moves the links from one group to another. If a profile already has a link to the other group,
/// the moved one is deleted. The number of statements does not depend on the number of links.
pub(super) async fn reassign(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    from: Uid,
    to: Uid,
) -> Result<(), db::Error> {
    let tenant = writer.tenant();
    let profiles = PosProfile::lock_linked(tx, tenant, Sql::new("SELECT ").uid(from)).await?;
    if profiles.is_empty() {
        return Ok(());
    }
    // A link that another profile gets in the meantime stays, so that the group cannot be deleted.
    let of_group = |group: Uid| {
        let group = Condition::uid_in(CUSTOMER_GROUP_ID, &[group]);
        let locked = Condition::uid_in(PosCustomerGroupAttributes::PARENT_ID, &profiles);
        Condition::all([Condition::text(TENANT_ID, tenant.id()), group, locked])
    };
    let with_both = Sql::template(
        "profile_id IN (SELECT link.profile_id FROM pos_customer_groups AS link \
         WHERE link.customer_group_id = {to} AND link.tenant_id = {tenant})",
        [("to", Sql::default().uid(to)), ("tenant", Sql::default().text(tenant.id()))],
    );
    let doubled =
        pos_customer_groups::table.filter(of_group(from)).filter(Condition::of(with_both));
    on!(tx, |c| diesel::delete(doubled).execute(c).await)?;
    let change = (
        pos_customer_groups::customer_group_id.eq(to),
        pos_customer_groups::updated_at.eq(writer.now()),
    );
    let others = pos_customer_groups::table.filter(of_group(from));
    on!(tx, |c| diesel::update(others).set(change).execute(c).await)?;
    close_gaps(tx, writer, &profiles).await?;
    PosProfile::touch_many(tx, writer, &profiles).await
}

/// Deletes the links to these groups, which are locked, so that profiles cannot get new links to
/// them. The number of statements does not depend on that of the links.
pub(super) async fn delete_of_groups(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    groups: &[Uid],
) -> Result<(), db::Error> {
    let tenant = writer.tenant();
    let set = Arc::new(groups.iter().copied().collect());
    let set = Sql::new("SELECT id FROM ").uids(set).sql(" AS deleted");
    let profiles = PosProfile::lock_linked(tx, tenant, set).await?;
    if profiles.is_empty() {
        return Ok(());
    }
    let links = pos_customer_groups::table
        .filter(pos_customer_groups::tenant_id.eq(tenant.id()))
        .filter(Condition::uid_in(CUSTOMER_GROUP_ID, groups));
    on!(tx, |c| diesel::delete(links).execute(c).await)?;
    close_gaps(tx, writer, &profiles).await?;
    PosProfile::touch_many(tx, writer, &profiles).await
}

/// Renumbers the links of the profiles, in their current order.
async fn close_gaps(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    profiles: &[Uid],
) -> Result<(), db::Error> {
    let tenant = writer.tenant();
    let of_profiles = Condition::uid_in(PosCustomerGroupAttributes::PARENT_ID, profiles);
    let of_profiles = of_tenant(TENANT_ID, tenant, of_profiles);
    let update = Sql::template(
        "UPDATE pos_customer_groups SET idx = CAST(ordered.position AS integer), \
         updated_at = {now} FROM (\
         SELECT id, row_number() OVER (PARTITION BY profile_id ORDER BY idx) AS position \
         FROM pos_customer_groups WHERE {of_profiles}) AS ordered \
         WHERE pos_customer_groups.id = ordered.id AND {of_tenant} \
         AND pos_customer_groups.idx <> ordered.position",
        [
            ("now", Sql::default().time(writer.now())),
            ("of_profiles", of_profiles.into_sql()),
            ("of_tenant", Condition::text(TENANT_ID, tenant.id()).into_sql()),
        ],
    );
    on!(tx, |c| update.execute(c).await)?;
    Ok(())
}

/// The number of links to the group.
pub(super) async fn count(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    group: Uid,
) -> Result<i64, db::Error> {
    let links = pos_customer_groups::table
        .filter(pos_customer_groups::tenant_id.eq(tenant.id()))
        .filter(pos_customer_groups::customer_group_id.eq(group))
        .count();
    Ok(on!(tx, |c| links.get_result(c).await)?)
}

/// Locks the links of that profile. A profile that is named by its external id and does not exist
/// is created.
async fn lock(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    profile: &Lookup,
) -> Result<Children<PosCustomerGroupAttributes>, Error> {
    let profile = match profile {
        Lookup::Id(uid) => *uid,
        Lookup::ExternalId(text) => PosProfile::ensure(tx, writer, text).await?,
    };
    let links = Children::lock(tx, writer.tenant(), profile).await?;
    links.ok_or_else(|| Violation::no_pos_profile().into())
}
