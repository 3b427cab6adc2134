//! POS profiles: settings of points of sale, which another system has. Here is known which of them
//! have links to groups, and so to which customers they may sell.

mod list;

use diesel::{ExpressionMethods, QueryDsl, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    Error, Lookup, Violations, child::Children, customer_group, membership,
    pos_customer_group::PosCustomerGroup, row::row, violation::paths,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, on,
        schema::pos_profiles,
        sql::{Column, Condition, Select, Sql},
        types::{Timestamp, Uid, sql_types},
    },
};

pub use self::list::{PosProfileRelation, PosProfileSort, PosProfileTest};

const TABLE: &str = "pos_profiles";
const TENANT_ID: Column = Column::of::<pos_profiles::tenant_id>(TABLE);
const ID: Column = Column::of::<pos_profiles::id>(TABLE);
const UPDATED_AT: Column = Column::of::<pos_profiles::updated_at>(TABLE);
const POS_PROFILE_ID: Column = Column::of::<pos_profiles::pos_profile_id>(TABLE);

/// A POS profile with links. It is there from its first link to its last.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = pos_profiles)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct PosProfile {
    pub id: Uid,
    /// Its id in the system that has it.
    pub pos_profile_id: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: String,
    pub last_modified_by: String,
}

row!(PosProfile, pos_profiles, TENANT_ID, ID, POS_PROFILE_ID);

impl PosProfile {
    /// The profile with that id in the system that has it; it is made if it is not there. Nobody
    /// else changes or deletes it until this transaction ends.
    pub async fn ensure(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        pos_profile_id: &str,
    ) -> Result<Uid, Error> {
        let mut name = pos_profile_id.to_owned();
        let mut violations = Violations::default();
        violations.required_line("posProfileId", &mut name);
        violations.finish()?;
        let (id, now) = writer.new_id();
        let row = (
            pos_profiles::tenant_id.eq(writer.tenant().id()),
            pos_profiles::id.eq(id),
            pos_profiles::pos_profile_id.eq(&name),
            pos_profiles::created_at.eq(now),
            pos_profiles::updated_at.eq(now),
            pos_profiles::created_by.eq(writer.name()),
            pos_profiles::last_modified_by.eq(writer.name()),
        );
        // To change one that is there, without changing anything, is to lock it; and if others
        // delete it right then, it is made.
        let ensure = diesel::insert_into(pos_profiles::table)
            .values(row)
            .on_conflict((pos_profiles::tenant_id, pos_profiles::pos_profile_id))
            .do_update()
            .set(pos_profiles::updated_at.eq(pos_profiles::updated_at))
            .returning(pos_profiles::id);
        Ok(on!(tx, |c| ensure.get_result(c).await)?)
    }

    /// Creates a profile that has an id and a history already, as have its links, in a transaction that
    /// is in progress.
    pub async fn restore(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        mut profile: Self,
        links: Vec<PosCustomerGroup>,
    ) -> Result<(), Error> {
        let tenant = writer.tenant();
        let mut violations = Violations::default();
        violations.required_line("posProfileId", &mut profile.pos_profile_id);
        let ids: Vec<Uid> = links.iter().map(|link| link.id).collect();
        let paths = paths("posCustomerGroups", profile.id, &ids);
        let mut children = Children::with_list(profile.id, links);
        violations.take_at(&paths, children.check());
        violations.finish()?;
        let mut violations = Violations::default();
        violations.take_at(&paths, children.check_stored(tx, tenant).await?);
        violations.finish()?;
        let row = (
            pos_profiles::tenant_id.eq(tenant.id()),
            pos_profiles::id.eq(profile.id),
            pos_profiles::pos_profile_id.eq(&profile.pos_profile_id),
            pos_profiles::created_at.eq(profile.created_at),
            pos_profiles::updated_at.eq(profile.updated_at),
            pos_profiles::created_by.eq(&profile.created_by),
            pos_profiles::last_modified_by.eq(&profile.last_modified_by),
        );
        on!(tx, |c| diesel::insert_into(pos_profiles::table).values(row).execute(c).await)?;
        children.save_new(tx, tenant).await?;
        Ok(())
    }

    /// The profiles with links to that group, which nobody else changes until this transaction
    /// ends.
    pub(super) async fn lock_linked(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        group: Uid,
    ) -> Result<Vec<Uid>, db::Error> {
        let linked = is_linked(tenant, ID, Sql::new("SELECT ").uid(group), false);
        let linked = Condition::all([Condition::text(TENANT_ID, tenant.id()), linked]);
        let from = Sql::new(" FROM pos_profiles WHERE ").append(linked.into_sql());
        // In one order, so that two of these do not wait for each other. SQLite has one writer
        // anyway.
        let from = from.sql(" ORDER BY id");
        let from = from.per_dialect(Sql::new(" FOR NO KEY UPDATE"), Sql::default());
        let selection = diesel::dsl::sql::<sql_types::Uid>("id");
        let query = Select { with: Sql::default(), selection, from };
        Ok(on!(tx, |c| query.load(c).await)?)
    }

