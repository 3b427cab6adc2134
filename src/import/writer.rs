//! Writing rows: each batch one transaction, each row created, updated, or left as it is.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    BATCH, Outcome, Problem,
    fields::{Given, RowError, both, checked, external_id, overlay, take_text},
    parts::{PartFields, Parts},
    reader::{GROUP_ID, GROUP_PATH, Row},
};
use crate::{
    auth::Writer,
    db::{self, Conn, Db, types::Uid},
    id::NodeType,
    models::{
        Customer, CustomerGroup, Lookup, Row as _,
        customer::CustomerAttributes,
        customer_group::{self, path::ensure_path},
    },
};

pub type RowResult = Result<Outcome, Vec<Problem>>;

/// Imports customers for one tenant.
pub struct Importer<'a> {
    db: &'a Db,
    writer: Writer<'a>,
    /// Write nothing: every transaction is rolled back.
    dry_run: bool,
    groups: Groups,
    /// Rows so far, and how many of them there were when the database last looked at what it holds.
    rows: usize,
    analyzed: usize,
}

/// What is known of groups from the rows before.
#[derive(Default)]
struct Groups {
    by_path: HashMap<String, Uid>,
    by_id: HashSet<Uid>,
    /// Those that this import made.
    made: HashSet<Uid>,
}

impl Groups {
    /// May the row need a group that is not there?
    fn may_grow(&self, row: &Row) -> bool {
        let path = row.fields.as_ref().ok().and_then(|fields| fields.get(GROUP_PATH));
        path.and_then(Value::as_str).is_some_and(|path| !self.by_path.contains_key(path))
    }

    /// What a transaction learned, or made, may not be there if it was rolled back.
    fn forget(&mut self) {
        self.by_path.clear();
        self.by_id.clear();
    }
}

/// Why a transaction was ended without being committed.
enum Abort {
    /// It was only to be tried: these are the results.
    Undone(Vec<RowResult>),
    /// A row turned out to be wrong when a part of it was written: each is to be tried by itself.
    OneByOne,
    Failed(db::Error),
}

impl From<diesel::result::Error> for Abort {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<db::Error> for Abort {
    fn from(error: db::Error) -> Self {
        Self::Failed(error)
    }
}

impl<'a> Importer<'a> {
    pub fn new(db: &'a Db, writer: Writer<'a>, dry_run: bool) -> Self {
        Self { db, writer, dry_run, groups: Groups::default(), rows: 0, analyzed: BATCH }
    }

    /// Writes a batch; answers what became of each row.
    pub async fn write(&mut self, rows: &[Row]) -> Result<Vec<RowResult>, db::Error> {
        // Before the table has grown so much that the database's plans for it are no good.
        if self.rows >= 4 * self.analyzed {
            self.analyze().await?;
            self.analyzed = self.rows;
        }
        self.rows += rows.len();
        self.write_rows(&rows.iter().collect::<Vec<_>>()).await
    }

    /// Lets the database look at what was written.
    pub async fn analyze(&self) -> Result<(), db::Error> {
        if self.dry_run { Ok(()) } else { self.db.analyze().await }
    }

    async fn write_rows(&mut self, rows: &[&Row]) -> Result<Vec<RowResult>, db::Error> {
        match self.write_together(rows).await {
            Ok(results) | Err(Abort::Undone(results)) => Ok(results),
            // Something of the whole batch was refused, as by a change that another client made in
            // the meantime: row by row, only what is to blame fails.
            Err(
                Abort::OneByOne
                | Abort::Failed(
                    db::Error::NotUnique(_) | db::Error::Reference(_) | db::Error::Conflict(_),
                ),
            ) => self.write_one_by_one(rows).await,
            Err(Abort::Failed(error)) => Err(error),
        }
    }

