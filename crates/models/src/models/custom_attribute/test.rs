//! Tests of custom attributes in filters.

use super::{
    Definition, Noun, Value, ValueType, definition::of_definition, value::currency_prefix,
};
use crate::{
    auth::Tenant,
    db::{
        sql::{Column, Condition, Sql, from_where},
        types::Uid,
    },
    models::search_key::fold,
};

/// A test of the values of an attribute, which is looked up by its key before a list is read. One value must pass all
/// operators.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamedTest {
    pub noun: Noun,
    pub key: String,
    pub operators: Vec<Operator>,
    /// Whether there must be no value (`true`), or at least one (`false`).
    pub is_null: Option<bool>,
}

/// The operator of a test, with the values that a client gave. An operand with values of several types is the client's
/// mistake.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Equals any of these.
    In(Vec<Vec<Value>>),
    Compared(Comparison, Vec<Value>),
    Contains(String),
    StartsWith(String),
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

/// A test of the values of a known attribute. It is passed if one value of a list passes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomTest {
    noun: Noun,
    definition: Uid,
    predicates: Vec<KeyPredicate>,
    is_null: Option<bool>,
}

/// A condition on the sort key of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum KeyPredicate {
    In(Vec<String>),
    Compared(Comparison, String),
    Contains(String),
    StartsWith(String),
}

impl NamedTest {
    /// The test of that attribute, or the reason why it cannot be tested so.
    pub fn of(&self, definition: &Definition) -> Result<CustomTest, String> {
        if !definition.is_searchable {
            return Err(format!("the attribute {:?} is not searchable", definition.key));
        }
        let mut predicates = Vec::new();
        for operator in &self.operators {
            predicates.extend(operator.predicates(definition)?);
        }
        let (noun, definition, is_null) = (self.noun, definition.id, self.is_null);
        Ok(CustomTest { noun, definition, predicates, is_null })
    }
}

impl Operator {
    /// The conditions on a value of that attribute, or the reason why it does not support the
    /// operator.
    fn predicates(&self, definition: &Definition) -> Result<Vec<KeyPredicate>, String> {
        let value_type = definition.value_type;
        let unfit = |rule: &str| {
            let (key, type_name) = (&definition.key, value_type.description());
            Err(format!("the attribute {key:?} is {type_name}, {rule}"))
        };
        let predicate = match self {
            Self::In(values) => {
                let key = |value: &Vec<Value>| Ok(one(value, definition)?.sort_key());
                KeyPredicate::In(values.iter().map(key).collect::<Result<_, String>>()?)
            }
            Self::Compared(..) if !value_type.has_ranges() => {
                return unfit("which is not less or greater");
            }
            Self::Compared(comparison, value) => {
                let value = one(value, definition)?;
                // An amount is compared only with those in the same currency, whose keys have the
                // same prefix.
                let currency = match value {
                    Value::Money(money) => Some(currency_prefix(&money.currency)),
                    _ => None,
                };
                let compared = KeyPredicate::Compared(*comparison, value.sort_key());
                let currency = currency.map(KeyPredicate::StartsWith);
                return Ok(currency.into_iter().chain([compared]).collect());
            }
            Self::Contains(_) | Self::StartsWith(_) if value_type != ValueType::Text => {
                return unfit("and not a text");
            }
            Self::Contains(term) => KeyPredicate::Contains(fold(term)),
            Self::StartsWith(prefix) => KeyPredicate::StartsWith(fold(prefix)),
        };
        Ok(vec![predicate])
    }
}

/// The given value, if it is the only one and has the attribute's type.
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
    /// The condition on an object. `id` is the column of its id.
    pub fn condition(&self, tenant: &Tenant, id: Column) -> Condition {
        let is_null = self.is_null.map(|is_null| self.has_no_value(tenant, id, is_null));
        let passes = (!self.predicates.is_empty()).then(|| {
            let object = self.noun.column("object_id").sql();
            let holes = [("id", id.sql()), ("object", object), ("values", self.values(tenant))];
            Condition::of(Sql::template("{id} IN (SELECT {object}{values})", holes))
        });
        let condition = Condition::all(passes.into_iter().chain(is_null));
        // There would be a statement for each combination of operators.
        if self.predicates.len() > 2 { condition.uncached() } else { condition }
    }

    /// The values that pass, as ` FROM … WHERE …`, and the column with the ids of their objects. `None` unless all
    /// values have the same sort key, because only then does the index return them in the order of these ids.
    pub fn in_order_of_ids(&self, tenant: &Tenant) -> Option<(Sql, Column)> {
        match self.predicates.as_slice() {
            [KeyPredicate::In(keys)] if keys.len() == 1 && self.is_null.is_none() => {
                Some((self.values(tenant), self.noun.column("object_id")))
            }
            _ => None,
        }
    }

    /// ` FROM … WHERE …`: the values that pass.
    fn values(&self, tenant: &Tenant) -> Sql {
        let sort_key = self.noun.column("sort_key");
        let searchable = [
            of_definition(tenant, self.noun, self.definition),
            Condition::flag(self.noun.column("is_searchable"), true),
        ];
        let passing = self.predicates.iter().map(|it| it.condition(sort_key));
        let condition = Condition::all(searchable.into_iter().chain(passing));
        from_where(self.noun.table(), condition)
    }

    /// The condition that an object has no value, or that it has one. Looked up by object, because most objects may
    /// have one.
    fn has_no_value(&self, tenant: &Tenant, id: Column, is_null: bool) -> Condition {
        let exists =
            if is_null { "NOT EXISTS (SELECT 1{values})" } else { "EXISTS (SELECT 1{values})" };
        let object = self.noun.column("object_id");
        let is_of_object = Condition::of(object.sql().sql(" = ").column(id));
        let values =
            Condition::all([of_definition(tenant, self.noun, self.definition), is_of_object]);
        let values = from_where(self.noun.table(), values);
        Condition::of(Sql::template(exists, [("values", values)]))
    }
}

impl KeyPredicate {
    fn condition(&self, sort_key: Column) -> Condition {
        match self {
            Self::In(keys) => Condition::text_in(sort_key, keys.iter().cloned()),
            Self::Compared(comparison, key) => {
                let compared = sort_key.sql().sql(comparison.operator());
                Condition::of(compared.text(key.as_str()))
            }
            Self::Contains(term) => Condition::reads(sort_key, term),
            Self::StartsWith(prefix) => Condition::starts_with(sort_key, prefix.clone()),
        }
    }
}
