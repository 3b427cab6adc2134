//! Violations of rules in the input, and the checks that find them.

use std::collections::HashMap;

use url::Url;

use super::{Error, text};
use crate::{db::types::Uid, id::NodeType};

/// A rule that the input breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path from the input (or the argument) to the invalid value.
    pub field: Vec<String>,
    pub code: Code,
    /// For people, in English: the problem, and the allowed values.
    pub message: String,
}

/// The codes of violations, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Required,
    Invalid,
    TooLong,
    TooMany,
    NotFound,
    Taken,
    ParentIsLeaf,
    HasChildren,
    Cycle,
    TooDeep,
    InUse,
    IsPrimary,
    Merged,
    Stale,
    LaterMerge,
    Expired,
}

impl Violation {
    /// A violation in a field; one within an object of the input is written like `credit.limit`.
    pub fn new(field: &str, code: Code, message: impl Into<String>) -> Self {
        let field = field.split('.').map(str::to_owned).collect();
        Self { field, code, message: message.into() }
    }

    pub fn external_id_taken() -> Self {
        Self::new("externalId", Code::Taken, "another object of this type has this externalId")
    }

    pub fn no_customer_group() -> Self {
        Self::new("customerGroupId", Code::NotFound, "there is no customer group with this id")
    }

    pub fn no_pos_profile() -> Self {
        Self::new("posProfileId", Code::NotFound, "there is no POS profile with this id")
    }

    /// The violation of a customer that has been merged into that one.
    pub fn merged(field: &str, into: Uid) -> Self {
        let into = NodeType::Customer.id(into);
        let message = format!("this customer has been merged into {into}");
        Self::new(field, Code::Merged, message)
    }

    pub fn second_primary() -> Self {
        Self::new("isPrimary", Code::Invalid, "only one of them can be the primary one")
    }

    /// The same violation, within an input at that path.
    #[must_use]
    pub fn within(mut self, path: impl IntoIterator<Item = String>) -> Self {
        self.field = path.into_iter().chain(self.field).collect();
        self
    }

    /// A violation in the item at that position of a list.
    pub fn at(field: &str, position: usize, code: Code, message: impl Into<String>) -> Self {
        let field = vec![field.to_owned(), position.to_string()];
        Self { field, code, message: message.into() }
    }
}

/// Longest text on one line, in characters.
pub const LINE_MAX: usize = 255;
/// Longest URL, in characters.
pub const URL_MAX: usize = 2_048;
/// Longest text on several lines, in characters.
pub const TEXT_MAX: usize = 10_000;