    async fn write_one_by_one(&mut self, rows: &[&Row]) -> Result<Vec<RowResult>, db::Error> {
        let mut results = Vec::new();
        for row in rows {
            match self.write_together(&[*row]).await {
                Ok(mut result) | Err(Abort::Undone(mut result)) => results.append(&mut result),
                Err(Abort::Failed(
                    error @ (db::Error::Unavailable(_) | db::Error::Statement(_)),
                )) => return Err(error),
                Err(Abort::Failed(error)) => {
                    results.push(Err(vec![Problem::of_row(error.to_string())]));
                }
                // A row by itself says what is wrong with it instead.
                Err(Abort::OneByOne) => {
                    let message = "it could be written in part only".to_owned();
                    results.push(Err(vec![Problem::of_row(message)]));
                }
            }
        }
        Ok(results)
    }

    async fn write_together(&mut self, rows: &[&Row]) -> Result<Vec<RowResult>, Abort> {
        let mut lease = self.db.write().await?;
        let (writer, groups, dry_run) = (self.writer, &mut self.groups, self.dry_run);
        let written = lease
            .conn()
            .transaction(async |tx| {
                let mut batch = BatchWriter::new(tx, writer, groups, rows).await?;
                for row in rows {
                    batch.row(row).await?;
                }
                let results = batch.finish().await?;
                // Of a row that is rejected, nothing stays.
                let is_rejected = matches!(results.as_slice(), [Err(_)]);
                if dry_run || is_rejected { Err(Abort::Undone(results)) } else { Ok(results) }
            })
            .await;
        if written.is_err() {
            self.groups.forget();
        }
        written
    }
}

/// A batch under way.
struct BatchWriter<'b, 'conn, 'w> {
    tx: &'b mut Conn<'conn>,
    writer: Writer<'w>,
    groups: &'b mut Groups,
    /// The customers that the batch names and that are there, by `externalId`, and what they have.
    existing: HashMap<String, (Customer, Parts)>,
    /// Customers that wait to be inserted together.
    new: Vec<(CustomerAttributes, Parts)>,
    results: Vec<RowResult>,
    /// Is there one row only?
    is_alone: bool,
    /// Has writing the row begun?
    has_begun: bool,
}

impl<'b, 'conn, 'w> BatchWriter<'b, 'conn, 'w> {
    async fn new(
        tx: &'b mut Conn<'conn>,
        writer: Writer<'w>,
        groups: &'b mut Groups,
        rows: &[&Row],
    ) -> Result<Self, db::Error> {
        // Before the customers, as whoever changes the tree does.
        if rows.iter().any(|row| groups.may_grow(row)) {
            customer_group::lock(tx, writer.tenant()).await?;
        }
        let named: Vec<&str> = rows.iter().filter_map(|row| external_id(row)).collect();
        let existing = Customer::find_many_for_update(tx, writer.tenant(), &named).await?;
        let have_parts = rows.iter().any(|row| PartFields::are_in(row));
        let ids = existing.iter().filter(|_| have_parts).map(|customer| customer.id);
        let mut parts = Parts::of(tx, writer, &ids.collect::<Vec<_>>()).await?;
        let mut batch = Self {
            tx,
            writer,
            groups,
            existing: HashMap::new(),
            new: Vec::new(),
            results: Vec::new(),
            is_alone: rows.len() == 1,
            has_begun: false,
        };
        for customer in existing {
            let parts = parts.remove(&customer.id).unwrap_or_default();
            batch.remember(customer, parts);
        }
        Ok(batch)
    }

    fn remember(&mut self, customer: Customer, parts: Parts) {
        if let Some(external_id) = customer.attributes.external_id.clone() {
            self.existing.insert(external_id, (customer, parts));
        }
    }

