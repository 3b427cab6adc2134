//! Attributes as fields of GraphQL output and input types.
//!
//! The models declare the attributes. This module maps the type of their values to a GraphQL type.

use std::{borrow::Cow, marker::PhantomData};

use async_graphql::{
    ID, InputObjectType, InputType, InputValueError, InputValueResult, Name, OutputType,
    ScalarType, Value,
    registry::{MetaInputValue, Registry},
};

use super::{
    choices::{
        CustomerAddressType, CustomerAddressTypeFilter, CustomerType, CustomerTypeFilter,
        LoyaltyProgramType, LoyaltyProgramTypeFilter,
    },
    filter::ParsedOption,
    object::{argument, meta_input, register_input, text},
};
use crate::{
    db::types::{Date, Decimal, Timestamp, Uid},
    models::{
        attribute::{Attribute, AttributeType, AttributeValue, Attributes, KindOf, Patch},
        filter::ExactTest,
    },
};

/// The value of an output field. References have no value here: they are resolved as objects.
pub fn output(value: AttributeValue) -> Value {
    match value {
        AttributeValue::Null | AttributeValue::Reference(_) => Value::Null,
        AttributeValue::Text(text) => Value::String(text),
        AttributeValue::Flag(flag) => Value::Boolean(flag),
        AttributeValue::Integer(number) => Value::from(number),
        AttributeValue::Decimal(number) => ScalarType::to_value(&number),
        AttributeValue::Date(date) => ScalarType::to_value(&date),
        AttributeValue::Timestamp(time) => ScalarType::to_value(&time),
        AttributeValue::Choice(name) => Value::Enum(Name::new(name)),
    }
}

/// Whether the attribute is a plain field of the object. References have fields of their own.
pub fn is_output<A>(attribute: &Attribute<A>) -> bool {
    attribute.is_field() && !matches!(attribute.kind.value_type, Some(AttributeType::Reference(_)))
}

/// The description of the attribute's filter field: the first sentence of the attribute's description, because the
/// others are about writing it.
pub fn filter_description<A>(attribute: &Attribute<A>) -> String {
    let own = || {
        let description = text(attribute.description);
        let sentence = description.split_inclusive(". ").next().unwrap_or_default();
        sentence.split_inclusive(".\n").next().unwrap_or_default().trim_end().to_owned()
    };
    attribute.in_filter.map_or_else(own, str::to_owned)
}

/// The description of the attribute's value in the enum of sort fields.
pub fn order_description<A>(attribute: &Attribute<A>) -> String {
    attribute.in_order.map_or_else(|| filter_description(attribute), str::to_owned)
}

/// Registers the type of an output field, and returns its name.
pub fn output_type<A>(registry: &mut Registry, attribute: &Attribute<A>) -> String {
    named_type(registry, attribute, attribute.kind.is_nullable)
}

fn named_type<A>(registry: &mut Registry, attribute: &Attribute<A>, is_nullable: bool) -> String {
    let name = match attribute.kind.value_type {
        None | Some(AttributeType::Text) => <String as OutputType>::create_type_info(registry),
        Some(AttributeType::Flag) => <bool as OutputType>::create_type_info(registry),
        Some(AttributeType::Integer) => <i32 as OutputType>::create_type_info(registry),
        Some(AttributeType::Decimal) => <Decimal as OutputType>::create_type_info(registry),
        Some(AttributeType::Date) => <Date as OutputType>::create_type_info(registry),
        Some(AttributeType::Timestamp) => <Timestamp as OutputType>::create_type_info(registry),
        Some(AttributeType::Reference(_)) => <ID as OutputType>::create_type_info(registry),
        Some(AttributeType::Choice(name, _)) => match ChoiceTypes::named(name) {
            Some(types) => (types.output)(registry),
            None => <String as OutputType>::create_type_info(registry),
        },
    };
    if is_nullable { name.trim_end_matches('!').to_owned() } else { name }
}

