//! The ids of rows.

use std::{fmt, str::FromStr};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sqlite::Sqlite,
};
use uuid::Uuid;

use super::{sql_types, timestamp::Timestamp};

/// The identity of a row in the database: a UUIDv7 that begins with the microsecond of its
/// creation.
///
/// RFC 9562 (section 6.2, method 3) lets a version 7 UUID extend its milliseconds by a finer clock.
/// Because [`Clock`](crate::clock::Clock) never returns the same microsecond twice, the order of
/// one server's ids *is* the order of creation, so that "most recently created first" needs only
/// the index of the primary key.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Uid)]
pub struct Uid(Uuid);

impl Uid {
    /// The id of no row. It stands for invalid ids.
    pub const NOTHING: Self = Self(Uuid::nil());

    /// The id of a row created `at` that time; `random` distinguishes rows that several servers
    /// create in one microsecond.
    pub fn new(at: Timestamp, random: u64) -> Self {
        let micros = u128::try_from(at.as_microseconds()).unwrap_or(0);
        let millis = (micros / 1000) & 0xffff_ffff_ffff;
        let fraction = micros % 1000;
        let random = u128::from(random) & 0x3fff_ffff_ffff_ffff;
        let version = 7;
        let variant = 0b10;
        // The fraction goes to the left of the 12 bits after the version, so that ids sort by it.
        Self(Uuid::from_u128(
            millis << 80 | version << 76 | fraction << 66 | variant << 62 | random,
        ))
    }

    /// The smallest id of rows created at that time.
    pub fn first_of(time: Timestamp) -> Self {
        Self::new(time, 0)
    }

    /// The greatest id of rows created at that time.
    pub fn last_of(time: Timestamp) -> Self {
        Self::new(time, u64::MAX)
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_simple().fmt(f)
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Uid {
    type Err = InvalidUid;

    /// Parses exactly the output of `Display`, 32 lower-case hexadecimal digits, so each id has one
    /// spelling.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let canonical = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(canonical) {
            return Err(InvalidUid);
        }
        Uuid::try_parse(text).map(Self).map_err(|_invalid| InvalidUid)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not 32 lower-case hexadecimal digits")]
pub struct InvalidUid;

impl FromSql<sql_types::Uid, Pg> for Uid {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<sql_types::Uid, Pg> for Uid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        use std::io::Write;
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::Uid, Sqlite> for Uid {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<sql_types::Uid, Sqlite> for Uid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_their_microsecond() {
        let at = |micros| Timestamp::from_microseconds(micros).expect("in range");
        let older = Uid::new(at(1_700_000_000_000_999), u64::MAX);
        let newer = Uid::new(at(1_700_000_000_001_000), 0);
        let newest = Uid::new(at(1_700_000_000_001_001), 0);
        assert!(older < newer && newer < newest);
        assert_eq!(older.0.get_version_num(), 7);
        assert_eq!(older.0.get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn only_the_canonical_spelling_is_read() {
        let uid = Uid::new(Timestamp::from_microseconds(1).expect("in range"), u64::MAX);
        assert_eq!(uid.to_string().parse::<Uid>().expect("round trip"), uid);
        for other in [
            uid.to_string().to_uppercase(),
            uid.0.hyphenated().to_string(),
            format!("{{{uid}}}"),
            String::new(),
            "é".repeat(16),
        ] {
            assert!(other.parse::<Uid>().is_err(), "{other}");
        }
    }
}