    async fn row(&mut self, row: &Row) -> Result<(), Abort> {
        self.has_begun = false;
        let result = match self.import(row).await {
            Ok(outcome) => Ok(outcome),
            // A part of the row is written: with the batch, it is undone, and each row tried by
            // itself.
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
        let mut fields = row.fields.clone().map_err(RowError::Problems)?;
        let known = external_id(row).map(str::to_owned);
        if known
            .as_ref()
            .is_some_and(|id| self.new.iter().any(|it| it.0.external_id.as_ref() == Some(id)))
        {
            // The file names it twice: the first must be there before it can be updated.
            self.insert_new().await?;
        }
        let existing = known.and_then(|id| self.existing.get(&id)).cloned();
        let (before, parts_before) = match &existing {
            Some((customer, parts)) => (customer.attributes.clone(), parts.clone()),
            None => (CustomerAttributes::default(), Parts::default()),
        };
        let path = take_text(&mut fields, GROUP_PATH)?;
        let id = take_text(&mut fields, GROUP_ID)?;
        let parts = PartFields::take(&mut fields).over(&parts_before);
        let attributes = checked(overlay(&before, fields), CustomerAttributes::check);
        let (mut attributes, parts) = both(attributes, parts)?;
        let customer_id = existing.as_ref().map(|(customer, _)| customer.id);
        parts.check_stored(self.tx, self.writer, customer_id).await?;
        // Last, for it may make groups.
        attributes.customer_group_id = self.group(path, id, before.customer_group_id).await?;
        let Some((mut customer, _)) = existing else {
            self.new.push((attributes, parts));
            return Ok(Outcome::Created);
        };
        let is_other = customer.attributes != attributes;
        self.has_begun = true;
        if is_other {
            customer.attributes = attributes;
            customer.write(self.tx, self.writer, &before).await?;
        }
        let has_other_parts = parts.write(self.tx, self.writer, &customer, &parts_before).await?;
        self.remember(customer, parts);
        Ok(if is_other || has_other_parts { Outcome::Updated } else { Outcome::Unchanged })
    }

    /// The group that the row names, by its path or by its id; the one `before` if by neither.
    async fn group(
        &mut self,
        path: Given,
        id: Given,
        before: Option<Uid>,
    ) -> Result<Option<Uid>, RowError> {
        match (path, id) {
            (Given::Text(_), Given::Text(_)) => {
                let message = format!("cannot be given together with {GROUP_ID}");
                Err(Problem::of_column(GROUP_PATH, message).into())
            }
            (Given::Text(path), _) => self.group_by_path(path).await.map(Some),
            (_, Given::Text(id)) => self.group_by_id(&id).await.map(Some),
            (Given::Null, _) | (_, Given::Null) => Ok(None),
            (Given::Nothing, Given::Nothing) => Ok(before),
        }
    }

    async fn group_by_path(&mut self, path: String) -> Result<Uid, RowError> {
        if let Some(uid) = self.groups.by_path.get(&path) {
            return Ok(*uid);
        }
        let uid = ensure_path(self.tx, self.writer, &path, &mut self.groups.made).await?;
        self.groups.by_path.insert(path, uid);
        Ok(uid)
    }

    async fn group_by_id(&mut self, id: &str) -> Result<Uid, RowError> {
        let uid = NodeType::CustomerGroup.parse(id);
        if let Some(uid) = uid {
            if self.groups.by_id.contains(&uid) {
                return Ok(uid);
            }
            let lookup = Lookup::Id(uid);
            let found = CustomerGroup::find(self.tx, self.writer.tenant(), &lookup).await;
            if found?.is_some() {
                self.groups.by_id.insert(uid);
                return Ok(uid);
            }
        }
        Err(Problem::of_column(GROUP_ID, "there is no customer group with this id").into())
    }

    async fn insert_new(&mut self) -> Result<(), db::Error> {
        if !self.new.is_empty() {
            let (attributes, parts): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.new).into_iter().unzip();
            let created = Customer::insert_many(self.tx, self.writer, attributes).await?;
            let ids = created.iter().map(|customer| customer.id);
            let with_parts: Vec<(Uid, Parts)> = ids.zip(parts.iter().cloned()).collect();
            Parts::insert(self.tx, self.writer, &with_parts).await?;
            for (customer, parts) in created.into_iter().zip(parts) {
                self.remember(customer, parts);
            }
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Vec<RowResult>, db::Error> {
        self.insert_new().await?;
        Ok(self.results)
    }
}
