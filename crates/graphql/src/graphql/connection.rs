//! Connections: pages of lists, as in Relay's specification, with an additional `offset`.

use std::{borrow::Cow, marker::PhantomData, str::FromStr, sync::Arc};

use async_graphql::{
    Context, Object, OutputType, QueryPathNode, QueryPathSegment, SimpleObject, TypeName,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::{FutureExt, future::BoxFuture};

use super::{
    columns,
    context::ContextExt,
    error::Error,
    input::size,
    loader::{CountOf, PageOf},
    memory,
    node::RowNode,
    object::{Edges, Nodes},
};
use crate::{
    db::{
        Measured,
        pick::ColumnSet,
        types::{Timestamp, Uid},
    },
    models::{
        attribute::Attributes,
        list::{self, FilterOf, ListOf, Listed, Page, Position, Slice, Sort, SortColumn, SortKey},
    },
};

/// Default number of rows on a page.
pub const PAGE_DEFAULT: usize = 20;

/// Maximum number of rows on a page.
pub const PAGE_MAX: usize = 100;

/// Maximum value of `offset`. It is limited because the database reads skipped rows; cursors have no such cost.
pub const OFFSET_MAX: u32 = 100_000;

/// The arguments of every connection.
#[derive(Default)]
pub struct PageArgs {
    pub first: Option<i32>,
    pub after: Option<String>,
    pub last: Option<i32>,
    pub before: Option<String>,
    pub offset: Option<i32>,
}

/// The identity of a list. A cursor is valid only for its own list.
struct ListName<E> {
    connection: &'static str,
    sort: Sort,
    /// The name of the order, and its direction.
    order: String,
    rows: PhantomData<fn() -> E>,
}

impl PageArgs {
    /// Checks the arguments and parses the cursors, which must belong to this list.
    fn page<E: Listed>(self, list: &ListName<E>) -> Result<Page, Error> {
        let (size, from_end) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input("first, last: only one of them can be given"));
            }
            (None, Some(last)) => (size("last", last, PAGE_MAX)?, true),
            (Some(first), None) => (size("first", first, PAGE_MAX)?, false),
            // Without `first` and `last`, `before` alone selects the page that ends directly before it.
            (None, None) => (PAGE_DEFAULT, self.before.is_some() && self.after.is_none()),
        };
        let offset = match self.offset.map(u32::try_from) {
            None => 0,
            Some(Ok(offset)) if offset <= OFFSET_MAX => offset,
            Some(_) => {
                return Err(Error::bad_input(format!("offset: must be from 0 to {OFFSET_MAX}")));
            }
        };
        let position = |argument: &str, cursor: Option<String>| {
            cursor.map(|cursor| list.position(argument, &cursor)).transpose()
        };
        let after = position("after", self.after)?;
        let before = position("before", self.before)?;
        Ok(Page { size, from_end, after, before, offset })
    }
}

impl<E: Listed> ListName<E> {
    fn new(connection: &'static str, sort: Sort, descending: bool) -> Self {
        let name = match sort {
            Sort::CreatedAt => "CreatedAt".to_owned(),
            Sort::UpdatedAt => "UpdatedAt".to_owned(),
            Sort::Attribute(place) => {
                let attribute = <E::Attributes as Attributes>::ATTRIBUTES.get(place);
                attribute.map(|it| order_name(it.column)).unwrap_or_default()
            }
            Sort::Custom(sort) => format!("Custom({})", sort.definition),
        };
        let order = name + if descending { "-" } else { "+" };
        Self { connection, sort, order, rows: PhantomData }
    }

    fn cursor(&self, position: &Position) -> String {
        let key = match &position.key {
            SortKey::Id => String::new(),
            SortKey::Text(text) => text.clone(),
            SortKey::Time(time) => time.to_string(),
            SortKey::Date(date) => date.map(|it| it.to_string()).unwrap_or_default(),
            SortKey::Decimal(number) => number.map(|it| it.to_string()).unwrap_or_default(),
        };
        let fields = [self.connection, &self.order, &key, &position.uid.to_string()].join("\n");
        BASE64_URL_SAFE_NO_PAD.encode(fields)
    }

