//! How much a request may come to.
//!
//! Fragments that use others twice, which use others twice, come to a billion fields in a few
//! lines. The library follows every use of a fragment before it looks at any limit, and nothing can
//! stop it in there: what such a request comes to is counted here first, each fragment once.

use std::collections::HashMap;

use async_graphql::{
    Request, ServerError,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

/// Most selections (fields and fragments) in a request, counting a fragment wherever it is used.
pub const SELECTIONS_MAX: usize = 50_000;

/// Most fields of the root: each query sends a statement, and each mutation is a transaction.
pub const ROOT_FIELDS_MAX: usize = 100;

/// What a request's cost counts up to: so far that sums of such numbers do not overflow.
const COST_MAX: usize = 1 << 40;

/// How many children of a kind (addresses, tiers, …) a parent is taken to have when the cost of a
/// request is counted, which is before anyone knows.
pub const CHILDREN_COST: usize = 4;

/// What a list costs: its fields, for each of so many rows.
pub fn cost(rows: usize, of_row: usize) -> usize {
    rows.saturating_mul(of_row).saturating_add(1).min(COST_MAX)
}

/// Deepest nesting of selections that is followed: more than the library allows.
const NESTING_MAX: usize = 64;

/// Refuses a request that comes to too much. One that is no GraphQL is left to the library.
pub fn check(request: &mut Request) -> Result<(), ServerError> {
    let Ok(document) = request.parsed_query() else { return Ok(()) };
    let mut counter = Counter { document, fragments: HashMap::new() };
    let operations = document.operations.iter();
    let counts = operations.map(|(_, it)| counter.count(&it.node.selection_set.node, NESTING_MAX));
    if counts.fold(0, usize::saturating_add) > SELECTIONS_MAX {
        let message = format!(
            "Query is too big: with its fragments written out, it must have at most \
             {SELECTIONS_MAX} fields, and no fragment within itself."
        );
        return Err(ServerError::new(message, None));
    }
    let mut operations = document.operations.iter();
    if operations
        .any(|(_, it)| root_fields(document, &it.node.selection_set.node) > ROOT_FIELDS_MAX)
    {
        let message =
            format!("Query is too big: it must have at most {ROOT_FIELDS_MAX} root fields.");
        return Err(ServerError::new(message, None));
    }
    Ok(())
}

/// How many fields the root has. There is an end to it: no fragment is within itself.
fn root_fields(document: &ExecutableDocument, set: &SelectionSet) -> usize {
    let selections = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(_) => 1,
        Selection::InlineFragment(inline) => root_fields(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => document
            .fragments
            .get(&spread.node.fragment_name.node)
            .map_or(0, |it| root_fields(document, &it.node.selection_set.node)),
    });
    selections.sum()
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    /// What each fragment comes to, once that is known.
    fragments: HashMap<&'a str, usize>,
}

impl<'a> Counter<'a> {
    fn count(&mut self, set: &'a SelectionSet, nesting: usize) -> usize {
        let Some(nesting) = nesting.checked_sub(1) else { return usize::MAX };
        let selections = set.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.count(&field.node.selection_set.node, nesting),
            Selection::InlineFragment(inline) => {
                self.count(&inline.node.selection_set.node, nesting)
            }
            Selection::FragmentSpread(spread) => {
                self.count_fragment(&spread.node.fragment_name.node, nesting)
            }
        });
        selections.fold(0, |total, count| total.saturating_add(1).saturating_add(count))
    }

    fn count_fragment(&mut self, name: &'a str, nesting: usize) -> usize {
        if let Some(count) = self.fragments.get(name) {
            return *count;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return 0 };
        // Until it is counted: one that is within itself has no end.
        self.fragments.insert(name, usize::MAX);
        let count = self.count(&fragment.node.selection_set.node, nesting);
        self.fragments.insert(name, count);
        count
    }
}
