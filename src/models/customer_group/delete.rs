//! Deleting groups, and what becomes of what they hold.

use diesel::{ExpressionMethods, QueryDsl};

use super::{CustomerGroup, ID, tree};
use crate::{
    auth::{Administrator, Tenant, Writer},
    db::{self, Conn, RunQueryDsl, on, schema::customer_groups, sql::Condition, types::Uid},
    models::{
        Code, Error, Lookup, LoyaltyProgram, Row, Violation, describe_counts,
        lock::{Lock, lock_row},
        membership, pos_customer_group,
    },
};

/// Policies for the contents of a group that a writer deletes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeletePolicy {
    /// A group that holds anything is not deleted.
    #[default]
    Restrict,
    /// Its children, customers, loyalty programs and POS links go to its parent.
    ReassignToParent,
}

impl CustomerGroup {
    /// Deletes a group; returns its id, or `None` if there is no such group.
    pub async fn delete(
        conn: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
        policy: DeletePolicy,
    ) -> Result<Option<Uid>, Error> {
        let tenant = writer.tenant();
        conn.transaction(async |tx| {
            tree::lock(tx, tenant).await?;
            let Some(group) = Self::find(tx, tenant, lookup).await? else { return Ok(None) };
            if !lock_row::<Self>(tx, tenant, group.id, Lock::Update).await? {
                return Ok(None);
            }
            let holds = group.describe_contents(tx, tenant).await?;
            match (holds, policy, group.attributes.parent_id) {
                (None, ..) => {}
                (Some(_), DeletePolicy::ReassignToParent, Some(parent)) => {
                    group.move_children(tx, writer, parent).await?;
                    membership::move_all(tx, writer, group.id, parent).await?;
                    LoyaltyProgram::reassign(tx, writer, group.id, parent).await?;
                    pos_customer_group::reassign(tx, writer, group.id, parent).await?;
                }
                (Some(holds), DeletePolicy::ReassignToParent, None) => {
                    let message = format!("the group has {holds}, and no parent to move them to");
                    return Err(Violation::new("id", Code::InUse, message).into());
                }
                (Some(holds), DeletePolicy::Restrict, _) => {
                    let message = format!("the group has {holds}");
                    return Err(Violation::new("id", Code::InUse, message).into());
                }
            }
            delete_rows(tx, tenant, &[group.id]).await?;
            Ok(Some(group.id))
        })
        .await
    }

    /// Deletes a group with all below it, the loyalty programs that are for them and the POS links to
    /// them; returns its id, or `None` if there is no such group. Customers stay. However many groups
    /// there are, these are the same few statements.
    pub async fn delete_subtree(
        conn: &mut Conn<'_>,
        admin: Administrator<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        let (writer, tenant) = (admin.writer(), admin.tenant());
        conn.transaction(async |tx| {
            tree::lock(tx, tenant).await?;
            let Some(group) = Self::find(tx, tenant, lookup).await? else { return Ok(None) };
            // From here on, nothing new refers to them.
            let groups = tree::lock_subtree(tx, tenant, group.id).await?;
            membership::end_all(tx, writer, &groups).await?;
            LoyaltyProgram::delete_of_groups(tx, writer, &groups).await?;
            pos_customer_group::delete_of_groups(tx, writer, &groups).await?;
            delete_rows(tx, tenant, &groups).await?;
            Ok(Some(group.id))
        })
        .await
    }

    /// A description of the contents that prevent the deletion.
    async fn describe_contents(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Option<String>, db::Error> {
        let counts = [
            (self.count_children(tx, tenant).await?, "child group"),
            (membership::count(tx, tenant, self.id).await?, "customer"),
            (LoyaltyProgram::count_for_group(tx, tenant, self.id).await?, "loyalty program"),
            (pos_customer_group::count(tx, tenant, self.id).await?, "POS link"),
        ];
        Ok(describe_counts(&counts))
    }

    async fn move_children(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        parent: Uid,
    ) -> Result<(), db::Error> {
        let children = customer_groups::table
            .filter(customer_groups::tenant_id.eq(writer.tenant().id()))
            .filter(customer_groups::parent_id.eq(self.id));
        let change = (
            customer_groups::parent_id.eq(parent),
            customer_groups::updated_at.eq(writer.now()),
            customer_groups::last_modified_by.eq(writer.name()),
        );
        on!(tx, |c| diesel::update(children).set(change).execute(c).await)?;
        Ok(())
    }
}

async fn delete_rows(tx: &mut Conn<'_>, tenant: &Tenant, groups: &[Uid]) -> Result<(), db::Error> {
    let rows = customer_groups::table
        .filter(customer_groups::tenant_id.eq(tenant.id()))
        .filter(Condition::uid_in(ID, groups));
    on!(tx, |c| diesel::delete(rows).execute(c).await)?;
    Ok(())
}
