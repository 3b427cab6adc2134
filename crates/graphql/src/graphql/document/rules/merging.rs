//! The rule that fields with the same response name have the same arguments. apollo-compiler
//! compares two lists only up to the length of the shorter one.

use std::collections::{HashMap, HashSet};

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    ast::{Argument, Value},
    executable::{Field, Operation, Selection, SelectionSet},
    parser::SourceSpan,
    schema::ExtendedType,
};

/// Fields by response name, with the types that they are selected on.
type Fields<'a> = HashMap<&'a str, Vec<(&'a str, &'a Node<Field>)>>;

pub fn check(
    schema: &Schema,
    document: &ExecutableDocument,
    operation: &Node<Operation>,
    report: &mut dyn FnMut(&str, Option<SourceSpan>),
) {
    Merging { schema, document, report }.sets(vec![&operation.selection_set]);
}

struct Merging<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    report: &'a mut dyn FnMut(&str, Option<SourceSpan>),
}

impl<'a> Merging<'a> {
    /// Follows the response paths. There are at most as many as selections with fragments expanded.
    fn sets(&mut self, sets: Vec<&'a SelectionSet>) {
        for (name, fields) in self.by_name(sets) {
            if let Some(field) = self.differing(&fields) {
                let message = format!(
                    "Fields \"{name}\" conflict because they have differing arguments. Use \
                     different aliases on the fields to fetch both if this was intentional."
                );
                (self.report)(&message, field.location());
            }
            let sets: Vec<_> = fields
                .iter()
                .map(|(_, it)| &it.selection_set)
                .filter(|it| !it.selections.is_empty())
                .collect();
            if !sets.is_empty() {
                self.sets(sets);
            }
        }
    }

    fn by_name(&self, sets: Vec<&'a SelectionSet>) -> Fields<'a> {
        let mut fields = Fields::new();
        let mut seen = HashSet::new();
        let mut pending = sets;
        while let Some(set) = pending.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(it) => {
                        fields.entry(it.response_key()).or_default().push((set.ty.as_str(), it));
                    }
                    Selection::InlineFragment(it) => pending.push(&it.selection_set),
                    Selection::FragmentSpread(it) => {
                        let fragment = self.document.fragments.get(&it.fragment_name);
                        let fragment = fragment.filter(|_| seen.insert(&it.fragment_name));
                        pending.extend(fragment.map(|it| &it.selection_set));
                    }
                }
            }
        }
        fields
    }

    /// Finds a field whose arguments differ from those of another field on the same objects. The
    /// first field of each type represents the others. Fields on an interface are compared with
    /// those of any type.
    fn differing(&self, fields: &[(&'a str, &'a Node<Field>)]) -> Option<&'a Node<Field>> {
        let is_object =
            |ty: &str| matches!(self.schema.types.get(ty), Some(ExtendedType::Object(_)));
        let mut firsts: HashMap<&str, &'a Node<Field>> = HashMap::new();
        for (ty, field) in fields {
            let first = firsts.entry(if is_object(ty) { ty } else { "" }).or_insert(field);
            if !same_arguments(&first.arguments, &field.arguments) {
                return Some(field);
            }
        }
        let any = firsts.get("")?;
        firsts.values().find(|it| !same_arguments(&any.arguments, &it.arguments)).copied()
    }
}

fn same_arguments(left: &[Node<Argument>], right: &[Node<Argument>]) -> bool {
    let same = |it: &Node<Argument>| {
        let other = right.iter().find(|other| other.name == it.name);
        other.is_some_and(|other| same_value(&it.value, &other.value))
    };
    left.len() == right.len() && left.iter().all(same)
}

fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| same_value(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let right: HashMap<_, _> = right.iter().map(|(name, value)| (name, value)).collect();
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|it| same_value(value, it)))
        }
        _ => left == right,
    }
}
