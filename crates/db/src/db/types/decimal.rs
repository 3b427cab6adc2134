//! Exact decimal numbers.

use std::{fmt, str::FromStr};

use bigdecimal::BigDecimal;
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{Numeric, Text},
    sqlite::Sqlite,
};

use serde::{Deserialize, Serialize};

use super::sql_types::ExactDecimal;

/// Maximum number of significant digits of a [`Decimal`].
const DIGITS: u32 = 28;

/// An exact decimal number of up to 28 significant digits, never a float.
///
/// Trailing zeros after the point are dropped (`1.50` is `1.5`), so that a number has one spelling
/// in both databases.
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
#[diesel(sql_type = ExactDecimal)]
#[serde(into = "String", try_from = "Spelling")]
pub struct Decimal(rust_decimal::Decimal);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    /// Parses plain decimal notation; a number that would have to be rounded is rejected.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'.' | b'-');
        if !text.bytes().all(plain) {
            return Err(InvalidDecimal::NotPlain);
        }
        let number = rust_decimal::Decimal::from_str_exact(text).map(Self::from);
        // The type can hold some numbers of 29 digits, but not all.
        let fits = |number: &Self| number.0.mantissa().unsigned_abs() < 10_u128.pow(DIGITS);
        number.ok().filter(fits).ok_or(InvalidDecimal::NotExact)
    }
}

impl From<Decimal> for String {
    fn from(number: Decimal) -> Self {
        number.to_string()
    }
}

impl Decimal {
    /// Parses a number as in JSON and GraphQL, which may have an exponent; one that would have to
    /// be rounded is rejected.
    pub fn from_number(text: &str) -> Result<Self, InvalidDecimal> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return text.parse() };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(mantissa) => ("-", mantissa),
            None => ("", mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let exponent: i32 = exponent.parse().map_err(|_invalid| InvalidDecimal::NotExact)?;
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() {
            return Err(InvalidDecimal::NotPlain);
        }
        if digits.bytes().all(|byte| byte == b'0') {
            return "0".parse();
        }
        // The position of the point among the digits. Beyond the maximum number of digits, no
        // number is exact.
        let most = usize::try_from(2 * DIGITS).unwrap_or_default();
        let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        if shift > most || digits.len() > most {
            return Err(InvalidDecimal::NotExact);
        }
        let plain = if exponent < 0 {
            let padded = format!("{}{whole}", "0".repeat(shift));
            let (whole, moved) = padded.split_at_checked(whole.len()).unwrap_or_default();
            format!("{negative}0{whole}.{moved}{fraction}")
        } else {
            let padded = format!("{fraction}{}", "0".repeat(shift));
            let (moved, fraction) = padded.split_at_checked(shift).unwrap_or_default();
            format!("{negative}{whole}{moved}.{fraction}0")
        };
        plain.parse()
    }
}

/// The spellings of a decimal in JSON: a string or a number. The reader of the JSON must have turned numbers that `f64`
/// rounds into strings.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a decimal number, or a string that contains one")]
enum Spelling {
    Text(String),
    Whole(i64),
    Fraction(f64),
}

impl TryFrom<Spelling> for Decimal {
    type Error = InvalidDecimal;

    fn try_from(spelling: Spelling) -> Result<Self, Self::Error> {
        match spelling {
            Spelling::Text(text) => text.parse(),
            Spelling::Whole(number) => number.to_string().parse(),
            // Rust writes the shortest text that is read as the same number, without an exponent.
            Spelling::Fraction(number) => number.to_string().parse(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidDecimal {
    #[error("must be a decimal number in plain notation, like 12.5")]
    NotPlain,
    #[error("must be a decimal number of at most 28 significant digits")]
    NotExact,
}

impl From<rust_decimal::Decimal> for Decimal {
    fn from(number: rust_decimal::Decimal) -> Self {
        Self(number.normalize())
    }
}

impl ToSql<ExactDecimal, Pg> for Decimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let number = BigDecimal::new(self.0.mantissa().into(), self.0.scale().into());
        ToSql::<Numeric, Pg>::to_sql(&number, &mut out.reborrow())
    }
}

impl FromSql<ExactDecimal, Pg> for Decimal {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let number = <BigDecimal as FromSql<Numeric, Pg>>::from_sql(value)?;
        Ok(number.normalized().to_plain_string().parse()?)
    }
}

/// Maximum numbers of digits before and after the point of a [`Decimal`].
const WHOLE: usize = 29;
const FRACTION: usize = 28;

impl Decimal {
    /// Text that sorts bytewise like the numbers: a sign (`0` below zero, else `1`) and all 57
    /// digits; below zero, each digit is replaced by its nines' complement.
    pub fn to_sortable(self) -> String {
        let text = self.0.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = format!("{whole:0>WHOLE$}.{fraction:0<FRACTION$}");
        if self.0 < rust_decimal::Decimal::ZERO {
            format!("0{}", complement(&digits))
        } else {
            format!("1{digits}")
        }
    }