/// The GraphQL types for an enum of the models.
pub struct ChoiceTypes {
    /// Its name in the models.
    name: &'static str,
    output: fn(&mut Registry) -> String,
    /// Registers the type of a filter field and returns the field with this name and description.
    pub filter_field: fn(&mut Registry, &str, &str) -> MetaInputValue,
    /// Converts the value of such a field to tests; `None` for `null`.
    pub filter_tests: fn(Value) -> ParsedOption<Vec<ExactTest>>,
}

/// A new enum needs a line here; without one, `schema.graphql` shows its values as strings.
const CHOICES: [ChoiceTypes; 3] = [
    ChoiceTypes::of::<CustomerAddressType, CustomerAddressTypeFilter>("AddressType"),
    ChoiceTypes::of::<CustomerType, CustomerTypeFilter>("CustomerType"),
    ChoiceTypes::of::<LoyaltyProgramType, LoyaltyProgramTypeFilter>("LoyaltyProgramType"),
];

impl ChoiceTypes {
    const fn of<T: OutputType, F: InputType + Into<Vec<ExactTest>>>(name: &'static str) -> Self {
        Self {
            name,
            output: T::create_type_info,
            filter_field: argument::<Option<F>>,
            filter_tests: |value| {
                let filter = Option::<F>::parse(Some(value)).map_err(InputValueError::propagate)?;
                Ok(filter.map(F::into))
            },
        }
    }

    /// The types for the enum with this name in the models; `None` if `CHOICES` lacks it.
    pub fn named(name: &str) -> Option<&'static Self> {
        CHOICES.iter().find(|types| types.name == name)
    }
}

/// The attributes in the input for a new object. Required ones are not nullable.
pub type NewAttributes<A> = AttributesInput<A, New>;

/// The attributes in the input for an update: all are nullable.
pub type ChangedAttributes<A> = AttributesInput<A, Changed>;

/// The attribute fields of an input. Inputs with other fields flatten it.
pub struct AttributesInput<A, M> {
    pub patch: Patch<A>,
    mode: PhantomData<fn() -> M>,
}

/// The purpose of an input with attributes: a new object or an update.
pub trait Mode: 'static {
    const NAME: &'static str;
    const IS_NEW: bool;
    const HAS_REFERENCES: bool;
}

pub enum New {}
pub enum Nested {}
pub enum Changed {}

impl Mode for New {
    const NAME: &'static str = "New";
    const IS_NEW: bool = true;
    const HAS_REFERENCES: bool = true;
}

impl Mode for Nested {
    const NAME: &'static str = "Nested";
    const IS_NEW: bool = true;
    const HAS_REFERENCES: bool = false;
}

impl Mode for Changed {
    const NAME: &'static str = "Changed";
    const IS_NEW: bool = false;
    const HAS_REFERENCES: bool = true;
}

/// The rules for texts, for the description of an input.
pub const TEXT_RULES: &str = "Text is trimmed, and empty text becomes `null`. Maximum length: 255 characters unless stated otherwise.";

/// Whether some of the attributes are texts.
pub fn has_texts<A: Attributes>() -> bool {
    let mut attributes = A::ATTRIBUTES.iter();
    attributes.any(|it| it.is_field() && matches!(it.kind.value_type, Some(AttributeType::Text)))
}

impl<A: Attributes, M: Mode> AttributesInput<A, M> {
    /// Registers the types of the fields and returns the fields.
    pub fn fields(registry: &mut Registry) -> Vec<MetaInputValue> {
        let fields = A::ATTRIBUTES.iter().filter(|it| it.is_field());
        let fields = fields.filter(|it| M::HAS_REFERENCES || is_output(it));
        fields.map(|attribute| Self::field(registry, attribute)).collect()
    }

