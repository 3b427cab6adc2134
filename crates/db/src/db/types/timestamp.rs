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
use jiff::{SignedDuration, civil};

use serde::{Deserialize, Serialize};

use super::{date::Date, sql_types::UtcTimestamp};

/// 2000-01-01T00:00:00Z, PostgreSQL's epoch, in microseconds since 1970.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

/// 0001-01-01T00:00:00Z: PostgreSQL does not support all earlier times.
const FIRST: i64 = -62_135_596_800_000_000;

/// 9999-12-31T23:59:59.999999Z, after which a year has more than four digits.
const LAST: i64 = 253_402_300_799_999_999;

/// 1970-01-01T00:00:00, the epoch of the microseconds.
const EPOCH: civil::DateTime = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A point in time in UTC, to the microsecond, in the years 1 to 9999, which both databases can
/// store.
///
/// It prints as RFC 3339 with six fractional digits, so that its text sorts like the time. (It does
/// not use `jiff::Timestamp`, which ends a day before the end of the year 9999.)
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
pub struct Timestamp(i64);

impl Timestamp {
    /// The time that many microseconds after the start of 1970; `None` outside the years 1 to 9999.
    pub fn from_microseconds(micros: i64) -> Option<Self> {
        (FIRST..=LAST).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since the start of 1970.
    pub fn as_microseconds(self) -> i64 {
        self.0
    }

    /// Its date in UTC.
    pub fn date(self) -> Date {
        let date = self.civil().date();
        Date::new(date.year(), date.month(), date.day()).unwrap_or_default()
    }

    /// Date and time of day in UTC.
    fn civil(self) -> civil::DateTime {
        // Within the years 1 to 9999, no sum is out of range.
        EPOCH.saturating_add(SignedDuration::from_micros(self.0))
    }

    /// Converts from date and time of day in UTC; digits beyond microseconds are truncated.
    fn from_civil(time: civil::DateTime) -> Option<Self> {
        let nanos = EPOCH.duration_until(time).as_nanos();
        Self::from_microseconds(i64::try_from(nanos.div_euclid(1_000)).ok()?)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}Z", self.civil())
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

#[derive(Debug, thiserror::Error)]
#[error(
    "must be a point in time in RFC 3339 format, in the years 1 to 9999, like 2026-11-20T03:41:35Z"
)]
pub struct InvalidTimestamp;

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Parses RFC 3339 with any offset, and nothing else; digits beyond microseconds are truncated.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Rfc3339::read(text).and_then(Rfc3339::time).ok_or(InvalidTimestamp)
    }
}

/// The parts of a text in the format of RFC 3339, section 5.6.
struct Rfc3339<'a> {
    /// `YYYY-MM-DD`.
    date: &'a str,
    /// `HH:MM:SS`, optionally with a fraction.
    time: &'a str,
    /// In minutes.
    offset: i64,
}

impl<'a> Rfc3339<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let rest = rest.strip_prefix(['T', 't'])?;
        let (time, offset) = rest.split_at_checked(rest.find(['Z', 'z', '+', '-'])?)?;
        let (clock, fraction) = time.split_at_checked(8)?;
        let is_fraction = fraction.is_empty()
            || fraction.strip_prefix('.').is_some_and(|it| !it.is_empty() && is_digits(it));
        let has_form = has_form(date, "0000-00-00") && has_form(clock, "00:00:00") && is_fraction;
        has_form.then_some(Self { date, time, offset: offset_of(offset)? })
    }

    /// The time, if it is valid.
    fn time(self) -> Option<Timestamp> {
        let (clock, fraction) = self.time.split_at_checked(8)?;
        // jiff does not support more than nine digits.
        let fraction = fraction.get(..fraction.len().min(10))?;
        let is_leap_second = clock.ends_with(":60");
        let date: civil::Date = self.date.parse().ok()?;
        let time: civil::Time = format!("{clock}{fraction}").parse().ok()?;
        let offset = SignedDuration::from_secs(self.offset * 60);
        let utc = date.to_datetime(time).checked_sub(offset).ok()?;
        // A leap second is at the end of a June or a December, and is read as the second before it.
        let may_leap = matches!((utc.month(), utc.day()), (6, 30) | (12, 31))
            && (utc.hour(), utc.minute()) == (23, 59);
        if is_leap_second && !may_leap { None } else { Timestamp::from_civil(utc) }
    }
}

