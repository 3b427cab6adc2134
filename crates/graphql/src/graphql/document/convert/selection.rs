//! Selects the fields and arguments that are executed.

use apollo_compiler::{
    Name as SourceName, Node, ast,
    executable::{Field, Selection, SelectionSet},
};
use async_graphql::{
    Name, Pos, Positioned, Value as ConstValue, indexmap::IndexMap, parser::types as target,
};

use super::{Converter, Problem, Result};

/// The selections of an object or interface, by their response names.
#[derive(Default)]
struct Selected<'a> {
    /// Selections of the same field, which are executed as one.
    fields: IndexMap<&'a str, Vec<&'a Node<Field>>>,
    /// In an interface: the selection sets of its object types.
    of_types: IndexMap<&'a str, Vec<&'a SelectionSet>>,
}

impl<'a> Converter<'a> {
    /// Converts the merged selection sets of fields with the same response name.
    ///
    /// apollo-compiler does not record where a selection set begins, so `pos` is the position of its owner.
    pub(super) fn selection_set(
        &mut self,
        sets: &[&'a SelectionSet],
        pos: Pos,
    ) -> Result<Positioned<target::SelectionSet>> {
        let mut selected = Selected::default();
        if let Some(ty) = sets.first().map(|set| set.ty.as_str()) {
            for set in sets {
                self.select(ty, set, &mut selected)?;
            }
        }
        let Selected { fields, of_types } = selected;
        let mut items = Vec::with_capacity(fields.len() + of_types.len());
        for fields in fields.into_values() {
            items.extend(self.field(&fields)?);
        }
        // The fields of interfaces are scalars, which may be executed twice: as fields of the interface and of its types.
        for (ty, sets) in of_types {
            self.count()?;
            let on = Positioned::new(self.name(ty), pos);
            let fragment = target::InlineFragment {
                type_condition: Some(Positioned::new(target::TypeCondition { on }, pos)),
                directives: Vec::new(),
                selection_set: self.selection_set(&sets, pos)?,
            };
            let fragment = Positioned::new(fragment, pos);
            items.push(Positioned::new(target::Selection::InlineFragment(fragment), pos));
        }
        Ok(Positioned::new(target::SelectionSet { items }, pos))
    }

    /// Adds the selections of an object or interface of that type that apply to it.
    fn select(
        &mut self,
        ty: &str,
        set: &'a SelectionSet,
        selected: &mut Selected<'a>,
    ) -> Result<()> {
        for selection in &set.selections {
            if !self.is_selected(selection)? {
                continue;
            }
            let (condition, within) = match selection {
                Selection::Field(field) => {
                    selected.fields.entry(field.response_key()).or_default().push(field);
                    continue;
                }
                Selection::InlineFragment(it) => (it.type_condition.as_ref(), &it.selection_set),
                Selection::FragmentSpread(it) => {
                    let Some(fragment) = self.document.fragments.get(&it.fragment_name) else {
                        continue;
                    };
                    (Some(fragment.type_condition()), &fragment.selection_set)
                }
            };
            let condition = condition.map_or(ty, SourceName::as_str);
            if condition == ty || self.schema.is_subtype(condition, ty) {
                self.select(ty, within, selected)?;
            } else if self.schema.is_subtype(ty, condition) {
                selected.of_types.entry(within.ty.as_str()).or_default().push(within);
            }
        }
        Ok(())
    }

    /// Whether `@skip` and `@include` select a field or fragment.
    fn is_selected(&mut self, selection: &'a Selection) -> Result<bool> {
        for (name, selecting) in [("skip", false), ("include", true)] {
            let directive = selection.directives().get(name);
            let condition = directive.and_then(|it| it.specified_argument_by_name("if"));
            let is_selected = match condition.map(|it| &**it) {
                Some(ast::Value::Boolean(value)) => *value == selecting,
                Some(ast::Value::Variable(variable)) => {
                    self.decides(variable);
                    match self.variables {
                        None => true,
                        Some(values) => match values.get(&Name::new(variable)) {
                            Some(ConstValue::Boolean(value)) => *value == selecting,
                            _ => {
                                let location = directive.and_then(Node::location);
                                let message = "Argument \"if\" of non-null type \"Boolean!\" must not be null.";
                                return Err(Problem::at(message, Some(self.pos(location))));
                            }
                        },
                    }
                }
                _ => true,
            };
            if !is_selected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn decides(&mut self, variable: &str) {
        self.deciding.insert(variable.to_owned());
        self.places.entry(variable.to_owned()).or_default();
    }

    /// Whether the value of an argument or input field is a variable without a value, so that the argument is omitted.
    pub(super) fn is_omitted(&mut self, value: &ast::Value) -> bool {
        let ast::Value::Variable(variable) = value else { return false };
        if !self.optional.contains(variable.as_str()) {
            return false;
        }
        self.decides(variable);
        self.variables.is_some_and(|values| !values.contains_key(&Name::new(variable)))
    }

    /// Converts selections of the same field, which have the same arguments.
    fn field(
        &mut self,
        fields: &[&'a Node<Field>],
    ) -> Result<Option<Positioned<target::Selection>>> {
        let Some(first) = fields.first() else { return Ok(None) };
        self.count()?;
        let pos = self.pos(first.location());
        let sets: Vec<&SelectionSet> = fields.iter().map(|field| &field.selection_set).collect();
        let field = target::Field {
            alias: first.alias.as_ref().map(|it| self.placed_name(it)),
            name: self.placed_name(&first.name),
            arguments: self.arguments(&first.arguments)?,
            directives: Vec::new(),
            selection_set: self.selection_set(&sets, pos)?,
        };
        let field = target::Selection::Field(Positioned::new(field, pos));
        Ok(Some(Positioned::new(field, pos)))
    }
}
