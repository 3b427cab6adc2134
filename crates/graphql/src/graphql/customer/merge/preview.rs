//! `customerMergePreview`: a dry run of a merge.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use super::merge;
use crate::{
    db::types::Uid,
    graphql::{
        columns,
        context::ContextExt,
        customer::Customer,
        customer_group::CustomerGroup,
        error::Error,
        loader::ById,
        memory::{Item, take_shared},
        node::RowNode,
        object::{Items, Objects},
        payload::{UserError, outcome},
    },
    id::NodeType,
    models::{
        self, Error as ModelError,
        attribute::{AttributeType, AttributeValue},
        customer::merge::{Fate, MergedAttribute, MergedValues, Preview, UnitedChild, UnitedKind},
    },
};

/// The result that `customerMerge` would have with the same arguments.
pub struct CustomerMergePreview {
    preview: Option<Box<Preview>>,
    user_errors: Items<UserError>,
}

/// The result that `customerMerge` would have with the same arguments.
#[Object]
impl CustomerMergePreview {
    /// The customer that would survive, as it is now; `null` if there are user errors.
    async fn survivor(&self, ctx: &Context<'_>) -> Result<Option<Customer>, Error> {
        let id = self.preview.as_ref().map(|it| it.survivor.id);
        customer(ctx, id).await
    }

    /// The customer that would become a part of the survivor; `null` if there are user errors.
    async fn absorbed(&self, ctx: &Context<'_>) -> Result<Option<Customer>, Error> {
        let id = self.preview.as_ref().map(|it| it.absorbed.id);
        customer(ctx, id).await
    }

    /// Fields that are set on at least one of the customers, with the merged value: that of the survivor, or that
    /// of the absorbed customer if the survivor has none or `fields` lists the field. A tier is taken with its
    /// loyalty program, and the credit with `defaultCurrency` if the currencies differ. Custom attributes are named
    /// like `attributes.shoeSize`.
    async fn attributes(&self) -> Items<CustomerMergeAttribute> {
        let plans = || self.preview.iter().map(|it| &it.plan);
        let attributes = plans().flat_map(|it| &it.attributes).map(CustomerMergeAttribute::from);
        let custom = plans().flat_map(|it| &it.values).map(CustomerMergeAttribute::from);
        attributes.chain(custom).collect()
    }

