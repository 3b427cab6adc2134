//! Estimates the number of fields in a response before any data is read.
//!
//! A field within a list counts once for each item that the list can have. The schema determines
//! that number: a connection has as many rows as `first` or `last` requests, a field with `ids` has
//! one item per id, and a plain list is assumed to have a few.

use std::collections::HashMap;

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    ast::Value as Literal,
    executable::{Field, Selection, SelectionSet},
    schema::ExtendedType,
};
use async_graphql::{Name, Value, Variables, indexmap::IndexMap};

use crate::graphql::connection::{PAGE_DEFAULT, PAGE_MAX};

/// Assumed number of children of a kind (addresses, tiers, …) per parent.
const CHILDREN: usize = 4;

/// Assumed number of descendants of a group.
const DESCENDANTS: usize = 10;

/// The estimated cost of an operation, which depends on its variables.
#[derive(Debug)]
pub struct Cost {
    /// The number of times that the fields of this selection occur in the response, per parent.
    times: Times,
    /// Fields without subfields.
    leaves: usize,
    below: Vec<Cost>,
}

/// The number of objects that a field returns.
#[derive(Debug)]
enum Times {
    Known(usize),
    /// The rows of a page: as many as `first` requests, else `last`.
    Page {
        first: Size,
        last: Size,
    },
    /// One per item of the list in a variable.
    List(Name),
}

/// The size of a page, as specified by an argument.
#[derive(Debug)]
enum Size {
    Missing,
    Known(usize),
    Variable(Name),
}

impl Cost {
    /// Estimates the number of fields in the response for these variables.
    pub fn estimate(&self, variables: &Variables) -> usize {
        let below = self.below.iter().map(|it| it.estimate(variables));
        let once = below.fold(self.leaves, usize::saturating_add);
        once.saturating_mul(self.times.resolve(variables)).saturating_add(1)
    }
}

impl Times {
    fn resolve(&self, variables: &Variables) -> usize {
        match self {
            Self::Known(times) => *times,
            Self::Page { first, last } => {
                first.resolve(variables).or_else(|| last.resolve(variables)).unwrap_or(PAGE_DEFAULT)
            }
            Self::List(name) => match variables.get(name) {
                Some(Value::List(items)) => items.len(),
                _ => 1,
            },
        }
    }
}

impl Size {
    fn of(field: &Node<Field>, name: &str) -> Self {
        argument(field, name).and_then(Self::of_literal).unwrap_or(Self::Missing)
    }

    fn of_literal(literal: &Literal) -> Option<Self> {
        match literal {
            Literal::Variable(name) => Some(Self::Variable(Name::new(name))),
            Literal::Int(size) => Some(Self::Known(rows(size.as_str().parse().ok()))),
            _ => None,
        }
    }

    fn resolve(&self, variables: &Variables) -> Option<usize> {
        match self {
            Self::Missing => None,
            Self::Known(size) => Some(*size),
            Self::Variable(name) => match variables.get(name) {
                Some(Value::Number(size)) => Some(rows(size.as_u64())),
                _ => None,
            },
        }
    }
}

/// The number of rows of a page. The resolver rejects a size that is out of bounds.
fn rows(size: Option<u64>) -> usize {
    size.and_then(|it| usize::try_from(it).ok()).unwrap_or(PAGE_DEFAULT).min(PAGE_MAX)
}

/// Estimates the costs of operations on one schema.
#[derive(Debug)]
pub struct Estimator {
    /// Lengths of the lists in introspection results, by parent and field.
    introspection: HashMap<(&'static str, &'static str), Lengths>,
}

/// Statistics of a list's length over all types or fields of the schema that have the list.
#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    all: usize,
    lists: usize,
    max: usize,
}

impl Lengths {
    fn add(&mut self, length: usize) {
        self.all += length;
        self.lists += 1;
        self.max = self.max.max(length);
    }

    fn average(self) -> usize {
        self.all.div_ceil(self.lists.max(1))
    }
}

/// The types that an introspection selection covers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IntrospectionScope {
    /// Every type once, so the average length is exact.
    All,
    /// Any types, possibly the largest ones, so the maximum length counts.
    Any,
}

impl IntrospectionScope {
    /// The types that the selection of this field covers.
    fn within(self, parent: &str, field: &str) -> Self {
        match (parent, field) {
            ("__Schema", "types") => Self::All,
            ("__Type", "fields" | "inputFields" | "enumValues") | ("__Field", "args") => self,
            _ => Self::Any,
        }
    }
}

