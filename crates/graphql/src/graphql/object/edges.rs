//! The values that a selection needs of each edge of a connection.

use std::iter::zip;

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, QueryPathNode, QueryPathSegment,
    ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
};

use super::{
    at,
    plan::{At, Plan},
};
use crate::graphql::{connection::EdgeOf, node::RowNode};

/// The fields of a selection of edges, in order.
pub struct EdgePlan<'a, T: RowNode> {
    fields: Vec<(Name, EdgeField)>,
    node: Option<NodePlan<'a, T>>,
}

enum EdgeField {
    TypeName,
    Cursor,
    Node,
}

struct NodePlan<'a, T: RowNode> {
    field: &'a Positioned<Field>,
    plan: Plan<'a, T>,
}

impl<'a, T: RowNode> EdgePlan<'a, T> {
    /// The plan of a selection. `None` if async-graphql must execute it, because it selects `node` under several
    /// response names.
    pub fn of(selection: &'a SelectionSet) -> Option<Self> {
        let mut plan = Self { fields: Vec::new(), node: None };
        for selection in &selection.items {
            let Selection::Field(field) = &selection.node else { return None };
            plan.add(field)?;
        }
        Some(plan)
    }

    fn add(&mut self, field: &'a Positioned<Field>) -> Option<()> {
        let kind = match field.node.name.node.as_str() {
            "node" if self.node.is_none() => {
                let plan = Plan::of(&field.node.selection_set.node);
                self.node = Some(NodePlan { field, plan });
                EdgeField::Node
            }
            "cursor" => EdgeField::Cursor,
            "__typename" => EdgeField::TypeName,
            _ => return None,
        };
        self.fields.push((field.node.response_key().node.clone(), kind));
        Some(())
    }

    pub async fn list(
        &self,
        ctx: &ContextSelectionSet<'_>,
        edges: &[EdgeOf<T>],
    ) -> ServerResult<Value> {
        let Some(node) = &self.node else {
            let values = edges.iter().map(|edge| self.value(edge, Value::Null));
            return Ok(Value::List(values.collect()));
        };
        let node_segment = QueryPathSegment::Name(&node.field.node.response_key().node);
        let paths: Vec<QueryPathNode<'_>> = (0..edges.len())
            .map(|place| QueryPathNode {
                parent: ctx.path_node.as_ref(),
                segment: QueryPathSegment::Index(place),
            })
            .collect();
        let nodes: Vec<At<'_, T>> = zip(edges, &paths)
            .map(|(edge, path)| At {
                item: &edge.node,
                path: QueryPathNode { parent: Some(path), segment: node_segment },
            })
            .collect();
        let field = ctx.with_field(node.field);
        let selection = field.with_selection_set(&node.field.node.selection_set);
        let values = node.plan.values(&selection, &nodes).await;
        let values = zip(zip(edges, &paths), values).map(|((edge, path), value)| {
            let value = value.map_err(|error| at(ctx, *path).set_error_path(error));
            Ok(self.value(edge, value?))
        });
        Ok(Value::List(values.collect::<ServerResult<_>>()?))
    }

    /// The value of an edge, with the given value of its node.
    fn value(&self, edge: &EdgeOf<T>, mut node: Value) -> Value {
        let fields = self.fields.iter().map(|(name, field)| {
            let value = match field {
                EdgeField::TypeName => Value::String(EdgeOf::<T>::type_name().into_owned()),
                EdgeField::Cursor => Value::String(edge.cursor.clone()),
                EdgeField::Node => std::mem::take(&mut node),
            };
            (name.clone(), value)
        });
        Value::Object(fields.collect())
    }
}
