//! The memory that the objects of a response take, counted before they are created.
//!
//! The library builds a tree of values, with a cell for each field, and writes it when it is
//! complete. A row that many others refer to, or a field with many aliases, is in the tree as often
//! as it is selected. An object that waits for a batch of loads holds all of its fields meanwhile.

use std::collections::HashMap;

use async_graphql::{ContainerType, Context, SelectionField};

use super::{context::ContextExt, error::Error};
use crate::db::{Measured, Meter};

/// Bytes of a field's place in its object: a cell of the value tree, and a share of the index by name.
const CELL: usize = 96;

/// Bytes of a value that is short, like an id or a time.
const VALUE: usize = 48;

/// Bytes of a text's place in a list.
pub const LISTED: usize = 80;

/// Bytes of an object, and of its place in a list.
const OBJECT: usize = 160;

/// Bytes of an object whose fields are not complete yet.
const INCOMPLETE: usize = 900;

/// Bytes of a field that waits for a load.
pub const WAITER: usize = 1_500;

/// Maximum size of the texts of one row, in bytes. (Two have up to 10,000 characters.)
const TEXTS_MAX: usize = 100_000;

/// Fields that are objects themselves and load nothing.
const INLINE: [&str; 8] =
    ["credit", "edges", "fragments", "node", "nodes", "reasons", "value", "values"];

/// Fields that are nodes within an object that is made of other values, like `effective`.
const NODES: [&str; 1] = ["customerGroup"];

/// Fields whose texts are derived from others.
const DERIVED: [&str; 3] = ["cursor", "displayName", "formatted"];

/// Fields that are short in every row.
const SHORT: [&str; 6] = ["__typename", "createdAt", "depth", "id", "idx", "updatedAt"];

/// The size of a selection, per object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    fields: usize,
    /// Bytes of the objects, apart from the row's texts.
    cells: usize,
    /// The number of times that texts of the row are selected.
    copies: usize,
    /// Whether any field loads something.
    is_nested: bool,
}

/// Counts the memory for the value of a field: an object, or a page of objects. They are made of
/// rows that belong to this field alone and are not kept.
pub fn take_own<'r, T: 'r>(
    ctx: &Context<'_>,
    rows: impl IntoIterator<Item = &'r Measured<T>>,
) -> Result<(), Error> {
    let (shape, meter) = (shape(ctx)?, ctx.meter()?);
    meter.take_bytes(shape.cells)?;
    for row in rows {
        take(meter, shape, row.texts(), if shape.is_nested { 0 } else { row.bytes })?;
    }
    Ok(())
}

/// Like [`take_own`], for rows that other fields may share.
pub fn take_shared<'r, T: 'r>(
    ctx: &Context<'_>,
    rows: impl IntoIterator<Item = &'r Measured<T>>,
) -> Result<(), Error> {
    let (shape, meter) = (shape(ctx)?, ctx.meter()?);
    for row in rows {
        // An object whose fields are loaded keeps its row until they are.
        let kept = if shape.is_nested { row.bytes } else { 0 };
        meter.take_bytes(kept)?;
        take(meter, shape, row.texts(), 0)?;
    }
    Ok(())
}

/// Counts the memory for the value of a field that is made of other values than those of rows: an object with
/// further ones in it, and with texts up to that length. Nodes in it are counted by themselves.
pub fn take_values(ctx: &Context<'_>, texts: usize) -> Result<(), Error> {
    let shape = || {
        let mut tally = Tally::default();
        tally.count(&ctx.field(), |field| !NODES.contains(&field));
        tally.shape()
    };
    let shape = ctx.state()?.shapes.get_or(ctx.item.pos, shape);
    take(ctx.meter()?, shape, texts, 0)
}

/// An object of a list that is made of other values than those of a row.
pub trait Item: ContainerType {
    /// Length of its texts, in bytes, without those of objects in it.
    fn texts(&self) -> usize;
}

/// Counts the memory for a list of objects.
pub fn take_items<T: Item>(ctx: &Context<'_>, items: &[T]) -> Result<(), Error> {
    let (shape, meter) = (shape(ctx)?, ctx.meter()?);
    for item in items {
        take(meter, shape, item.texts(), 0)?;
    }
    Ok(())
}

/// Counts the memory for an object that is made of its id alone.
pub fn take_id(ctx: &Context<'_>) -> Result<(), Error> {
    take(ctx.meter()?, shape(ctx)?, 0, 0)
}

/// Counts the memory for a mutation's payload.
pub fn take_payload(ctx: &Context<'_>) -> Result<(), Error> {
    let mut tally = Tally::default();
    tally.count(&ctx.field(), is_inline);
    for field in ctx.field().selection_set() {
        tally.count(&field, is_inline);
    }
    let shape = tally.shape();
    // Selected once, they take no more than was written or read.
    take(ctx.meter()?, shape, shape.copies.saturating_sub(1).min(1) * TEXTS_MAX, 0)
}

fn take(meter: &Meter, shape: Shape, texts: usize, given_back: usize) -> Result<(), Error> {
    meter.count_fields(shape.fields);
    let incomplete = if shape.is_nested { INCOMPLETE } else { 0 };
    let texts = texts.saturating_mul(shape.copies);
    meter.take_bytes(shape.cells.saturating_add(incomplete).saturating_add(texts))?;
    meter.give_back_bytes(given_back);
    Ok(())
}

fn shape(ctx: &Context<'_>) -> Result<Shape, Error> {
    let shape = || {
        let mut tally = Tally::default();
        tally.count(&ctx.field(), is_inline);
        tally.shape()
    };
    Ok(ctx.state()?.shapes.get_or(ctx.item.pos, shape))
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
    /// Counts the fields selected in that one, and in those objects in it that load nothing.
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

/// The number of cells that the library allocates for so many fields: it doubles when seven of
/// eight are in use.
fn room(fields: usize) -> usize {
    (fields * 8 / 7).next_power_of_two().max(4)
}