    fn field(registry: &mut Registry, attribute: &Attribute<A>) -> MetaInputValue {
        let is_nullable = !(M::IS_NEW && attribute.kind.is_required);
        let clearing = match attribute.kind {
            KindOf { is_required: true, .. } if M::IS_NEW => "",
            KindOf { is_required: true, value_type: Some(AttributeType::Flag), .. } => {
                "`null` counts as `false`."
            }
            KindOf { is_required: true, .. } => "Cannot be cleared.",
            KindOf { is_required: false, .. } => "",
        };
        // An update keeps omitted fields, so only `null` sets the default.
        let when = if M::IS_NEW { "Default" } else { "`null` sets the default" };
        let default = (attribute.kind.default)().map(|value| format!("{when}: {value}."));
        let sentences = [
            text(attribute.description),
            attribute.kind.rule.to_owned(),
            default.unwrap_or_default(),
            clearing.to_owned(),
        ];
        let sentences: Vec<String> = sentences.into_iter().filter(|it| !it.is_empty()).collect();
        let type_name = named_type(registry, attribute, is_nullable);
        meta_input(&attribute.name(), &sentences.join(" "), type_name)
    }
}

impl<A: Attributes, M: Mode> InputType for AttributesInput<A, M> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}{}", A::NAME, M::NAME).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        register_input::<Self>(registry, &[], Self::fields)
    }

    /// Reads the attributes from an input object and ignores its other fields, which belong to the enclosing input.
    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let mut patch = Patch::default();
        for (name, value) in fields {
            let Some(place) = A::place_of_field(&name) else { continue };
            let value_type = A::ATTRIBUTES.get(place).and_then(|it| it.kind.value_type);
            patch.set(place, input(value_type, value).map_err(InputValueError::custom)?);
        }
        Ok(Self { patch, mode: PhantomData })
    }

    fn to_value(&self) -> Value {
        let fields = self.patch.values().iter().filter_map(|(place, value)| {
            let attribute = A::ATTRIBUTES.get(*place)?;
            let value = match (attribute.kind.value_type, value) {
                (Some(AttributeType::Reference(node)), AttributeValue::Reference(uid)) => {
                    Value::String(node.id(*uid).to_string())
                }
                _ => output(value.clone()),
            };
            Some((Name::new(attribute.name()), value))
        });
        Value::Object(fields.collect())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<A: Attributes, M: Mode> InputObjectType for AttributesInput<A, M> {}

/// Parses an input value; the error says why it is invalid.
fn input(value_type: Option<AttributeType>, value: Value) -> Result<AttributeValue, String> {
    let Some(value_type) = value_type.filter(|_| value != Value::Null) else {
        return Ok(AttributeValue::Null);
    };
    Ok(match value_type {
        AttributeType::Text => AttributeValue::Text(parsed(value)?),
        AttributeType::Flag => AttributeValue::Flag(parsed(value)?),
        AttributeType::Integer => AttributeValue::Integer(parsed(value)?),
        AttributeType::Decimal => AttributeValue::Decimal(parsed(value)?),
        AttributeType::Date => AttributeValue::Date(parsed(value)?),
        AttributeType::Timestamp => AttributeValue::Timestamp(parsed(value)?),
        // The models report an id of another type, because it refers to no object.
        AttributeType::Reference(node) => {
            let id: ID = parsed(value)?;
            let uid: Uid = node.uid(&id);
            AttributeValue::Reference(uid)
        }
        AttributeType::Choice(_, names) => {
            let given = match &value {
                Value::Enum(name) => name.as_str(),
                Value::String(name) => name.as_str(),
                _ => "",
            };
            let name = names.iter().find(|name| **name == given);
            AttributeValue::Choice(
                name.ok_or_else(|| format!("{given:?} is not one of the values"))?,
            )
        }
    })
}

fn parsed<T: InputType>(value: Value) -> Result<T, String> {
    T::parse(Some(value))
        .map_err(|error| error.into_server_error(async_graphql::Pos::default()).message)
}
