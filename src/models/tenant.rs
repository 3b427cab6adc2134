//! The retailers that share an installation.

use diesel::{ExpressionMethods, QueryDsl};

use crate::{
    clock::Clock,
    db::{
        self, Conn, Db, RunQueryDsl, on,
        schema::{api_keys, customer_groups, customers, loyalty_programs, pos_profiles, tenants},
        types::{Timestamp, Uid},
    },
};

/// Stores a new tenant; [`db::Error::NotUnique`] if the name is taken.
pub async fn create(conn: &mut Conn<'_>, name: &str, clock: &Clock) -> Result<(), db::Error> {
    let row = (tenants::tenant_id.eq(name), tenants::created_at.eq(clock.now()));
    on!(conn, |c| diesel::insert_into(tenants::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn exists(conn: &mut Conn<'_>, name: &str) -> Result<bool, db::Error> {
    let found = tenants::table.find(name).count();
    Ok(on!(conn, |c| found.get_result::<i64>(c).await)? > 0)
}

/// All tenants by name, with their creation times.
pub async fn list(conn: &mut Conn<'_>) -> Result<Vec<(String, Timestamp)>, db::Error> {
    Ok(on!(conn, |c| tenants::table.order_by(tenants::tenant_id).load(c).await)?)
}

/// Customers per delete statement: others may write between two of them.
const BATCH: i64 = 500;

/// Deletes a tenant with all of its data, its keys first, so that nobody adds data meanwhile.
/// Returns the number of customers deleted. An interrupted deletion can be repeated.
pub async fn delete(db: &Db, name: &str) -> Result<usize, db::Error> {
    let mut lease = db.write().await?;
    let keys = diesel::delete(api_keys::table.filter(api_keys::tenant_id.eq(name)));
    on!(&mut lease.conn(), |c| keys.execute(c).await)?;
    drop(lease);
    let mut deleted = 0;
    loop {
        match delete_customers(db, name).await? {
            0 => break,
            number => deleted += number,
        }
    }
    let mut lease = db.write().await?;
    let conn = &mut lease.conn();
    conn.transaction(async |conn| {
        // In this order nothing is deleted while it is referenced.
        let all = diesel::delete(pos_profiles::table.filter(pos_profiles::tenant_id.eq(name)));
        on!(conn, |c| all.execute(c).await)?;
        let all =
            diesel::delete(loyalty_programs::table.filter(loyalty_programs::tenant_id.eq(name)));
        on!(conn, |c| all.execute(c).await)?;
        let all =
            diesel::delete(customer_groups::table.filter(customer_groups::tenant_id.eq(name)));
        on!(conn, |c| all.execute(c).await)?;
        on!(conn, |c| diesel::delete(tenants::table.find(name)).execute(c).await)?;
        Ok::<_, db::Error>(())
    })
    .await?;
    Ok(deleted)
}

/// Deletes some customers with the objects that belong to them; returns their number.
async fn delete_customers(db: &Db, name: &str) -> Result<usize, db::Error> {
    let mut lease = db.write().await?;
    let conn = &mut lease.conn();
    let some = customers::table.filter(customers::tenant_id.eq(name)).order_by(customers::id);
    let some = some.select(customers::id).limit(BATCH);
    let ids: Vec<Uid> = on!(conn, |c| some.load(c).await)?;
    let them = customers::table.filter(customers::tenant_id.eq(name));
    let delete = diesel::delete(them.filter(customers::id.eq_any(ids)));
    Ok(on!(conn, |c| delete.execute(c).await)?)
}
