use diesel::{
    QueryResult,
    backend::Backend,
    pg::Pg,
    query_builder::AstPass,
    sql_types::{Array, Text},
    sqlite::Sqlite,
};

use super::Sql;
use crate::db::types::{Uid, sql_types};

/// A set of ids, ready to be one bind parameter of either database.
#[derive(Clone, Debug)]
pub struct UidSet {
    array: Vec<Uid>,
    /// For SQLite, which has no arrays: a JSON array of hexadecimal strings.
    json: String,
}

impl FromIterator<Uid> for UidSet {
    fn from_iter<T: IntoIterator<Item = Uid>>(uids: T) -> Self {
        let array: Vec<Uid> = uids.into_iter().collect();
        let items: Vec<String> = array.iter().map(|uid| format!("\"{uid}\"")).collect();
        let json = format!("[{}]", items.join(","));
        Self { array, json }
    }
}

/// A set of texts, ready to be one bind parameter of either database.
#[derive(Clone, Debug)]
pub struct TextSet {
    array: Vec<String>,
    /// For SQLite: a JSON array.
    json: String,
}

impl FromIterator<String> for TextSet {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Self {
        let array: Vec<String> = texts.into_iter().collect();
        let json = serde_json::Value::from(array.clone()).to_string();
        Self { array, json }
    }
}

/// What the two databases write differently.
pub trait Dialect: Backend {
    fn choose<'a>(postgres: &'a Sql, sqlite: &'a Sql) -> &'a Sql;

    fn push_uids<'b>(uids: &'b UidSet, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;

    fn push_numbered_uids<'b>(uids: &'b UidSet, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;

    fn push_is_any_text<'b>(texts: &'b TextSet, out: AstPass<'_, 'b, Self>) -> QueryResult<()>;
}

impl Dialect for Pg {
    fn choose<'a>(postgres: &'a Sql, _: &'a Sql) -> &'a Sql {
        postgres
    }

    fn push_uids<'b>(uids: &'b UidSet, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
        out.push_sql("(SELECT id FROM unnest(");
        out.push_bind_param::<Array<sql_types::Uid>, _>(&uids.array)?;
        out.push_sql(") AS uid (id))");
        Ok(())
    }

    fn push_numbered_uids<'b>(uids: &'b UidSet, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
        out.push_sql("(SELECT id, position FROM unnest(");
        out.push_bind_param::<Array<sql_types::Uid>, _>(&uids.array)?;
        out.push_sql(") WITH ORDINALITY AS uid (id, position))");
        Ok(())
    }

    fn push_is_any_text<'b>(texts: &'b TextSet, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
        out.push_sql(" = ANY (");
        out.push_bind_param::<Array<Text>, _>(&texts.array)?;
        out.push_sql(")");
        Ok(())
    }
}

impl Dialect for Sqlite {
    fn choose<'a>(_: &'a Sql, sqlite: &'a Sql) -> &'a Sql {
        sqlite
    }

    fn push_uids<'b>(uids: &'b UidSet, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
        out.push_sql("(SELECT unhex(value) AS id FROM json_each(");
        out.push_bind_param::<Text, _>(&uids.json)?;
        out.push_sql("))");
        Ok(())
    }

    fn push_numbered_uids<'b>(uids: &'b UidSet, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
        out.push_sql("(SELECT unhex(value) AS id, key + 1 AS position FROM json_each(");
        out.push_bind_param::<Text, _>(&uids.json)?;
        out.push_sql("))");
        Ok(())
    }

    fn push_is_any_text<'b>(texts: &'b TextSet, mut out: AstPass<'_, 'b, Self>) -> QueryResult<()> {
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&texts.json)?;
        out.push_sql("))");
        Ok(())
    }
}