/// `Z`, or hours and minutes; in minutes.
fn offset_of(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, offset) = text.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':').filter(|_| has_form(offset, "00:00"))?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)?;
    match sign {
        "+" => Some(offset),
        "-" => Some(-offset),
        _ => None,
    }
}

/// Whether the text has digits where the form has zeros, and otherwise the same characters.
fn has_form(text: &str, form: &str) -> bool {
    let fits =
        |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl FromSql<UtcTimestamp, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<diesel::sql_types::BigInt, Pg>>::from_sql(value)?;
        let micros = micros.checked_add(POSTGRES_EPOCH).ok_or("timestamp out of range")?;
        Ok(Self::from_microseconds(micros).ok_or("timestamp out of range")?)
    }
}

impl ToSql<UtcTimestamp, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0 - POSTGRES_EPOCH;
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
    fn reads_what_rfc_3339_allows_and_prints_one_spelling() {
        for (text, printed) in [
            ("2026-11-20T05:00:00.1234567+02:00", "2026-11-20T03:00:00.123456Z"),
            ("2026-11-20T03:00:00Z", "2026-11-20T03:00:00.000000Z"),
            ("2026-11-20t03:00:00.5z", "2026-11-20T03:00:00.500000Z"),
            ("2026-11-20T03:00:00-00:00", "2026-11-20T03:00:00.000000Z"),
            ("2026-11-20T03:00:00+23:59", "2026-11-19T03:01:00.000000Z"),
            ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
            ("2026-11-20T03:00:00.00000000000000000009Z", "2026-11-20T03:00:00.000000Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000000Z"),
            ("1990-12-31T15:59:60-08:00", "1990-12-31T23:59:59.000000Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000000Z"),
            ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
            ("9999-12-31T23:59:59+23:59", "9999-12-31T00:00:59.000000Z"),
        ] {
            let time: Timestamp = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(time.to_string(), printed, "{text}");
            let again = Timestamp::from_microseconds(time.as_microseconds());
            assert_eq!(again, Some(time));
        }
    }

    #[test]
    fn refuses_what_rfc_3339_does_not_allow() {
        for text in [
            "",
            "2026-11-20",
            "2026-11-20T03:00:00",
            "2026-11-20 03:00:00Z",
            "2026-11-20_03:00:00Z",
            "2026-11-20T03:00Z",
            "2026-11-20T03Z",
            "2026-11-20T030000Z",
            "20261120T030000Z",
            "2026-11-20T03:00:00.Z",
            "2026-11-20T03:00:00,5Z",
            "2026-11-20T03:00:00 Z",
            "2026-11-20T03:00:00+02",
            "2026-11-20T03:00:00+0200",
            "2026-11-20T03:00:00+24:00",
            "2026-11-20T03:00:00+02:60",
            "2026-11-20T03:00:00+02:00:00",
            "2026-11-20T03:00:00Z[UTC]",
            "2026-11-20T03:00:00+00:00[Europe/Oslo]",
            "2026-11-20T24:00:00Z",
            "2026-11-20T03:60:00Z",
            "2026-11-20T03:00:60Z",
            "2026-12-31T23:59:61Z",
            "2026-02-29T03:00:00Z",
            "2026-W47-5T03:00:00Z",
            "-026-11-20T03:00:00Z",
            "+02026-11-20T03:00:00Z",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "10000-01-01T00:00:00Z",
            "2026-11-20T03:00:00Zé",
            "2026-11-2é3:00:00Z",
            "now",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
