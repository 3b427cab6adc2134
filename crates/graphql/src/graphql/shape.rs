//! The shape of a selection: the memory that each object of a field takes in a response.

use std::collections::HashMap;

use async_graphql::SelectionField;

use crate::{db::Meter, limits::Overrun};

/// Bytes of a field within its object: a cell of the value tree, and a share of the object's hash index.
const CELL: usize = 96;

/// Bytes of a short value, like an id or a time.
const VALUE: usize = 48;

/// Bytes of a text's slot in a list.
pub const LISTED: usize = 80;

/// Bytes of an object and its slot in a list.
const OBJECT: usize = 160;

/// Bytes of an object whose fields are not complete yet.
const INCOMPLETE: usize = 900;

/// Bytes of a field that waits for a load.
pub const WAITER: usize = 1_500;

/// Maximum size of the texts of one row, in bytes. (Two have up to 10,000 characters.)
const TEXTS_MAX: usize = 100_000;

/// Fields whose objects need no load.
const INLINE: [&str; 8] =
    ["credit", "edges", "fragments", "node", "nodes", "reasons", "value", "values"];

/// Fields that are nodes within an object that does not come from a row, like `effective`.
const NODES: [&str; 1] = ["customerGroup"];

/// Fields whose texts are derived from others.
const DERIVED: [&str; 3] = ["cursor", "displayName", "formatted"];

/// Fields that are short in every row.
const SHORT: [&str; 6] = ["__typename", "createdAt", "depth", "id", "idx", "updatedAt"];

/// The memory of a selection, per object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    fields: usize,
    /// Bytes of the objects, apart from the row's texts.
    pub cells: usize,
    /// The number of times that texts of the row are selected.
    copies: usize,
    /// Whether any field loads something.
    pub is_nested: bool,
}

impl Shape {
    /// The shape of the objects of a field, including nested objects that need no load.
    pub fn of(field: &SelectionField<'_>) -> Self {
        let mut tally = Tally::default();
        tally.count(field, is_inline);
        tally.shape()
    }

    /// The shape of an object that does not come from a row, including nested objects, but without nodes.
    pub fn of_values(field: &SelectionField<'_>) -> Self {
        let mut tally = Tally::default();
        tally.count(field, |field| !NODES.contains(&field));
        tally.shape()
    }

    /// The shape of a mutation's payload.
    pub fn of_payload(payload: &SelectionField<'_>) -> Self {
        let mut tally = Tally::default();
        tally.count(payload, is_inline);
        for field in payload.selection_set() {
            tally.count(&field, is_inline);
        }
        tally.shape()
    }

    /// Takes the memory of an object with texts of this length from the meter. `freed` is the memory that is freed
    /// afterwards, in bytes.
    pub fn take(self, meter: &Meter, texts: usize, freed: usize) -> Result<(), Overrun> {
        meter.count_fields(self.fields);
        let incomplete = if self.is_nested { INCOMPLETE } else { 0 };
        let texts = texts.saturating_mul(self.copies);
        meter.take_bytes(self.cells.saturating_add(incomplete).saturating_add(texts))?;
        meter.give_back_bytes(freed);
        Ok(())
    }

    /// Takes the memory of a payload from the meter. Texts that are selected only once take no more memory than was
    /// already counted when they were written or read.
    pub fn take_payload(self, meter: &Meter) -> Result<(), Overrun> {
        self.take(meter, self.copies.saturating_sub(1).min(1) * TEXTS_MAX, 0)
    }
}

#[derive(Default)]
struct Tally<'a> {
    fields: usize,
    cells: usize,
    is_nested: bool,
    derived: usize,
    texts: HashMap<&'a str, usize>,
}

impl<'a> Tally<'a> {
    /// Counts the fields selected in this field, and in its nested objects that need no load.
    fn count(&mut self, field: &SelectionField<'a>, is_inline: fn(&str) -> bool) {
        let mut fields = 0;
        for field in field.selection_set() {
            fields += 1;
            let name = field.name();
            let is_object = field.selection_set().next().is_some();
            if is_object && is_inline(name) {
                self.count(&field, is_inline);
            } else if is_object {
                self.is_nested = true;
            } else if DERIVED.contains(&name) {
                self.derived += 1;
            } else if SHORT.contains(&name) {
                self.cells += VALUE;
                self.is_nested |= name == "depth";
            } else {
                *self.texts.entry(name).or_default() += 1;
            }
        }
        if fields > 0 {
            self.fields += fields;
            self.cells += OBJECT + room(fields) * CELL;
        }
    }

    fn shape(&self) -> Shape {
        let copies = self.texts.values().max().copied().unwrap_or_default() + self.derived;
        let Self { fields, cells, is_nested, .. } = *self;
        Shape { fields, cells, copies, is_nested }
    }
}

fn is_inline(field: &str) -> bool {
    INLINE.contains(&field)
}

/// The number of cells that the library allocates for this many fields. The capacity doubles when
/// seven eighths are in use.
fn room(fields: usize) -> usize {
    (fields * 8 / 7).next_power_of_two().max(4)
}
