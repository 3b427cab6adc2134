//! The hits of a part of a search, and the known words that are similar to those of its term, in one statement.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::{
    CustomerSearch, HITS_MAX, Hit, Quality,
    known::{self, KnownWords},
    postgres,
    sql::Search,
    sqlite,
};
use crate::db::{
    self, Conn, RunQueryDsl, on,
    sql::{Expr, Select, Sql},
    types::{Uid, sql_types},
};

/// A hit of one part of a search.
pub struct Found {
    pub hit: Hit,
    /// Whether more customers may be hits of that part than were considered.
    pub is_full: bool,
}

/// The hits of several parts of a search, best first. A customer may be a hit of several.
pub struct Results {
    pub hits: Vec<Found>,
    /// If they were asked for, and there are too few hits.
    pub known: Option<KnownWords>,
}

/// A row of the statement. That of the known words has neither a customer nor a quality.
type Row = (Option<Uid>, Option<i64>, bool, Option<String>);

impl Results {
    /// The hits, and the known words for the term of a search that needs more than these.
    pub async fn load(
        conn: &mut Conn<'_>,
        search: Search<'_>,
        needs_more: Option<&CustomerSearch>,
    ) -> Result<Self, db::Error> {
        // As many as any search may want: each number would make a statement of its own.
        let limit = i64::from(HITS_MAX) * i64::try_from(search.parts.len()).unwrap_or(1);
        let (postgres, sqlite) = (postgres::Hits(search), sqlite::Hits(search));
        let parts = Sql::default().per_dialect(postgres.with(), sqlite.with());
        let best = Sql::default().per_dialect(postgres.best(limit), sqlite.best(limit));
        let known = needs_more.and_then(|it| known_words(it, search)).unwrap_or_default();
        let query = Select {
            with: Sql::template(
                "WITH {parts}best AS MATERIALIZED ({best}) ",
                [("parts", parts), ("best", best)],
            ),
            selection: (
                Expr::<Nullable<sql_types::Uid>>::literal("found.customer_id"),
                Expr::<Nullable<BigInt>>::literal("found.quality"),
                Expr::<Bool>::literal("found.is_full"),
                Expr::<Nullable<Text>>::literal("found.words"),
            ),
            // A union keeps no order.
            from: Sql::template(
                " FROM (SELECT customer_id, quality, is_full, updated_at, NULL AS words FROM best{known}) AS found \
                ORDER BY found.quality, found.updated_at DESC, found.customer_id DESC",
                [("known", known)],
            ),
        };
        let rows: Vec<Row> = on!(conn, |c| query.load(c).await)?;
        Ok(Self::of(rows))
    }

    fn of(rows: Vec<Row>) -> Self {
        let (mut hits, mut known) = (Vec::new(), None);
        for (customer, quality, is_full, words) in rows {
            if let (Some(customer), Some(quality)) = (customer, quality) {
                let quality = Quality::from_number(quality);
                hits.push(Found { hit: Hit { customer, quality }, is_full });
            } else {
                known = words.map(|words| KnownWords { words, is_full });
            }
        }
        Self { hits, known }
    }
}

/// ` UNION ALL` a row with the known words, unless there are enough hits, or one by an identifier. Both databases look the
/// words up only for a row that the condition lets through.
fn known_words(search: &CustomerSearch, parts: Search<'_>) -> Option<Sql> {
    let is_full = Sql::default().per_dialect(Sql::new("false"), sqlite::Hits(parts).are_many());
    Some(Sql::template(
        " UNION ALL SELECT NULL, NULL, {is_full}, NULL, ({words}) WHERE \
        (SELECT count(DISTINCT customer_id) < {first} AND coalesce(min(quality), {typos}) > {identifier} FROM best)",
        [
            ("is_full", is_full),
            ("words", known::query(parts.tenant, &search.term)?),
            ("first", Sql::default().number(search.first.into())),
            ("typos", Sql::default().literal(Quality::Typos.number())),
            ("identifier", Sql::default().literal(Quality::Identifier.number())),
        ],
    ))
}
