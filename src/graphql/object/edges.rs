//! Which values a selection wants of each edge of a connection.

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, Value,
    parser::types::{Field, Selection},
};
use futures_util::future::try_join_all;

use super::plan::Plan;
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
    /// The plan of a selection; `None` for one that the library must execute: with fragments, with two nodes, or
    /// with a name that is selected twice.
    pub fn of(ctx: &ContextSelectionSet<'a>) -> Option<Self> {
        let mut plan = Self { fields: Vec::new(), node: None };
        for selection in &ctx.item.node.items {
            let Selection::Field(field) = &selection.node else { return None };
            plan.add(ctx, field)?;
        }
        Some(plan)
    }

    fn add(&mut self, ctx: &ContextSelectionSet<'a>, field: &'a Positioned<Field>) -> Option<()> {
        let name = &field.node.response_key().node;
        if self.fields.iter().any(|(other, _)| other == name) {
            return None;
        }
        let kind = match field.node.name.node.as_str() {
            "node" if self.node.is_none() => {
                let plan = Plan::of_selection(ctx, &field.node.selection_set.node)?;
                self.node = Some(NodePlan { field, plan });
                EdgeField::Node
            }
            "cursor" => EdgeField::Cursor,
            "__typename" => EdgeField::TypeName,
            _ => return None,
        };
        self.fields.push((name.clone(), kind));
        Some(())
    }

    pub async fn list(
        &self,
        ctx: &ContextSelectionSet<'_>,
        edges: &[EdgeOf<T>],
    ) -> ServerResult<Value> {
        let node = match &self.node {
            Some(node) if !node.plan.is_plain() => node,
            node => {
                let values = edges.iter().map(|edge| {
                    let row = |node: &NodePlan<'_, T>| node.plan.plain_value(edge.node.as_ref());
                    self.value(edge, node.as_ref().map_or(Value::Null, |it| Value::Object(row(it))))
                });
                return Ok(Value::List(values.collect()));
            }
        };
        let values = edges.iter().enumerate().map(async |(place, edge)| {
            let ctx = ctx.with_index(place);
            let field = ctx.with_field(node.field);
            let field = field.with_selection_set(&node.field.node.selection_set);
            let value = node.plan.value(&field, &edge.node).await;
            let value = value.map_err(|error| ctx.set_error_path(error))?;
            Ok::<_, ServerError>(self.value(edge, value))
        });
        Ok(Value::List(try_join_all(values).await?))
    }

    /// The edge, with the value of its node.
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
