//! Merges of customers: the preview, the mutations to merge and unmerge, and merged customers.

mod preview;

use async_graphql::{Context, ID, Object, SimpleObject};

use super::Customer;
use crate::{
    db::{Conn, types::Timestamp},
    graphql::{
        context::ContextExt,
        error::Error,
        memory::Item,
        object::Items,
        payload::{Payload, PayloadKind, UserError, outcome},
    },
    id::NodeType,
    models::{
        self,
        customer::merge::{Merge, Merged, Undo},
    },
};

pub use self::preview::MergePreviewQuery;

/// A customer that was merged into another one. Its IDs now refer to the survivor.
#[derive(SimpleObject)]
pub struct MergedCustomer {
    /// ID that the customer had.
    id: ID,
    /// External ID that the customer had. It cannot be given to another customer.
    external_id: Option<String>,
    /// When the customer was merged.
    merged_at: Timestamp,
    /// Name of the API key that merged the customer.
    merged_by: String,
    /// End of the 30 days in which `customerUnmerge` can restore the customer. `null` if it cannot: these
    /// days are over, or the merge was imported.
    can_unmerge_until: Option<Timestamp>,
}

impl Item for MergedCustomer {
    fn texts(&self) -> usize {
        self.merged_by.len() + self.external_id.as_ref().map_or(0, String::len)
    }
}

impl MergedCustomer {
    pub fn new(merged: &Merged, now: Timestamp) -> Self {
        Self {
            id: NodeType::Customer.id(merged.absorbed).to_string().into(),
            external_id: merged.external_id.clone(),
            merged_at: merged.merged_at,
            merged_by: merged.merged_by.clone(),
            can_unmerge_until: merged.undo_until(now),
        }
    }
}

/// Payload kind of the mutation that merges two customers.
pub enum MergeOfCustomers {}

impl PayloadKind for MergeOfCustomers {
    type Row = models::Customer;
    type Result = Customer;
    const NODE_TYPE: NodeType = NodeType::Customer;
    const FIELD: &'static str = "survivor";
    const DESCRIPTION: &'static str =
        "The survivor after the merge; `null` if there are user errors.";

    fn mutation() -> String {
        "customerMerge".to_owned()
    }

    fn result(row: models::Customer) -> Customer {
        Customer::from(std::sync::Arc::new(row))
    }
}

/// Payload of `customerUnmerge`.
#[derive(SimpleObject)]
pub struct CustomerUnmergePayload {
    /// The survivor, as it was before the merge; `null` if there are user errors.
    survivor: Option<Customer>,
    /// The absorbed customer, as it was before the merge; `null` if there are user errors.
    absorbed: Option<Customer>,
    /// Errors that the user can correct; empty on success. If there are any, nothing was changed.
    user_errors: Items<UserError>,
}

/// The merge that the arguments describe.
fn merge(survivor: &ID, absorbed: &ID, fields: Option<Vec<String>>) -> Merge {
    let uid = |id| NodeType::Customer.uid(id);
    let fields = fields.unwrap_or_default();
    Merge { survivor: uid(survivor), absorbed: uid(absorbed), fields }
}

#[derive(Default)]
pub struct MergeMutation;

#[Object]
impl MergeMutation {
    /// Merges a customer into another one, which survives, by the rules that `customerMergePreview` shows. From then
    /// on, `id` and `externalId` of the absorbed customer refer to the survivor, also in mutations, filters and
    /// imports; only `customerDelete` and further merges reject them. The merge can be undone for 30 days.
    async fn customer_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the customer that survives.")] survivor_id: ID,
        #[graphql(desc = "ID of the customer that becomes a part of the survivor.")]
        absorbed_id: ID,
        #[graphql(
            desc = "Names of fields to take from the absorbed customer, even if they are `null`: like \
                    `emailId`, `credit.limit`, or `attributes.shoeSize` for a custom attribute. All \
                    fields that can be written, except for `externalId`. By default the survivor keeps \
                    its own value, and takes that of the absorbed customer where it has none."
        )]
        fields: Option<Vec<String>>,
        #[graphql(
            desc = "`token` of the preview. If anything has changed since, the error is `STALE`."
        )]
        preview_token: Option<String>,
    ) -> Result<Payload<MergeOfCustomers>, Error> {
        let writer = ctx.writer()?;
        let merge = merge(&survivor_id, &absorbed_id, fields);
        let token = preview_token.as_deref();
        let mut lease = ctx.db()?.write().await?;
        let run = async |tx: &mut Conn<'_>| Box::pin(merge.run(tx, writer, token)).await.map(Some);
        Payload::of(lease.conn().transaction(run).await, "absorbedId")
    }

    /// Undoes a merge within 30 days: restores the survivor and the absorbed customer exactly as they were, with
    /// all objects that belong to them. Of several merges of the same customer, the last one must be undone first.
    /// Fails with `TAKEN` if a unique value is now used by another object, with `NOT_FOUND` if a group, a program
    /// or a tier of one of them has been deleted, with `INVALID` if a custom attribute no longer allows a value,
    /// and with `EXPIRED` after the 30 days, or if the merge was imported.
    async fn customer_unmerge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID that the absorbed customer had.")] absorbed_id: ID,
        #[graphql(
            default = false,
            desc = "Whether to discard changes of the survivor since the merge, and values of custom \
                    attributes that have been deleted since. Otherwise they cause the error `STALE`."
        )]
        discard_changes: bool,
    ) -> Result<CustomerUnmergePayload, Error> {
        let writer = ctx.writer()?;
        let absorbed = NodeType::Customer.uid(&absorbed_id);
        let undo = Undo { absorbed, discards_changes: discard_changes };
        let mut lease = ctx.db()?.write().await?;
        let run = async |tx: &mut Conn<'_>| Box::pin(undo.run(tx, writer)).await.map(Some);
        let undone = lease.conn().transaction(run).await;
        let (undone, user_errors) = outcome(undone, NodeType::Customer, "absorbedId", None)?;
        let (survivor, absorbed) = undone.map(|it| (it.survivor, it.absorbed)).unzip();
        let node = |row| Customer::from(std::sync::Arc::new(row));
        Ok(CustomerUnmergePayload {
            survivor: survivor.map(node),
            absorbed: absorbed.map(node),
            user_errors,
        })
    }
}
