//! The customer that the ids of merged customers redirect to. An import adds missing redirects.

use std::collections::HashSet;

use super::{
    Problem,
    fields::{Problems, of_violations},
    matching::Known,
    merges::Absorbed,
};
use crate::{
    auth::Writer,
    db::types::Uid,
    models::{
        Violation,
        customer::merge::{MERGED_MAX, Merged, too_many},
    },
    transfer::columns::{ID, MERGED_FROM, SURVIVOR_ID},
};

/// The customer of a row, with its stored merges.
pub struct Survivor<'a> {
    pub known: &'a Known,
    /// `None` for a new customer.
    pub customer: Option<Uid>,
    /// The id in the row. It differs from the customer's if the row was matched by another key.
    pub given: Option<Uid>,
    pub stored: &'a [Merged],
}

impl Survivor<'_> {
    /// The merged customers whose ids do not redirect to this customer yet. Reports a problem for
    /// each one that cannot.
    pub fn missing(&self, absorbed: Vec<Absorbed>, problems: &mut Problems) -> Vec<Absorbed> {
        let (mut listed, mut missing) = (HashSet::new(), Vec::new());
        for mut it in absorbed {
            if !listed.insert(it.id) {
                problems.push(it.problem(ID, "is in the list twice"));
            } else if !self.redirects_here(it.id) {
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
            problems.extend(of_violations(vec![too_many(MERGED_FROM)]));
        }
        missing
    }

    /// Whether the id redirects to this customer.
    fn redirects_here(&self, id: Uid) -> bool {
        self.customer.is_some() && self.known.successor(id) == self.customer
    }

    fn is_itself(&self, id: Uid) -> bool {
        [self.customer, self.given].contains(&Some(id))
    }

    /// The reasons why the ids of an absorbed customer cannot redirect to this customer.
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
        // The external id may belong to this customer: it may have inherited it in the merge, or have had it before
        // another merge.
        if owner.is_some() && owner != self.customer {
            found.extend(absorbed.violation(Violation::external_id_taken()));
        }
        found
    }

    /// The other absorbed customer that this one was merged into; `None` if it was merged into the customer itself,
    /// under any of its ids.
    ///
    /// The ids of the other one must redirect to the customer as well, because undoing its merge also moves the
    /// customers that were merged into it.
    fn survivor_of(
        &self,
        absorbed: &Absorbed,
        listed: &HashSet<Uid>,
    ) -> Result<Option<Uid>, Problem> {
        let is_listed = |id: Uid| id != absorbed.id && listed.contains(&id);
        match absorbed.survivor {
            Some(id) if is_listed(id) || self.redirects_here(id) => Ok(Some(id)),
            Some(id) if !self.is_itself(id) => {
                let message = "must be the customer itself, or one that precedes it in mergedFrom";
                Err(absorbed.problem(SURVIVOR_ID, message))
            }
            Some(_) | None => Ok(None),
        }
    }
}

/// The merges to store for a customer that already has the `stored` ones.
///
/// They are ordered before the stored ones, because only the last merge can be undone, and imported
/// merges cannot be.
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
