//! Limits on the JSON of a request. They are checked on its bytes before parsing, because a value
//! takes many times the memory of its text.

use crate::limits::{Exceeded, Limits};

/// Levels of nesting around a variable in a request's body: the request and its `variables`.
pub const LEVELS_AROUND_VALUES: usize = 2;

/// Counts the values. Rejects JSON with more values or more levels than the limits allow, not counting the outer
/// `around` levels. Invalid JSON is left to the parser, which stops at the error.
pub fn count_values(json: &[u8], around: usize, limits: &Limits) -> Result<usize, Exceeded> {
    let mut counter = Counter { limits, around, values: 0, depth: 0, last: Last::Punctuation };
    let mut is_escaped = false;
    for byte in json {
        match (counter.last, byte) {
            (Last::OpenText, _) if is_escaped => is_escaped = false,
            (Last::OpenText, b'\\') => is_escaped = true,
            (Last::OpenText, b'"') => counter.last = Last::Text,
            (Last::OpenText, _) => {}
            _ => counter.outside_texts(*byte)?,
        }
    }
    Ok(counter.values)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Punctuation,
    OpenText,
    Text,
    /// A number, or `true`, `false`, `null`.
    Word,
}

struct Counter<'a> {
    limits: &'a Limits,
    around: usize,
    values: usize,
    depth: usize,
    last: Last,
}

impl Counter<'_> {
    fn outside_texts(&mut self, byte: u8) -> Result<(), Exceeded> {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return Ok(());
        }
        // A string before a colon is a key.
        if self.last == Last::Text && byte != b':' {
            self.count_value()?;
        }
        match byte {
            b'"' => {
                self.last = Last::OpenText;
                return Ok(());
            }
            b'[' | b'{' => {
                self.depth += 1;
                let depth = self.depth.saturating_sub(self.around);
                let unit = "levels of lists and objects";
                Exceeded::check("value-depth", unit, self.limits.value_depth, depth)?;
                self.count_value()?;
            }
            b']' | b'}' => self.depth = self.depth.saturating_sub(1),
            b':' | b',' => {}
            _ if self.last == Last::Word => return Ok(()),
            _ => {
                self.last = Last::Word;
                return self.count_value();
            }
        }
        self.last = Last::Punctuation;
        Ok(())
    }

    fn count_value(&mut self) -> Result<(), Exceeded> {
        self.values += 1;
        Exceeded::check("json-values", "values in its JSON", self.limits.json_values, self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(json_values: usize, value_depth: usize) -> Limits {
        Limits { json_values, value_depth, ..Limits::default() }
    }

    #[test]
    fn counts_values_and_levels() {
        let cases = [
            (r#"{"query":"{ a }","variables":{"a":[1,2,{"b":null}],"c":"[[[\"[["}}"#, 9, 2),
            ("[]", 1, 0),
            (" [ 0 , 0 , 0 ] ", 4, 0),
            (r#"{"a":"b"}"#, 2, 0),
            ("[[[[[[", 6, 4),
            ("[0,0,0,0,0", 6, 0),
        ];
        for (json, values, depth) in cases {
            let check = |values, depth| count_values(json.as_bytes(), 2, &limits(values, depth));
            assert_eq!(check(values, depth), Ok(values), "{json}");
            let too_many = check(values - 1, depth);
            assert_eq!(too_many.unwrap_err().limit, "json-values", "{json}");
            if depth > 0 {
                assert_eq!(check(values, depth - 1).unwrap_err().limit, "value-depth", "{json}");
            }
        }
    }
}
