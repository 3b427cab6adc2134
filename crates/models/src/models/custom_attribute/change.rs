//! Creation, changes and deletion of definitions.

use diesel::sql_types::Text;

use super::{
    Definition, NewDefinition, Noun, ValueType,
    definition::{self, DEFINITIONS_MAX, TABLE, is_definition},
};
use crate::{
    auth::{Administrator, Tenant, Writer},
    db::{
        self, Conn, RunQueryDsl, execute, on,
        sql::{Changes, Condition, Expr, Insert, InsertedRow, Select, Sql, Update, from_where},
        types::{Uid, sql_types},
    },
    models::{Code, Error, Violation, Violations, entity::Entity, lock::lock_tenant},
};

/// Approximate number of values that one statement changes or deletes.
const BATCH: i64 = 5_000;

/// The changes of a definition. Fields that are `None` keep their values.
#[derive(Clone, Debug, Default)]
pub struct DefinitionChange {
    pub value_type: Option<ValueType>,
    pub is_list: Option<bool>,
    pub is_unique: Option<bool>,
    pub is_searchable: Option<bool>,
    /// An empty text clears it.
    pub description: Option<String>,
    pub choices: Option<Vec<String>>,
}

impl DefinitionChange {
    fn apply(self, before: NewDefinition) -> NewDefinition {
        NewDefinition {
            value_type: self.value_type.unwrap_or(before.value_type),
            is_list: self.is_list.unwrap_or(before.is_list),
            is_unique: self.is_unique.unwrap_or(before.is_unique),
            is_searchable: self.is_searchable.unwrap_or(before.is_searchable),
            description: self.description.or(before.description),
            choices: self.choices.unwrap_or(before.choices),
            ..before
        }
    }
}

/// Creates a definition.
pub async fn create(
    conn: &mut Conn<'_>,
    admin: Administrator<'_>,
    new: NewDefinition,
) -> Result<Definition, Error> {
    let new = Entity::new(admin.writer(), new);
    conn.transaction(async |tx| restore(tx, admin.writer(), new).await).await
}

/// Stores a new definition with an existing id and history, in a transaction that is in progress.
pub async fn restore(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    definition: Entity<NewDefinition>,
) -> Result<Definition, Error> {
    let Entity { id, attributes: mut new, created_at, updated_at, created_by, last_modified_by } =
        definition;
    new.check()?;
    let tenant = writer.tenant();
    // The lock keeps other transactions from adding a definition after these are counted and
    // compared.
    lock_tenant(tx, tenant).await?;
    let others = definition::of_noun(tx, tenant, new.noun).await?;
    if others.iter().any(|it| it.key == new.key) {
        let message = format!("another attribute of {}s has this key", new.noun.name_of_one());
        return Err(Violation::new("key", Code::Taken, message).into());
    }
    if others.len() >= DEFINITIONS_MAX {
        let message =
            format!("{}s have at most {DEFINITIONS_MAX} attributes", new.noun.name_of_one());
        return Err(Violation::new("noun", Code::TooMany, message).into());
    }
    let named = Definition {
        id,
        noun: new.noun,
        key: new.key.clone(),
        created_at,
        updated_at,
        created_by,
        last_modified_by,
        ..Definition::default()
    };
    let definition = named.with(new);
    let row = InsertedRow { row: definition.clone(), keys: Vec::new() };
    execute!(tx, Insert::new(TABLE, tenant.id(), vec![row]))?;
    Ok(definition)
}

/// Changes a definition; `None` if it does not exist. The type of its values cannot change while there are any.
pub async fn update(
    conn: &mut Conn<'_>,
    admin: Administrator<'_>,
    id: Uid,
    change: DefinitionChange,
) -> Result<Option<Definition>, Error> {
    conn.transaction(async |tx| {
        let found = definition::lock(tx, admin.tenant(), id).await?;
        let Some(before) = found else { return Ok(None) };
        let fields = change.apply(before.fields());
        Ok(Some(replace(tx, admin.writer(), before, fields).await?))
    })
    .await
}

/// Replaces the fields of a locked definition. If they are the same, nothing is written.
pub async fn replace(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    before: Definition,
    mut fields: NewDefinition,
) -> Result<Definition, Error> {
    fields.check()?;
    let mut after = before.with(fields);
    if after == before {
        return Ok(before);
    }
    let tenant = writer.tenant();
    check_values(tx, tenant, &before, &after).await?;
    after.updated_at = writer.now();
    writer.name().clone_into(&mut after.last_modified_by);
    let set = Changes::new(before.clone(), after.clone());
    execute!(tx, Update::new(TABLE, set, is_definition(tenant, after.id)))?;
    let flags = |it: &Definition| (it.is_searchable, it.is_unique);
    if flags(&before) != flags(&after) {
        mark_values(tx, tenant, &after).await?;
    }
    Ok(after)
}

/// Checks a change against the values that are stored.
async fn check_values(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    before: &Definition,
    after: &Definition,
) -> Result<(), Error> {
    let one = before.noun.name_of_one();
    let mut violations = Violations::default();
    let type_of = |it: &Definition| (it.value_type, it.is_list);
    if type_of(before) != type_of(after) && has_values(tx, tenant, before).await? {
        let is_other_type = before.value_type != after.value_type;
        let field = if is_other_type { "type" } else { "isList" };
        let message = format!("cannot change, because a {one} has a value of this attribute");
        violations.push(Violation::new(field, Code::InUse, message));
    }
    let is_removed = |choice: &&str| !after.choices().any(|it| it == *choice);
    let removed: Vec<String> = before.choices().filter(is_removed).map(str::to_owned).collect();
    if after.value_type == ValueType::Choice
        && let Some(choice) = value_among(tx, tenant, before, removed).await?
    {
        let message = format!("a {one} has the choice {choice:?}");
        violations.push(Violation::new("choices", Code::InUse, message));
    }
    if after.is_unique && !before.is_unique && has_duplicates(tx, tenant, before).await? {
        let message = "there are equal values of this attribute";
        violations.push(Violation::new("isUnique", Code::Taken, message));
    }
    violations.finish()
}

