//! Tests of custom attributes in filters.

use super::{
    Definition, Noun, Value, ValueType, definition::of_definition, value::currency_prefix,
};
use crate::{
    auth::Tenant,
    db::{
        sql::{Column, Condition, Sql},
        types::Uid,
    },
    models::search_key::fold,
};

/// A test of the values of an attribute, which is looked up by its key before a list is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamedTest {
    pub noun: Noun,
    pub key: String,
    pub operator: Operator,
}

/// The operator of a test, with what a client compares values with: of several types only by mistake.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equals any of these.
    In(Vec<Vec<Value>>),
    Compared(Comparison, Vec<Value>),
    Contains(String),
    StartsWith(String),
    IsNull(bool),
}

/// A comparison by less and greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    Gt,
    Gte,
    Lt,
    Lte,
}

impl Comparison {
    const fn operator(self) -> &'static str {
        match self {
            Self::Gt => " > ",
            Self::Gte => " >= ",
            Self::Lt => " < ",
            Self::Lte => " <= ",
        }
    }
}

/// A test of the values of a known attribute. It is passed if any value of a list passes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomTest {
    noun: Noun,
    definition: Uid,
    predicate: KeyPredicate,
}

/// The condition on the sort key of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum KeyPredicate {
    In(Vec<String>),
    Compared(Comparison, String),
    /// The same among the amounts of one currency, whose keys begin so.
    InCurrency(String, Comparison, String),
    Contains(String),
    StartsWith(String),
    /// There is no value, or there is one.
    IsNull(bool),
}

impl NamedTest {
    /// The test of that attribute, or why there is none.
    pub fn of(&self, definition: &Definition) -> Result<CustomTest, String> {
        let key = &definition.key;
        if !definition.is_searchable {
            return Err(format!("the attribute {key:?} is not searchable"));
        }
        let predicate = match &self.operator {
            Operator::In(values) => KeyPredicate::In(
                values
                    .iter()
                    .map(|it| Ok(one(it, definition)?.sort_key()))
                    .collect::<Result<_, String>>()?,
            ),
            Operator::Compared(..) if !definition.value_type.has_ranges() => {
                let type_name = definition.value_type.description();
                return Err(format!(
                    "the attribute {key:?} is {type_name}, which is not less or greater"
                ));
            }
            Operator::Compared(comparison, value) => {
                let value = one(value, definition)?;
                let sort_key = value.sort_key();
                match value {
                    Value::Money(money) => {
                        let prefix = currency_prefix(&money.currency);
                        KeyPredicate::InCurrency(prefix, *comparison, sort_key)
                    }
                    _ => KeyPredicate::Compared(*comparison, sort_key),
                }
            }
            Operator::Contains(_) | Operator::StartsWith(_)
                if definition.value_type != ValueType::Text =>
            {
                let type_name = definition.value_type.description();
                return Err(format!("the attribute {key:?} is {type_name}, and not a text"));
            }
            Operator::Contains(term) => KeyPredicate::Contains(fold(term)),
            Operator::StartsWith(prefix) => KeyPredicate::StartsWith(fold(prefix)),
            Operator::IsNull(is_null) => KeyPredicate::IsNull(*is_null),
        };
        Ok(CustomTest { noun: self.noun, definition: definition.id, predicate })
    }
}

/// The value of the attribute's type that is given.
fn one<'v>(given: &'v [Value], definition: &Definition) -> Result<&'v Value, String> {
    match given {
        [value] if value.value_type() == definition.value_type => Ok(value),
        _ => {
            let type_name = definition.value_type.description();
            Err(format!("the attribute {:?} is compared with {type_name}", definition.key))
        }
    }
}

impl CustomTest {
    /// The condition on an object, by the column of its id.
    pub fn condition(&self, tenant: &Tenant, id: Column) -> Condition {
        if let KeyPredicate::IsNull(is_null) = self.predicate {
            let has_value = self.has_value(tenant, id);
            return if is_null { has_value.negated() } else { has_value };
        }
        let values = self.values(tenant);
        let object = Sql::default().column(self.noun.column("object_id"));
        let matching = Sql::new("SELECT ").append(object).append(values);
        Condition::of(Sql::default().column(id).sql(" IN (").append(matching).sql(")"))
    }

    /// ` FROM … WHERE …`: the values that pass.
    fn values(&self, tenant: &Tenant) -> Sql {
        let condition = Condition::all([
            of_definition(tenant, self.noun, self.definition),
            Condition::flag(self.noun.column("is_searchable"), true),
            self.predicate.condition(self.noun.column("sort_key")),
        ]);
        Sql::new(" FROM ").name(self.noun.table()).sql(" WHERE ").append(condition.into_sql())
    }

    /// The condition that an object has any value. Looked up by object, because most objects may have one.
    fn has_value(&self, tenant: &Tenant, id: Column) -> Condition {
        let object = self.noun.column("object_id");
        let is_of_object = Condition::of(Sql::default().column(object).sql(" = ").column(id));
        let values =
            Condition::all([of_definition(tenant, self.noun, self.definition), is_of_object]);
        let exists = Sql::new("EXISTS (SELECT 1 FROM ")
            .name(self.noun.table())
            .sql(" WHERE ")
            .append(values.into_sql());
        Condition::of(exists.sql(")"))
    }
}

impl KeyPredicate {
    fn condition(&self, sort_key: Column) -> Condition {
        let compared = |comparison: Comparison, key: &str| {
            Condition::of(Sql::default().column(sort_key).sql(comparison.operator()).text(key))
        };
        match self {
            Self::In(keys) => Condition::text_in(sort_key, keys.iter().cloned()),
            Self::Compared(comparison, key) => compared(*comparison, key),
            Self::InCurrency(prefix, comparison, key) => Condition::all([
                Condition::starts_with(sort_key, prefix.clone()),
                compared(*comparison, key),
            ]),
            Self::Contains(term) => Condition::reads(sort_key, term),
            Self::StartsWith(prefix) => Condition::starts_with(sort_key, prefix.clone()),
            // A test of the object, and not of its values.
            Self::IsNull(_) => Condition::all([]),
        }
    }
}
