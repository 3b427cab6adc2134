//! The customers that have been merged into the customer of a row, whose ids lead to it. An import adds those that
//! are missing.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    Problem,
    columns::{ID, no_such_field},
    fields::{
        Problems, of_violations, read_item, take_id, take_line, take_list, take_parsed, trimmed,
    },
    matching::Known,
};
use crate::{
    auth::Writer,
    db::{
        self,
        types::{Timestamp, Uid},
    },
    id::NodeType,
    models::{
        Lookup, Violation,
        customer::merge::{MERGED_MAX, Merged, too_many},
    },
};

/// The field of a row with its merged customers, the last merge first.
pub const FIELD: &str = "mergedFrom";

const EXTERNAL_ID: &str = "externalId";
const SURVIVOR_ID: &str = "survivorId";
const MERGED_AT: &str = "mergedAt";
const MERGED_BY: &str = "mergedBy";

/// A merged customer in a row.
#[derive(Clone, Debug)]
pub struct Absorbed {
    id: Uid,
    external_id: Option<String>,
    /// `None` for the customer of the row.
    survivor: Option<Uid>,
    merged_at: Option<Timestamp>,
    merged_by: Option<String>,
    /// Its path in the row: `mergedFrom.0`.
    path: String,
}

/// The ids and external ids in the merged customers of a row, as far as they can be read.
pub fn lookups(fields: &Map<String, Value>) -> Vec<Lookup> {
    let values = fields.get(FIELD).and_then(Value::as_array);
    let items = values.into_iter().flatten().take(MERGED_MAX).filter_map(Value::as_object);
    let id = |item, column| trimmed(item, column).and_then(|text| NodeType::Customer.parse(text));
    let lookups = |item| {
        let ids = [ID, SURVIVOR_ID].into_iter().filter_map(move |column| id(item, column));
        let external_id = trimmed(item, EXTERNAL_ID).map(str::to_owned);
        ids.map(Lookup::Id).chain(external_id.map(Lookup::ExternalId))
    };
    items.flat_map(lookups).collect()
}

/// Takes the merged customers out of the fields of a row.
pub fn take(
    fields: &mut Map<String, Value>,
    problems: &mut Problems,
) -> Result<Vec<Absorbed>, db::Error> {
    let values = problems.take(take_list(fields, FIELD))?.flatten().unwrap_or_default();
    if values.len() > MERGED_MAX {
        problems.extend(of_violations(vec![too_many(FIELD)]));
        return Ok(Vec::new());
    }
    let mut absorbed = Vec::new();
    for (position, value) in values.into_iter().enumerate() {
        absorbed.extend(Absorbed::read(&format!("{FIELD}.{position}"), value, problems)?);
    }
    Ok(absorbed)
}

/// The value of the field in an export: what [`take`] reads.
pub fn give(merged: &[Merged]) -> Value {
    let id = |uid| NodeType::Customer.id(uid).to_string();
    let item = |it: &Merged| {
        serde_json::json!({
            ID: id(it.absorbed),
            EXTERNAL_ID: it.external_id,
            SURVIVOR_ID: id(it.survivor),
            MERGED_AT: it.merged_at.to_string(),
            MERGED_BY: it.merged_by,
        })
    };
    merged.iter().map(item).collect()
}

impl Absorbed {
    fn read(path: &str, value: Value, problems: &mut Problems) -> Result<Option<Self>, db::Error> {
        let read = |mut fields: Map<String, Value>, found: &mut Problems| {
            let id = found.take(take_id(&mut fields, ID, NodeType::Customer))?.flatten();
            if id.is_none() {
                found.extend(vec![Problem::of_column(ID, "must be given")]);
            }
            let external_id = found.take(take_line(&mut fields, EXTERNAL_ID))?.flatten();
            let survivor = take_id(&mut fields, SURVIVOR_ID, NodeType::Customer);
            let survivor = found.take(survivor)?.flatten();
            let merged_at = found.take(take_parsed(&mut fields, MERGED_AT))?.flatten();
            let merged_by = found.take(take_line(&mut fields, MERGED_BY))?.flatten();
            let known = [ID, EXTERNAL_ID, SURVIVOR_ID, MERGED_AT, MERGED_BY];
            for name in fields.keys() {
                found.push(Problem::of_column(name, no_such_field(name, known.into_iter())));
            }
            let id = id.unwrap_or_default();
            Ok(Self { id, external_id, survivor, merged_at, merged_by, path: path.to_owned() })
        };
        read_item(path, value, problems, read)
    }

    fn problem(&self, field: &str, message: &str) -> Problem {
        Problem::of_column(format!("{}.{field}", self.path), message)
    }

    fn violation(&self, violation: Violation) -> Vec<Problem> {
        of_violations(vec![violation.within(self.path.split('.').map(str::to_owned))])
    }
}

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
        for it in absorbed {
            if !listed.insert(it.id) {
                problems.push(it.problem(ID, "is in the list twice"));
            } else if !self.leads_here(it.id) {
                problems.extend(self.obstacles(&it));
                match self.survivor_of(&it, &listed) {
                    Ok(survivor) => missing.push(Absorbed { survivor, ..it }),
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