/// Whether there are values of the attribute.
async fn has_values(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definition: &Definition,
) -> Result<bool, db::Error> {
    let values = from_where(definition.noun.table(), definition.values(tenant));
    Ok(first(tx, definition.noun, values.sql(" LIMIT 1")).await?.is_some())
}

/// One of these values that is stored for an object, if any.
async fn value_among(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definition: &Definition,
    values: Vec<String>,
) -> Result<Option<String>, db::Error> {
    if values.is_empty() {
        return Ok(None);
    }
    let is_any = Condition::text_in(definition.noun.column("value"), values);
    let condition = Condition::all([definition.values(tenant), is_any]);
    let values = from_where(definition.noun.table(), condition);
    first(tx, definition.noun, values.sql(" LIMIT 1")).await
}

async fn has_duplicates(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definition: &Definition,
) -> Result<bool, db::Error> {
    let equal = from_where(definition.noun.table(), definition.values(tenant))
        .sql(" GROUP BY value HAVING count(*) > 1 LIMIT 1");
    Ok(first(tx, definition.noun, equal).await?.is_some())
}

/// The value in the first row of a query.
async fn first(tx: &mut Conn<'_>, noun: Noun, from: Sql) -> Result<Option<String>, db::Error> {
    let selection = Expr::<Text>::new(noun.column("value").sql());
    let query = Select { with: Sql::default(), selection, from };
    let mut found: Vec<String> = on!(tx, |c| query.load(c).await)?;
    Ok(found.pop())
}

/// Copies the flags of a definition to its values.
async fn mark_values(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definition: &Definition,
) -> Result<(), db::Error> {
    let flag = |is_set| if is_set { "TRUE" } else { "FALSE" };
    let (is_searchable, is_unique) = (flag(definition.is_searchable), flag(definition.is_unique));
    in_batches(tx, tenant, definition, |noun, values| {
        Sql::template(
            "UPDATE {table} SET is_searchable = {is_searchable}, is_unique = {is_unique} \
             WHERE {values}",
            [
                ("table", Sql::default().name(noun.table())),
                ("is_searchable", Sql::new(is_searchable)),
                ("is_unique", Sql::new(is_unique)),
                ("values", values.into_sql()),
            ],
        )
    })
    .await
}

/// Executes a statement for all values of a locked definition, some thousands at a time. So each statement is short,
/// however long the transaction takes.
async fn in_batches(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definition: &Definition,
    statement: impl Fn(Noun, Condition) -> Sql,
) -> Result<(), db::Error> {
    let noun = definition.noun;
    let compared = |operator, (value, object): &(String, Uid)| {
        let place = Sql::pair(noun.column("value").sql(), noun.column("object_id").sql());
        let bound = Sql::pair(Sql::default().text(value), Sql::default().uid(*object));
        Condition::of(place.sql(operator).append(bound))
    };
    let mut after: Option<(String, Uid)> = None;
    loop {
        let rest = after.iter().map(|bound| compared(" > ", bound));
        let rest = Condition::all([definition.values(tenant)].into_iter().chain(rest));
        let last = last_of_batch(tx, noun, rest.clone()).await?;
        let batch = last.iter().map(|bound| compared(" <= ", bound));
        let batch = Condition::all([rest].into_iter().chain(batch));
        execute!(tx, statement(noun, batch))?;
        match last {
            Some(last) => after = Some(last),
            None => return Ok(()),
        }
    }
}

/// The last value of the next batch; `None` for the last batch.
async fn last_of_batch(
    tx: &mut Conn<'_>,
    noun: Noun,
    rest: Condition,
) -> Result<Option<(String, Uid)>, db::Error> {
    let selection = (Expr::<Text>::literal("value"), Expr::<sql_types::Uid>::literal("object_id"));
    let from = from_where(noun.table(), rest).sql(" ORDER BY value, object_id LIMIT 1 OFFSET ");
    let query = Select { with: Sql::default(), selection, from: from.literal(BATCH) };
    let mut found: Vec<(String, Uid)> = on!(tx, |c| query.load(c).await)?;
    Ok(found.pop())
}

/// Deletes a definition; returns its id, or `None` if it does not exist. Fails if there are values, unless
/// `deletes_values` is set.
pub async fn delete(
    conn: &mut Conn<'_>,
    admin: Administrator<'_>,
    id: Uid,
    deletes_values: bool,
) -> Result<Option<Uid>, Error> {
    let tenant = admin.tenant();
    conn.transaction(async |tx| {
        let found = definition::lock(tx, tenant, id).await?;
        let Some(definition) = found else { return Ok(None) };
        if deletes_values {
            in_batches(tx, tenant, &definition, |noun, values| {
                Sql::new("DELETE").append(from_where(noun.table(), values))
            })
            .await?;
        } else if has_values(tx, tenant, &definition).await? {
            let one = definition.noun.name_of_one();
            let message = format!("a {one} has a value of this attribute");
            return Err(Violation::new("id", Code::InUse, message).into());
        }
        execute!(tx, Sql::new("DELETE").append(from_where(TABLE, is_definition(tenant, id))))?;
        Ok(Some(id))
    })
    .await
}
