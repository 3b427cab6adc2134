//! Rows that belong to no other row: customers, customer groups, loyalty programs and POS profiles.

mod mutable;

use std::collections::{BTreeSet, HashMap};

use diesel::{QueryResult, deserialize, query_builder::AstPass};
use futures_util::future::BoxFuture;

use super::{
    Error, Lookup, Row, Violation, Violations,
    attribute::{AttributeValue, Attributes, HasAttributes, Referenced},
    lock,
    noun::Noun,
    row::{insert, is_row, marked, selected, touch},
    search::{self, SearchedText},
};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, Measured, execute, load,
        pick::{ColumnSet, Columns, Database, FromColumns, OWN_COLUMNS, ToColumns, read_picked},
        sql::{
            Changes, Column, Condition, InsertOrFind, InsertedRow, Sql, Update, nothing_is_found,
        },
        types::{Timestamp, Uid},
    },
    id::NodeType,
};

/// A row with its attributes, and when and by whom it was created and last changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entity<A> {
    pub id: Uid,
    pub attributes: A,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: String,
    pub last_modified_by: String,
}

/// The attributes of an [`Entity`].
pub trait EntityAttributes: Attributes {
    /// The type of objects in the definitions of custom attributes.
    const NOUN: Noun;
    /// The type of its ids.
    const NODE_TYPE: NodeType = Self::NOUN.node_type();
    /// The column of the external id, which the client or another system assigns.
    const EXTERNAL_ID: &'static str = "external_id";

    /// The texts by which customers are found.
    const SEARCHED: &'static [SearchedText<Self>] = &[];

    /// The value of the external id.
    fn external_id_of(attributes: &Self) -> Option<AttributeValue> {
        let attribute = Self::ATTRIBUTES.iter().find(|it| it.column == Self::EXTERNAL_ID)?;
        Some((attribute.get)(attributes))
    }

    /// The violation if another row has this external id.
    fn taken() -> Violation {
        Violation::external_id_taken()
    }

    /// Normalizes the attributes and runs the checks that need no other row.
    fn check(&mut self) -> Result<(), Error> {
        self.check_kinds().finish()
    }

    /// Like [`EntityAttributes::check`], for a change.
    fn check_change(&mut self, _before: &Self) -> Result<(), Error> {
        self.check()
    }

    /// Checks new attributes, or the changes of a stored row, against other rows.
    fn check_others<'a>(
        &'a self,
        tx: &'a mut Conn<'_>,
        tenant: &'a Tenant,
        stored: Option<&'a Entity<Self>>,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let before = stored.map(|it| &it.attributes);
            let mut violations = Violations::default();
            violations.extend(Entity::external_id_taken(tx, tenant, self, before).await?);
            violations.finish()
        })
    }

    /// Like [`Row::find`], but takes the locks that a change of the row needs.
    fn find_for_update(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> impl Future<Output = Result<Option<Entity<Self>>, db::Error>> + Send {
        lock::find_for_update(tx, tenant, lookup)
    }

    /// The assignment of the search keys of the row's children in an `UPDATE`, followed by a comma.
    fn child_keys() -> Sql {
        Sql::default()
    }

    /// As [`Row::HAVE_SUCCESSORS`].
    const HAVE_SUCCESSORS: bool = false;

    /// As [`Row::successors`].
    fn successors(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        _missing: &[Lookup],
    ) -> impl Future<Output = Result<HashMap<Lookup, Uid>, db::Error>> + Send {
        async { Ok(HashMap::new()) }
    }

    /// Writes the changes of other rows that follow from a change.
    fn after_write(
        _entity: &Entity<Self>,
        _tx: &mut Conn<'_>,
        _writer: Writer<'_>,
        _before: &Self,
    ) -> impl Future<Output = Result<(), db::Error>> + Send {
        async { Ok(()) }
    }
}

/// The columns that every entity has besides its attributes.
const OWN: [&str; OWN_COLUMNS] =
    ["id", "created_at", "updated_at", "created_by", "last_modified_by"];