/// Collects violations, so that a client learns of all of them at once.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    pub fn extend(&mut self, violations: impl IntoIterator<Item = Violation>) {
        self.0.extend(violations);
    }

    /// Collects the violations of a check; any other error is passed on.
    pub fn take(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        match result {
            Err(Error::Invalid(violations)) => self.0.extend(violations),
            other => return other,
        }
        Ok(())
    }

    /// Collects the violations of objects within the input, each at its path there.
    pub fn take_at(
        &mut self,
        paths: &HashMap<Uid, Vec<String>>,
        violations: Vec<(Uid, Violation)>,
    ) {
        let at = |(id, violation): (Uid, Violation)| {
            violation.within(paths.get(&id).cloned().unwrap_or_default())
        };
        self.0.extend(violations.into_iter().map(at));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// Reports that a required value is missing.
    pub fn required(&mut self, field: &str) {
        self.push(Violation::new(field, Code::Required, "must not be empty"));
    }

    /// Checks an optional single-line text, and trims it; an empty one becomes `None`.
    pub fn line(&mut self, field: &str, value: &mut Option<String>) {
        self.optional(field, value, LINE_MAX, false);
    }

    /// Checks a URL. Only a request could tell whether it exists, but scripts and files are
    /// rejected, because clients display it as a link.
    pub fn url(&mut self, field: &str, value: &mut Option<String>) {
        self.optional(field, value, URL_MAX, false);
        if value.as_deref().is_some_and(|url| !is_web_address(url)) {
            let message = "must be an address that begins with http:// or https://, like \
                           https://example.com";
            self.push(Violation::new(field, Code::Invalid, message));
        }
    }

    /// Checks a text that may have line breaks and tabs.
    pub fn text(&mut self, field: &str, value: &mut Option<String>) {
        self.optional(field, value, TEXT_MAX, true);
    }

    /// Checks an e-mail address. Only a message could tell whether it exists; this rejects
    /// impossible ones.
    pub fn email(&mut self, field: &str, value: &mut Option<String>) {
        self.line(field, value);
        let plausible = |address: &str| {
            address.rsplit_once('@').is_some_and(|(name, domain)| {
                let labels_filled = domain.split('.').all(|label| !label.is_empty());
                let is_quoted = name.len() > 2 && name.starts_with('"') && name.ends_with('"');
                let is_name = !name.is_empty() && (is_quoted || !name.contains('@'));
                is_name && labels_filled && !address.contains(char::is_whitespace)
            })
        };
        if value.as_deref().is_some_and(|address| !plausible(address)) {
            let message = "must be an e-mail address, like name@example.com";
            self.push(Violation::new(field, Code::Invalid, message));
        }
    }

    /// Checks an ISO 4217 currency code.
    pub fn currency(&mut self, field: &str, value: &mut Option<String>) {
        self.line(field, value);
        let is_code = |code: &str| iso_currency::Currency::from_code(code).is_some();
        if value.as_deref().is_some_and(|code| !is_code(code)) {
            let message = "must be a currency's code of three capital letters (ISO 4217), like EUR";
            self.push(Violation::new(field, Code::Invalid, message));
        }
    }

    /// Checks an ISO 3166-1 country code.
    pub fn country(&mut self, field: &str, value: &mut Option<String>) {
        self.line(field, value);
        let is_code = |code: &str| {
            rust_iso3166::from_alpha2(code).is_some_and(|country| country.alpha2 == code)
        };
        if value.as_deref().is_some_and(|code| !is_code(code)) {
            let message = "must be a country's code of two capital letters (ISO 3166-1), like NO";
            self.push(Violation::new(field, Code::Invalid, message));
        }
    }

    /// Checks that a number is not negative.
    pub fn not_negative<T: PartialOrd + Default>(&mut self, field: &str, value: &Option<T>) {
        if value.as_ref().is_some_and(|value| *value < T::default()) {
            self.push(Violation::new(field, Code::Invalid, "must not be negative"));
        }
    }

    fn optional(&mut self, field: &str, value: &mut Option<String>, max: usize, lines: bool) {
        if let Some(text) = value {
            trim(text);
            self.check(field, text, max, lines);
        }
        value.take_if(|text| text.is_empty());
    }

    fn check(&mut self, field: &str, value: &str, max: usize, lines: bool) {
        if value.chars().count() > max {
            let message = format!("must have at most {max} characters");
            self.push(Violation::new(field, Code::TooLong, message));
        }
        let allowed = |char: char| lines && matches!(char, '\n' | '\r' | '\t');
        if value.chars().any(|char| char.is_control() && !allowed(char)) {
            let message = "must not have control characters";
            self.push(Violation::new(field, Code::Invalid, message));
        }
        if !lines && value.chars().any(text::breaks_line) {
            let message = "must not have line separators, or characters that override the direction \
                           of the text";
            self.push(Violation::new(field, Code::Invalid, message));
        }
        if !lines && !value.is_empty() && value.chars().all(text::is_invisible) {
            let message = "must have visible characters";
            self.push(Violation::new(field, Code::Invalid, message));
        }
    }
}

/// Whether it is a complete http or https URL. (The parser would also accept one without slashes,
/// and ignore or encode spaces.)
fn is_web_address(text: &str) -> bool {
    let is_written_out = ["http://", "https://"].iter().any(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(scheme) && !rest.starts_with(['/', '\\'])
    });
    let url = Url::parse(text).ok().filter(Url::has_host);
    is_written_out && url.is_some() && !text.contains(char::is_whitespace)
}

/// The paths of the items of a parent's list, by their ids, and the path of the list, by the
/// parent's id.
pub fn paths(field: &str, parent: Uid, ids: &[Uid]) -> HashMap<Uid, Vec<String>> {
    let path = |(position, id): (usize, &Uid)| (*id, vec![field.to_owned(), position.to_string()]);
    let of_items = ids.iter().enumerate().map(path);
    of_items.chain([(parent, vec![field.to_owned()])]).collect()
}

fn trim(value: &mut String) {
    let trimmed = value.trim();
    if trimmed.len() < value.len() {
        *value = trimmed.to_owned();
    }
}
