//! The columns of a child: its own, and those of its attributes.

use diesel::deserialize;

use super::{Child, ChildAttributes};
use crate::db::pick::{Columns, Database, FromColumns, read_picked};

/// The columns that every child has besides its attributes; the second has a name for each kind.
pub(super) const OWN: [&str; 5] = ["id", "parent", "idx", "created_at", "updated_at"];

impl<A: ChildAttributes> Columns for Child<A> {
    fn column(place: usize) -> Option<&'static str> {
        match place {
            1 => Some(A::PARENT_ID.name),
            _ => OWN.get(place).copied().or_else(|| A::column(place - OWN.len())),
        }
    }

    fn column_count() -> usize {
        OWN.len() + A::column_count()
    }
}

impl<DB: Database, A: ChildAttributes + FromColumns<DB>> FromColumns<DB> for Child<A> {
    fn set(&mut self, place: usize, value: Option<DB::RawValue<'_>>) -> deserialize::Result<()> {
        match place {
            0 => self.id = DB::uid(value)?,
            1 => self.parent = DB::uid(value)?,
            2 => self.idx = DB::place(value)?,
            3 => self.created_at = DB::time(value)?,
            4 => self.updated_at = DB::time(value)?,
            _ => self.attributes.set(place - OWN.len(), value)?,
        }
        Ok(())
    }
}

read_picked!(Child<A>, A);
