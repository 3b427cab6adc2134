//! Filters and orders of lists by custom attributes. The definitions are looked up before the list is read.

use std::collections::HashMap;

use async_graphql::{Context, InputObject};

use super::CustomAttributeValueInput;
use crate::{
    db::pick::ColumnSet,
    graphql::{
        context::ContextExt,
        error::Error,
        filter::{FilterInput, Tests, check_length, exact_term, term},
        loader::DefinitionOf,
        node::ListedNode,
    },
    models::{
        custom_attribute::{
            Comparison, CustomSort, CustomTest, Money, NamedTest, Noun, Operator, Value,
        },
        filter::{Filter, RowTest},
        list::{FilterOf, Sort},
    },
};

/// Filter for a custom attribute, which must be `isSearchable`. All given conditions must match; if the attribute is a
/// list, one of its values must match all of them. Values must be of the attribute's type. It is an error if the
/// attribute does not exist or is not searchable, or if a value is of another type.
#[derive(InputObject)]
pub struct CustomAttributeFilter {
    /// Key of the attribute.
    key: String,
    /// Equals this value. Text is compared ignoring case and accents.
    eq: Option<CustomAttributeValueInput>,
    /// Equals one of these values; at most 1,000.
    #[graphql(name = "in")]
    is_in: Option<Vec<CustomAttributeValueInput>>,
    /// Is greater than this value. Only for the types `NUMBER`, `DAY` and `MONEY`; an amount is compared
    /// with those in the same currency.
    gt: Option<CustomAttributeValueInput>,
    /// Equals this value or is greater than it, as for `gt`.
    gte: Option<CustomAttributeValueInput>,
    /// Is less than this value, as for `gt`.
    lt: Option<CustomAttributeValueInput>,
    /// Equals this value or is less than it, as for `gt`.
    lte: Option<CustomAttributeValueInput>,
    /// Contains this text, ignoring case and accents. Only for the type `TEXT`. All values of the
    /// attribute are searched.
    contains: Option<String>,
    /// Starts with this text, ignoring case and accents. Only for the type `TEXT`.
    starts_with: Option<String>,
    /// Whether there is no value.
    is_null: Option<bool>,
}

impl CustomAttributeFilter {
    /// Converts the filter to tests for objects of this noun.
    pub fn tests<Own>(self, noun: Noun) -> Tests<RowTest<Own>> {
        let mut operators = Vec::new();
        let lists = [self.eq.map(|value| vec![value]), self.is_in];
        for list in lists.into_iter().flatten() {
            check_length(list.len())?;
            operators.push(Operator::In(list.into_iter().map(given).collect::<Result<_, _>>()?));
        }
        for (comparison, value) in [
            (Comparison::Gt, self.gt),
            (Comparison::Gte, self.gte),
            (Comparison::Lt, self.lt),
            (Comparison::Lte, self.lte),
        ] {
            let value = value.map(given).transpose()?;
            operators.extend(value.map(|value| Operator::Compared(comparison, value)));
        }
        operators.extend(self.contains.map(term).transpose()?.map(Operator::Contains));
        operators.extend(self.starts_with.map(term).transpose()?.map(Operator::StartsWith));
        let (key, is_null) = (term(self.key)?, self.is_null);
        Ok(Filter::Is(RowTest::Named(NamedTest { noun, key, operators, is_null })))
    }
}

/// The value to compare an attribute with, as given by the client.
fn given(input: CustomAttributeValueInput) -> Result<Vec<Value>, Error> {
    let checked = |value| {
        Ok(match value {
            Value::Text(text) => Value::Text(exact_term(text)?),
            Value::Choice(choice) => Value::Choice(exact_term(choice)?),
            Value::Money(Money { amount, currency }) => {
                Value::Money(Money { amount, currency: exact_term(currency)? })
            }
            other => other,
        })
    };
    Vec::<Value>::from(input).into_iter().map(checked).collect()
}

/// The filter of a list, after the lookup of the custom attributes in it.
pub async fn looked_up<N: ListedNode>(
    ctx: &Context<'_>,
    filter: Option<Box<FilterInput<N>>>,
) -> Result<FilterOf<N::Row>, Error> {
    let filter = FilterInput::tests(filter)?;
    let mut tests: Vec<NamedTest> = Vec::new();
    filter.for_each(&mut |test| {
        if let RowTest::Named(test) = test {
            tests.push(test.clone());
        }
    });
    let keys = tests.iter().map(|it| DefinitionOf { noun: it.noun, key: it.key.clone() });
    let definitions = ctx.loader()?.load_list(keys.collect(), ColumnSet::ID).await?;
    let mut known: HashMap<NamedTest, CustomTest> = HashMap::new();
    for (test, definition) in tests.into_iter().zip(definitions) {
        let Some(definition) = definition else { return Err(no_attribute("filter", &test.key)) };
        let custom = test.of(&definition);
        let custom = custom.map_err(|message| Error::bad_input(format!("filter: {message}")))?;
        known.insert(test, custom);
    }
    Ok(filter.replaced(&|test| match test {
        RowTest::Named(test) => known.get(test).cloned().map(|it| Filter::Is(RowTest::Custom(it))),
        _ => None,
    }))
}

/// The order by the custom attribute with this key.
pub async fn order_by(ctx: &Context<'_>, noun: Noun, key: &str) -> Result<Sort, Error> {
    let definition = DefinitionOf { noun, key: key.to_owned() };
    let Some(definition) = ctx.loader()?.load(definition, ColumnSet::ID).await? else {
        return Err(no_attribute("orderBy", key));
    };
    let sort = CustomSort::of(&definition);
    Ok(Sort::Custom(sort.map_err(|message| Error::bad_input(format!("orderBy: {message}")))?))
}

fn no_attribute(argument: &str, key: &str) -> Error {
    Error::bad_input(format!("{argument}: there is no attribute {key:?}"))
}
