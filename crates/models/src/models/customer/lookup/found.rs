//! The hits of some parts of a search. The same statement reads what is needed if they are incomplete or too few.

use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::{
    CustomerSearch, HITS_MAX, Hit, Quality,
    known::{self, KnownWords},
    postgres, recent,
    sql::{Search, quality, words},
    sqlite,
};
use crate::db::{
    self, Conn, RunQueryDsl, on,
    sql::{Expr, Select, Sql},
    types::{Uid, sql_types},
};

/// The hits of several parts of a search, best first. A customer may be a hit of several.
pub struct Results {
    pub hits: Vec<Hit>,
    /// The known words, if they were requested and there are too few hits.
    pub known: Option<KnownWords>,
}

/// A row of the statement. That of the known words has neither a customer nor a quality.
type Row = (Option<Uid>, Option<i64>, bool, Option<String>);

impl Results {
    /// The hits. For a search that needs more, also the hits among the customers that changed last, and the known
    /// words.
    pub async fn load(
        conn: &mut Conn<'_>,
        search: Search<'_>,
        needs_more: Option<&CustomerSearch>,
    ) -> Result<Self, db::Error> {
        // The maximum of any search, because each limit would be another statement to prepare.
        let limit = i64::from(HITS_MAX) * i64::try_from(search.parts.len()).unwrap_or(1);
        let (postgres, sqlite) = (postgres::Hits(search), sqlite::Hits(search));
        let parts = Sql::default().per_dialect(postgres.with(), sqlite.with());
        let best = Sql::default().per_dialect(postgres.best(limit), sqlite.best(limit));
        let more = needs_more.map(|it| recent(it, search).append(known_words(it, search)));
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
            // `UNION ALL` does not preserve the order.
            from: Sql::template(
                " FROM (SELECT customer_id, quality, is_full, 1 AS place, updated_at, NULL AS words FROM best{more}) \
                AS found ORDER BY found.quality, found.place, found.updated_at DESC, found.customer_id DESC",
                [("more", more.unwrap_or_default())],
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
                hits.push(Hit { customer, quality });
            } else {
                known = words.map(|words| KnownWords { words, is_full });
            }
        }
        Self { hits, known }
    }
}

/// ` UNION ALL` and the hits among the customers that changed last, if more customers have the words than were
/// considered, and the best hits include some of these. They come before others of the same quality.
fn recent(search: &CustomerSearch, parts: Search<'_>) -> Sql {
    let words = words(&search.term);
    let filter = parts.scope.of_each(parts.tenant).filter(|_| !words.is_empty());
    let Some(filter) = filter else { return Sql::default() };
    let hits = |(of_all, is_incomplete)| {
        let hits = recent::hits((parts.tenant, filter.clone()), (&words, of_all), &is_incomplete);
        Sql::template(
            " UNION ALL SELECT id, {quality}, false, 0, updated_at, NULL FROM ({hits}) AS recent",
            [("quality", quality(of_all)), ("hits", hits)],
        )
    };
    let of = |quality: Quality| Sql::default().literal(quality.number());
    let whole = Sql::template(
        "(SELECT count(*) FILTER (WHERE quality = {words} AND is_full) > 0 FROM best)",
        [("words", of(Quality::Words))],
    );
    let beginnings = Sql::template(
        "(SELECT count(*) FILTER (WHERE quality = {words} AND is_full) = 0 \
        AND count(*) FILTER (WHERE quality = {beginnings} AND is_full) > 0 \
        AND count(DISTINCT customer_id) FILTER (WHERE quality <= {words}) < {first} FROM best)",
        [
            ("words", of(Quality::Words)),
            ("beginnings", of(Quality::Beginnings)),
            ("first", Sql::default().number(search.first.into())),
        ],
    );
    let are_incomplete = [(Quality::Words, whole), (Quality::Beginnings, beginnings)];
    are_incomplete.into_iter().map(hits).reduce(Sql::append).unwrap_or_default()
}

/// ` UNION ALL` and a row with the known words, unless there are enough hits, or one by an identifier. Both databases
/// look up the words only if this condition is met. Empty if no word may have typing errors.
fn known_words(search: &CustomerSearch, parts: Search<'_>) -> Sql {
    let Some(words) = known::query(parts.tenant, &search.term) else { return Sql::default() };
    let is_full = Sql::default().per_dialect(Sql::new("false"), sqlite::Hits(parts).are_many());
    Sql::template(
        " UNION ALL SELECT NULL, NULL, {is_full}, NULL, NULL, ({words}) WHERE \
        (SELECT count(DISTINCT customer_id) < {first} AND coalesce(min(quality), 3) > 0 FROM best)",
        [
            ("is_full", is_full),
            ("words", words),
            ("first", Sql::default().number(search.first.into())),
        ],
    )
}
