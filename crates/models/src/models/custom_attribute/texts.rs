//! Stored texts of values, which are archived or moved to another object.

use std::collections::BTreeMap;

use super::{Definition, Noun, StoredValue, Value, ValueType, stored};
use crate::{
    auth::Tenant,
    db::{self, Conn, types::Uid},
};

/// The stored texts of an object's values, by the ids of their definitions.
pub type Texts = BTreeMap<Uid, Vec<String>>;

impl Definition {
    /// Whether the definition still allows these stored texts.
    pub fn allows(&self, texts: &[String]) -> bool {
        self.read(texts).is_some()
    }

    /// The values of these stored texts; `None` if it does not allow them any more.
    fn read(&self, texts: &[String]) -> Option<Vec<Value>> {
        let is_choice = |text: &String| self.choices().any(|choice| choice == text);
        let is_allowed = match self.value_type {
            ValueType::Choice => texts.iter().all(is_choice),
            _ => true,
        };
        let values = texts.iter().map(|text| Value::read(self.value_type, text));
        let values: Vec<Value> = values.collect::<Option<_>>()?;
        (is_allowed && (self.is_list || values.len() <= 1)).then_some(values)
    }
}

/// Restores the values of objects that have none of these attributes, as far as the definitions still allow them.
/// Returns the definitions with a unique value that belongs to another object. If there are any, the transaction must
/// not be committed.
pub async fn restore(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
    definitions: &[Definition],
    objects: &[(Uid, &Texts)],
) -> Result<Vec<Uid>, db::Error> {
    let mut rows = Vec::new();
    for (object, texts) in objects {
        for definition in definitions {
            let values = texts.get(&definition.id).and_then(|texts| definition.read(texts));
            rows.extend(StoredValue::all_of(*object, definition, &values.unwrap_or_default()));
        }
    }
    stored::insert(tx, tenant, noun, rows).await
}
