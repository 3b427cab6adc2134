//! The retailers that one installation serves.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;

use crate::{
    clock::Clock,
    db::{self, Conn, on, schema::tenants, types::Timestamp},
};

/// Stores a new tenant; [`db::Error::NotUnique`] if there is one of that name.
pub async fn create(conn: &mut Conn<'_>, name: &str, clock: &Clock) -> Result<(), db::Error> {
    let row = (tenants::tenant_id.eq(name), tenants::created_at.eq(clock.now()));
    on!(conn, |c| diesel::insert_into(tenants::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn exists(conn: &mut Conn<'_>, name: &str) -> Result<bool, db::Error> {
    let found = tenants::table.find(name).count();
    Ok(on!(conn, |c| found.get_result::<i64>(c).await)? > 0)
}

/// All tenants by name, with the time of their making.
pub async fn list(conn: &mut Conn<'_>) -> Result<Vec<(String, Timestamp)>, db::Error> {
    Ok(on!(conn, |c| tenants::table.order_by(tenants::tenant_id).load(c).await)?)
}
