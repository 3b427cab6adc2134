//! A client's changes of attributes, as a value.

use std::{fmt, marker::PhantomData};

use diesel::Column;

use super::{Attribute, AttributeType, AttributeValue, Attributes};
use crate::models::{Code, Violation, Violations};

/// New values for some of the attributes of an object. The others keep theirs.
#[derive(Clone, Default, PartialEq)]
pub struct Patch<A> {
    /// The places of attributes in [`Attributes::ATTRIBUTES`], with their new values.
    values: Vec<(usize, AttributeValue)>,
    attributes: PhantomData<fn() -> A>,
}

impl<A: Attributes> fmt::Debug for Patch<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = |place: usize| A::column(place).unwrap_or_default();
        f.debug_map()
            .entries(self.values.iter().map(|(place, value)| (column(*place), value)))
            .finish()
    }
}

impl<A: Attributes> Patch<A> {
    /// Gives the attribute at that place a value of its type, or `Null` to clear it.
    pub fn set(&mut self, place: usize, value: AttributeValue) {
        self.values.push((place, value));
    }

    /// Like [`Patch::set`], for the attribute of a column.
    pub fn set_column<C: Column>(&mut self, value: AttributeValue) {
        let place = A::ATTRIBUTES.iter().position(|attribute| attribute.column == C::NAME);
        self.values.extend(place.map(|place| (place, value)));
    }

    /// The values in the patch, with the places of their attributes.
    pub fn values(&self) -> &[(usize, AttributeValue)] {
        &self.values
    }

    /// The value for the attribute of a column; `None` if it keeps its own.
    pub fn value_of<C: Column>(&self) -> Option<&AttributeValue> {
        self.value_by_name(C::NAME)
    }

    /// Whether the patch gives the attribute of a column a value, or clears it.
    pub fn sets<C: Column>(&self) -> bool {
        self.value_of::<C>().is_some()
    }

    /// Like [`Patch::sets`], for the column of that name.
    pub fn sets_named(&self, column: &str) -> bool {
        self.value_by_name(column).is_some()
    }

    fn value_by_name(&self, column: &str) -> Option<&AttributeValue> {
        let of_column = |(place, _): &&(usize, AttributeValue)| A::column(*place) == Some(column);
        self.values.iter().rfind(of_column).map(|(_, value)| value)
    }

    /// Sets these attributes, and nothing that follows from them.
    pub fn apply(&self, attributes: &mut A) {
        for (place, value) in &self.values {
            if let Some(attribute) = A::ATTRIBUTES.get(*place) {
                (attribute.set)(attributes, value.clone());
            }
        }
    }

    /// A patch that gives all attributes these values.
    pub fn of_all(attributes: &A) -> Self {
        let values = A::ATTRIBUTES.iter().map(|attribute| (attribute.get)(attributes));
        Self { values: values.enumerate().collect(), attributes: PhantomData }
    }

    /// The attributes of a new object.
    pub fn into_new(self) -> A {
        let mut attributes = A::default();
        attributes.patch(&self);
        attributes
    }

    /// The violations if it clears attributes that must have a value. (An empty text is reported when the attributes
    /// are checked, and a cleared flag is `false`.)
    pub fn cleared(&self) -> Violations {
        let has_empty_value = |it: &Attribute<A>| {
            matches!(it.kind.value_type, Some(AttributeType::Text | AttributeType::Flag))
        };
        self.without_value("cannot be cleared", |attribute, value| {
            value == Some(&AttributeValue::Null) && !has_empty_value(attribute)
        })
    }

    /// The violations if it lacks attributes that a new object must have, or clears those of an existing one.
    pub fn missing(&self, is_new: bool) -> Violations {
        let message = if is_new { "must be given" } else { "cannot be cleared" };
        self.without_value(message, |_, value| {
            value.map_or(is_new, |value| *value == AttributeValue::Null)
        })
    }

    fn without_value(
        &self,
        message: &str,
        is_missing: impl Fn(&Attribute<A>, Option<&AttributeValue>) -> bool,
    ) -> Violations {
        let mut violations = Violations::default();
        for attribute in A::ATTRIBUTES.iter().filter(|attribute| attribute.kind.is_required) {
            if is_missing(attribute, self.value_by_name(attribute.column)) {
                violations.push(Violation::new(&attribute.name(), Code::Required, message));
            }
        }
        violations
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::schema::customer_consents,
        models::{Error, customer::consent::CustomerConsentAttributes as Consent},
    };

    fn patch(values: Vec<(&str, AttributeValue)>) -> Patch<Consent> {
        let mut patch = Patch::default();
        for (field, value) in values {
            patch.set(Consent::place_of_field(field).unwrap(), value);
        }
        patch
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::Text(text.to_owned())
    }

    #[test]
    fn a_patch_is_a_value() {
        let named = || patch(vec![("name", text("newsletter")), ("source", AttributeValue::Null)]);
        assert_eq!(format!("{:?}", named()), r#"{"name": Text("newsletter"), "source": Null}"#);
        assert_eq!(named(), named().clone());
        assert!(named().sets::<customer_consents::source>());
        assert!(!named().sets::<customer_consents::status>());
    }

    #[test]
    fn attributes_that_a_patch_does_not_name_keep_their_values() {
        let before =
            Consent { source: Some("shop".to_owned()), status: true, ..Consent::default() };
        let mut after = before.clone();
        after.patch(&patch(vec![("name", text("newsletter"))]));
        assert_eq!(after, Consent { name: "newsletter".to_owned(), ..before.clone() });
        assert_eq!(Patch::of_all(&before).into_new(), before);
    }

    #[test]
    fn required_attributes_are_neither_missing_nor_cleared() {
        let fields = |violations: Violations| match violations.finish() {
            Err(Error::Invalid(found)) => found.into_iter().map(|it| it.field.join(".")).collect(),
            _ => Vec::new(),
        };
        assert_eq!(fields(patch(vec![]).missing(true)), ["name", "status"]);
        assert_eq!(fields(patch(vec![("name", AttributeValue::Null)]).missing(false)), ["name"]);
        assert!(fields(patch(vec![("source", AttributeValue::Null)]).missing(false)).is_empty());
    }
}
