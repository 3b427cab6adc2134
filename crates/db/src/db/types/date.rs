//! Calendar dates.

use std::{fmt, str::FromStr};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{Integer, Text},
    sqlite::Sqlite,
};
use jiff::civil;
use serde::{Deserialize, Serialize};

use super::sql_types::CalendarDate;

/// The epoch of PostgreSQL's dates.
const POSTGRES_EPOCH: civil::Date = civil::date(2000, 1, 1);

/// A calendar date without a time zone, in the years 1 to 9999.
///
/// It prints as ISO 8601 with a four-digit year, so that its text sorts like the date.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    AsExpression,
    FromSqlRow,
    Serialize,
    Deserialize,
)]
#[diesel(sql_type = CalendarDate)]
#[serde(into = "String", try_from = "String")]
pub struct Date(civil::Date);

impl Date {
    /// The date of that year, month and day; `None` if it does not exist.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().filter(|date| date.year() >= 1).map(Self)
    }
}

impl Default for Date {
    fn default() -> Self {
        Self(POSTGRES_EPOCH)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("must be a day of the calendar, like 2026-11-20")]
pub struct InvalidDate;

impl FromStr for Date {
    type Err = InvalidDate;

    /// Parses exactly the output of `Display`, `YYYY-MM-DD`, so each date has one spelling.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let date: civil::Date = text.parse().map_err(|_invalid| InvalidDate)?;
        let read = Self::new(date.year(), date.month(), date.day()).ok_or(InvalidDate)?;
        if read.to_string() == text { Ok(read) } else { Err(InvalidDate) }
    }
}

impl ToSql<CalendarDate, Pg> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = POSTGRES_EPOCH.until(self.0)?.get_days();
        ToSql::<Integer, Pg>::to_sql(&days, &mut out.reborrow())
    }
}

impl FromSql<CalendarDate, Pg> for Date {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let days = <i32 as FromSql<Integer, Pg>>::from_sql(value)?;
        let span = jiff::Span::new().try_days(days)?;
        Ok(Self(POSTGRES_EPOCH.checked_add(span)?))
    }
}

impl ToSql<CalendarDate, Sqlite> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<CalendarDate, Sqlite> for Date {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(text.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_spelling() {
        for text in ["0001-01-01", "2026-11-20", "2024-02-29", "9999-12-31"] {
            assert_eq!(text.parse::<Date>().expect("a day").to_string(), text);
        }
        for text in [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "20261120",
            "0000-01-01",
            "-001-01-01",
            "2026-11-20T00:00:00",
            "2026-11-20 ",
            "2026-W47-5",
            "10000-01-01",
            "today",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }
}
