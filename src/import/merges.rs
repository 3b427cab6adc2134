//! The customers that were merged into the customer of a row. Their ids redirect to it.

use serde_json::{Map, Value};

use super::{
    Problem,
    columns::no_such_field,
    fields::{
        Problems, of_violations, read_item, take_id, take_line, take_list, take_parsed, trimmed,
    },
};
use crate::{
    db::{
        self,
        types::{Timestamp, Uid},
    },
    id::NodeType,
    models::{
        Lookup, Violation,
        customer::merge::{MERGED_MAX, too_many},
    },
    transfer::columns::{EXTERNAL_ID, ID, MERGED_AT, MERGED_BY, MERGED_FROM, SURVIVOR_ID},
};

/// A merged customer in a row.
#[derive(Clone, Debug)]
pub struct Absorbed {
    pub id: Uid,
    pub external_id: Option<String>,
    /// The absorbed customer that it was merged into; `None` for the customer of the row.
    pub survivor: Option<Uid>,
    pub merged_at: Option<Timestamp>,
    pub merged_by: Option<String>,
    /// The path in the row, like `mergedFrom.0`.
    path: String,
}

/// The ids and external ids of the merged customers in a row. Invalid ones are ignored.
pub fn lookups(fields: &Map<String, Value>) -> Vec<Lookup> {
    let values = fields.get(MERGED_FROM).and_then(Value::as_array);
    let items = values.into_iter().flatten().take(MERGED_MAX).filter_map(Value::as_object);
    let id = |item, column| trimmed(item, column).and_then(|text| NodeType::Customer.parse(text));
    let lookups = |item| {
        let ids = [ID, SURVIVOR_ID].into_iter().filter_map(move |column| id(item, column));
        let external_id = trimmed(item, EXTERNAL_ID).map(str::to_owned);
        ids.map(Lookup::Id).chain(external_id.map(Lookup::ExternalId))
    };
    items.flat_map(lookups).collect()
}

/// Whether the row contains external ids of merged customers.
pub fn have_external_ids(fields: &Map<String, Value>) -> bool {
    lookups(fields).iter().any(|lookup| matches!(lookup, Lookup::ExternalId(_)))
}

/// Removes the merged customers from the fields of a row and parses them.
pub fn take(
    fields: &mut Map<String, Value>,
    problems: &mut Problems,
) -> Result<Vec<Absorbed>, db::Error> {
    let values = problems.take(take_list(fields, MERGED_FROM))?.flatten().unwrap_or_default();
    if values.len() > MERGED_MAX {
        problems.extend(of_violations(vec![too_many(MERGED_FROM)]));
        return Ok(Vec::new());
    }
    let mut absorbed = Vec::new();
    for (position, value) in values.into_iter().enumerate() {
        absorbed.extend(Absorbed::read(&format!("{MERGED_FROM}.{position}"), value, problems)?);
    }
    Ok(absorbed)
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

    pub fn problem(&self, field: &str, message: &str) -> Problem {
        Problem::of_column(format!("{}.{field}", self.path), message)
    }

    pub fn violation(&self, violation: Violation) -> Vec<Problem> {
        of_violations(vec![violation.within(self.path.split('.').map(str::to_owned))])
    }
}
