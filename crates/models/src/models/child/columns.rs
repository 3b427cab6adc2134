//! The columns of a child: its own, and those of its attributes.

use diesel::{QueryResult, deserialize, query_builder::AstPass};

use super::{Child, ChildAttributes};
use crate::db::pick::{Columns, Database, FromColumns, OWN_COLUMNS, ToColumns, read_picked};

/// The columns that every child has besides its attributes; the second has a name for each kind.
pub(super) const OWN: [&str; OWN_COLUMNS] = ["id", "parent", "idx", "created_at", "updated_at"];

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

    fn is_null(&self, place: usize) -> bool {
        place >= OWN.len() && self.attributes.is_null(place - OWN.len())
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
            _ => FromColumns::<DB>::set(&mut self.attributes, place - OWN.len(), value)?,
        }
        Ok(())
    }
}

impl<DB: Database, A: ChildAttributes + ToColumns<DB>> ToColumns<DB> for Child<A> {
    fn bind<'b>(&'b self, place: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        match place {
            0 => DB::bind_uid(&self.id, out),
            1 => DB::bind_uid(&self.parent, out),
            2 => DB::bind_place(&self.idx, out),
            3 => DB::bind_time(&self.created_at, out),
            4 => DB::bind_time(&self.updated_at, out),
            _ => ToColumns::<DB>::bind(&self.attributes, place - OWN.len(), out),
        }
    }
}

read_picked!(Child<A>, A);
