//! The customer that the ids of merged ones lead to. An import adds those that are missing.

use std::collections::HashSet;

use super::{
    Problem,
    columns::ID,
    fields::{Problems, of_violations},
    matching::Known,
    merges::{Absorbed, FIELD, SURVIVOR_ID},
};
use crate::{
    auth::Writer,
    db::types::Uid,
    models::{
        Violation,
        customer::merge::{MERGED_MAX, Merged, too_many},
    },
};

/// The customer of a row, and what is known of it.
pub struct Survivor<'a> {
    pub known: &'a Known,
    /// `None` for a new one.
    pub customer: Option<Uid>,
    /// The id in the row, which is another one if the row was matched by something else.
    pub given: Option<Uid>,
    pub stored: &'a [Merged],
}

impl Survivor<'_> {
    /// Those that do not lead to the customer yet; reports why one cannot.
    pub fn missing(&self, absorbed: Vec<Absorbed>, problems: &mut Problems) -> Vec<Absorbed> {
        let (mut listed, mut missing) = (HashSet::new(), Vec::new());
        for mut it in absorbed {
            if !listed.insert(it.id) {
                problems.push(it.problem(ID, "is in the list twice"));
            } else if !self.leads_here(it.id) {
                problems.extend(self.obstacles(&it));
                match self.survivor_of(&it, &listed) {
                    Ok(survivor) => {
                        it.survivor = survivor;
                        missing.push(it);
                    }
                    Err(problem) => problems.push(problem),
                }
            }
        }
        if self.stored.len() + missing.len() > MERGED_MAX {
            problems.extend(of_violations(vec![too_many(FIELD)]));
        }
        missing
    }

    /// Whether the id leads to the customer.
    fn leads_here(&self, id: Uid) -> bool {
        self.customer.is_some() && self.known.successor(id) == self.customer
    }

    fn is_itself(&self, id: Uid) -> bool {
        [self.customer, self.given].contains(&Some(id))
    }

    /// Why the ids of that one cannot lead to the customer.
    fn obstacles(&self, absorbed: &Absorbed) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.is_itself(absorbed.id) {
            found.push(absorbed.problem(ID, "is the customer itself"));
        } else if self.known.has(absorbed.id) {
            found.push(absorbed.problem(ID, "there is a customer with this id"));
        } else if let Some(other) = self.known.successor(absorbed.id) {
            found.extend(absorbed.violation(Violation::merged(ID, other)));
        }
        let owner = absorbed.external_id.as_ref().and_then(|it| self.known.owner_of(it));
        // The customer may have taken the external id over, and may have had it before another merge.
        if owner.is_some() && owner != self.customer {
            found.extend(absorbed.violation(Violation::external_id_taken()));
        }
        found
    }

    /// The absorbed customer that it was merged into; `None` for the customer itself, whatever its id is in the file.
    ///
    /// That one must lead to the customer as well: if its merge is undone, those that were merged into it follow it.
    fn survivor_of(
        &self,
        absorbed: &Absorbed,
        listed: &HashSet<Uid>,
    ) -> Result<Option<Uid>, Problem> {
        let is_listed = |id: Uid| id != absorbed.id && listed.contains(&id);
        match absorbed.survivor {
            Some(id) if is_listed(id) || self.leads_here(id) => Ok(Some(id)),
            Some(id) if !self.is_itself(id) => {
                let message = "must be the customer itself, or one that precedes it in mergedFrom";
                Err(absorbed.problem(SURVIVOR_ID, message))
            }
            Some(_) | None => Ok(None),
        }
    }
}

/// The merges to store for that customer, which has the stored ones.
///
/// They count as earlier than those: only the last merge can be undone, and these cannot be.
pub fn rows(
    writer: Writer<'_>,
    customer: Uid,
    stored: &[Merged],
    missing: Vec<Absorbed>,
) -> Vec<Merged> {
    let first = stored.iter().map(|it| it.ordinal).min();
    let end = first.unwrap_or_else(|| i32::try_from(missing.len()).unwrap_or_default() + 1);
    let row = |(absorbed, ordinal): (Absorbed, i32)| Merged {
        absorbed: absorbed.id,
        external_id: absorbed.external_id,
        survivor: absorbed.survivor.unwrap_or(customer),
        customer,
        ordinal,
        merged_at: absorbed.merged_at.unwrap_or_else(|| writer.now()),
        merged_by: absorbed.merged_by.unwrap_or_else(|| writer.name().to_owned()),
        has_archive: false,
    };
    missing.into_iter().zip((i32::MIN..end).rev()).map(row).collect()
}
