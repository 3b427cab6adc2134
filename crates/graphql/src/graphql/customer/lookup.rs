//! `customerLookup`: finds customers by typed or scanned text.

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::Customer;
use crate::{
    db::{
        Measured,
        pick::{ColumnSet, Columns},
    },
    graphql::{
        columns,
        context::ContextExt,
        error::Error,
        input::size,
        loader::{ById, SearchedChildrenOf},
        memory::{Item, take_shared},
        object::Items,
        pos_profile::profile_name,
    },
    models::{
        self,
        customer::{
            CustomerAttributes,
            lookup::{
                CustomerSearch, Fragment, HITS_MAX, Hit, Match, Quality, SearchTerm, best_match,
            },
        },
        entity::EntityAttributes as _,
        search::SearchedField,
        violation::LINE_MAX,
    },
};

/// Fields that `customerLookup` searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SearchedField")]
pub enum CustomerLookupField {
    /// `loyaltyId` of the customer.
    LoyaltyId,
    /// `customerPosId` of the customer.
    CustomerPosId,
    /// `mobileNo` of the customer.
    MobileNo,
    /// `emailId` of the customer.
    EmailId,
    /// `taxId` of the customer.
    TaxId,
    /// `ledgerNumber` of the customer.
    LedgerNumber,
    /// `externalId` of the customer.
    ExternalId,
    /// `customerName` of the customer.
    CustomerName,
    /// `displayName` of the customer.
    DisplayName,
    /// `firstName` and `lastName` of the customer.
    PersonName,
    /// `firstName` and `lastName` of a contact.
    ContactName,
    /// `displayName` of a contact.
    ContactDisplayName,
    /// `mobileNo` of a contact.
    ContactMobileNo,
    /// `emailId` of a contact.
    ContactEmailId,
    /// `city` of an address.
    AddressCity,
    /// `postalCode` of an address.
    AddressPostalCode,
    /// `phone` of an address.
    AddressPhone,
    /// `emailId` of an address.
    AddressEmailId,
}

/// A text that matches a lookup.
#[derive(SimpleObject)]
pub struct CustomerLookupMatch {
    /// The field that contains the text.
    field: CustomerLookupField,
    /// The whole text.
    text: String,
    /// The text split into fragments, in order, to highlight those that match.
    fragments: Items<CustomerLookupFragment>,
}

/// A fragment of a text that matches a lookup.
#[derive(SimpleObject)]
pub struct CustomerLookupFragment {
    /// Text of the fragment.
    text: String,
    /// Whether the fragment matches the search.
    is_match: bool,
}

impl Item for CustomerLookupFragment {
    fn texts(&self) -> usize {
        self.text.len()
    }
}

impl Item for CustomerLookupHit {
    fn texts(&self) -> usize {
        0
    }
}

impl From<Match> for CustomerLookupMatch {
    fn from(found: Match) -> Self {
        let text = found.fragments.iter().map(|it| it.text.as_str()).collect();
        let fragment = |Fragment { text, is_match }| CustomerLookupFragment { text, is_match };
        let fragments = found.fragments.into_iter().map(fragment).collect();
        Self { field: found.field.into(), text, fragments }
    }
}

/// A customer that a lookup found.
pub struct CustomerLookupHit {
    hit: Hit,
    row: Measured<models::Customer>,
    term: SearchTerm,
}

/// A customer that a lookup found.
#[Object]
impl CustomerLookupHit {
    /// The customer. Customers that are `disabled` are only found with `includeDisabled`.
    async fn customer(&self, ctx: &Context<'_>) -> Result<Customer, Error> {
        take_shared(ctx, [&self.row])?;
        Ok(Customer::from(self.row.clone().shared()))
    }

    /// The text that matches best: of the customer itself or, if none of its texts matches the whole search, of a
    /// contact or an address. If the search matches only several texts together, like a name and a city, this is the
    /// text that matches the most words. `null` if the search matched the external ID of a customer that was merged
    /// into this one, or if the customer was changed in the meantime.
    async fn matched_on(&self, ctx: &Context<'_>) -> Result<Option<CustomerLookupMatch>, Error> {
        let tenant = ctx.tenant()?;
        let texts = CustomerAttributes::SEARCHED;
        let own = best_match(&self.term, texts, &self.row.attributes, tenant);
        if let Some(own) = own.as_ref().filter(|own| own.is_complete()) {
            return Ok(Some(own.clone().into()));
        }
        let key = SearchedChildrenOf(self.hit.customer);
        let children = ctx.loader()?.load(key, ColumnSet::ID).await?;
        let children = children.iter().flat_map(|it| it.iter());
        let matched = children.filter_map(|child| child.best_match(&self.term, tenant));
        let best = own.into_iter().chain(matched).reduce(|best, other| best.or_better(Some(other)));
        Ok(best.map(CustomerLookupMatch::from))
    }