    /// Writes down that the links were changed. Without any, there is no profile.
    pub(super) async fn touch(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        profile: Uid,
        links: usize,
    ) -> Result<(), db::Error> {
        if links > 0 {
            return Self::touch_many(tx, writer, &[profile]).await;
        }
        let row = pos_profiles::table.find((writer.tenant().id(), profile));
        on!(tx, |c| diesel::delete(row).execute(c).await)?;
        Ok(())
    }

    pub(super) async fn touch_many(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        profiles: &[Uid],
    ) -> Result<(), db::Error> {
        let rows = pos_profiles::table
            .filter(pos_profiles::tenant_id.eq(writer.tenant().id()))
            .filter(Condition::uid_in(ID, profiles));
        let change = (
            pos_profiles::updated_at.eq(writer.now()),
            pos_profiles::last_modified_by.eq(writer.name()),
        );
        on!(tx, |c| diesel::update(rows).set(change).execute(c).await)?;
        Ok(())
    }
}

/// A query for the groups that a profile has links to.
pub(super) fn groups_of(tenant: &Tenant, profile: Uid) -> Sql {
    Sql::new(
        "SELECT customer_group_id AS id FROM pos_customer_groups AS link WHERE link.profile_id = ",
    )
    .uid(profile)
    .sql(" AND link.tenant_id = ")
    .text(tenant.id())
}

/// The condition that a customer (by its id's column and the one of its flag) is in the scope of
/// the profile that the query calls `parent`: in one of its groups or below one, and not disabled.
pub(super) fn scope_of_parent(tenant: &Tenant, customer: Column, disabled: Column) -> Condition {
    let groups = Sql::new("SELECT customer_group_id FROM pos_customer_groups AS link")
        .sql(" WHERE link.profile_id = parent.id AND link.tenant_id = ")
        .text(tenant.id());
    let in_groups = membership::customer_is_in(tenant, customer, groups, true);
    Condition::all([Condition::flag(disabled, false), in_groups])
}

/// The condition that a customer is in the scope of that profile. Of one that is named as another
/// system names it, and that has no links, nothing is known here: it is not restricted. What is no
/// profile's id here is in no profile's scope; and a disabled customer is in the scope of none.
pub(super) fn scope_of(
    tenant: &Tenant,
    customer: Column,
    disabled: Column,
    profile: &Lookup,
) -> Condition {
    let profiles = || {
        let of_tenant = Condition::text(TENANT_ID, tenant.id());
        Sql::new(" FROM pos_profiles WHERE ")
            .append(Condition::all([of_tenant, named(std::slice::from_ref(profile))]).into_sql())
    };
    let groups = Sql::new("SELECT customer_group_id FROM pos_customer_groups AS link")
        .sql(" WHERE link.tenant_id = ")
        .text(tenant.id())
        .sql(" AND link.profile_id IN (SELECT id")
        .append(profiles())
        .sql(")");
    let members = Sql::default()
        .column(customer)
        .sql(" IN (SELECT customer_id FROM customer_group_memberships AS member")
        .sql(" WHERE member.tenant_id = ")
        .text(tenant.id())
        .sql(" AND member.customer_group_id IN (")
        .append(customer_group::subtree_of(tenant, groups))
        .sql(")");
    let in_scope = match profile {
        Lookup::Id(_) => members,
        // Within the IN, where an index finds the customers; as an alternative to it, all would be
        // read.
        Lookup::ExternalId(_) => members
            .sql(" UNION ALL SELECT every.id FROM customers AS every WHERE every.tenant_id = ")
            .text(tenant.id())
            .sql(" AND NOT EXISTS (SELECT 1")
            .append(profiles())
            .sql(")"),
    };
    Condition::all([Condition::flag(disabled, false), Condition::of(in_scope.sql(")"))])
}

/// The condition on a profile of having one of those names. Two tests, however many names there
/// are.
fn named(names: &[Lookup]) -> Condition {
    let (mut uids, mut texts) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            Lookup::Id(uid) => uids.push(*uid),
            Lookup::ExternalId(text) => texts.push(text.clone()),
        }
    }
    Condition::any([Condition::uid_in(ID, &uids), Condition::text_in(POS_PROFILE_ID, texts)])
}

/// The condition that a column is the id of a profile that has one of those names.
pub(super) fn is_named(tenant: &Tenant, profile: Column, names: &[Lookup]) -> Condition {
    let of_tenant = Condition::text(TENANT_ID, tenant.id());
    let sql = Sql::default()
        .column(profile)
        .sql(" IN (SELECT id FROM pos_profiles WHERE ")
        .append(Condition::all([of_tenant, named(names)]).into_sql())
        .sql(")");
    Condition::of(sql)
}

/// The condition that a profile (by its id's column) has a link to one of those groups or, with
/// `above`, to one above it: whose customers it may then sell to.
fn is_linked(tenant: &Tenant, profile: Column, groups: Sql, above: bool) -> Condition {
    let groups = if above { customer_group::line_of(tenant, groups) } else { groups };
    let sql = Sql::default()
        .column(profile)
        .sql(" IN (SELECT profile_id FROM pos_customer_groups AS link WHERE link.tenant_id = ")
        .text(tenant.id())
        .sql(" AND link.customer_group_id IN (")
        .append(groups)
        .sql("))");
    Condition::of(sql)
}