    fn position(&self, argument: &str, cursor: &str) -> Result<Position, Error> {
        let corrupt = || Error::bad_input(format!("{argument}: is not a cursor"));
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_invalid| corrupt())?;
        let fields = String::from_utf8(bytes).map_err(|_invalid| corrupt())?;
        let fields: Vec<&str> = fields.split('\n').collect();
        let [connection, order, key, uid] = fields[..] else { return Err(corrupt()) };
        if connection != self.connection || order != self.order {
            let message = format!("{argument}: is a cursor of another connection or another order");
            return Err(Error::bad_input(message));
        }
        let uid: Uid = uid.parse().map_err(|_invalid| corrupt())?;
        let key = match E::sort_column(self.sort) {
            SortColumn::Id => SortKey::Id,
            SortColumn::Time(_) => {
                let time: Option<Timestamp> = key.parse().ok();
                // No row was created before 1970, and not every database supports all the times
                // that a cursor could contain.
                let time = time.filter(|time| *time >= Timestamp::default());
                SortKey::Time(time.ok_or_else(corrupt)?)
            }
            SortColumn::Date(_) => SortKey::Date(optional(key).ok_or_else(corrupt)?),
            SortColumn::Decimal(_) => SortKey::Decimal(optional(key).ok_or_else(corrupt)?),
            SortColumn::Text(_) | SortColumn::Custom(..) if key.contains(char::is_control) => {
                return Err(corrupt());
            }
            SortColumn::Text(_) | SortColumn::Custom(..) => SortKey::Text(key.to_owned()),
        };
        Ok(Position { key, uid })
    }
}

/// Columns whose orders have another name in cursors. Clients may still hold cursors with the old names.
const ORDER_NAMES: [(&str, &str); 7] = [
    ("customer_name", "Text(Name)"),
    ("email_id", "Text(Email)"),
    ("mobile_no", "Text(Mobile)"),
    ("tax_id", "Text(TaxId)"),
    ("customer_group_name", "Name"),
    ("loyalty_program_name", "Name"),
    ("min_spent", "Amount"),
];

/// The name of the order by this column in cursors, like `CreditLimit`.
fn order_name(column: &str) -> String {
    let named = ORDER_NAMES.iter().find(|(of_column, _)| *of_column == column);
    let in_words = || column.split('_').map(capitalized).collect();
    named.map_or_else(in_words, |(_, name)| (*name).to_owned())
}

/// The word with an upper-case first letter.
pub fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

/// Parses an optional value; the outer `None` means that it is invalid.
#[expect(clippy::option_option, reason = "what is missing is something else than what is wrong")]
fn optional<T: FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

/// A Relay connection of nodes of the type `Node`. async-graphql's own connection types lack descriptions.
pub struct ConnectionOf<Node: OutputType> {
    edges: Vec<EdgeOf<Node>>,
    start_cursor: Option<String>,
    end_cursor: Option<String>,
    has_previous_page: bool,
    has_next_page: bool,
    total: Total,
}

/// A load that counts all rows of a list.
type Total =
    Box<dyn for<'a> Fn(&'a Context<'a>) -> BoxFuture<'a, Result<i64, Error>> + Send + Sync>;

/// A page of a list, with its items as `edges` (with cursors) and as `nodes` (without).
#[Object(name_type)]
impl<Node: RowNode> ConnectionOf<Node> {
    /// Cursors of the first and last items, and whether there are more pages.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.start_cursor.clone(),
            end_cursor: self.end_cursor.clone(),
        }
    }

    /// The items of the page with their cursors, in the order of the list.
    async fn edges(&self) -> Edges<'_, Node> {
        Edges(&self.edges)
    }

    /// The items of the page, in the order of the list.
    async fn nodes(&self) -> Nodes<'_, Node> {
        Nodes(&self.edges)
    }

    /// Number of items on all pages that match the filter. Counted only if selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        (self.total)(ctx).await
    }
}

impl<Node: OutputType> TypeName for ConnectionOf<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", Node::type_name()).into()
    }
}

/// An item of a list with its cursor.
#[derive(SimpleObject)]
#[graphql(name_type)]
pub struct EdgeOf<Node: OutputType> {
    /// The item.
    pub(super) node: Node,
    /// Cursor of the item, for `after` or `before`. Valid only for the same list and sort order.
    // Empty unless it is selected, because computing it folds the row's sort key.
    pub(super) cursor: String,
}

impl<Node: OutputType> TypeName for EdgeOf<Node> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", Node::type_name()).into()
    }
}

/// Cursors of the first and last items of a page, and whether there are more pages.
#[derive(SimpleObject)]
pub struct PageInfo {
    /// Whether there are items before the page. When paging forward, `true` if `after` or `offset`
    /// was given.
    has_previous_page: bool,
    /// Whether there are items after the page. When paging backward, `true` if `before` or `offset`
    /// was given.
    has_next_page: bool,
    /// Cursor of the first item, for `before`; `null` if the page is empty.
    start_cursor: Option<String>,
    /// Cursor of the last item, for `after`; `null` if the page is empty.
    end_cursor: Option<String>,
}

