//! Insertion of customers for whom no loyalty program is open.

use std::collections::BTreeSet;

use diesel::QueryResult;
use futures_util::future::BoxFuture;

use super::enrolment::{OpenColumns, OpenProgram, open_on};
use crate::{
    auth::Tenant,
    db::{
        self, Batched, Conn, PgConnection, RunQueryDsl, on, on_postgres, sql::InsertedRow,
        types::Date,
    },
    models::Customer,
};

/// Inserts a customer in one statement and returns `None`, if there is no program that it could join. Otherwise returns
/// the open programs. On SQLite, it only returns these, because a statement costs too little there to save one.
pub async fn insert_or_find_open(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    customer: &Customer,
) -> Result<Option<Vec<OpenProgram>>, db::Error> {
    let today = customer.created_at.date();
    let open = match conn {
        Conn::Sqlite(_) => {
            let query = open_on(tenant, today);
            return Ok(Some(on!(conn, |c| query.load(c).await)?));
        }
        Conn::Postgres(held) => {
            let (row, words) = (customer.inserted(tenant), customer.names());
            let insert = InsertUnlessOpen { tenant: tenant.clone(), today, row, words };
            if customer.attributes.has_unique_value() {
                on_postgres!(held, |c| Batched::execute(&[&insert], c).await)?
            } else {
                held.write_batched(tenant.id(), insert).await?
            }
        }
    };
    Ok((!open.is_empty()).then_some(open))
}

/// A customer to insert, if there is no program that it could join on that day.
struct InsertUnlessOpen {
    tenant: Tenant,
    today: Date,
    row: InsertedRow<Customer>,
    /// The words in its names.
    words: BTreeSet<String>,
}

impl Batched for InsertUnlessOpen {
    /// The open programs; if there are any, no customer is inserted.
    type Output = Vec<OpenProgram>;

    fn fits(&self, other: &Self) -> bool {
        let have_words = self.words.is_empty() == other.words.is_empty();
        have_words && self.today == other.today && self.row.has_columns_of(&other.row)
    }

    fn execute<'a>(
        writes: &'a [&'a Self],
        mut conn: &'a PgConnection,
    ) -> BoxFuture<'a, QueryResult<Vec<OpenProgram>>> {
        Box::pin(async move {
            let Some(Self { tenant, today, .. }) = writes.first() else { return Ok(Vec::new()) };
            let rows = writes.iter().map(|it| it.row.clone()).collect();
            let words = writes.iter().flat_map(|it| it.words.iter().cloned()).collect();
            let open = open_on(tenant, *today).into_sql();
            let insert = Customer::insert_or_find::<OpenColumns>(tenant, rows, &words, open);
            insert.load(&mut conn).await
        })
    }
}