impl Estimator {
    pub fn new(schema: &Schema) -> Self {
        let [mut fields, mut arguments, mut inputs, mut values, mut implementers] =
            [Lengths::default(); 5];
        let implemented = schema.implementers_map();
        for (name, ty) in &schema.types {
            let of_type = match ty {
                ExtendedType::Object(it) => Some(&it.fields),
                ExtendedType::Interface(it) => Some(&it.fields),
                _ => None,
            };
            let (of_input, of_enum) = match ty {
                ExtendedType::InputObject(it) => (it.fields.len(), 0),
                ExtendedType::Enum(it) => (0, it.values.len()),
                _ => (0, 0),
            };
            fields.add(of_type.map_or(0, IndexMap::len));
            for field in of_type.into_iter().flat_map(|it| it.values()) {
                arguments.add(field.arguments.len());
            }
            inputs.add(of_input);
            values.add(of_enum);
            implementers.add(implemented.get(name).map_or(0, |it| it.objects.len()));
        }
        let once = |length| Lengths { all: length, lists: 1, max: length };
        let introspection = HashMap::from([
            (("__Schema", "types"), once(schema.types.len())),
            (("__Schema", "directives"), once(schema.directive_definitions.len())),
            (("__Type", "fields"), fields),
            (("__Type", "inputFields"), inputs),
            (("__Type", "enumValues"), values),
            (("__Type", "possibleTypes"), implementers),
            (("__Field", "args"), arguments),
        ]);
        Self { introspection }
    }

    pub fn operation(&self, document: &ExecutableDocument, set: &SelectionSet) -> Cost {
        let mut cost = Cost { times: Times::Known(1), leaves: 0, below: Vec::new() };
        self.selections(document, set, IntrospectionScope::Any, &mut cost);
        cost
    }

    /// Adds the cost of a selection set. It recurses into fragments, which is safe because the
    /// document is bounded.
    fn selections(
        &self,
        document: &ExecutableDocument,
        set: &SelectionSet,
        described: IntrospectionScope,
        cost: &mut Cost,
    ) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) if field.selection_set.selections.is_empty() => {
                    cost.leaves += 1;
                }
                Selection::Field(field) => {
                    let times = self.times(set.ty.as_str(), field, described);
                    let described = described.within(set.ty.as_str(), field.name.as_str());
                    let mut below = Cost { times, leaves: 0, below: Vec::new() };
                    self.selections(document, &field.selection_set, described, &mut below);
                    cost.below.push(below);
                }
                Selection::InlineFragment(it) => {
                    self.selections(document, &it.selection_set, described, cost);
                }
                Selection::FragmentSpread(it) => {
                    if let Some(fragment) = document.fragments.get(&it.fragment_name) {
                        self.selections(document, &fragment.selection_set, described, cost);
                    }
                }
            }
        }
    }

    fn times(&self, parent: &str, field: &Node<Field>, described: IntrospectionScope) -> Times {
        let ty = field.ty();
        if is_page(ty.inner_named_type().as_str()) {
            return Times::Page { first: Size::of(field, "first"), last: Size::of(field, "last") };
        }
        // The connection itself counts its rows.
        if !ty.is_list() || is_page(parent) {
            return Times::Known(1);
        }
        if let Some(ids) = argument(field, "ids") {
            return match ids {
                Literal::Variable(name) => Times::List(Name::new(name)),
                Literal::List(items) => Times::Known(items.len()),
                _ => Times::Known(1),
            };
        }
        // The argument `first` determines the size of the list; the schema contains its default.
        if let Some(first) = field.definition.argument_by_name("first") {
            let default = first.default_value.as_deref().and_then(Size::of_literal);
            let first = match Size::of(field, "first") {
                Size::Missing => default.unwrap_or(Size::Missing),
                given => given,
            };
            return Times::Page { first, last: Size::Missing };
        }
        let lengths = self.introspection.get(&(parent, field.name.as_str()));
        let length = lengths.map(|it| match described {
            IntrospectionScope::All => it.average(),
            IntrospectionScope::Any => it.max,
        });
        Times::Known(length.unwrap_or(match field.name.as_str() {
            "descendants" => DESCENDANTS,
            "userErrors" => 1,
            _ => CHILDREN,
        }))
    }
}

/// Whether the type is a page: an argument of the field that returns it determines the size of its
/// list.
fn is_page(type_name: &str) -> bool {
    type_name.ends_with("Connection") || type_name.ends_with("Page")
}

/// The value of an argument; `None` for `null`.
fn argument<'a>(field: &'a Node<Field>, name: &str) -> Option<&'a Literal> {
    let argument = field.arguments.iter().find(|it| it.name == name)?;
    Some(&*argument.value).filter(|it| !it.is_null())
}
