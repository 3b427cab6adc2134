//! Phone numbers in any spelling.

use std::str::FromStr;

use phonenumber::{
    Mode, PhoneNumber,
    country::{self, Source},
    metadata::DATABASE,
};

use crate::search_words::is_invisible;

/// Fewest digits by which a number is found from its end.
pub const DIGITS_MIN: usize = 6;

/// Maximum number of digits of a text that can be a phone number: E.164 has 15, and people add a prefix for
/// international calls.
const DIGITS_MAX: usize = 20;

/// A country, which determines how phone numbers without an international prefix are read.
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

/// The number in E.164, like `+4791234567`; `None` if the text is not a valid number. Without an international prefix
/// it is a number of that country.
pub fn e164(text: &str, country: Option<Country>) -> Option<String> {
    Some(parse(text, country)?.format().mode(Mode::E164).to_string())
}

/// The digits of a valid number without the code of its country.
pub fn national_digits(text: &str, country: Option<Country>) -> Option<String> {
    Some(parse(text, country)?.national().value().to_string())
}

/// The numbers within a text with several of them, like `22334455 / 22334466`, or with an extension, like
/// `22334455 ext. 12`. Empty if the text is one number, or none.
pub fn parts(text: &str, country: Option<Country>) -> Vec<&str> {
    let number = without_extension(text);
    if number.len() < text.len() {
        return if is_number(number) { vec![number] } else { Vec::new() };
    }
    let parts: Vec<&str> = text.split(['/', ';', ',']).map(str::trim).collect();
    let are_several = parts.len() > 1 && parts.iter().all(|part| is_number(part));
    if are_several && parse(text, country).is_none() { parts } else { Vec::new() }
}

fn parse(text: &str, country: Option<Country>) -> Option<PhoneNumber> {
    let text = plain(text);
    if !is_plain_number(&text) {
        return None;
    }
    if text.trim_start_matches([' ', '(']).starts_with('+') {
        return international(&text);
    }
    let national = valid(country.map(|it| it.0), &text);
    let national = national.filter(|number| number.code().source() != Source::Idd);
    national.or_else(|| international(&from_abroad(&text, country)?))
}

fn valid(country: Option<country::Id>, text: &str) -> Option<PhoneNumber> {
    phonenumber::parse(country, text).ok().filter(PhoneNumber::is_valid)
}

/// Parses a number that begins with `+`, without a country. With the tenant's country, the library would mistake the
/// first digits of other countries' numbers for a national prefix.
fn international(text: &str) -> Option<PhoneNumber> {
    // People also write `(0)` in countries without a national prefix.
    valid(None, text).or_else(|| valid(None, &text.replacen("(0)", "", 1)))
}

/// The number with `+` instead of the country's international call prefix, or of `00`, which most countries use.
fn from_abroad(text: &str, country: Option<Country>) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let rules = country.and_then(|it| DATABASE.by_id(it.code()));
    let prefix = rules.and_then(|it| it.international_prefix()?.find(&digits));
    let of_country = prefix.filter(|found| found.start() == 0).map(|found| found.end());
    let length = of_country.or_else(|| digits.starts_with("00").then_some(2))?;
    let (last, _) =
        text.match_indices(|char: char| char.is_ascii_digit()).nth(length.checked_sub(1)?)?;
    Some(format!("+{}", text.get(last + 1..)?))
}

/// The digits without leading zeros, which depend on where people call from.
pub fn significant_digits(text: &str) -> String {
    let digits: String = plain(text).chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// Whether the text is written like a phone number.
pub fn is_number(text: &str) -> bool {
    is_plain_number(&plain(text))
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_part = |char: char| char.is_ascii_digit() || " +-./()".contains(char);
    (DIGITS_MIN..=DIGITS_MAX).contains(&digits) && text.chars().all(is_part)
}

/// The digit 0 of scripts in which people write phone numbers; the others follow it.
const ZEROS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}'];