    fn from_sortable(text: &str) -> Result<Self, InvalidDecimal> {
        let number = match text.split_at_checked(1) {
            Some(("1", digits)) => digits.to_owned(),
            Some(("0", digits)) => format!("-{}", complement(digits)),
            _ => return Err(InvalidDecimal::NotPlain),
        };
        number.trim_end_matches('0').parse()
    }
}

fn complement(digits: &str) -> String {
    let complement = |digit: char| match digit.to_digit(10) {
        Some(value) => char::from_digit(9 - value, 10).unwrap_or(digit),
        None => digit,
    };
    digits.chars().map(complement).collect()
}

impl ToSql<ExactDecimal, Sqlite> for Decimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_sortable());
        Ok(IsNull::No)
    }
}

impl FromSql<ExactDecimal, Sqlite> for Decimal {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
        Ok(Self::from_sortable(&text)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_decimal() -> impl Strategy<Value = Decimal> {
        let digits = 10_i128.pow(28);
        (-digits + 1..digits, 0_u32..=28).prop_map(|(mantissa, scale)| {
            rust_decimal::Decimal::from_i128_with_scale(mantissa, scale).into()
        })
    }

    proptest! {
        #[test]
        fn sortable_text_keeps_value_and_order(a in any_decimal(), b in any_decimal()) {
            prop_assert_eq!(Decimal::from_sortable(&a.to_sortable()).expect("own format"), a);
            prop_assert_eq!(a.to_sortable().cmp(&b.to_sortable()), a.cmp(&b));
        }

        #[test]
        fn prints_what_it_reads(a in any_decimal()) {
            prop_assert_eq!(a.to_string().parse::<Decimal>().expect("own format"), a);
        }
    }

    #[test]
    fn reads_numbers_exactly() {
        for (text, number) in [
            ("0.1", "0.1"),
            ("12345678901.123456789", "12345678901.123456789"),
            ("-1.50", "-1.5"),
            ("1e2", "100"),
            ("1E+2", "100"),
            ("1.5e1", "15"),
            ("-1.25e1", "-12.5"),
            ("1e-7", "0.0000001"),
            ("-12.5E-3", "-0.0125"),
            ("1e27", "1000000000000000000000000000"),
            ("1e-28", "0.0000000000000000000000000001"),
            ("0e999999999", "0"),
            ("0.0e-5", "0"),
            ("1.0000000000000000000000000000000000000000e1", "10"),
        ] {
            let read = Decimal::from_number(text).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(read.to_string(), number, "{text}");
        }
        for text in [
            "1e28",
            "1e-29",
            "1e300",
            "1e-300",
            "1e99999999999",
            "1.00000000000000000000000000001",
            "1e",
            "e1",
            "",
        ] {
            assert!(Decimal::from_number(text).is_err(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_exact_or_not_plain() {
        for text in ["", "NaN", "1e400", "1e2", "+1", ".", "-", "1.2.3", " 1", "١"] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        for digits in [29, 40] {
            let text = "1".repeat(digits);
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert_eq!("12.500".parse::<Decimal>().expect("plain").to_string(), "12.5");
        assert_eq!("-0".parse::<Decimal>().expect("plain").to_string(), "0");
    }
}
