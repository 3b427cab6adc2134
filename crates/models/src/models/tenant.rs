//! The retailers that share an installation.

mod defaults;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};

use super::search;
use crate::{
    auth::Tenant,
    clock::Clock,
    db::{
        self, Conn, Db, RunQueryDsl, execute, on,
        schema::{api_keys, customer_groups, customers, loyalty_programs, pos_profiles, tenants},
        sql::Sql,
        types::{Timestamp, Uid},
    },
    phone::Country,
};

pub use self::defaults::{Defaults, Details, find, gives_price_list, has_price_list, update};

/// Stores a new tenant; [`db::Error::NotUnique`] if the name is taken.
pub async fn create(
    conn: &mut Conn<'_>,
    name: &str,
    country: Option<Country>,
    clock: &Clock,
) -> Result<(), db::Error> {
    let row = (
        tenants::tenant_id.eq(name),
        tenants::created_at.eq(clock.now()),
        tenants::country.eq(country.map(|it| it.code().to_owned())),
        tenants::search_version.eq(search::VERSION),
    );
    on!(conn, |c| diesel::insert_into(tenants::table).values(row).execute(c).await)?;
    Ok(())
}

/// The code of the tenant's country; `None` if there is no such tenant.
pub async fn country(conn: &mut Conn<'_>, name: &str) -> Result<Option<Option<String>>, db::Error> {
    let found = tenants::table.find(name).select(tenants::country);
    Ok(on!(conn, |c| found.get_result(c).await.optional())?)
}

/// The version of search keys that must be rebuilt.
const OUTDATED: i32 = 0;

/// Sets the country of the tenant's phone numbers. The search keys are then outdated until
/// [`rebuild`](super::customer::rebuild) has run. If that is interrupted, the next server that starts rebuilds them.
pub async fn set_country(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    country: Option<Country>,
) -> Result<(), db::Error> {
    let code = country.map(|it| it.code().to_owned());
    let set = diesel::update(tenants::table.find(tenant.id()))
        .set((tenants::country.eq(code), tenants::search_version.eq(OUTDATED)));
    on!(conn, |c| set.execute(c).await)?;
    Ok(())
}

/// The tenants whose search keys are older than that version of their rules.
pub async fn with_search_before(
    conn: &mut Conn<'_>,
    version: i32,
) -> Result<Vec<String>, db::Error> {
    let outdated = tenants::table.filter(tenants::search_version.lt(version));
    let names = outdated.select(tenants::tenant_id).order_by(tenants::tenant_id);
    Ok(on!(conn, |c| names.load(c).await)?)
}

/// The version of the rules by which the tenant's search keys were made; `None` if there is no such tenant.
pub async fn search_version(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
) -> Result<Option<i32>, db::Error> {
    let version = tenants::table.find(tenant.id()).select(tenants::search_version);
    Ok(on!(conn, |c| version.get_result(c).await.optional())?)
}

/// Records the version of the rules by which the tenant's search keys were made.
pub async fn set_search_version(
    conn: &mut Conn<'_>,
    name: &str,
    version: i32,
) -> Result<(), db::Error> {
    let set = diesel::update(tenants::table.find(name)).set(tenants::search_version.eq(version));
    on!(conn, |c| set.execute(c).await)?;
    Ok(())
}

/// All tenants by name, with their creation times.
pub async fn list(conn: &mut Conn<'_>) -> Result<Vec<(String, Timestamp)>, db::Error> {
    let tenants = tenants::table.select((tenants::tenant_id, tenants::created_at));
    Ok(on!(conn, |c| tenants.order_by(tenants::tenant_id).load(c).await)?)
}

/// Number of customers per `DELETE`. Others can write between two statements.
const BATCH: i64 = 500;

/// Deletes a tenant with all of its data, its API keys first, so that clients cannot add data
/// meanwhile. Returns the number of customers deleted. An interrupted deletion can be repeated.
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
        // In this order, no row is deleted while others refer to it.
        let all = diesel::delete(pos_profiles::table.filter(pos_profiles::tenant_id.eq(name)));
        on!(conn, |c| all.execute(c).await)?;
        delete_words(conn, name).await?;
        let all =
            diesel::delete(loyalty_programs::table.filter(loyalty_programs::tenant_id.eq(name)));
        on!(conn, |c| all.execute(c).await)?;
        let all =
            diesel::delete(customer_groups::table.filter(customer_groups::tenant_id.eq(name)));
        on!(conn, |c| all.execute(c).await)?;
        // Their values have been deleted with the objects.
        let definitions =
            Sql::new("DELETE FROM attribute_definitions WHERE tenant_id = ").text(name);
        execute!(conn, definitions)?;
        on!(conn, |c| diesel::delete(tenants::table.find(name)).execute(c).await)?;
        Ok::<_, db::Error>(())
    })
    .await?;
    Ok(deleted)
}

/// Deletes the known words of a tenant, by which lookups correct typing errors.
pub async fn delete_words(conn: &mut Conn<'_>, name: &str) -> Result<(), db::Error> {
    let words = Sql::new("DELETE FROM customer_search_words WHERE tenant_id = ").text(name);
    Ok(execute!(conn, words)?)
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
