//! A row as a line of NDJSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::rows;
use crate::{
    db::{
        Measured,
        types::{Timestamp, Uid},
    },
    id::NodeType,
    models::{
        attribute::{AttributeType, AttributeValue},
        child::{Child, ChildAttributes},
        entity::{Entity, EntityAttributes},
    },
    transfer::{RowKind, TYPE, fields_of, other_attributes},
};

pub struct Line(Map<String, Value>);

impl Line {
    pub fn new(kind: RowKind, node: NodeType, id: Uid) -> Self {
        let mut line = Self(Map::new());
        line.field(TYPE, kind.name().into());
        line.id("id", node, Some(id));
        line
    }

    /// Begins the line of an entity: its id and its attributes.
    pub fn of<A: EntityAttributes>(kind: RowKind, entity: &Entity<A>) -> Self {
        let mut line = Self::new(kind, A::NODE_TYPE, entity.id);
        line.attributes(&entity.attributes);
        line
    }

    /// Ends the line of an entity: when and by whom it was created and last changed.
    pub fn finish<A>(mut self, entity: &Entity<A>) -> Self {
        self.times(entity.created_at, entity.updated_at);
        self.authors(&entity.created_by, &entity.last_modified_by);
        self
    }

    pub fn field(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    pub fn attributes(&mut self, attributes: &impl Serialize) {
        self.0.extend(fields_of(attributes));
    }

    pub fn id(&mut self, name: &str, node: NodeType, id: Option<Uid>) {
        self.field(name, id.map(|uid| node.id(uid).to_string()).into());
    }

    pub fn times(&mut self, created: Timestamp, updated: Timestamp) {
        self.field("createdAt", created.to_string().into());
        self.field("updatedAt", updated.to_string().into());
    }

    pub fn authors(&mut self, created: &str, modified: &str) {
        self.field("createdBy", created.into());
        self.field("lastModifiedBy", modified.into());
    }

    pub fn take(&mut self, name: &str) -> Value {
        self.0.shift_remove(name).unwrap_or_default()
    }

    pub fn write(self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, &Value::Object(self.0))?;
        out.write_all(b"\n")
    }
}

/// The children of a row, in order.
pub fn list<A: ChildAttributes>(children: &[Measured<Child<A>>]) -> Value {
    rows(children).map(item).collect()
}

fn item<A: ChildAttributes>(child: &Child<A>) -> Value {
    let mut item = Line(Map::new());
    item.id("id", A::NODE_TYPE, Some(child.id));
    item.attributes(&child.attributes);
    for attribute in other_attributes::<A>() {
        let value = match ((attribute.get)(&child.attributes), attribute.kind.value_type) {
            (AttributeValue::Flag(flag), _) => flag.into(),
            (AttributeValue::Reference(uid), Some(AttributeType::Reference(node))) => {
                node.id(uid).to_string().into()
            }
            _ => Value::Null,
        };
        item.field(&attribute.name(), value);
    }
    item.times(child.created_at, child.updated_at);
    Value::Object(item.0)
}
