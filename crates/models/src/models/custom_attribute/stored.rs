//! The rows of values.

use std::collections::HashMap;

use super::{Definition, Noun, Value};
use crate::{
    auth::Tenant,
    db::{
        self, Conn, Measured, RunQueryDsl, execute, load, on,
        pick::{ColumnSet, Pick, columns_of, read_picked},
        sql::{Condition, Returning, Select, Sql, from_where},
        types::{Uid, sql_types},
    },
};

columns_of! {
    /// A value of an object. The columns that responses need come first.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct StoredValue {
        pub object_id: Uid,
        pub definition_id: Uid,
        /// Its position in the list, from 1.
        pub idx: i32,
        pub value: String,
        pub sort_key: String,
        pub is_searchable: bool,
        pub is_unique: bool,
    }
}

read_picked!(StoredValue);

/// Number of the columns that are read. The others can be derived from these.
const SHOWN: usize = 4;

/// Maximum number of rows that one statement inserts: as many as one object can have. SQLite allows
/// 32,766 parameters.
const BATCH: usize = 5_000;

impl StoredValue {
    /// The rows of an object's values of that attribute.
    pub(super) fn all_of<'v>(
        object_id: Uid,
        definition: &'v Definition,
        values: &'v [Value],
    ) -> impl Iterator<Item = Self> + 'v {
        (1..).zip(values).map(move |(idx, value)| Self {
            object_id,
            definition_id: definition.id,
            idx,
            value: value.stored(),
            sort_key: value.sort_key(),
            is_searchable: definition.is_searchable,
            is_unique: definition.is_unique,
        })
    }
}

/// The values of objects, in order; only those of `definitions`, if these are given. Fails if there are more than the
/// request may read.
pub(super) async fn find(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    objects: &[Uid],
    definitions: Option<&[Uid]>,
) -> Result<Vec<Measured<StoredValue>>, db::Error> {
    let limit = match conn.meter().row_limit() {
        i64::MAX => Sql::default(),
        limit => Sql::new(" LIMIT ").literal(limit),
    };
    let values = from_where(noun.table(), of_objects(tenant, noun, objects, definitions));
    let selection = Pick::<StoredValue>::new(noun.table(), ColumnSet::first(SHOWN));
    let query = Select { with: Sql::default(), selection, from: values.append(limit) };
    let mut rows: Vec<Measured<StoredValue>> = load!(conn, query)?;
    conn.meter().take_rows(rows.len())?;
    rows.sort_by_key(|row| (row.object_id, row.definition_id, row.idx));
    Ok(rows)
}

/// The stored texts of an object's values, by definition.
pub type StoredTexts = HashMap<Uid, Vec<String>>;

/// The stored texts of objects' values; only those of `definitions`, if these are given.
pub async fn stored_texts(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    objects: &[Uid],
    definitions: Option<&[Uid]>,
) -> Result<HashMap<Uid, StoredTexts>, db::Error> {
    let mut texts: HashMap<Uid, StoredTexts> = HashMap::new();
    for row in find(conn, tenant, noun, objects, definitions).await? {
        let of_object = texts.entry(row.object_id).or_default();
        of_object.entry(row.definition_id).or_default().push(row.value.clone());
    }
    Ok(texts)
}

fn of_objects(
    tenant: &Tenant,
    noun: Noun,
    objects: &[Uid],
    definitions: Option<&[Uid]>,
) -> Condition {
    let of_definitions =
        definitions.map(|ids| Condition::uid_in(noun.column("definition_id"), ids));
    let of_objects = [
        Condition::text(noun.column("tenant_id"), tenant.id()),
        Condition::uid_in(noun.column("object_id"), objects),
    ];
    Condition::all(of_objects.into_iter().chain(of_definitions))
}

/// Deletes an object's values of these definitions.
pub async fn delete(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    object: Uid,
    definitions: &[Uid],
) -> Result<(), db::Error> {
    let values = of_objects(tenant, noun, &[object], Some(definitions));
    Ok(execute!(tx, Sql::new("DELETE").append(from_where(noun.table(), values)))?)
}

/// Inserts values. Returns the definitions with a unique value that belongs to another object, according to the unique
/// index, which also covers concurrent transactions. If there are any, the transaction must not be committed.
pub(super) async fn insert(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    rows: Vec<StoredValue>,
) -> Result<Vec<Uid>, db::Error> {
    let (unique, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_unique);
    for batch in others.chunks(BATCH) {
        execute!(tx, insertion(tenant, noun, batch))?;
    }
    let mut taken = Vec::new();
    for batch in unique.chunks(BATCH) {
        let statement = Returning::<sql_types::Uid>::new(Sql::template(
            "{insertion} ON CONFLICT (tenant_id, definition_id, value) WHERE is_unique DO NOTHING \
             RETURNING definition_id",
            [("insertion", insertion(tenant, noun, batch))],
        ));
        let inserted: Vec<Uid> = on!(tx, |c| statement.load(c).await)?;
        taken.extend(not_inserted(batch, &inserted));
    }
    Ok(taken)
}

/// The definitions of which fewer rows than given were inserted.
fn not_inserted(rows: &[StoredValue], inserted: &[Uid]) -> Vec<Uid> {
    let mut missing: HashMap<Uid, usize> = HashMap::new();
    for row in rows {
        *missing.entry(row.definition_id).or_default() += 1;
    }
    for definition in inserted {
        missing.entry(*definition).and_modify(|count| *count = count.saturating_sub(1));
    }
    missing.into_iter().filter(|(_, count)| *count > 0).map(|(definition, _)| definition).collect()
}

fn insertion(tenant: &Tenant, noun: Noun, rows: &[StoredValue]) -> Sql {
    let flag = |is_set| if is_set { ", TRUE" } else { ", FALSE" };
    let mut sql = Sql::template(
        "INSERT INTO {table} (tenant_id, object_id, definition_id, idx, value, sort_key, \
         is_searchable, is_unique) VALUES ",
        [("table", Sql::default().name(noun.table()))],
    );
    for (position, row) in rows.iter().enumerate() {
        sql = sql
            .sql(if position == 0 { "(" } else { ", (" })
            .text(tenant.id())
            .sql(", ")
            .uid(row.object_id)
            .sql(", ")
            .uid(row.definition_id)
            .sql(", ")
            .number(row.idx.into())
            .sql(", ")
            .text(row.value.as_str())
            .sql(", ")
            .text(row.sort_key.as_str())
            .sql(flag(row.is_searchable))
            .sql(flag(row.is_unique))
            .sql(")");
    }
    // There would be a statement for each number of rows.
    if rows.len() > 1 { sql.uncached() } else { sql }
}
