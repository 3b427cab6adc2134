//! Values as they are stored, which are kept elsewhere for a while or given to another object.

use std::collections::BTreeMap;

use super::{Definition, Noun, StoredValue, Value, ValueType, stored};
use crate::{
    auth::Tenant,
    db::{self, Conn, types::Uid},
};

/// The values of an object, as they are stored, by the ids of their definitions.
pub type Texts = BTreeMap<Uid, Vec<String>>;

impl Definition {
    /// Whether the definition allows these stored texts, which it once did.
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

/// Gives values to objects that have none of these attributes, as far as the definitions allow them. Returns the definitions of which a unique value belongs to another object: nothing may be committed then.
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
