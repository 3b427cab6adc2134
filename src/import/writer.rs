//! Writes rows. Each batch is one transaction, in which each row is created, updated or left
//! unchanged.

use std::{collections::BTreeSet, convert::Infallible, time::Instant};

use super::{
    BATCH, Problem,
    customers::BatchWriter,
    graph,
    groups::Named,
    match_key::MatchKey,
    merges,
    reader::Row,
    result::{Abort, RowResult, refused},
};
use crate::{
    auth::Writer,
    db::{self, Conn, Db, Lease},
    models::{customer::merge::external_ids, tenant},
    phone::Country,
    transfer::RowKind,
};

/// The rules for importing rows.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Write nothing: every transaction is rolled back.
    pub dry_run: bool,
    pub match_key: MatchKey,
    /// Whether missing groups in paths are created.
    pub may_make_groups: bool,
}

/// Imports rows for one tenant.
pub struct Importer<'a> {
    target: Target<'a>,
    writer: Writer<'a>,
    rules: Rules,
    named: Named,
    /// The number of rows so far. `analyzed` is their number at the last update of the database's
    /// statistics.
    rows: usize,
    analyzed: usize,
}

/// Where rows are written.
enum Target<'a> {
    Database(&'a Db),
    /// In one transaction that will be rolled back. Rows see the changes of earlier rows.
    DryRun(Conn<'a>),
}

/// A connection for writing rows: a lease of its own, or that of the dry run's transaction.
enum Access<'a> {
    Own(Box<Lease>),
    DryRun(Conn<'a>),
}

impl Target<'_> {
    async fn access(&mut self) -> Result<Access<'_>, db::Error> {
        Ok(match self {
            Self::Database(db) => Access::Own(Box::new(db.write().await?)),
            Self::DryRun(conn) => Access::DryRun(conn.reborrow()),
        })
    }
}

impl Access<'_> {
    fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Own(lease) => lease.conn(),
            Self::DryRun(conn) => conn.reborrow(),
        }
    }
}

impl<'a> Importer<'a> {
    pub fn new(db: &'a Db, writer: Writer<'a>, rules: Rules) -> Self {
        Self::with_target(Target::Database(db), writer, rules)
    }

    /// Creates an importer that writes in this transaction, which the caller must roll back.
    pub fn in_dry_run(tx: Conn<'a>, writer: Writer<'a>, rules: Rules) -> Self {
        // Batches must not be rolled back one by one, because later batches need their changes.
        Self::with_target(Target::DryRun(tx), writer, Rules { dry_run: false, ..rules })
    }

    fn with_target(target: Target<'a>, writer: Writer<'a>, rules: Rules) -> Self {
        let named = Named::new(rules.may_make_groups);
        Self { target, writer, rules, named, rows: 0, analyzed: BATCH }
    }

    /// Writes a batch of rows of one kind. Returns the result of each row.
    pub async fn write(&mut self, rows: &[Row]) -> Result<Vec<RowResult>, db::Error> {
        // Update the statistics before the tables outgrow them and query plans become bad.
        if self.rows >= 4 * self.analyzed {
            self.analyze().await?;
            self.analyzed = self.rows;
        }
        self.rows += rows.len();
        let began = Instant::now();
        let results = if rows.iter().all(|row| row.kind == RowKind::Customer) {
            self.write_customers(&rows.iter().collect::<Vec<_>>()).await
        } else {
            self.write_others(rows).await
        };
        if let Target::Database(db) = self.target {
            db.let_others_write(began.elapsed()).await;
        }
        results
    }

    async fn write_others(&mut self, rows: &[Row]) -> Result<Vec<RowResult>, db::Error> {
        self.named.forget();
        let mut access = self.target.access().await?;
        let conn = &mut access.conn();
        let mut results = Vec::new();
        for row in rows {
            results.push(graph::write(conn, self.writer, row).await?);
        }
        Ok(results)
    }

    /// Updates the database's statistics after writes.
    pub async fn analyze(&mut self) -> Result<(), db::Error> {
        match self.target {
            Target::Database(db) if !self.rules.dry_run => db.analyze().await,
            _ => Ok(()),
        }
    }

    /// The paths of created groups; in a dry run, of groups that would be created.
    pub fn into_new_groups(self) -> BTreeSet<String> {
        self.named.into_new_paths()
    }

