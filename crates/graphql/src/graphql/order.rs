//! The orders of lists: by creation, by last change, by each sortable attribute, and by custom attributes.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    Context, Enum, InputObjectType, InputType, InputValueError, InputValueResult, Value,
    registry::{MetaInputValue, Registry},
};

use super::{
    attributes::order_description,
    custom_attribute::order_by,
    error::Error,
    node::ListedNode,
    object::{RowObject, argument, register_enum, register_input},
};
use crate::models::{
    attribute::{Attribute, Attributes, HasAttributes},
    list::Sort,
};

/// Direction of a sort order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Ascending: smallest first, A to Z, oldest first.
    Asc,
    /// Descending: largest first, Z to A, newest first.
    Desc,
}

/// The input type of a sort order of nodes of the type `N`.
pub struct OrderInput<N> {
    /// Exactly one of the first two fields must be given.
    field: Option<OrderField<N>>,
    attribute: Option<String>,
    is_descending: bool,
}

/// The enum of the fields that nodes of the type `N` can be sorted by.
pub struct OrderField<N> {
    sort: Sort,
    node: PhantomData<fn() -> N>,
}

impl<N> OrderField<N> {
    const fn new(sort: Sort) -> Self {
        Self { sort, node: PhantomData }
    }
}

impl<N> Default for OrderInput<N> {
    /// Most recently created first.
    fn default() -> Self {
        let field = Some(OrderField::new(Sort::CreatedAt));
        Self { field, attribute: None, is_descending: true }
    }
}

impl<N: ListedNode> OrderInput<N> {
    /// The sort, and whether it is descending. Looks up the definition of a custom attribute.
    pub async fn looked_up(self, ctx: &Context<'_>) -> Result<(Sort, bool), Error> {
        let sort = match (self.field, self.attribute, N::NOUN) {
            (Some(field), None, _) => field.sort,
            (None, Some(key), Some(noun)) => order_by(ctx, noun, &key).await?,
            _ => {
                let message = "orderBy: exactly one of field and attribute must be given";
                return Err(Error::bad_input(message));
            }
        };
        Ok((sort, self.is_descending))
    }
}

impl<N: ListedNode> InputType for OrderInput<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}Order", N::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let description = format!("Sort order for {}.", N::NOUNS.1);
        register_input::<Self>(registry, &[&description], |registry| {
            let direction = argument::<OrderDirection>(registry, "direction", "Sort direction.");
            let direction = MetaInputValue { default_value: Some("ASC".to_owned()), ..direction };
            if N::NOUN.is_none() {
                let field = argument::<OrderField<N>>(registry, "field", "Field to sort by.");
                return vec![field, direction];
            }
            let field = "Field to sort by. Give either this or `attribute`.";
            let attribute = "Key of the custom attribute to sort by. It must be `isSearchable`, and not a\n\
                list. An object without a value comes before all others. Give either this or `field`.";
            vec![
                argument::<Option<OrderField<N>>>(registry, "field", field),
                argument::<Option<String>>(registry, "attribute", attribute),
                direction,
            ]
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(mut order)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let field = Option::parse(order.swap_remove("field"));
        let attribute = Option::parse(order.swap_remove("attribute"));
        let direction = order.swap_remove("direction").unwrap_or(OrderDirection::Asc.to_value());
        let direction = OrderDirection::parse(Some(direction));
        Ok(Self {
            field: field.map_err(InputValueError::propagate)?,
            attribute: attribute.map_err(InputValueError::propagate)?,
            is_descending: direction.map_err(InputValueError::propagate)? == OrderDirection::Desc,
        })
    }

    /// async-graphql calls this only for default values, and orders have none.
    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<N: ListedNode> InputObjectType for OrderInput<N> {}

impl<N: ListedNode> InputType for OrderField<N> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}OrderField", N::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let description = format!("Fields for sorting {}. {}", N::NOUNS.1, N::ORDER_RULES);
        let common = [
            ("CREATED_AT".to_owned(), "Creation time.".to_owned()),
            ("UPDATED_AT".to_owned(), N::UPDATED_AT.to_owned()),
        ];
        let attributes = sortable::<N>().map(|(_, attribute)| {
            (attribute.column.to_ascii_uppercase(), order_description(attribute))
        });
        let values: Vec<_> = common.into_iter().chain(attributes).collect();
        register_enum::<Self>(registry, description.trim_end(), &values)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let name = match &value {
            Some(Value::Enum(name)) => name.as_str(),
            Some(Value::String(name)) => name.as_str(),
            _ => return Err(InputValueError::expected_type(value.unwrap_or_default())),
        };
        // Validation has already rejected all other names.
        let sort = match name {
            "CREATED_AT" => Sort::CreatedAt,
            "UPDATED_AT" => Sort::UpdatedAt,
            name => sortable::<N>()
                .find(|(_, attribute)| attribute.column.eq_ignore_ascii_case(name))
                .map(|(place, _)| Sort::Attribute(place))
                .ok_or_else(|| InputValueError::custom(format!("there is no value {name}")))?,
        };
        Ok(Self::new(sort))
    }

    /// As for [`OrderInput`].
    fn to_value(&self) -> Value {
        Value::Null
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

type AttributesOf<N> = <<N as RowObject>::Row as HasAttributes>::Attributes;

/// The sortable attributes of the nodes, with their indexes among all attributes.
fn sortable<N: ListedNode>() -> impl Iterator<Item = (usize, &'static Attribute<AttributesOf<N>>)> {
    let attributes = AttributesOf::<N>::ATTRIBUTES.iter().enumerate();
    attributes.filter(|(_, attribute)| attribute.kind.uses.is_sortable)
}
