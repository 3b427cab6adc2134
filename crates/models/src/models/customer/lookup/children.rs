//! The contacts and addresses of customers that a search has found, with their searchable texts.

use std::collections::HashMap;

use diesel::{
    backend::Backend,
    deserialize::{self, FromStaticSqlRow, Queryable},
    sql_types::{Bool, Integer, Text},
};
use serde_json::{Map, Value};

use super::{
    super::{address::CustomerAddressAttributes, contact::CustomerContactAttributes},
    matching::{Match, best_match},
    term::SearchTerm,
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, load,
        sql::{Column, Condition, Expr, Select, Sql},
        types::{Uid, sql_types},
    },
    models::{
        Row as _,
        attribute::{Attributes, from_record},
        child::{Child, ChildAttributes},
    },
};

/// A contact or an address with only those attributes by which customers are found.
#[derive(Clone, Debug)]
pub enum SearchedChild {
    Contact(CustomerContactAttributes),
    Address(CustomerAddressAttributes),
}

impl SearchedChild {
    /// The contacts and addresses of each of these customers, in one statement: contacts before addresses, each in
    /// order. Fails if there are more than the request may read.
    pub async fn of_customers(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        customers: &[Uid],
    ) -> Result<HashMap<Uid, Vec<Measured<Self>>>, db::Error> {
        let contacts = selected::<CustomerContactAttributes>(tenant, customers, "false");
        let addresses = selected::<CustomerAddressAttributes>(tenant, customers, "true");
        let query = Select {
            with: Sql::default(),
            selection: (
                Expr::<sql_types::Uid>::literal("found.customer_id"),
                Expr::<Integer>::literal("found.idx"),
                (Expr::<Bool>::literal("found.is_address"), Expr::<Text>::literal("found.texts")),
            ),
            from: Sql::template(
                " FROM ({contacts} UNION ALL {addresses}) AS found LIMIT {limit}",
                [
                    ("contacts", contacts),
                    ("addresses", addresses),
                    ("limit", Sql::default().literal(conn.meter().row_limit())),
                ],
            ),
        };
        let mut rows: Vec<(Uid, i32, Measured<Self>)> = load!(conn, query)?;
        conn.meter().take_rows(rows.len())?;
        rows.sort_by_key(|(customer, idx, child)| (*customer, child.is_address(), *idx));
        let mut found: HashMap<Uid, Vec<Measured<Self>>> = HashMap::new();
        for (customer, _, child) in rows {
            found.entry(customer).or_default().push(child);
        }
        Ok(found)
    }

    const fn is_address(&self) -> bool {
        matches!(self, Self::Address(_))
    }

    /// The text that matches best.
    pub fn best_match(&self, term: &SearchTerm, tenant: &Tenant) -> Option<Match> {
        match self {
            Self::Contact(it) => best_match(term, CustomerContactAttributes::SEARCHED, it, tenant),
            Self::Address(it) => best_match(term, CustomerAddressAttributes::SEARCHED, it, tenant),
        }
    }
}

/// A query for the children of a kind, with their texts as a JSON object by the names of the columns.
fn selected<A: ChildAttributes>(
    tenant: &Tenant,
    customers: &[Uid],
    is_address: &'static str,
) -> Sql {
    let columns = A::SEARCHED.iter().flat_map(|text| text.columns);
    let texts = columns
        .map(|name| Sql::new("'").sql(name).sql("', ").column(Column { table: A::TABLE, name }));
    let is_theirs = [
        Condition::text(Child::<A>::TENANT_ID, tenant.id()),
        Condition::uid_in(A::PARENT_ID, customers),
    ];
    Sql::template(
        "SELECT customer_id, idx, {is_address} AS is_address, CAST({object}({texts}) AS text) AS texts \
        FROM {table} WHERE {is_theirs}",
        [
            ("is_address", Sql::new(is_address)),
            (
                "object",
                Sql::default().per_dialect(Sql::new("json_build_object"), Sql::new("json_object")),
            ),
            ("texts", texts.reduce(|all, next| all.sql(", ").append(next)).unwrap_or_default()),
            ("table", Sql::default().name(A::TABLE)),
            ("is_theirs", Condition::all(is_theirs).into_sql()),
        ],
    )
}

/// Whether it is an address, and its texts.
impl<DB: Backend> Queryable<(Bool, Text), DB> for SearchedChild
where
    (bool, String): FromStaticSqlRow<(Bool, Text), DB>,
{
    type Row = (bool, String);

    fn build((is_address, texts): Self::Row) -> deserialize::Result<Self> {
        Ok(if is_address {
            Self::Address(attributes(&texts)?)
        } else {
            Self::Contact(attributes(&texts)?)
        })
    }
}

fn attributes<A: Attributes>(texts: &str) -> deserialize::Result<A> {
    let mut record: Map<String, Value> = serde_json::from_str(texts)?;
    record.retain(|_, text| !text.is_null());
    Ok(from_record(&record)?)
}
