//! Decides which columns of rows a request needs.
//!
//! A field named like a column needs that column, and a list of other objects needs only the id
//! ([`RowObject::LISTS`](super::object::RowObject::LISTS)). The type declares the columns that other fields need
//! ([`RowNode::DERIVED`]). An undeclared field needs all columns, which is slower but correct.

use async_graphql::{Context, SelectionField};

use super::{context::ContextExt, node::RowNode};
use crate::{
    db::pick::{ColumnSet, Columns},
    models::attribute::is_camel_case,
};

/// A field that is computed from columns of other names, and these columns.
pub type Derived = (&'static str, &'static [&'static str]);

/// The columns that the field needs of each row that it returns.
pub fn of_objects<N: RowNode>(ctx: &Context<'_>) -> ColumnSet {
    let columns = || of_selection::<N>(&ctx.field());
    // Computed once for all rows of a page, because each of them has the field.
    match ctx.state() {
        Ok(state) => state.columns.get_or((ctx.item.pos, N::NODE_TYPE), columns),
        Err(_no_state) => columns(),
    }
}

/// The columns that the subfields of this name need of the objects that they return.
pub fn of_subfield<N: RowNode>(ctx: &Context<'_>, name: &str) -> ColumnSet {
    let field = ctx.field();
    union(field.selection_set().filter(|it| it.name() == name), |it| of_selection::<N>(&it))
}

/// The columns that the field needs of the rows of the connection that it returns.
pub fn of_connection<N: RowNode>(ctx: &Context<'_>) -> ColumnSet {
    let of_page = |field: SelectionField<'_>| match field.name() {
        "nodes" => of_selection::<N>(&field),
        "edges" => union(field.selection_set().filter(|it| it.name() == "node"), |node| {
            of_selection::<N>(&node)
        }),
        // The other fields need no columns. (The columns of the order are always read, for
        // cursors.)
        _ => ColumnSet::ID,
    };
    union(ctx.field().selection_set(), of_page)
}

fn of_selection<N: RowNode>(field: &SelectionField<'_>) -> ColumnSet {
    N::Row::columns_named(N::ALWAYS)
        .union(union(field.selection_set(), |field| of_field::<N>(field.name())))
}

fn of_field<N: RowNode>(field: &str) -> ColumnSet {
    if let Some((_, columns)) = N::DERIVED.iter().find(|(name, _)| *name == field) {
        return N::Row::columns_named(columns);
    }
    if field == "__typename" || N::LISTS.contains(&field) {
        return ColumnSet::ID;
    }
    let mut places = 0..N::Row::column_count();
    let place =
        places.find(|place| N::Row::column(*place).is_some_and(|it| is_camel_case(field, it)));
    place.map_or(ColumnSet::ALL, ColumnSet::of)
}

fn union<T>(items: impl Iterator<Item = T>, columns: impl Fn(T) -> ColumnSet) -> ColumnSet {
    items.fold(ColumnSet::ID, |all, item| all.union(columns(item)))
}
