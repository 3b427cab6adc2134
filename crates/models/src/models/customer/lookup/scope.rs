//! The customers that a search may find.

use super::{
    super::{DISABLED, ID},
    CustomerSearch, recent,
};
use crate::{
    auth::Tenant,
    db::{self, Conn, sql::Condition},
    models::{
        membership::{self, Groups},
        pos_profile::Customers,
    },
};

/// The customers that a search may find.
pub struct Scope {
    with_disabled: bool,
    members: Members,
}

enum Members {
    /// Members of any group, or of none.
    All,
    Of(Groups),
    /// Members of groups that the condition finds, because they are too many to look up.
    Found(Condition),
}

impl Scope {
    /// An unknown POS profile is an error.
    pub async fn of(
        search: &CustomerSearch,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Self, db::Error> {
        let members = match &search.pos_profile {
            None => Members::All,
            Some(profile) => match Customers::of_profile(conn, tenant, profile).await? {
                Customers::Everyone => Members::All,
                Customers::Of(groups) => Members::Of(groups),
                Customers::Below(linked) => {
                    Members::Found(membership::customer_is_in(tenant, ID, linked, true))
                }
            },
        };
        Ok(Self { with_disabled: search.with_disabled, members })
    }

    /// Whether only some of the tenant's customers are in scope. These may be few of the customers with a word.
    pub const fn is_narrow(&self) -> bool {
        !matches!(self.members, Members::All)
    }

    /// The groups whose members are in scope, if they have been looked up.
    pub const fn groups(&self) -> Option<&Groups> {
        match &self.members {
            Members::Of(groups) => Some(groups),
            Members::All | Members::Found(_) => None,
        }
    }

    /// The condition on customers that an index finds. Each is looked up in a set of all members. With a join,
    /// PostgreSQL would compare each with all members as long as it has no statistics of new rows.
    pub fn condition(&self, tenant: &Tenant) -> Condition {
        let member = self.groups().map(|groups| groups.contain_by_set(tenant, ID));
        Condition::all([self.besides_groups()].into_iter().chain(member))
    }

    /// The condition on customers that are known to be members of [`Scope::groups`].
    pub fn besides_groups(&self) -> Condition {
        let enabled = (!self.with_disabled).then(|| Condition::flag(DISABLED, false));
        let member = match &self.members {
            Members::All | Members::Of(_) => None,
            Members::Found(condition) => Some(condition.clone()),
        };
        Condition::all(enabled.into_iter().chain(member))
    }

    /// The condition on each of the customers that are read in order; `None` if testing it would take too long.
    pub fn of_each(&self, tenant: &Tenant) -> Option<Condition> {
        let enabled = (!self.with_disabled).then(|| Condition::flag(recent::DISABLED, false));
        let member = match &self.members {
            Members::All => None,
            Members::Of(groups) => Some(groups.contain_each(tenant, recent::ID)),
            Members::Found(_) => return None,
        };
        Some(Condition::all(enabled.into_iter().chain(member)))
    }
}
