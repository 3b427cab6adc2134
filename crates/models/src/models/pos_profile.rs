//! POS profiles: settings of points of sale, which another system manages. This server stores their
//! links to groups, which determine the customers that they may sell to. A profile without links
//! may sell to nobody, unless it is marked as one that sells to everyone.

mod customers;
mod list;

use std::collections::{HashMap, HashSet};

use diesel::{ExpressionMethods, QueryDsl};

use super::{
    Code, Error, Lookup, Violation, Violations,
    attribute::{Defaulted, Filterable, Flag, Line, Patch, Required, Sortable, attributes},
    child::{Children, ParentAttributes},
    custom_attribute::{Noun, WithAttributes},
    customer_group,
    entity::{Entity, EntityAttributes},
    lock::{Lock, lock_rows},
    membership,
    mutable::Mutable,
    pos_customer_group::PosCustomerGroup,
    row::of_tenant,
    violation::paths,
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, on,
        schema::pos_profiles,
        sql::{Column, Condition, Returning, Sql},
        types::{Uid, sql_types},
    },
};

pub(super) use self::customers::Customers;
pub use self::list::{PosProfileRelation, PosProfileTest};

const TABLE: &str = "pos_profiles";
const TENANT_ID: Column = Column::of::<pos_profiles::tenant_id>(TABLE);
const ID: Column = Column::of::<pos_profiles::id>(TABLE);
const POS_PROFILE_ID: Column = Column::of::<pos_profiles::pos_profile_id>(TABLE);
const SELLS_TO_EVERYONE: Column = Column::of::<pos_profiles::sells_to_everyone>(TABLE);

/// A POS profile. It is created explicitly or with its first link, and remains without links.
pub type PosProfile = Entity<PosProfileAttributes>;

attributes! {
    pos_profiles;
    /// The attributes of a POS profile that a client writes.
    pub struct PosProfileAttributes {
        /// ID of the profile in the system that manages it. Unique among the profiles.
        #[order = "ID in the system that manages the profile, in byte order."]
        pos_profile_id: Sortable<Required<Line>>,
        /// Whether the profile may sell to all customers that are not disabled, regardless of its links.
        sells_to_everyone: Filterable<Defaulted<Flag>>,
    }
}

impl EntityAttributes for PosProfileAttributes {
    const NOUN: Noun = Noun::PosProfile;
    const EXTERNAL_ID: &'static str = "pos_profile_id";

    fn taken() -> Violation {
        Violation::new("posProfileId", Code::Taken, "another POS profile has this id")
    }
}

impl ParentAttributes for PosProfileAttributes {
    const CHILD_COLUMN: &str = "profile_id";
}

impl Mutable for PosProfile {
    type New = WithAttributes<PosProfileAttributes>;
    type Change = WithAttributes<Patch<PosProfileAttributes>>;
    type Deletion<'a> = ();
}

impl PosProfile {
    /// The profile with that id in the system that manages it; it is created if it does not exist,
    /// and locked until this transaction ends.
    pub async fn ensure(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        pos_profile_id: &str,
    ) -> Result<Uid, Error> {
        let mut attributes = PosProfileAttributes {
            pos_profile_id: pos_profile_id.to_owned(),
            ..PosProfileAttributes::default()
        };
        attributes.check()?;
        let (id, now) = writer.new_id();
        // An update without a change locks an existing profile; if it is deleted concurrently, it
        // is created.
        // Whether it sells to everyone has a default in the database.
        let ensure = Sql::template(
            "INSERT INTO pos_profiles \
             (tenant_id, id, pos_profile_id, created_at, updated_at, created_by, last_modified_by) \
             VALUES ({tenant}, {id}, {name}, {now}, {now}, {by}, {by}) \
             ON CONFLICT (tenant_id, pos_profile_id) DO UPDATE \
             SET updated_at = pos_profiles.updated_at RETURNING id",
            [
                ("tenant", Sql::default().text(writer.tenant().id())),
                ("id", Sql::default().uid(id)),
                ("name", Sql::default().text(attributes.pos_profile_id)),
                ("now", Sql::default().time(now)),
                ("by", Sql::default().text(writer.name())),
            ],
        );
        let ensure = Returning::<sql_types::Uid>::new(ensure);
        Ok(on!(tx, |c| ensure.get_result(c).await)?)
    }

    /// Creates a profile and its links with existing ids and histories, in a transaction that is in
    /// progress.
    pub async fn restore(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        mut profile: Self,
        links: Vec<PosCustomerGroup>,
    ) -> Result<(), Error> {
        let tenant = writer.tenant();
        let mut violations = Violations::default();
        violations.take(profile.attributes.check())?;
        let ids: Vec<Uid> = links.iter().map(|link| link.id).collect();
        let paths = paths("posCustomerGroups", profile.id, &ids);
        let mut children = Children::with_list(profile.id, links);
        violations.take_at(&paths, children.check());
        violations.finish()?;
        let mut violations = Violations::default();
        violations.take_at(&paths, children.check_stored(tx, tenant).await?);
        violations.finish()?;
        profile.insert(tx, tenant).await?;
        children.save_new(tx, tenant).await?;
        Ok(())
    }