/// The parent whose rows are listed.
pub struct Parent<E: Listed> {
    pub uid: Uid,
    pub relation: E::Relation,
}

/// Loads one page of a list: of all rows, or of those that belong to a parent.
pub async fn connection<E, Node>(
    ctx: &Context<'_>,
    connection: &'static str,
    parent: Option<Parent<E>>,
    args: PageArgs,
    (sort, descending): (Sort, bool),
    filter: FilterOf<E>,
) -> Result<ConnectionOf<Node>, Error>
where
    E: Listed,
    Node: OutputType + RowNode<Row = E>,
{
    let columns = columns::of_connection::<Node>(ctx);
    let name = ListName::<E>::new(connection, sort, descending);
    let page = args.page(&name)?;
    let single = parent.as_ref().filter(|_| is_outside_lists(ctx));
    let single = single.and_then(|it| E::with_relation(&filter, it.relation, it.uid));
    let (filter, parent) = match single {
        Some(filter) => (filter, None),
        None => (filter, parent),
    };
    let mut list = Arc::new(ListOf::<E> { filter, sort, descending, page });
    let key = parent.map(|Parent { uid, relation }| PageOf::<E> {
        parent: uid,
        relation,
        list: Arc::clone(&list),
    });
    let slice = match &key {
        _ if !wants_rows(ctx) => Slice::default(),
        Some(key) => ctx.loader()?.load(key.clone(), columns).await?.unwrap_or_default(),
        None => {
            let ((db, tenant), asked) = (ctx.source()?, Arc::clone(&list));
            let (resolved, slice) = ctx
                .load(Box::pin(async move {
                    let mut lease = db.read_rows(asked.rows_read()).await?;
                    list::page::<E>(&mut lease.conn(), &tenant, &asked, columns).await
                }))
                .await?;
            // `totalCount` uses the resolved filter.
            list = Arc::new(resolved);
            slice
        }
    };
    memory::take_own(ctx, &slice.rows)?;
    let page = &list.page;
    // Exact in the direction of paging; in the other one, derived from the arguments without a
    // query.
    let (has_previous_page, has_next_page) = if page.from_end {
        (slice.has_more, page.before.is_some() || page.offset > 0)
    } else {
        (page.after.is_some() || page.offset > 0, slice.has_more)
    };
    let Slice { rows, keys, .. } = slice;
    let cursor = |row: &Measured<E>| {
        name.cursor(&Position { key: list::sort_key::<E>(row, sort, &keys), uid: row.uid() })
    };
    let (start_cursor, end_cursor) = (rows.first().map(cursor), rows.last().map(cursor));
    let wants_cursors = ctx.look_ahead().field("edges").field("cursor").exists();
    let edge = |row: Measured<E>| {
        let cursor = if wants_cursors { cursor(&row) } else { String::new() };
        EdgeOf { cursor, node: Node::from(row.shared()) }
    };
    let edges = rows.into_iter().map(edge).collect();
    let total = total(key, Arc::clone(&list));
    Ok(ConnectionOf { edges, start_cursor, end_cursor, has_previous_page, has_next_page, total })
}

/// Whether the field can occur only once in the response, because none of its ancestors is a list.
fn is_outside_lists(ctx: &Context<'_>) -> bool {
    let within_list = |node: &QueryPathNode<'_>| matches!(node.segment, QueryPathSegment::Index(_));
    let path = std::iter::successors(ctx.path_node.as_ref(), |node| node.parent);
    !path.into_iter().any(within_list)
}

/// Whether the request selects more than `totalCount`.
fn wants_rows(ctx: &Context<'_>) -> bool {
    let selected = ctx.look_ahead();
    ["edges", "nodes", "pageInfo"].iter().any(|field| selected.field(field).exists())
}

fn total<E: Listed>(key: Option<PageOf<E>>, list: Arc<ListOf<E>>) -> Total {
    Box::new(move |ctx| {
        let (key, list) = (key.clone(), Arc::clone(&list));
        async move {
            match key {
                Some(key) => {
                    Ok(ctx.loader()?.load(CountOf(key), ColumnSet::ID).await?.unwrap_or_default())
                }
                None => {
                    let (db, tenant) = ctx.source()?;
                    ctx.load(Box::pin(async move {
                        let mut lease = db.read().await?;
                        let conn = &mut lease.conn();
                        let filter = E::resolve(conn, &tenant, list.filter.clone()).await?;
                        E::count(conn, &tenant, &filter).await
                    }))
                    .await
                }
            }
        }
        .boxed()
    })
}
