//! Deletion of groups, and the policies for their contents.

use diesel::{ExpressionMethods, QueryDsl};

use super::{CustomerGroup, tree};
use crate::{
    auth::{Administrator, Tenant, Writer},
    db::{self, Conn, RunQueryDsl, execute, on, schema::customer_groups, types::Uid},
    models::{
        Code, Error, Lookup, LoyaltyProgram, Row, Violation, describe_counts,
        lock::{Lock, lock_row},
        membership,
        mutable::Delete,
        pos_customer_group,
        row::deletion,
    },
};

/// Policies for the contents of a group that is deleted.
#[derive(Clone, Copy, Default)]
pub enum DeletePolicy<'a> {
    /// A group that holds anything is not deleted.
    #[default]
    Restrict,
    /// Its children, customers, loyalty programs and POS links go to its parent.
    ReassignToParent,
    /// They are deleted, too: all groups below it, the loyalty programs for these groups and the POS links to them.
    /// Customers stay.
    DeleteSubtree(Administrator<'a>),
}

impl Delete<CustomerGroup> for DeletePolicy<'_> {
    async fn delete(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        let tenant = writer.tenant();
        tree::lock(tx, tenant).await?;
        let found = CustomerGroup::find(tx, tenant, lookup).await?;
        let Some(group) = found else { return Ok(None) };
        let groups = match self {
            Self::DeleteSubtree(admin) => group.empty_subtree(tx, admin).await?,
            _ if !lock_row::<CustomerGroup>(tx, tenant, group.id, Lock::Update).await? => {
                return Ok(None);
            }
            _ => {
                group.empty(tx, writer, self).await?;
                vec![group.id]
            }
        };
        execute!(tx, deletion::<CustomerGroup>(tenant, &groups))?;
        Ok(Some(group.id))
    }
}

impl CustomerGroup {
    /// Moves the contents of a locked group to its parent, if the policy permits it. Fails if any contents would
    /// remain.
    async fn empty(
        &self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        policy: DeletePolicy<'_>,
    ) -> Result<(), Error> {
        let Some(holds) = self.describe_contents(tx, writer.tenant()).await? else {
            return Ok(());
        };
        let message = match (policy, self.attributes.parent_id) {
            (DeletePolicy::ReassignToParent, Some(parent)) => {
                self.move_children(tx, writer, parent).await?;
                membership::move_all(tx, writer, self.id, parent).await?;
                LoyaltyProgram::reassign(tx, writer, self.id, parent).await?;
                return Ok(pos_customer_group::reassign(tx, writer, self.id, parent).await?);
            }
            (DeletePolicy::ReassignToParent, None) => {
                format!("the group has {holds}, and no parent to move them to")
            }
            _ => format!("the group has {holds}"),
        };
        Err(Violation::new("id", Code::InUse, message).into())
    }

    /// Deletes the contents of a group and of all groups below it, which are locked and returned. Customers stay. The
    /// number of statements does not depend on that of the groups.
    async fn empty_subtree(
        &self,
        tx: &mut Conn<'_>,
        admin: Administrator<'_>,
    ) -> Result<Vec<Uid>, db::Error> {
        let writer = admin.writer();
        // The lock keeps new rows from referring to these groups.
        let groups = tree::lock_subtree(tx, admin.tenant(), self.id).await?;
        membership::end_all(tx, writer, &groups).await?;
        LoyaltyProgram::delete_of_groups(tx, writer, &groups).await?;
        pos_customer_group::delete_of_groups(tx, writer, &groups).await?;
        Ok(groups)
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
