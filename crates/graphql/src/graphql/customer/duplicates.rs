//! Customers that are probably the same person or company.

use async_graphql::{Context, Enum, Object, SimpleObject};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::Customer;
use crate::{
    db::types::Uid,
    graphql::{
        connection::{PAGE_DEFAULT, PAGE_MAX},
        context::ContextExt,
        custom_attribute,
        error::Error,
        filter::FilterInput,
        input::size,
        memory::Item,
        node::RowNode,
        object::Items,
    },
    models::customer::duplicates::{Pair, Place, Reason, Shared, Walk, Within},
};

/// Two customers that are probably the same person or company.
pub struct CustomerDuplicate(Pair);

impl Item for CustomerDuplicate {
    fn texts(&self) -> usize {
        0
    }
}

/// Two customers that are probably the same person or company.
#[Object]
impl CustomerDuplicate {
    /// One of the two customers; in `duplicates` of a customer, that customer.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer, Error> {
        load(ctx, self.0.customer).await
    }

    /// The other customer, which may be `disabled`.
    async fn duplicate(&self, ctx: &Context<'_>) -> Result<Customer, Error> {
        load(ctx, self.0.duplicate).await
    }

    /// Probability that the customers are the same, from 0 to 1. A single reason scores 0.9 for `TAX_ID` and
    /// `CARD`, 0.8 for `EMAIL_ID`, 0.7 for `PHONE`, and 0.6 for `NAME_AND_POSTAL_CODE`. Several reasons are
    /// combined as independent probabilities: 0.7 and 0.6 score 1 − 0.3 × 0.4 = 0.88.
    async fn score(&self) -> f64 {
        self.0.score
    }

    /// Why the customers are probably the same, most significant reason first; at least one.
    async fn reasons(&self) -> Items<CustomerDuplicateReason> {
        self.0.reasons.iter().map(CustomerDuplicateReason::from).collect()
    }
}

async fn load(ctx: &Context<'_>, id: Uid) -> Result<Customer, Error> {
    Customer::load(ctx, id).await?.ok_or_else(Error::deleted)
}

/// A reason why two customers are probably the same.
#[derive(SimpleObject)]
pub struct CustomerDuplicateReason {
    /// Kind of the reason.
    kind: CustomerDuplicateReasonKind,
    /// The shared value, as it is spelled in `customer`.
    value: String,
}

impl Item for CustomerDuplicateReason {
    fn texts(&self) -> usize {
        self.value.len()
    }
}

impl From<&Shared> for CustomerDuplicateReason {
    fn from(shared: &Shared) -> Self {
        Self { kind: shared.reason.into(), value: shared.text.clone() }
    }
}

/// Kinds of reasons why two customers are probably the same. Values that more than 50 customers share are ignored; for
/// `NAME_AND_POSTAL_CODE`, this applies to the name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Reason")]
pub enum CustomerDuplicateReasonKind {
    /// The same `taxId`, ignoring separators and case.
    TaxId,
    /// The same `loyaltyId` or `customerPosId`, ignoring separators and case.
    Card,
    /// The same e-mail address, ignoring case: of the customers, their contacts or their addresses.
    EmailId,
    /// The same phone number in any spelling: of the customers, their contacts or their addresses.
    Phone,
    /// The same `customerName`, ignoring case and accents, and the same postal code of an address.
    NameAndPostalCode,
}

/// A page of pairs of customers that are probably the same.
#[derive(SimpleObject)]
pub struct CustomerDuplicatePage {
    /// The pairs. The list can be empty even if `hasNextPage` is `true`.
    pairs: Items<CustomerDuplicate>,
    /// Whether there may be more pairs.
    has_next_page: bool,
    /// Cursor of the end of the page, for `after`; `null` if no customer was examined.
    end_cursor: Option<String>,
}

/// The name of the list in cursors.
const LIST: &str = "customerDuplicates";

/// Encodes a position as a cursor.
fn cursor(place: &Place) -> String {
    let within = place.within;
    let text = |value: Option<String>| value.unwrap_or_default();
    let fields = [
        LIST.to_owned(),
        text(within.map(|it| it.customer.to_string())),
        text(within.map(|it| it.score.to_string())),
        text(within.map(|it| it.duplicate.to_string())),
        text(place.after.map(|it| it.to_string())),
    ];
    BASE64_URL_SAFE_NO_PAD.encode(fields.join("\n"))
}

/// Decodes a cursor; `None` if it does not belong to this list.
fn place(cursor: &str) -> Option<Place> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let fields: Vec<&str> = text.split('\n').collect();
    let [LIST, customer, score, duplicate, after] = fields[..] else { return None };
    let after = match after {
        "" => None,
        after => Some(after.parse().ok()?),
    };
    let within = match (customer, score, duplicate) {
        ("", "", "") => None,
        (customer, score, duplicate) => Some(Within {
            customer: customer.parse().ok()?,
            score: score.parse().ok()?,
            duplicate: duplicate.parse().ok()?,
        }),
    };
    Some(Place { after, within })
}

#[derive(Default)]
pub struct CustomerDuplicatesQuery;

#[Object]
impl CustomerDuplicatesQuery {
    /// Pairs of customers that are probably the same, each pair once: customers are examined in the
    /// order of their creation, latest first, and `customer` is the one that is examined first. A
    /// request examines up to 500 customers, so a page can have fewer pairs than `first`, or none,
    /// although `hasNextPage` is `true`.
    async fn customer_duplicates(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Only customers that match this filter are examined. Their duplicates need not match."
        )]
        filter: Option<Box<FilterInput<Customer>>>,
        #[graphql(desc = "Maximum number of pairs, 1 to 100. Default: 20.")] first: Option<i32>,
        #[graphql(desc = "`endCursor` of the previous page.")] after: Option<String>,
    ) -> Result<CustomerDuplicatePage, Error> {
        let first = first.map_or(Ok(PAGE_DEFAULT), |first| size("first", first, PAGE_MAX))?;
        let after = after
            .map(|it| place(&it).ok_or_else(|| Error::bad_input("after: is not a cursor")))
            .transpose()?;
        let (db, tenant) = ctx.source()?;
        let filter = custom_attribute::looked_up(ctx, filter).await?;
        let walk = Walk { filter, first, after };
        let load = async move { walk.page(&mut db.read().await?.conn(), &tenant).await };
        let page = ctx.load(Box::pin(load)).await?;
        Ok(CustomerDuplicatePage {
            pairs: page.pairs.into_iter().map(CustomerDuplicate).collect(),
            has_next_page: page.has_more,
            end_cursor: page.end.as_ref().map(cursor),
        })
    }
}

/// The most probable duplicates among these pairs.
pub fn most_probable(pairs: &[Pair], first: usize) -> Items<CustomerDuplicate> {
    pairs.iter().take(first).cloned().map(CustomerDuplicate).collect()
}
