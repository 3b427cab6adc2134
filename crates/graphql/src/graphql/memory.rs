//! Counts the memory that the objects of a response take, before they are created.
//!
//! async-graphql builds the whole tree of values, with a cell for each field, before it serializes
//! the response. A row that many others refer to, or a field with many aliases, is in the tree as
//! often as it is selected. An object that waits for a batch of loads holds all of its fields
//! meanwhile.

use async_graphql::{ContainerType, Context};

use super::{context::ContextExt, error::Error, shape::Shape};
use crate::db::Measured;

/// Counts the memory for the value of a field: an object, or a page of objects. They are made of
/// rows that only this field uses and that are freed afterwards.
pub fn take_own<'r, T: 'r>(
    ctx: &Context<'_>,
    rows: impl IntoIterator<Item = &'r Measured<T>>,
) -> Result<(), Error> {
    let (shape, meter) = (shape(ctx)?, ctx.meter()?);
    meter.take_bytes(shape.cells)?;
    for row in rows {
        shape.take(meter, row.texts(), if shape.is_nested { 0 } else { row.bytes })?;
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
        // An object with fields that are loaded keeps its row until the loads end.
        let kept = if shape.is_nested { row.bytes } else { 0 };
        meter.take_bytes(kept)?;
        shape.take(meter, row.texts(), 0)?;
    }
    Ok(())
}

/// Counts the memory for the value of a field that does not come from a row: an object with nested objects, and with
/// texts up to this length in bytes. Nested nodes count their own memory.
pub fn take_values(ctx: &Context<'_>, texts: usize) -> Result<(), Error> {
    let of_values = || Shape::of_values(&ctx.field());
    let shape = ctx.state()?.shapes.get_or(ctx.item.pos, of_values);
    Ok(shape.take(ctx.meter()?, texts, 0)?)
}

/// An object in a list that does not come from a row.
pub trait Item: ContainerType {
    /// Length of the object's texts in bytes, without those of nested objects.
    fn texts(&self) -> usize;
}

/// Counts the memory for a list of objects.
pub fn take_items<T: Item>(ctx: &Context<'_>, items: &[T]) -> Result<(), Error> {
    let (shape, meter) = (shape(ctx)?, ctx.meter()?);
    for item in items {
        shape.take(meter, item.texts(), 0)?;
    }
    Ok(())
}

/// Counts the memory for an object that consists of only its id.
pub fn take_id(ctx: &Context<'_>) -> Result<(), Error> {
    Ok(shape(ctx)?.take(ctx.meter()?, 0, 0)?)
}

/// The shape of the field's objects.
fn shape(ctx: &Context<'_>) -> Result<Shape, Error> {
    Ok(ctx.state()?.shapes.get_or(ctx.item.pos, || Shape::of(&ctx.field())))
}
