//! The parents that a filter names, which may have successors.

use std::collections::HashMap;

use super::{ColumnTest, Filter, IdTest, Predicate, RowTest};
use crate::{db::types::Uid, models::Lookup};

impl<Own: Clone> Filter<RowTest<Own>> {
    /// The parents that it names, unless their successors have been looked up.
    pub fn parents(&self) -> Vec<Lookup> {
        let mut named = Vec::new();
        self.for_each(&mut |test| {
            if let RowTest::Column(ColumnTest {
                predicate: Predicate::Parent(IdTest::In(ids)),
                ..
            }) = test
            {
                named.extend(ids.iter().copied().map(Lookup::Id));
            }
        });
        named
    }

    /// The same filter, extended by the successors of these parents.
    #[must_use]
    pub fn with_successors(self, successors: &HashMap<Lookup, Uid>) -> Self {
        self.replaced(&|test| {
            let RowTest::Column(ColumnTest { column, predicate: Predicate::Parent(test) }) = test
            else {
                return None;
            };
            let test = match test {
                IdTest::In(ids) => {
                    let successors = ids.iter().filter_map(|id| successors.get(&Lookup::Id(*id)));
                    IdTest::In(ids.iter().chain(successors).copied().collect())
                }
                IdTest::IsNull(is_null) => IdTest::IsNull(*is_null),
            };
            Some(Self::Is(RowTest::column(*column, Predicate::Id(test))))
        })
    }
}
