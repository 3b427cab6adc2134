//! The size and nesting of a document with its fragments expanded.
//!
//! The parser's limits apply to each definition separately. Validation follows fragments within
//! fragments recursively, each with its own nesting: a hundred fragments of 48 levels are 4,800
//! nested calls. Therefore this check runs before validation. It counts each definition once.

use std::collections::HashMap;

use apollo_compiler::{
    Node,
    ast::{Definition, Document, FragmentDefinition, Selection},
};

use super::{lines::Lines, problem::Problem};
use crate::limits::{Exceeded, Limits};

/// The extent of a selection set, fragments included.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Levels of fields.
    fields: usize,
    /// Levels of selection sets.
    sets: usize,
    /// Fields and fragments.
    selections: usize,
    /// Fields at the top level.
    top: usize,
}

enum Failure {
    Exceeded(Exceeded),
    /// A fragment contains itself, so that its expansion would be infinite.
    Cycle(String),
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

struct Counter<'a> {
    fragments: HashMap<&'a str, &'a Node<FragmentDefinition>>,
    /// The extent of each fragment; `None` while it is being counted.
    counted: HashMap<&'a str, Option<Extent>>,
    limits: &'a Limits,
    aliases: usize,
}

pub fn check(document: &Document, limits: &Limits, lines: &Lines<'_>) -> Result<(), Problem> {
    let definitions = document.definitions.len();
    Exceeded::check("definitions", "definitions", limits.definitions, definitions)?;
    let fragments = document.definitions.iter().filter_map(|it| match it {
        Definition::FragmentDefinition(it) => Some((it.name.as_str(), it)),
        _ => None,
    });
    let fragments = fragments.collect();
    let mut counter = Counter { fragments, counted: HashMap::new(), limits, aliases: 0 };
    let mut selections = 0_usize;
    for definition in &document.definitions {
        let extent = match definition {
            Definition::OperationDefinition(it) => counter.count(&it.selection_set, 1),
            // Unused fragments count as well, because validation may follow them.
            Definition::FragmentDefinition(it) => {
                counter.fragment(&it.name, 1).map(|_| Extent::default())
            }
            _ => continue,
        };
        let extent = extent.map_err(|failure| match failure {
            Failure::Exceeded(exceeded) => exceeded.into(),
            Failure::Cycle(name) => {
                let location = definition.location().map(|it| lines.pos(it.offset()));
                Problem::at(format!("Cannot spread fragment \"{name}\" within itself."), location)
            }
        })?;
        Exceeded::check("root-fields", "root fields", limits.root_fields, extent.top)?;
        selections = selections.saturating_add(extent.selections);
        check_selections(limits, selections)?;
    }
    Ok(())
}

fn check_selections(limits: &Limits, selections: usize) -> Result<(), Exceeded> {
    let unit = "fields with fragments expanded";
    Exceeded::check("selections", unit, limits.selections, selections)
}

fn check_sets(limits: &Limits, sets: usize) -> Result<(), Exceeded> {
    let unit = "levels of selection sets with fragments expanded";
    Exceeded::check("depth", unit, limits.selection_set_depth(), sets)
}

impl<'a> Counter<'a> {
    /// Measures a selection set. `level` is its nesting; it also bounds the recursion.
    fn count(&mut self, set: &'a [Selection], level: usize) -> Result<Extent, Failure> {
        if set.is_empty() {
            return Ok(Extent::default());
        }
        check_sets(self.limits, level)?;
        let mut total = Extent::default();
        for selection in set {
            let below = match selection {
                Selection::Field(field) => {
                    self.count_alias(field.alias.is_some())?;
                    let below = self.count(&field.selection_set, level + 1)?;
                    Extent { fields: below.fields + 1, top: 1, ..below }
                }
                Selection::InlineFragment(it) => self.count(&it.selection_set, level + 1)?,
                Selection::FragmentSpread(it) => self.fragment(&it.fragment_name, level + 1)?,
            };
            total.fields = total.fields.max(below.fields);
            total.sets = total.sets.max(below.sets);
            total.top = total.top.saturating_add(below.top);
            total.selections = total.selections.saturating_add(below.selections).saturating_add(1);
            check_selections(self.limits, total.selections)?;
        }
        total.sets += 1;
        Exceeded::check("depth", "levels of fields", self.limits.depth, total.fields)?;
        Ok(total)
    }

    fn count_alias(&mut self, has_alias: bool) -> Result<(), Exceeded> {
        self.aliases += usize::from(has_alias);
        Exceeded::check("aliases", "aliases", self.limits.aliases, self.aliases)
    }

    fn fragment(&mut self, name: &str, level: usize) -> Result<Extent, Failure> {
        // Validation reports missing fragments.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Ok(Extent::default());
        };
        let (name, fragment) = (*name, *fragment);
        if let Some(counted) = self.counted.get(name) {
            let extent = counted.ok_or_else(|| Failure::Cycle(name.to_owned()))?;
            check_sets(self.limits, level - 1 + extent.sets)?;
            return Ok(extent);
        }
        self.counted.insert(name, None);
        let extent = self.count(&fragment.selection_set, level)?;
        self.counted.insert(name, Some(extent));
        Ok(extent)
    }
}