    /// Groups of the absorbed customer that the survivor would become a member of.
    async fn joined_customer_groups(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Objects<CustomerGroup>, Error> {
        let joined = self.preview.iter().flat_map(|it| &it.plan.joined);
        let keys = joined.map(|group| ById::<models::CustomerGroup>::new(*group)).collect();
        let columns = columns::of_objects::<CustomerGroup>(ctx);
        let rows = ctx.loader()?.load_list(keys, columns).await?;
        take_shared(ctx, rows.iter().flatten())?;
        let groups = rows.into_iter().flatten();
        Ok(Objects(groups.map(|group| CustomerGroup::from(group.shared())).collect()))
    }

    /// Addresses, contacts, consents, extensions and supplier numbers of the absorbed customer, and
    /// whether they would be moved or dropped.
    async fn children(&self) -> Items<CustomerMergeChild> {
        let children = self.preview.iter().flat_map(|it| &it.plan.children);
        children.map(CustomerMergeChild::from).collect()
    }

    /// Token for `previewToken` of `customerMerge`, which then fails if anything has changed since;
    /// `null` if there are user errors.
    async fn token(&self) -> Option<&str> {
        self.preview.as_ref().map(|it| it.token.as_str())
    }

    /// Errors that `customerMerge` would have; empty if the merge is possible.
    async fn user_errors(&self) -> &Items<UserError> {
        &self.user_errors
    }
}

async fn customer(ctx: &Context<'_>, id: Option<Uid>) -> Result<Option<Customer>, Error> {
    let Some(id) = id else { return Ok(None) };
    Customer::load(ctx, id).await
}

/// A field of two customers in a merge.
#[derive(SimpleObject)]
pub struct CustomerMergeAttribute {
    /// Name of the field, as in `fields`.
    field: String,
    /// Value of the survivor as text; an ID for references. `|` separates the values of a list. `null`
    /// if there is no value.
    survivor_value: Option<String>,
    /// Value of the absorbed customer, in the format of `survivorValue`.
    absorbed_value: Option<String>,
    /// Value that the survivor would have, in the format of `survivorValue`.
    merged_value: Option<String>,
    /// Whether `mergedValue` is that of the absorbed customer.
    is_taken_from_absorbed: bool,
}

impl Item for CustomerMergeAttribute {
    fn texts(&self) -> usize {
        let values = [&self.survivor_value, &self.absorbed_value, &self.merged_value];
        self.field.len() + values.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

impl Item for CustomerMergeChild {
    fn texts(&self) -> usize {
        self.title.len()
    }
}

impl From<&MergedAttribute> for CustomerMergeAttribute {
    fn from(merged: &MergedAttribute) -> Self {
        let value = |value: &AttributeValue| as_text(value, merged.attribute.kind.value_type);
        Self {
            field: merged.attribute.name(),
            survivor_value: value(&merged.survivor),
            absorbed_value: value(&merged.absorbed),
            merged_value: value(merged.value()),
            is_taken_from_absorbed: merged.is_taken,
        }
    }
}

impl From<&MergedValues> for CustomerMergeAttribute {
    fn from(merged: &MergedValues) -> Self {
        let text = |values: &[String]| (!values.is_empty()).then(|| values.join("|"));
        Self {
            field: format!("attributes.{}", merged.definition.key),
            survivor_value: text(&merged.survivor),
            absorbed_value: text(&merged.absorbed),
            merged_value: text(merged.values()),
            is_taken_from_absorbed: merged.is_taken,
        }
    }
}

fn as_text(value: &AttributeValue, value_type: Option<AttributeType>) -> Option<String> {
    match (value, value_type) {
        (AttributeValue::Reference(uid), Some(AttributeType::Reference(node_type))) => {
            Some(node_type.id(*uid).to_string())
        }
        _ => value.to_text(),
    }
}

/// An object of the absorbed customer in a merge.
#[derive(SimpleObject)]
pub struct CustomerMergeChild {
    /// ID of the object, which it keeps if it is moved.
    id: ID,
    /// Kind of the object.
    kind: CustomerMergeChildKind,
    /// Text for display: `displayName` of an address or a contact, the name of a consent, the code of
    /// an extension, or a supplier number.
    title: String,
    /// Whether the object would be moved or dropped, and why.
    outcome: CustomerMergeOutcome,
    /// ID of the survivor's object in whose favor it would be dropped. If only one of the two has an external ID,
    /// the remaining one has it afterwards.
    counterpart_id: Option<ID>,
}

impl From<&UnitedChild> for CustomerMergeChild {
    fn from(child: &UnitedChild) -> Self {
        let id = |uid| ID::from(child.node_type.id(uid).to_string());
        Self {
            id: id(child.id),
            kind: child.kind.into(),
            title: child.title.clone(),
            outcome: child.fate.into(),
            counterpart_id: child.counterpart.map(id),
        }
    }
}

/// Kinds of objects that belong to a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "UnitedKind")]
pub enum CustomerMergeChildKind {
    /// An address. Two are the same if all of their fields are, ignoring case, accents, `isPrimary`
    /// and a missing external ID. The primary address of the survivor stays the primary one.
    Address,
    /// A contact, compared like an address.
    Contact,
    /// A consent. If both customers have one with the same name, the later `recordedAt` wins; if the times are
    /// equal, the refusal wins.
    Consent,
    /// An extension. If both customers, or the same contact, have one with the same code, that of the survivor is
    /// kept.
    Extension,
    /// A supplier number. If both customers have one for the same company, that of the survivor is kept.
    SupplierNumber,
}

/// Outcomes of a merge for an object that belongs to the absorbed customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Fate")]
pub enum CustomerMergeOutcome {
    /// It is moved to the survivor, after the survivor's own objects.
    Moved,
    /// It is dropped, because the survivor has an equal one.
    Equal,
    /// It is dropped, because the survivor has another one, which stays as it is.
    Outranked,
    /// Its values replace those of the survivor's object. Then it is dropped.
    Prevailed,
}

#[derive(Default)]
pub struct MergePreviewQuery;

#[Object]
impl MergePreviewQuery {
    /// The result that `customerMerge` would have with the same arguments. Changes nothing.
    async fn customer_merge_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the customer that survives.")] survivor_id: ID,
        #[graphql(desc = "ID of the customer that becomes a part of the survivor.")]
        absorbed_id: ID,
        #[graphql(
            desc = "Fields whose values are taken from the absorbed customer, as for `customerMerge`."
        )]
        fields: Option<Vec<String>>,
    ) -> Result<CustomerMergePreview, Error> {
        let (db, tenant) = ctx.source()?;
        let merge = merge(&survivor_id, &absorbed_id, fields);
        let load = async move {
            let mut lease = db.read().await?;
            match merge.preview(&mut lease.conn(), &tenant).await {
                Ok(preview) => Ok(Ok(Some(Box::new(preview)))),
                Err(ModelError::Database(error)) => Err(error),
                Err(invalid @ ModelError::Invalid(_)) => Ok(Err(invalid)),
            }
        };
        let preview = ctx.load(Box::pin(load)).await?;
        let (preview, user_errors) = outcome(preview, NodeType::Customer, "absorbedId", None)?;
        Ok(CustomerMergePreview { preview, user_errors })
    }
}