/// The text with plain digits, hyphens, parentheses and spaces, because numbers that people copy
/// from web pages and contacts may have others.
fn plain(text: &str) -> String {
    let text = text.trim();
    let is_link = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("tel:"));
    let text = if is_link { text.get(4..).unwrap_or_default() } else { text };
    let digit = |char: char| {
        let value = ZEROS.iter().map(|zero| u32::from(char).wrapping_sub(u32::from(*zero)));
        value.filter(|value| *value < 10).find_map(|value| char::from_digit(value, 10))
    };
    let plain = |char: char| match char {
        _ if char.is_ascii() => char,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' => '-',
        _ if char.is_whitespace() => ' ',
        // Full width: the others of ASCII follow in its order.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xff01 + 0x21).unwrap_or(char),
        _ => digit(char).unwrap_or(char),
    };
    text.chars().filter(|char| !is_invisible(*char)).map(plain).collect()
}

/// Most digits of an extension.
const EXTENSION_MAX: usize = 7;

/// The text before an extension like `ext. 12` or `x12`.
fn without_extension(text: &str) -> &str {
    let before = text.trim_end_matches(|char: char| char.is_ascii_digit());
    if !(1..=EXTENSION_MAX).contains(&(text.len() - before.len())) {
        return text;
    }
    let before = before.trim_end_matches([' ', '.', ':', '=']);
    let marks = ["extension", "ext", "x", "#"];
    let number = marks.iter().find_map(|mark| {
        let (number, end) = before.split_at_checked(before.len().checked_sub(mark.len())?)?;
        end.eq_ignore_ascii_case(mark).then_some(number)
    });
    number.map_or(text, |number| number.trim_end_matches([' ', ',', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn international_numbers_are_the_same_in_every_country() {
        let numbers = [
            ("+49 151 23456789", "+4915123456789"),
            ("+49 (0)171 1234567", "+491711234567"),
            ("(+49) 171-1234567", "+491711234567"),
            ("+44 (0)20 7946 0916", "+442079460916"),
            ("+47 (0) 933 44 507", "+4793344507"),
            ("+86 131 2345 6789", "+8613123456789"),
            ("+880 1812-345678", "+8801812345678"),
            ("+33 1 23 45 67 89", "+33123456789"),
            ("+39 02 1234 5678", "+390212345678"),
            ("+225 01 23 45 6789", "+2250123456789"),
            ("+46 8 12 34 56", "+468123456"),
            ("+91 81234 56789", "+918123456789"),
            ("+1 212 555 0123", "+12125550123"),
        ];
        let countries = ["NO", "US", "DE", "GB", "RU", "LT", "FR", "SE", "IT", "HU", "MX", "CN"];
        for country in countries.map(|code| Some(code.parse().unwrap())).into_iter().chain([None]) {
            for (text, expected) in numbers {
                assert_eq!(e164(text, country).as_deref(), Some(expected), "{text} {country:?}");
                let from_abroad = text.replacen('+', "00", 1);
                let number = e164(&from_abroad, country);
                assert_eq!(number.as_deref(), Some(expected), "{from_abroad} {country:?}");
            }
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_copied() {
        let norway = Some("NO".parse().unwrap());
        for text in [
            "91234567",
            "912 34 567",
            "912-34-567",
            "912\u{2013}34\u{2013}567",
            "912\u{202f}34\u{202f}567",
            "\u{202a}+47 912 34 567\u{202c}",
            "\u{200e}91234567",
            "9123\u{200b}4567",
            "tel:+4791234567",
            "\u{ff0b}\u{ff14}\u{ff17}91234567",
            "（９１２）３４－５６７",
            "\u{669}\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}",
        ] {
            assert_eq!(e164(text, norway).as_deref(), Some("+4791234567"), "{text:?}");
        }
        let united_states = Some("US".parse().unwrap());
        let abroad = e164("011 49 151 23456789", united_states);
        assert_eq!(abroad.as_deref(), Some("+4915123456789"));
        for text in ["912 34 567 ext. 12", "91234567x12", "+47 91234567;ext=12", "91234567 #3"] {
            let numbers = parts(text, norway);
            assert_eq!(numbers.len(), 1, "{text}");
            assert_eq!(e164(numbers[0], norway).as_deref(), Some("+4791234567"), "{text}");
        }
        assert_eq!(parts("22334455 / 22334466", norway), ["22334455", "22334466"]);
        for text in ["91234567", "+47 912/34/567", "x1", "Anna x12", "1/2"] {
            assert!(parts(text, norway).is_empty(), "{text}");
        }
        for text in
            ["", "+", "+47", "12345", "1234567890123456789012", "91234567 Ana", "tel:", "９"]
        {
            assert_eq!(e164(text, norway), None, "{text}");
        }
    }
}