impl<A> Entity<A> {
    /// An entity that is not stored yet.
    pub fn new(writer: Writer<'_>, attributes: A) -> Self {
        let (id, now) = writer.new_id();
        let by = || writer.name().to_owned();
        let (created_by, last_modified_by) = (by(), by());
        Self { id, attributes, created_at: now, updated_at: now, created_by, last_modified_by }
    }
}

impl<A: EntityAttributes> Entity<A> {
    /// Inserts rows with checked attributes. `other` returns a further column of a row and its
    /// text, if there is one.
    pub(super) async fn insert_all(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        entities: &[Self],
        other: impl Fn(&Self) -> Option<(&'static str, String)>,
    ) -> Result<(), db::Error> {
        let row = |entity: &Self| {
            let mut row = entity.inserted(tenant);
            row.keys.extend(other(entity));
            row
        };
        let rows = entities.iter().map(row).collect();
        let attributes = entities.iter().map(|entity| &entity.attributes);
        let words = search::new_words(tenant, A::SEARCHED, attributes);
        insert(tx, tenant, rows, words).await
    }

    /// The row with its folded texts and search keys.
    pub(super) fn inserted(&self, tenant: &Tenant) -> InsertedRow<Self> {
        let mut keys = self.attributes.keys();
        keys.extend(search::stored_keys(A::SEARCHED, &self.attributes, tenant));
        InsertedRow { row: self.clone(), keys }
    }

    /// Inserts the row, whose attributes are checked.
    pub(super) async fn insert(&self, tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
        Self::insert_all(tx, tenant, std::slice::from_ref(self), |_| None).await
    }

    /// The words in its names that are found despite typing errors.
    pub(super) fn names(&self) -> BTreeSet<String> {
        search::names_of_all(A::SEARCHED, std::iter::once(&self.attributes))
    }

    /// A statement that inserts rows with checked attributes, and those of the words in their names that are not stored
    /// yet, if the query finds nothing.
    pub(super) fn insert_or_find<ST>(
        tenant: &Tenant,
        rows: Vec<InsertedRow<Self>>,
        words: &BTreeSet<String>,
        query: Sql,
    ) -> InsertOrFind<Self, ST> {
        let words = search::word_insertion(tenant, words, &nothing_is_found());
        InsertOrFind::new(A::TABLE, tenant.id(), rows, query, words)
    }

    /// The violation of a new or changed external id that another row has.
    pub(super) async fn external_id_taken(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        attributes: &A,
        before: Option<&A>,
    ) -> Result<Option<Violation>, db::Error> {
        let (now, before) = (A::external_id_of(attributes), before.and_then(A::external_id_of));
        let Some(AttributeValue::Text(id)) = now.filter(|it| before.as_ref() != Some(it)) else {
            return Ok(None);
        };
        Ok(Self::find(tx, tenant, &Lookup::ExternalId(id)).await?.map(|_| A::taken()))
    }

    /// Writes the checked attributes, which were `before`, in a transaction that is in progress.
    pub async fn write(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        before: &A,
    ) -> Result<(), db::Error> {
        self.updated_at = writer.now();
        writer.name().clone_into(&mut self.last_modified_by);
        self.overwrite(tx, writer.tenant(), before).await?;
        A::after_write(self, tx, writer, before).await
    }

    /// Writes the row with its times and users as they are. Its attributes were `before`.
    pub(super) async fn overwrite(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        before: &A,
    ) -> Result<(), db::Error> {
        let set = (
            Changes::new(before.clone(), self.attributes.clone()),
            self.attributes
                .changed_keys(before)
                .append(search::changed_keys(A::SEARCHED, (before, &self.attributes), tenant))
                .append(marked(self.updated_at, &self.last_modified_by)),
        );
        let update = Update::new(A::TABLE, set, is_row::<Self>(tenant, self.id));
        execute!(tx, update)?;
        search::add_words(tx, tenant, A::SEARCHED, (before, &self.attributes)).await
    }

    /// Whether the lookup names this row itself, and not one that was merged into it.
    pub(super) fn is_named_by(&self, lookup: &Lookup) -> bool {
        match lookup {
            Lookup::Id(id) => *id == self.id,
            Lookup::ExternalId(text) => {
                let external_id = A::external_id_of(&self.attributes);
                external_id.is_some_and(|it| it == AttributeValue::Text(text.clone()))
            }
        }
    }

    /// Marks the row, which is locked, as changed.
    pub(super) async fn mark(
        &mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<(), db::Error> {
        self.updated_at = writer.now();
        writer.name().clone_into(&mut self.last_modified_by);
        let marked = marked(self.updated_at, &self.last_modified_by);
        let update = Update::new(A::TABLE, marked, is_row::<Self>(writer.tenant(), self.id));
        Ok(execute!(tx, update)?)
    }

    /// Marks the row as changed.
    pub async fn touch(tx: &mut Conn<'_>, writer: Writer<'_>, id: Uid) -> Result<(), db::Error> {
        Self::touch_many(tx, writer, &[id]).await
    }

    /// Like [`Entity::touch`], for any number of rows.
    pub async fn touch_many(
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        ids: &[Uid],
    ) -> Result<(), db::Error> {
        touch::<Self>(tx, writer, Sql::default(), Condition::uid_in(Self::ID, ids)).await
    }

    /// Selects columns of a page of the tenant's rows, ordered by id, after the given one.
    pub async fn page_by_id(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        after: Uid,
        columns: ColumnSet,
        limit: i64,
    ) -> Result<Vec<Measured<Self>>, db::Error> {
        let after = Condition::uid_compared(Self::ID, " > ", after);
        let limit = Sql::new(" ORDER BY id LIMIT ").literal(limit);
        load!(conn, selected::<Self>(tenant, after, columns, limit))
    }
}

impl<A: EntityAttributes> Row for Entity<A> {
    const TABLE: &'static str = A::TABLE;
    const EXTERNAL_ID: Column = Column { table: A::TABLE, name: A::EXTERNAL_ID };

    fn uid(&self) -> Uid {
        self.id
    }

    fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    const HAVE_SUCCESSORS: bool = A::HAVE_SUCCESSORS;

    async fn successors(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        missing: &[Lookup],
    ) -> Result<HashMap<Lookup, Uid>, db::Error> {
        A::successors(conn, tenant, missing).await
    }
}

impl<A: EntityAttributes> Referenced for Entity<A> {
    const NODE_TYPE: NodeType = A::NODE_TYPE;
}

impl<A: Attributes> Columns for Entity<A> {
    fn column(place: usize) -> Option<&'static str> {
        OWN.get(place).copied().or_else(|| A::column(place - OWN.len()))
    }

    fn column_count() -> usize {
        OWN.len() + A::column_count()
    }

    fn is_null(&self, place: usize) -> bool {
        place >= OWN.len() && self.attributes.is_null(place - OWN.len())
    }
}

impl<DB: Database, A: Attributes + FromColumns<DB>> FromColumns<DB> for Entity<A> {
    fn set(&mut self, place: usize, value: Option<DB::RawValue<'_>>) -> deserialize::Result<()> {
        match place {
            0 => self.id = DB::uid(value)?,
            1 => self.created_at = DB::time(value)?,
            2 => self.updated_at = DB::time(value)?,
            3 => self.created_by = DB::text(value)?,
            4 => self.last_modified_by = DB::text(value)?,
            _ => FromColumns::<DB>::set(&mut self.attributes, place - OWN.len(), value)?,
        }
        Ok(())
    }
}

impl<DB: Database, A: Attributes + ToColumns<DB>> ToColumns<DB> for Entity<A> {
    fn bind<'b>(&'b self, place: usize, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        match place {
            0 => DB::bind_uid(&self.id, out),
            1 => DB::bind_time(&self.created_at, out),
            2 => DB::bind_time(&self.updated_at, out),
            3 => DB::bind_text(&self.created_by, out),
            4 => DB::bind_text(&self.last_modified_by, out),
            _ => ToColumns::<DB>::bind(&self.attributes, place - OWN.len(), out),
        }
    }
}

read_picked!(Entity<A>, A);

impl<A: Attributes> HasAttributes for Entity<A> {
    type Attributes = A;

    fn attributes(&self) -> &A {
        &self.attributes
    }
}
