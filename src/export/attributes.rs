//! Custom attributes: their definitions, and their values in the rows of objects.

use std::{collections::HashMap, io::Write};

use serde_json::{Map, Value};

use super::{Error, lines::Line};
use crate::{
    auth::Tenant,
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::custom_attribute::{self, CustomAttribute, Noun},
    transfer::{RowKind, columns::ATTRIBUTES},
};

/// Writes all definitions, sorted by noun and key.
pub async fn definitions(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    out: &mut (impl Write + Send),
) -> Result<u64, Error> {
    let mut count = 0;
    for noun in Noun::ALL {
        for definition in custom_attribute::of_noun(conn, tenant, noun).await? {
            let (kind, node) = (RowKind::AttributeDefinition, NodeType::AttributeDefinition);
            let mut line = Line::new(kind, node, definition.id);
            line.attributes(&definition.fields());
            line.times(definition.created_at, definition.updated_at);
            line.authors(&definition.created_by, &definition.last_modified_by);
            line.write(out)?;
            count += 1;
        }
    }
    Ok(count)
}

/// The sorted keys of a noun's attributes.
pub async fn keys(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    noun: Noun,
) -> Result<Vec<String>, db::Error> {
    let definitions = custom_attribute::of_noun(conn, tenant, noun).await?;
    Ok(definitions.into_iter().map(|it| it.key).collect())
}

/// The names of the columns for these attributes.
pub fn columns(keys: &[String]) -> impl Iterator<Item = String> {
    keys.iter().map(|key| format!("{ATTRIBUTES}{key}"))
}

/// The attributes of the objects of a page.
pub struct Attributes {
    keys: Vec<String>,
    of_objects: HashMap<Uid, Vec<CustomAttribute>>,
}

impl Attributes {
    pub async fn load(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        noun: Noun,
        objects: &[Uid],
    ) -> Result<Self, db::Error> {
        let keys = keys(conn, tenant, noun).await?;
        let of_objects = if keys.is_empty() {
            HashMap::new()
        } else {
            custom_attribute::of_objects(conn, tenant, noun, objects, None).await?
        };
        Ok(Self { keys, of_objects })
    }

    /// Adds the attributes of an object to its line: all declared ones, including those without a value, because an
    /// import keeps the values of attributes that a row omits.
    pub fn add_to(&mut self, line: &mut Line, object: Uid) {
        if self.keys.is_empty() {
            return;
        }
        let values = self.take(object, CustomAttribute::to_json);
        line.field("attributes", Value::Object(values));
    }

    /// The cells of an object, one for each of the [`columns`].
    pub fn cells(&mut self, object: Uid) -> Vec<String> {
        let cells = self.take(object, |it| Value::String(it.to_text()));
        cells.values().map(|cell| cell.as_str().unwrap_or_default().to_owned()).collect()
    }

    fn take(&mut self, object: Uid, value: fn(&CustomAttribute) -> Value) -> Map<String, Value> {
        let found = self.of_objects.remove(&object).unwrap_or_default();
        let shown = |key: &String| {
            let attribute = found.iter().find(|it| it.key == *key);
            (key.clone(), attribute.map(value).unwrap_or_default())
        };
        self.keys.iter().map(shown).collect()
    }
}
