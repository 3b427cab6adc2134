//! Deletion of loyalty programs, with the customers enrolled in them.

use diesel::{ExpressionMethods, QueryDsl};

use super::{LoyaltyProgram, list::GROUP};
use crate::{
    auth::{Administrator, Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, execute, on,
        schema::customers,
        sql::{Column, Condition},
        types::Uid,
    },
    models::{
        Code, Error, Lookup, Row, Violation, describe_counts,
        lock::{Lock, lock_rows},
        mutable::Delete,
        row::deletion,
    },
};

const PROGRAM_OF_CUSTOMER: Column = Column::of::<customers::loyalty_program_id>("customers");

/// Policies for the customers of a loyalty program that is deleted.
#[derive(Clone, Copy, Default)]
pub enum DeletePolicy<'a> {
    /// A program with customers is not deleted.
    #[default]
    Restrict,
    /// They leave the program.
    UnenrollCustomers(Administrator<'a>),
}

impl Delete<LoyaltyProgram> for DeletePolicy<'_> {
    async fn delete(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        lookup: &Lookup,
    ) -> Result<Option<Uid>, Error> {
        let tenant = writer.tenant();
        let found = LoyaltyProgram::find(tx, tenant, lookup).await?;
        let Some(program) = found else { return Ok(None) };
        if let Self::UnenrollCustomers(admin) = self {
            let row = Condition::uid_in(LoyaltyProgram::ID, &[program.id]);
            let found = lock_rows::<LoyaltyProgram>(tx, tenant, row, Lock::Update).await?;
            delete_locked(tx, admin.writer(), &found).await?;
            return Ok(found.into_iter().next());
        }
        program.check_unused(tx, tenant).await?;
        Ok(program.delete(tx, tenant).await?)
    }
}

impl LoyaltyProgram {
    /// Fails if customers take part in the program.
    async fn check_unused(&self, tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), Error> {
        let customers = customers::table
            .filter(customers::tenant_id.eq(tenant.id()))
            .filter(customers::loyalty_program_id.eq(self.id))
            .count();
        let count = on!(tx, |c| customers.get_result(c).await)?;
        match describe_counts(&[(count, "customer")]) {
            None => Ok(()),
            Some(holds) => {
                let message = format!("the loyalty program has {holds}");
                Err(Violation::new("id", Code::InUse, message).into())
            }
        }
    }

    /// Deletes the programs of these groups, which are locked, so that they get no new programs. Customers leave the
    /// programs. The number of statements does not depend on that of the programs.
    pub(in crate::models) async fn delete_of_groups(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        groups: &[Uid],
    ) -> Result<(), db::Error> {
        let found =
            lock_rows::<Self>(tx, writer.tenant(), Condition::uid_in(GROUP, groups), Lock::Update)
                .await?;
        delete_locked(tx, writer, &found).await
    }
}

/// Deletes programs that are locked, so that customers cannot join them. Their customers count as changed.
async fn delete_locked(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    programs: &[Uid],
) -> Result<(), db::Error> {
    if programs.is_empty() {
        return Ok(());
    }
    let participants = customers::table
        .filter(customers::tenant_id.eq(writer.tenant().id()))
        .filter(Condition::uid_in(PROGRAM_OF_CUSTOMER, programs));
    let change = (
        customers::loyalty_program_id.eq(None::<Uid>),
        customers::loyalty_program_tier_id.eq(None::<Uid>),
        customers::updated_at.eq(writer.now()),
        customers::last_modified_by.eq(writer.name()),
    );
    on!(tx, |c| diesel::update(participants).set(change).execute(c).await)?;
    Ok(execute!(tx, deletion::<LoyaltyProgram>(writer.tenant(), programs))?)
}
