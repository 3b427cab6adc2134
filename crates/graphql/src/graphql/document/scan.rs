//! Scans a document's text before parsing, to count its tokens and the nesting of its brackets. The
//! parser recurses and allocates memory for each token, so both must be bounded first.

use std::{borrow::Cow, ops::Range};

use crate::limits::{Exceeded, Limits};

/// Scans a document and checks it against the limits. Returns the text with spaces in place of the
/// descriptions of operations, fragments and variables: the September 2025 specification allows
/// them, but the parser does not support them yet.
pub fn scan<'a>(text: &'a str, limits: &Limits) -> Result<Cow<'a, str>, Exceeded> {
    let mut scan = Scan::new(text, limits);
    scan.run()?;
    if scan.descriptions.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    let mut blank = text.to_owned();
    for range in scan.descriptions {
        // Keep line terminators, so that errors have the right line numbers.
        let kept: String = blank
            .get(range.clone())
            .unwrap_or_default()
            .bytes()
            .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
            .collect();
        blank.replace_range(range, &kept);
    }
    Ok(Cow::Owned(blank))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    None,
    Name,
    String,
    Dollar,
    Equals,
    Other,
}

struct Scan<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    at: usize,
    tokens: usize,
    directives: usize,
    /// Open braces outside of parentheses: selection sets.
    selection_sets: usize,
    /// Open parentheses.
    parentheses: usize,
    /// Open brackets and braces within parentheses: lists and objects.
    values: usize,
    /// The token before the current one.
    previous: Token,
    /// The last string, which is a description if an operation, a fragment or a variable follows.
    candidate: Option<Range<usize>>,
    descriptions: Vec<Range<usize>>,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self {
            bytes: text.as_bytes(),
            limits,
            at: 0,
            tokens: 0,
            directives: 0,
            selection_sets: 0,
            parentheses: 0,
            values: 0,
            previous: Token::None,
            candidate: None,
            descriptions: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), Exceeded> {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            let start = self.at;
            self.at += 1;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => continue,
                // The parser also turns commas into tokens, although they are insignificant.
                b',' => {
                    self.count_token()?;
                    continue;
                }
                b'#' => {
                    self.skip_while(|byte| byte != b'\n' && byte != b'\r');
                    self.count_token()?;
                    continue;
                }
                _ => {}
            }
            self.count_token()?;
            let token = self.token(byte)?;
            self.note(token, start);
        }
        Ok(())
    }

    /// Reads the rest of a token that begins with this byte.
    fn token(&mut self, byte: u8) -> Result<Token, Exceeded> {
        match byte {
            b'"' => self.skip_string(),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.skip_while(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                return Ok(Token::Name);
            }
            b'-' | b'0'..=b'9' => {
                let part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
                self.skip_while(part);
            }
            b'.' => self.skip_while(|byte| byte == b'.'),
            b'@' => {
                self.directives += 1;
                let max = self.limits.directives;
                Exceeded::check("directives", "directives", max, self.directives)?;
            }
            b'{' | b'[' | b'(' => self.open(byte)?,
            b'}' | b']' | b')' => self.close(byte),
            // A multi-byte character is one token: an error, or a byte order mark.
            0x80.. => self.skip_while(|byte| (0x80..0xc0).contains(&byte)),
            _ => {}
        }
        Ok(match byte {
            b'"' => Token::String,
            b'$' => Token::Dollar,
            b'=' => Token::Equals,
            _ => Token::Other,
        })
    }

    fn count_token(&mut self) -> Result<(), Exceeded> {
        self.tokens += 1;
        Exceeded::check("tokens", "tokens", self.limits.tokens, self.tokens)
    }

    fn open(&mut self, byte: u8) -> Result<(), Exceeded> {
        if self.parentheses == 0 && byte == b'{' {
            self.selection_sets += 1;
            let max = self.limits.selection_set_depth();
            return Exceeded::check("depth", "levels of braces", max, self.selection_sets);
        }
        if byte == b'(' {
            self.parentheses += 1;
        } else {
            self.values += 1;
        }
        // Nested parentheses (the arguments of a variable's directive) count as levels, too.
        let levels = self.values + self.parentheses.saturating_sub(1);
        Exceeded::check("value-depth", "levels of values", self.limits.value_depth, levels)
    }

    /// Leaves unmatched closing brackets to the parser, which reports them.
    fn close(&mut self, byte: u8) {
        let open = match byte {
            b')' => &mut self.parentheses,
            b'}' if self.parentheses == 0 => &mut self.selection_sets,
            _ => &mut self.values,
        };
        *open = open.saturating_sub(1);
    }

    fn skip_while(&mut self, part: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| part(*byte)) {
            self.at += 1;
        }
    }

    /// Skips the rest of a string or a block string. An unterminated one is skipped as far as the
    /// parser reads it: to the end of its line or of the document.
    fn skip_string(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if rest.starts_with(b"\"\"") {
            self.at += 2;
            self.skip_block();
            return;
        }
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' | b'\n' | b'\r' => return,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }

    fn skip_block(&mut self) {
        while let Some(rest) = self.bytes.get(self.at..).filter(|rest| !rest.is_empty()) {
            if rest.starts_with(b"\\\"\"\"") {
                self.at += 4;
            } else if rest.starts_with(b"\"\"\"") {
                self.at += 3;
                return;
            } else {
                self.at += 1;
            }
        }
    }

    /// Records a token. If the previous token was a description, records it as one to blank out.
    fn note(&mut self, token: Token, start: usize) {
        if let Some(range) = self.candidate.take() {
            let of_definition = self.parentheses == 0 && token == Token::Name;
            let of_variable = self.parentheses == 1 && token == Token::Dollar;
            if of_definition || of_variable {
                self.descriptions.push(range);
            }
        }
        let may_describe = self.selection_sets == 0
            && self.values == 0
            && self.parentheses <= 1
            && self.previous != Token::Equals;
        if token == Token::String && may_describe {
            self.candidate = Some(start..self.at);
        }
        self.previous = token;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { tokens: 12, value_depth: 2, depth: 1, directives: 1, ..Limits::default() }
    }

    fn exceeded(text: &str) -> Option<(&'static str, usize)> {
        scan(text, &limits()).err().map(|it| (it.limit, it.value))
    }

    #[test]
    fn counts_what_the_parser_would_build() {
        assert_eq!(exceeded("{ a(b: [[1]]) }"), None);
        assert_eq!(exceeded("{ a(b: [[[1]]]) }"), Some(("value-depth", 3)));
        assert_eq!(exceeded("{ a { b { c } } }"), Some(("depth", 3)));
        assert_eq!(exceeded("{ a @b @c }"), Some(("directives", 2)));
        assert_eq!(exceeded("a a a a a a a a a a a a"), None);
        assert_eq!(exceeded("a a a a a a a a a a a a a"), Some(("tokens", 13)));
        assert_eq!(exceeded(",,,,,,,,,,,,,"), Some(("tokens", 13)));
        assert_eq!(exceeded("#\n#\n#\n#\n#\n#\n#\n#\n#\n#\n#\n#\n#"), Some(("tokens", 13)));
    }

    #[test]
    fn what_is_in_a_string_or_a_comment_is_not_counted() {
        assert_eq!(exceeded(r#"{ a(b: "[[[[ {{{{ \" @@@@") } # {{{{ [[[["#), None);
        assert_eq!(exceeded(r#"{ a(b: """[[[[ " \""" @@@@""") }"#), None);
        // An unterminated string ends with its line, so the brackets after it count.
        assert_eq!(exceeded("{ a(b: \"\n[[[[\") }"), Some(("value-depth", 3)));
    }

    #[test]
    fn descriptions_become_blanks() {
        let cleaned = |text| scan(text, &Limits::default()).unwrap().into_owned();
        assert_eq!(cleaned("\"d\" query Q { a }"), "    query Q { a }");
        assert_eq!(cleaned("\"\"\"d\n\u{e9}\"\"\" fragment"), "    \n      fragment");
        assert_eq!(cleaned(r#"query("d" $a: A "e" $b: B)"#), r"query(    $a: A     $b: B)");
        for kept in [
            r#""d" { a }"#,
            r#"query($a: A = "x" $b: B)"#,
            r#"query($a: A = ["x"] $b: B)"#,
            r#"query($a: A @d(b: "x") $b: B)"#,
            r#"{ a(b: "x" c: $c) }"#,
        ] {
            assert_eq!(cleaned(kept), kept);
        }
    }
}
