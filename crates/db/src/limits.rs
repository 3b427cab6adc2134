//! The limits of a request. Each is checked before the work that it bounds, and is an option of
//! `clientele serve`.

use clap::Args;

/// Declares the limits: the name of each, its default, and a description, which is also the help of
/// its option.
macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $option:literal, $env:literal, $default:expr;)+) => {
        /// The limits of one request.
        #[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
        #[command(next_help_heading = "Limits of a request")]
        pub struct Limits {
            $(
                $(#[doc = $doc])+
                #[arg(long = $option, env = $env, default_value_t = $default, value_name = "NUMBER")]
                pub $name: usize,
            )+
        }

        /// The names of the limits, as in [`Exceeded`].
        const NAMES: &[&str] = &[$($option),+];

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }
    };
}

limits! {
    /// Maximum size of a request's body in bytes, before and after decompression.
    body_bytes: "limit-body-bytes", "CLIENTELE_LIMIT_BODY_BYTES", 1 << 20;
    /// Maximum number of values in a request's JSON: strings, numbers, lists and objects.
    json_values: "limit-json-values", "CLIENTELE_LIMIT_JSON_VALUES", 120_000;
    /// Maximum number of tokens in a document.
    tokens: "limit-tokens", "CLIENTELE_LIMIT_TOKENS", 20_000;
    /// Maximum depth of fields, with fragments expanded.
    depth: "limit-depth", "CLIENTELE_LIMIT_DEPTH", 24;
    /// Maximum depth of lists and objects in a value, with its variables inserted.
    value_depth: "limit-value-depth", "CLIENTELE_LIMIT_VALUE_DEPTH", 64;
    /// Maximum number of operations and fragments in a document.
    definitions: "limit-definitions", "CLIENTELE_LIMIT_DEFINITIONS", 200;
    /// Maximum number of aliases in a document.
    aliases: "limit-aliases", "CLIENTELE_LIMIT_ALIASES", 1_000;
    /// Maximum number of directives in a document.
    directives: "limit-directives", "CLIENTELE_LIMIT_DIRECTIVES", 200;
    /// Maximum number of fields in a document, with fragments expanded.
    selections: "limit-selections", "CLIENTELE_LIMIT_SELECTIONS", 20_000;
    /// Maximum number of root fields: each query is a statement, each mutation a transaction.
    root_fields: "limit-root-fields", "CLIENTELE_LIMIT_ROOT_FIELDS", 100;
    /// Maximum number of fields in the response, estimated before execution: a field in a list
    /// counts once for each row of a page.
    fields: "limit-fields", "CLIENTELE_LIMIT_FIELDS", 200_000;
    /// Maximum number of rows read for a response.
    rows: "limit-rows", "CLIENTELE_LIMIT_ROWS", 50_000;
    /// Maximum memory for the rows and values of a response, in bytes, before it is written.
    memory_bytes: "limit-memory-bytes", "CLIENTELE_LIMIT_MEMORY_BYTES", 48 << 20;
    /// Maximum size of a response in bytes, before compression.
    response_bytes: "limit-response-bytes", "CLIENTELE_LIMIT_RESPONSE_BYTES", 16 << 20;
    /// Maximum time from a request's first byte to its response, in seconds.
    seconds: "limit-seconds", "CLIENTELE_LIMIT_SECONDS", 30;
}

/// The limit of that name, without `limit-`.
pub fn named(name: &str) -> Option<&'static str> {
    let names = NAMES.iter().filter_map(|option| option.strip_prefix("limit-"));
    names.into_iter().find(|it| *it == name)
}

/// Maximum number of errors in one response.
pub const ERRORS_MAX: usize = 10;

/// Longest message of an error, in bytes.
pub const ERROR_MESSAGE_MAX: usize = 500;

/// A request that exceeds a limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request has {value} {unit}; the limit is {max} (limit-{limit})")]
pub struct Exceeded {
    /// The limit's name: its option without `limit-`.
    pub limit: &'static str,
    /// The unit of the numbers, in the plural: "tokens".
    pub unit: &'static str,
    pub max: usize,
    /// The request's own number, as far as it was counted: counting stops at the limit.
    pub value: usize,
}

/// The reason why a request ends early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Overrun {
    /// It exceeds one of its limits.
    #[error(transparent)]
    Limit(#[from] Exceeded),
    /// The requests in progress use all of the memory that the server has for them; a retry may
    /// succeed later.
    #[error(
        "the requests in progress need all memory that the server has for them: try again later"
    )]
    Memory,
}

impl Exceeded {
    /// Checks a count against its limit.
    pub fn check(
        limit: &'static str,
        unit: &'static str,
        max: usize,
        value: usize,
    ) -> Result<(), Self> {
        if value <= max { Ok(()) } else { Err(Self { limit, unit, max, value }) }
    }
}

impl Limits {
    /// Maximum depth of selection sets, including those of fragments: at each level, a field may be
    /// within its own fragment.
    pub fn selection_set_depth(&self) -> usize {
        self.depth * 2
    }
}