    /// The profiles with links to the groups that the query selects, locked against changes until
    /// this transaction ends.
    pub(super) async fn lock_linked(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        groups: Sql,
    ) -> Result<Vec<Uid>, db::Error> {
        let linked = is_linked(tenant, ID, groups, false);
        lock_rows::<Self>(tx, tenant, linked, Lock::NoKeyUpdate).await
    }
}

/// A query for the groups that a profile is linked to.
pub(super) fn groups_of(tenant: &Tenant, profile: Uid) -> Sql {
    linked_to(tenant, Sql::default().uid(profile))
}

fn linked_to(tenant: &Tenant, profile: Sql) -> Sql {
    Sql::template(
        "SELECT customer_group_id AS id FROM pos_customer_groups AS link \
         WHERE link.profile_id = {profile} AND link.tenant_id = {tenant}",
        [("profile", profile), ("tenant", Sql::default().text(tenant.id()))],
    )
}

/// The condition that a customer (by the columns of its id and flag) is in the scope of the
/// profile, which the query calls `parent` and which does not sell to everyone: in one of its
/// groups or below one, and not disabled.
pub(super) fn scope_of_parent(tenant: &Tenant, customer: Column, disabled: Column) -> Condition {
    let groups = Sql::template(
        "SELECT customer_group_id FROM pos_customer_groups AS link \
         WHERE link.profile_id = parent.id AND link.tenant_id = {tenant}",
        [("tenant", Sql::default().text(tenant.id()))],
    );
    let in_groups = membership::customer_is_in(tenant, customer, groups, true);
    Condition::all([Condition::flag(disabled, false), in_groups])
}

/// The condition that a customer is in the scope of that profile, which does not sell to everyone.
pub(super) fn scope_of(
    tenant: &Tenant,
    customer: Column,
    disabled: Column,
    profile: Uid,
) -> Condition {
    let in_groups = membership::customer_is_in(tenant, customer, groups_of(tenant, profile), true);
    Condition::all([Condition::flag(disabled, false), in_groups])
}

/// Looks up the named profiles: the id of each, and whether it sells to everyone. A missing profile
/// is an error, so that a mistyped name does not silently return the wrong customers. One statement
/// for any number of names.
pub(super) async fn named_profiles(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    names: &[Lookup],
) -> Result<HashMap<Lookup, (Uid, bool)>, db::Error> {
    let mut found = HashMap::new();
    if names.is_empty() {
        return Ok(found);
    }
    let rows = pos_profiles::table
        .filter(pos_profiles::tenant_id.eq(tenant.id()))
        .filter(named(names))
        .select((pos_profiles::id, pos_profiles::pos_profile_id, pos_profiles::sells_to_everyone));
    let rows: Vec<(Uid, String, bool)> = on!(conn, |c| rows.load(c).await)?;
    for (id, name, is_open) in rows {
        found.insert(Lookup::Id(id), (id, is_open));
        found.insert(Lookup::ExternalId(name), (id, is_open));
    }
    match names.iter().find(|name| !found.contains_key(name)) {
        None => Ok(found),
        Some(_) => Err(no_profile()),
    }
}

fn no_profile() -> db::Error {
    db::Error::Missing("posProfileId: there is no POS profile with this id".to_owned())
}

/// The profiles among these that sell to everyone.
pub(super) async fn open_profiles(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    profiles: &[Uid],
) -> Result<HashSet<Uid>, db::Error> {
    let open = pos_profiles::table
        .filter(pos_profiles::tenant_id.eq(tenant.id()))
        .filter(Condition::flag(SELLS_TO_EVERYONE, true))
        .filter(Condition::uid_in(ID, profiles))
        .select(pos_profiles::id);
    let open: Vec<Uid> = on!(conn, |c| open.load(c).await)?;
    Ok(open.into_iter().collect())
}

/// The condition that a profile has one of those names. Two tests for any number of names.
fn named(names: &[Lookup]) -> Condition {
    let (uids, texts) = Lookup::split(names);
    Condition::any([Condition::uid_in(ID, &uids), Condition::text_in(POS_PROFILE_ID, texts)])
}

/// The condition that a column is the id of a profile that has one of those names.
pub(super) fn is_named(tenant: &Tenant, profile: Column, names: &[Lookup]) -> Condition {
    Condition::of(Sql::template(
        "{profile} IN (SELECT id FROM pos_profiles WHERE {is_named})",
        [
            ("profile", Sql::default().column(profile)),
            ("is_named", of_tenant(TENANT_ID, tenant, named(names)).into_sql()),
        ],
    ))
}

/// The condition that a profile (by its id's column) has a link to one of those groups or, with
/// `above`, to a group above it, so that it may sell to its customers.
fn is_linked(tenant: &Tenant, profile: Column, groups: Sql, above: bool) -> Condition {
    let groups = if above { customer_group::line_of(tenant, groups) } else { groups };
    Condition::of(Sql::template(
        "{profile} IN (SELECT profile_id FROM pos_customer_groups AS link \
         WHERE link.tenant_id = {tenant} AND link.customer_group_id IN ({groups}))",
        [
            ("profile", Sql::default().column(profile)),
            ("tenant", Sql::default().text(tenant.id())),
            ("groups", groups),
        ],
    ))
}