    /// How well the customer matches: 1 for an identifier, a phone number or an e-mail address, 0.8
    /// for whole words, 0.6 for the beginnings of words, and 0.4 for words with typing errors.
    async fn score(&self) -> f64 {
        match self.hit.quality {
            Quality::Identifier => 1.0,
            Quality::Words => 0.8,
            Quality::Beginnings => 0.6,
            Quality::Typos => 0.4,
        }
    }
}

#[derive(Default)]
pub struct CustomerLookupQuery;

#[Object]
impl CustomerLookupQuery {
    /// Finds customers by text that is typed or scanned at a till: a phone number in any spelling or its last digits
    /// (six or more), an e-mail address or its beginning, a loyalty card, a POS ID, a tax ID, a ledger number or an
    /// external ID (with or without separators), or words, in any order, from the names of the customer and its
    /// contacts, from cities and from postal codes. A word may be incomplete; from 4 letters on it may have one typing
    /// error, and from 8 letters on two. Case and accents are ignored. The exact external ID of a merged customer finds
    /// the customer that it was merged into.
    ///
    /// The best hits come first: identifiers, then whole words, then beginnings of words, then words with typing
    /// errors, and among equals the customers that were changed last. For a word that occurs more than 10,000
    /// times, some customers may be missing.
    async fn customer_lookup(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The text; up to 255 characters and 8 words, with at least one letter or digit."
        )]
        text: String,
        #[graphql(
            desc = "Only customers that this POS profile may sell to. Takes the profile's `id` or \
                    `posProfileId`. A profile that does not exist causes the error `NOT_FOUND`."
        )]
        pos_profile_id: Option<String>,
        #[graphql(
            default = false,
            desc = "Whether disabled customers are found, too, also with a POS profile. They have `disabled: true`."
        )]
        include_disabled: bool,
        #[graphql(default = 10, desc = "Maximum number of hits, 1 to 50.")] first: i32,
    ) -> Result<Items<CustomerLookupHit>, Error> {
        let first = size("first", first, HITS_MAX)?;
        let (db, tenant) = ctx.source()?;
        let term = SearchTerm::new(&text, &tenant);
        let term = term.map_err(|error| Error::bad_input(format!("text: {error}")))?;
        let pos_profile = pos_profile_id.as_deref().map(pos_profile).transpose()?;
        let search = CustomerSearch {
            term: term.clone(),
            pos_profile,
            with_disabled: include_disabled,
            first,
        };
        let load = async move { search.hits(&mut db.read().await?.conn(), &tenant).await };
        let hits = ctx.load(Box::pin(load)).await?;
        let customers = hits.iter().map(|hit| ById::<models::Customer>::new(hit.customer));
        let rows = ctx.loader()?.load_list(customers.collect(), needed_columns(ctx)).await?;
        take_shared(ctx, rows.iter().flatten())?;
        // A customer may have been deleted since it was found.
        let found = hits.into_iter().zip(rows).filter_map(|(hit, row)| Some((hit, row?)));
        Ok(found.map(|(hit, row)| CustomerLookupHit { hit, row, term: term.clone() }).collect())
    }
}

fn pos_profile(id: &str) -> Result<models::Lookup, Error> {
    if id.trim().is_empty() || id.chars().count() > LINE_MAX || id.chars().any(char::is_control) {
        let message = format!(
            "posProfileId: must have 1 to {LINE_MAX} characters, and no control characters"
        );
        return Err(Error::bad_input(message));
    }
    Ok(profile_name(id))
}

/// The columns of customers that the selected fields need.
fn needed_columns(ctx: &Context<'_>) -> ColumnSet {
    let of_field = |name: &str| match name {
        "customer" => columns::of_subfield::<Customer>(ctx, name),
        "matchedOn" => searched_columns(),
        _ => ColumnSet::ID,
    };
    let field = ctx.field();
    let columns = field.selection_set().map(|field| of_field(field.name()));
    columns.fold(ColumnSet::ID, ColumnSet::union)
}

/// The columns of the customer's own searched texts.
fn searched_columns() -> ColumnSet {
    let columns = CustomerAttributes::SEARCHED.iter().map(|it| it.columns);
    let columns = columns.map(models::Customer::columns_named);
    columns.fold(ColumnSet::ID, ColumnSet::union)
}
