//! Writes a batch of rows of customers in one transaction.

mod plan;
mod write;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Outcome, attributes,
    extras::{Lists, Origin, References},
    fields::{Problems, RowError},
    groups::Named,
    match_key::MatchKey,
    matching::Known,
    merges::Absorbed,
    parts::Parts,
    reader::Row,
    result::{Abort, RowResult},
    stored::{Stored, Wanted},
};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    models::{
        Customer,
        custom_attribute::{self, Definition, Noun, Prepared},
        customer::{CustomerAttributes, merge::Merged},
        customer_group,
    },
};

/// A batch in progress.
pub struct BatchWriter<'b, 'conn, 'w> {
    tx: &'b mut Conn<'conn>,
    writer: Writer<'w>,
    named: &'b mut Named,
    known: Known,
    wanted: Wanted,
    stored: HashMap<Uid, Stored>,
    /// The definitions of the customers' attributes, if the batch needs them.
    definitions: Vec<Arc<Definition>>,
    /// New customers to insert together.
    new: Vec<NewRow>,
    /// Merges to store together, and existing customers of which nothing else changes.
    merged: Vec<Merged>,
    survivors: Vec<Uid>,
    results: Vec<RowResult>,
    /// Combinations of program, tier and groups of new customers that have been checked.
    enrolled: HashSet<Enrolment>,
    /// Whether the batch has only one row.
    is_alone: bool,
    /// Whether any part of the current row has been written.
    has_begun: bool,
}

/// The program and the groups of a new customer, which determine whether it may enroll.
#[derive(PartialEq, Eq, Hash)]
struct Enrolment {
    program: Option<Uid>,
    tier: Option<Uid>,
    primary_group: Option<Uid>,
    groups: Vec<Uid>,
}

/// A new customer to insert.
struct NewRow {
    customer: Customer,
    custom: Prepared,
    lists: Lists,
    groups: Vec<Uid>,
    may_opt_in: bool,
}

/// A row that is ready to be written.
struct Plan {
    attributes: CustomerAttributes,
    custom: Prepared,
    origin: Origin,
    lists: Lists,
    parts: Parts,
    groups: Option<Vec<Uid>>,
    /// Merged customers whose ids do not redirect to the customer yet.
    absorbed: Vec<Absorbed>,
    /// Whether the customer may join a loyalty program automatically. It may not if the row names
    /// one, or `null`, or if it is restored from an export.
    may_opt_in: bool,
}

impl<'b, 'conn, 'w> BatchWriter<'b, 'conn, 'w> {
    pub async fn new(
        tx: &'b mut Conn<'conn>,
        writer: Writer<'w>,
        named: &'b mut Named,
        rows: &[&Row],
        match_key: MatchKey,
    ) -> Result<Self, db::Error> {
        // Lock the tree before the customers, in the same order as other changes of the tree do.
        let is_new = |path: &String| named.is_new(path);
        if rows.iter().any(|row| References::paths(&row.fields).iter().any(is_new)) {
            customer_group::lock(tx, writer.tenant()).await?;
        }
        let known = Known::load(tx, writer, rows, match_key).await?;
        let wanted = Wanted::of(rows);
        let stored = Stored::load(tx, writer, &known.ids(), &wanted).await?;
        let definitions = if rows.iter().any(|row| attributes::are_in(&row.fields)) {
            custom_attribute::keep_of_noun(tx, writer.tenant(), Noun::Customer).await?
        } else {
            Vec::new()
        };
        let definitions = definitions.into_iter().map(Arc::new).collect();
        let is_alone = rows.len() == 1;
        Ok(Self {
            tx,
            writer,
            named,
            known,
            wanted,
            stored,
            definitions,
            new: Vec::new(),
            merged: Vec::new(),
            survivors: Vec::new(),
            results: Vec::new(),
            enrolled: HashSet::new(),
            is_alone,
            has_begun: false,
        })
    }

    pub async fn row(&mut self, row: &Row) -> Result<(), Abort> {
        self.has_begun = false;
        let result = match self.import(row).await {
            Ok(outcome) => Ok(outcome),
            // Part of the row has been written, so the whole batch is rolled back and each row is
            // tried separately.
            Err(RowError::Problems(_)) if self.has_begun && !self.is_alone => {
                return Err(Abort::OneByOne);
            }
            Err(RowError::Problems(problems)) => Err(problems),
            Err(RowError::Failed(error)) => return Err(error.into()),
        };
        self.results.push(result);
        Ok(())
    }

    async fn import(&mut self, row: &Row) -> Result<Outcome, RowError> {
        let mut problems = Problems(row.problems.clone());
        if !row.is_readable() {
            problems.finish()?;
            return Ok(Outcome::Unchanged);
        }
        if self.known.is_pending(&row.fields) {
            // The customer occurs twice in the file, so it must be inserted before it can be
            // updated.
            self.has_begun = true;
            self.insert_new().await?;
        }
        let customer = self.known.customer_of(&row.fields, &mut problems);
        let stored = self.stored_of(customer.as_ref()).await?;
        let plan = self.plan(row, customer.as_ref(), &stored, problems).await?;
        match customer {
            Some(customer) => self.change(customer, &stored, plan).await,
            None => Ok(self.create(plan)),
        }
    }

    async fn stored_of(&mut self, customer: Option<&Customer>) -> Result<Stored, db::Error> {
        let Some(id) = customer.map(|customer| customer.id) else { return Ok(Stored::default()) };
        if !self.stored.contains_key(&id) {
            self.insert_merged().await?;
            let loaded = Stored::load(self.tx, self.writer, &[id], &self.wanted).await?;
            self.stored.extend(loaded);
        }
        Ok(self.stored.get(&id).cloned().unwrap_or_default())
    }

    pub async fn finish(mut self) -> Result<Vec<RowResult>, Abort> {
        match self.insert_new().await {
            Ok(()) => Ok(self.results),
            Err(RowError::Problems(problems)) if self.is_alone => Ok(vec![Err(problems)]),
            Err(RowError::Problems(_)) => Err(Abort::OneByOne),
            Err(RowError::Failed(error)) => Err(error.into()),
        }
    }
}
