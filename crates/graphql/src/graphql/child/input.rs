//! The inputs for children: the attributes and, unless the child is created with its parent, the parent and the
//! position.

use std::borrow::Cow;

use async_graphql::{
    ID, InputObjectType, InputType, InputValueError, InputValueResult, Name, Value,
    registry::{MetaInputValue, Registry},
};

use super::ChildNode;
use crate::{
    graphql::{
        attributes::{AttributesInput, Changed, Mode, Nested, New, TEXT_RULES, has_texts},
        filter::parsed,
        node::RowNode,
        object::{argument, register_input},
    },
    models::child::{ChildAttributes, ChildChange, NewChild},
};

/// The input for a child that is created together with its parent.
pub type ChildInput<N> = ChildInputOf<N, Nested>;

/// The input for a child that is created.
pub type ChildCreateInput<N> = ChildInputOf<N, New>;

/// The input for a child that is updated.
pub type ChildUpdateInput<N> = ChildInputOf<N, Changed>;

pub struct ChildInputOf<N: ChildNode, M> {
    pub attributes: AttributesInput<N::Attributes, M>,
    /// The parent; only in the input for a single new child.
    parent: Option<ID>,
    /// The position, if the client specifies it.
    idx: Option<i32>,
}

/// The purpose of an input for children: a child of a new parent, a single new child, or an update.
pub trait ChildMode: Mode {
    /// The suffix of the input type's name.
    const SUFFIX: &'static str;
    const HAS_PARENT: bool;
    /// The rest of the description of the field `idx`; `None` if the input has no such field.
    const POSITION: Option<&'static str>;

    /// The first sentences of the description.
    fn description<N: ChildNode>() -> String;
}

impl ChildMode for Nested {
    const SUFFIX: &'static str = "Input";
    const HAS_PARENT: bool = false;
    const POSITION: Option<&'static str> = None;

    fn description<N: ChildNode>() -> String {
        let (noun, _) = N::NOUNS;
        let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
        format!("{article} {noun} of a new {}.", N::Parent::NODE_TYPE.noun())
    }
}

impl ChildMode for New {
    const SUFFIX: &'static str = "CreateInput";
    const HAS_PARENT: bool = true;
    const POSITION: Option<&'static str> = Some("Later items shift by one. Default: the end.");

    fn description<N: ChildNode>() -> String {
        format!("Input for `{}Create`.", N::ONE)
    }
}

impl ChildMode for Changed {
    const SUFFIX: &'static str = "UpdateInput";
    const HAS_PARENT: bool = false;
    const POSITION: Option<&'static str> =
        Some("If omitted or `null`, the position does not change.");

    fn description<N: ChildNode>() -> String {
        let rules = "Omitted fields keep their values, and `null` clears a field.";
        format!("Input for `{}Update`. {rules}", N::ONE)
    }
}

impl<N: ChildNode, M: ChildMode> ChildInputOf<N, M> {
    fn fields(registry: &mut Registry) -> Vec<MetaInputValue> {
        let mut fields = AttributesInput::<N::Attributes, M>::fields(registry);
        let parent = N::Parent::NODE_TYPE.noun();
        if M::HAS_PARENT {
            let description = format!("ID of the {parent} to add it to.");
            fields.push(argument::<ID>(registry, &N::parent_field(), &description));
        }
        if let Some(rule) = M::POSITION.filter(|_| N::Attributes::SHOWS_PLACE) {
            let (_, nouns) = N::NOUNS;
            let description = format!("Position in the {parent}'s list of {nouns}, from 1. {rule}");
            fields.push(argument::<Option<i32>>(registry, "idx", &description));
        }
        fields
    }
}

impl<N: ChildNode, M: ChildMode> InputType for ChildInputOf<N, M> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        format!("{}{}", N::NAME, M::SUFFIX).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let rules = if has_texts::<N::Attributes>() { TEXT_RULES } else { "" };
        let description = format!("{} {rules}", M::description::<N>());
        register_input::<Self>(registry, &[&description], Self::fields)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(mut fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let parent = fields.swap_remove(N::parent_field().as_str()).filter(|_| M::HAS_PARENT);
        let idx = fields.swap_remove("idx").filter(|_| M::POSITION.is_some());
        Ok(Self {
            parent: parent.map(parsed::<ID, Self>).transpose()?,
            idx: idx.map(parsed::<Option<i32>, Self>).transpose()?.flatten(),
            attributes: parsed(Value::Object(fields))?,
        })
    }

    fn to_value(&self) -> Value {
        let Value::Object(mut fields) = self.attributes.to_value() else { return Value::Null };
        let parent = self.parent.as_ref().map(|it| (Name::new(N::parent_field()), it.to_value()));
        let idx = self.idx.map(|it| (Name::new("idx"), it.to_value()));
        fields.extend(parent.into_iter().chain(idx));
        Value::Object(fields)
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl<N: ChildNode, M: ChildMode> InputObjectType for ChildInputOf<N, M> {}

impl<N: ChildNode> From<ChildCreateInput<N>> for NewChild<N::Attributes> {
    fn from(input: ChildCreateInput<N>) -> Self {
        let parent = N::Parent::NODE_TYPE.uid(&input.parent.unwrap_or_default());
        Self { parent, idx: input.idx, attributes: input.attributes.patch.into_new() }
    }
}

impl<N: ChildNode> From<ChildUpdateInput<N>> for ChildChange<N::Attributes> {
    fn from(input: ChildUpdateInput<N>) -> Self {
        Self { idx: input.idx, patch: input.attributes.patch }
    }
}

/// The attributes of new children in a list field of an input.
pub fn new_children<N: ChildNode>(list: Option<Vec<ChildInput<N>>>) -> Vec<N::Attributes> {
    list.into_iter().flatten().map(|it| it.attributes.patch.into_new()).collect()
}