    async fn write_customers(&mut self, rows: &[&Row]) -> Result<Vec<RowResult>, db::Error> {
        match self.write_together(rows).await {
            Ok(results) | Err(Abort::RolledBack(results)) => Ok(results),
            // The whole batch was rejected, for example because of a concurrent change by another
            // client. Written row by row, only the rows at fault fail.
            Err(
                Abort::OneByOne
                | Abort::Failed(
                    db::Error::NotUnique(_) | db::Error::Reference(_) | db::Error::Conflict(_),
                ),
            ) => match self.target {
                Target::Database(db) if self.rules.dry_run => self.check_one_by_one(db, rows).await,
                _ => self.write_one_by_one(rows).await,
            },
            Err(Abort::Failed(error)) => Err(error),
        }
    }

    /// Like [`Self::write_one_by_one`], in a transaction that is rolled back: a row fails because of the rows before it, as
    /// it would if these were written.
    async fn check_one_by_one(
        &mut self,
        db: &Db,
        rows: &[&Row],
    ) -> Result<Vec<RowResult>, db::Error> {
        let mut lease = db.write().await?;
        let (writer, rules, named) = (self.writer, self.rules, &mut self.named);
        let undone: Result<Infallible, Abort> = lease
            .conn()
            .transaction(async |tx| {
                let mut importer = Importer::in_dry_run(tx.reborrow(), writer, rules);
                let results = importer.write_one_by_one(rows).await?;
                named.add_created(importer.into_new_groups());
                Err(Abort::RolledBack(results))
            })
            .await;
        match undone {
            Ok(never) => match never {},
            Err(Abort::RolledBack(results)) => Ok(results),
            Err(Abort::Failed(error)) => Err(error),
            Err(Abort::OneByOne) => self.write_one_by_one(rows).await,
        }
    }

    async fn write_one_by_one(&mut self, rows: &[&Row]) -> Result<Vec<RowResult>, db::Error> {
        let mut results = Vec::new();
        for row in rows {
            match self.write_together(&[*row]).await {
                Ok(mut result) | Err(Abort::RolledBack(mut result)) => results.append(&mut result),
                Err(Abort::Failed(error)) => {
                    let problem = refused(error)?;
                    results.push(Err(vec![problem]));
                }
                // A single row reports its own problem instead.
                Err(Abort::OneByOne) => {
                    let message = "only a part of it could be written".to_owned();
                    results.push(Err(vec![Problem::of_row(message)]));
                }
            }
        }
        Ok(results)
    }

    async fn write_together(&mut self, rows: &[&Row]) -> Result<Vec<RowResult>, Abort> {
        // A dry run stores nothing, and may take long.
        let is_dry_run = self.rules.dry_run || matches!(self.target, Target::DryRun(_));
        let mut access = self.target.access().await?;
        let (writer, named, rules) = (self.writer, &mut self.named, self.rules);
        let written = access
            .conn()
            .transaction(async |tx| {
                if !is_dry_run {
                    check_country(tx, writer).await?;
                    lock_external_ids(tx, writer, rows).await?;
                }
                let mut batch = BatchWriter::new(tx, writer, named, rows, rules.match_key).await?;
                for row in rows {
                    batch.row(row).await?;
                }
                let results = batch.finish().await?;
                if rules.dry_run {
                    tx.settle().await?;
                }
                // A rejected row must leave no trace, so its transaction is rolled back, too.
                let is_rejected = matches!(results.as_slice(), [Err(_)]);
                if rules.dry_run && !is_rejected {
                    named.keep_created();
                }
                if rules.dry_run || is_rejected {
                    Err(Abort::RolledBack(results))
                } else {
                    Ok(results)
                }
            })
            .await;
        match &written {
            Ok(_) => self.named.keep_created(),
            Err(_) => self.named.forget(),
        }
        written
    }
}

/// Fails if the country of the tenant's phone numbers has been changed since the import began: the search keys of the rows
/// would be those of the former country.
async fn check_country(tx: &mut Conn<'_>, writer: Writer<'_>) -> Result<(), db::Error> {
    let tenant = writer.tenant();
    let stored = tenant::country(tx, tenant.id()).await?.flatten();
    if stored.as_deref() == tenant.country().as_ref().map(Country::code) {
        return Ok(());
    }
    let message = "the country of the tenant was changed during the import: start the import again";
    Err(db::Error::Missing(message.to_owned()))
}

/// Takes the tenant's lock of external ids: exclusively if the rows contain external ids of
/// absorbed customers, otherwise shared.
async fn lock_external_ids(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    rows: &[&Row],
) -> Result<(), db::Error> {
    if rows.iter().any(|row| merges::have_external_ids(&row.fields)) {
        external_ids::lock(tx, writer.tenant()).await
    } else {
        external_ids::share(tx, writer.tenant()).await
    }
}
