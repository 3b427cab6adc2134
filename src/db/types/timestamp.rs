//! Points in time.

use std::{fmt, str::FromStr};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Text,
    sqlite::Sqlite,
};

use serde::{Deserialize, Serialize};

use super::sql_types::UtcTimestamp;

/// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in microseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// A point in time, in UTC, to the microsecond: what both databases can store.
///
/// It prints as RFC 3339 with always six digits of fraction, so that its text sorts as it does.
#[derive(
    Clone,
    Copy,
    Default,
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
#[serde(into = "String", try_from = "String")]
#[diesel(sql_type = UtcTimestamp)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The time that many microseconds after 1970 began; `None` outside the years -9999 to 9999.
    pub fn from_microseconds(micros: i64) -> Option<Self> {
        jiff::Timestamp::from_microsecond(micros).ok().map(Self)
    }

    /// Microseconds since 1970 began.
    pub fn as_microseconds(self) -> i64 {
        self.0.as_microsecond()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// 0001-01-01T00:00:00Z: PostgreSQL does not go back as far as one can write.
const FIRST: i64 = -62_135_596_800_000_000;

#[derive(Debug, thiserror::Error)]
#[error("must be a point in time in the years 1 to 9999, like 2026-11-20T03:41:35Z")]
pub struct InvalidTimestamp;

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads RFC 3339 with any offset; what is finer than a microsecond is cut off.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time: jiff::Timestamp = text.parse().map_err(|_invalid| InvalidTimestamp)?;
        let time = Self::from_microseconds(time.as_microsecond());
        time.filter(|time| time.as_microseconds() >= FIRST).ok_or(InvalidTimestamp)
    }
}

impl FromSql<UtcTimestamp, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<diesel::sql_types::BigInt, Pg>>::from_sql(value)?;
        let micros = micros.checked_add(POSTGRES_EPOCH).ok_or("timestamp out of range")?;
        Ok(Self(jiff::Timestamp::from_microsecond(micros)?))
    }
}

impl ToSql<UtcTimestamp, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.as_microsecond() - POSTGRES_EPOCH;
        <i64 as ToSql<diesel::sql_types::BigInt, Pg>>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<UtcTimestamp, Sqlite> for Timestamp {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(text.parse()?)
    }
}

impl ToSql<UtcTimestamp, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_six_digits_and_reads_any_offset() {
        let time: Timestamp = "2026-11-20T05:00:00.1234567+02:00".parse().expect("RFC 3339");
        assert_eq!(time.to_string(), "2026-11-20T03:00:00.123456Z");
        let whole: Timestamp = "2026-11-20T03:00:00Z".parse().expect("RFC 3339");
        assert_eq!(whole.to_string(), "2026-11-20T03:00:00.000000Z");
    }
}
