//! Phone numbers in any spelling.

use std::str::FromStr;

use phonenumber::{Mode, PhoneNumber, country};

/// Fewest digits by which a number is found from its end.
pub const DIGITS_MIN: usize = 6;

/// Most digits of a text that can be a phone number: E.164 has 15, and people add a prefix for international calls.
const DIGITS_MAX: usize = 20;

/// A country, whose rules say how its people write phone numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(country::Id);

impl FromStr for Country {
    type Err = &'static str;

    /// Reads an ISO 3166-1 code of two capital letters.
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let known = code.parse().ok().filter(|_| is_code);
        known.map(Self).ok_or("must be the ISO 3166-1 code of a country, like NO")
    }
}

impl Country {
    pub fn code(&self) -> &str {
        self.0.as_ref()
    }
}

/// The number in E.164, like `+4791234567`; `None` if the text is no valid number. Without an international prefix it
/// is a number of that country.
pub fn e164(text: &str, country: Option<Country>) -> Option<String> {
    Some(parse(text, country)?.format().mode(Mode::E164).to_string())
}

/// The digits of a valid number without the code of its country.
pub fn national_digits(text: &str, country: Option<Country>) -> Option<String> {
    Some(parse(text, country)?.national().value().to_string())
}

fn parse(text: &str, country: Option<Country>) -> Option<PhoneNumber> {
    if !is_number(text) {
        return None;
    }
    let parse = |text: &str| phonenumber::parse(country.map(|it| it.0), text).ok();
    // Most countries have this prefix; the library needs a country to know it.
    let from_abroad = text.trim().strip_prefix("00").map(|rest| format!("+{rest}"));
    let parsed = parse(text).filter(PhoneNumber::is_valid);
    parsed.or_else(|| parse(&from_abroad?).filter(PhoneNumber::is_valid))
}

/// The digits without the prefixes that depend on where people call from.
pub fn significant_digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// Whether the text is written like a phone number.
pub fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_part =
        |char: char| char.is_ascii_digit() || " +-./()\u{a0}\u{2010}\u{2011}".contains(char);
    (DIGITS_MIN..=DIGITS_MAX).contains(&digits) && text.chars().all(is_part)
}
