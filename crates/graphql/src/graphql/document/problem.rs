//! Errors in a document, with the messages of graphql-js, because developers search for those.

use apollo_compiler::{
    Name, Schema,
    diagnostic::ToCliReport,
    schema::ExtendedType,
    validation::{DiagnosticData, DiagnosticList},
};
use async_graphql::{Pos, ServerError};

use super::lines::Lines;
use crate::{
    graphql::error::{limit_exceeded, with_code},
    limits::{ERROR_MESSAGE_MAX, ERRORS_MAX, Exceeded},
};

/// A request error that is found before execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    message: String,
    location: Option<Pos>,
    exceeded: Option<Exceeded>,
}

impl Problem {
    /// A problem of the document as a whole.
    pub fn new(message: impl AsRef<str>) -> Self {
        Self { message: sentence(message.as_ref()), location: None, exceeded: None }
    }

    pub fn at(message: impl AsRef<str>, location: Option<Pos>) -> Self {
        Self { location, ..Self::new(message) }
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        Self { exceeded: Some(exceeded.clone()), ..Self::new(exceeded.to_string()) }
    }
}

impl From<Problem> for ServerError {
    fn from(problem: Problem) -> Self {
        let Problem { message, location, exceeded } = problem;
        match exceeded {
            Some(exceeded) => limit_exceeded(&exceeded),
            None => with_code(Self::new(message, location)),
        }
    }
}

/// Converts the first of apollo-compiler's diagnostics. Their `Display` draws the source with
/// arrows, so only the message and the position are used.
pub fn problems(
    diagnostics: &DiagnosticList,
    text: &str,
    schema: &Schema,
    suggests: bool,
) -> Vec<Problem> {
    let lines = Lines::new(text);
    let problem = |error: &DiagnosticData| {
        let mut message = message(error);
        if suggests && let Some(suggestion) = suggestion(error, &message, schema) {
            message = format!("{message} Did you mean {suggestion}?");
        }
        Problem::at(message, error.location().map(|it| lines.pos(it.offset())))
    };
    let diagnostics = diagnostics.iter().filter(|it| !is_consequence(it.error, text));
    diagnostics.take(ERRORS_MAX).map(|it| problem(it.error)).collect()
}

/// The parser's names of punctuators.
const SIGNS: [(&str, &str); 7] = [
    ("L_PAREN", "\"(\""),
    ("R_PAREN", "\")\""),
    ("L_CURLY", "\"{\""),
    ("R_CURLY", "\"}\""),
    ("L_BRACK", "\"[\""),
    ("R_BRACK", "\"]\""),
    ("COLON", "\":\""),
];

fn message(error: &DiagnosticData) -> String {
    if let Some(message) = error.unstable_compat_message() {
        return message;
    }
    let message = error.to_string();
    let Some(problem) = message.strip_prefix("syntax error: ") else { return message };
    // After `got`, the parser repeats the source.
    let expected = problem.strip_prefix("expected ").and_then(|it| it.split(", got ").next());
    let sign = expected.and_then(|it| SIGNS.iter().find(|(name, _)| *name == it));
    match sign {
        Some((_, sign)) => format!("Syntax Error: Expected {sign}."),
        None => format!("Syntax Error: {}", sentence(problem)),
    }
}

/// apollo-compiler removes invalid selections, and also reports a field that loses all of them as
/// having no subselection. A field that really has none does not end with a brace.
fn is_consequence(error: &DiagnosticData, text: &str) -> bool {
    let source = error.location().and_then(|it| text.get(it.offset()..it.end_offset()));
    error.unstable_error_name() == Some("MissingSubselection")
        && source.is_some_and(|it| it.trim_end_matches([' ', ',', '\n']).ends_with('}'))
}

/// Maximum length of a name for which suggestions are made.
const MISSPELT_MAX: usize = 64;

/// Names similar to an unknown one, quoted.
fn suggestion(error: &DiagnosticData, message: &str, schema: &Schema) -> Option<String> {
    let mut quoted = message.split('"').skip(1).step_by(2);
    let (name, place) = (quoted.next()?, quoted.next()?);
    let candidates: Vec<&str> = match error.unstable_error_name()? {
        "UndefinedField" | "UndefinedInputValue" => match schema.types.get(place)? {
            ExtendedType::Object(it) => it.fields.keys().map(Name::as_str).collect(),
            ExtendedType::Interface(it) => it.fields.keys().map(Name::as_str).collect(),
            ExtendedType::InputObject(it) => it.fields.keys().map(Name::as_str).collect(),
            _ => return None,
        },
        "UndefinedEnumValue" => schema.get_enum(place)?.values.keys().map(Name::as_str).collect(),
        "UndefinedArgument" => {
            let (ty, field) = place.split_once('.')?;
            let field = schema.type_field(ty, field).ok()?;
            field.arguments.iter().map(|it| it.name.as_str()).collect()
        }
        _ => return None,
    };
    let similar = similar(name, candidates);
    (!similar.is_empty()).then(|| similar.join(" or "))
}

/// Up to three names with a small edit distance, most similar first.
fn similar(name: &str, candidates: Vec<&str>) -> Vec<String> {
    if name.len() > MISSPELT_MAX {
        return Vec::new();
    }
    let folded = name.to_lowercase();
    let tolerance = 1 + name.len() / 4;
    let mut similar: Vec<(usize, &str)> = candidates
        .into_iter()
        .map(|it| (strsim::damerau_levenshtein(&folded, &it.to_lowercase()), it))
        .filter(|(distance, _)| *distance <= tolerance)
        .collect();
    similar.sort_unstable();
    similar.into_iter().take(3).map(|(_, it)| format!("\"{it}\"")).collect()
}

/// Turns a message into one line that begins with a capital letter, ends with a full stop and is
/// not too long.
fn sentence(message: &str) -> String {
    let mut sentence = String::new();
    for char in message.chars().map(|it| if it.is_control() { ' ' } else { it }) {
        if sentence.len() + char.len_utf8() + '…'.len_utf8() > ERROR_MESSAGE_MAX {
            sentence.push('…');
            return sentence;
        }
        sentence.push(char);
    }
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}
