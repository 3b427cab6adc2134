//! Converts all errors to GraphQL errors.
//!
//! Errors that the client's user can correct are `userErrors` in the payload of the mutation.
//! Errors that its developer or operator must fix are in the response's `errors`, with
//! `extensions.code`. Defects of the server are logged; the client only learns that one occurred.

use async_graphql::{ErrorExtensionValues, ErrorExtensions, Response, ServerError, Value, value};

use crate::{
    db,
    limits::{ERROR_MESSAGE_MAX, ERRORS_MAX, Exceeded, Overrun},
};

/// Declares the codes with their names.
macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $Code:ident = $name:literal,)+) => {
        /// `extensions.code` of an error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $Code,)+
        }

        impl ErrorCode {
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$Code),)+
                    _ => None,
                }
            }

            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$Code => $name,)+
                }
            }
        }
    };
}

error_codes! {
    /// The JSON, the document or an argument is invalid.
    BadUserInput = "BAD_USER_INPUT",
    /// The credential is missing or invalid.
    Unauthenticated = "UNAUTHENTICATED",
    /// The credential is valid, but does not permit this.
    Forbidden = "FORBIDDEN",
    /// An object that the request names, and that its result depends on, does not exist.
    NotFound = "NOT_FOUND",
    /// A concurrent change interfered; a retry may succeed.
    Conflict = "CONFLICT",
    /// The database is unavailable; the same request may succeed later.
    ServiceUnavailable = "SERVICE_UNAVAILABLE",
    /// The document is not on the server's list of trusted documents.
    DocumentNotTrusted = "DOCUMENT_NOT_TRUSTED",
    /// No document is registered for this hash. The client should send the document, which
    /// registers it.
    PersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND",
    /// This server does not register documents; the client must send them.
    PersistedQueryNotSupported = "PERSISTED_QUERY_NOT_SUPPORTED",
    /// The request took too long.
    RequestTimeout = "REQUEST_TIMEOUT",
    /// There were too many requests; the same one may succeed later.
    RateLimited = "RATE_LIMITED",
    /// A defect in the server.
    InternalServerError = "INTERNAL_SERVER_ERROR",
}

/// An error that ends a resolver.
///
/// A nullable field returns `Option<Result<…>>`: the error is reported, the field is `null`, and
/// the rest of the response is complete. For `Result<Option<…>>` the library would null the
/// surrounding object. Mutations return `Result<…>`, which has the same effect at their root, where
/// every field is nullable.
///
/// It does not implement `Display`, so every error passes through the conversion below.
#[derive(Clone, Debug)]
pub struct Error {
    code: ErrorCode,
    message: String,
    /// The limit that the request exceeded.
    exceeded: Option<Exceeded>,
}

impl Error {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), exceeded: None }
    }

    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    pub fn forbidden() -> Self {
        let message = "this key is read-only: mutations require the scope write";
        Self::new(ErrorCode::Forbidden, message)
    }

    pub fn not_administrator() -> Self {
        let message = "this requires a key with the scope admin";
        Self::new(ErrorCode::Forbidden, message)
    }

    fn not_found(message: &str) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    pub fn abandoned() -> Self {
        let message =
            "the request took too long, or its client is gone: the mutation was not started";
        Self::new(ErrorCode::RequestTimeout, message)
    }

    /// The requested object was deleted during the request.
    pub fn deleted() -> Self {
        let message = "this was deleted in the meantime: try again";
        Self::new(ErrorCode::Conflict, message)
    }

    /// A defect in the server.
    pub fn internal(cause: &str) -> Self {
        tracing::error!(cause, "request failed");
        let message = "the server failed to process the request; this is not the request's fault";
        Self::new(ErrorCode::InternalServerError, message)
    }
}

impl From<Overrun> for Error {
    fn from(overrun: Overrun) -> Self {
        let message = overrun.to_string();
        match overrun {
            Overrun::Limit(exceeded) => {
                Self { exceeded: Some(exceeded), ..Self::bad_input(message) }
            }
            Overrun::Memory => Self::new(ErrorCode::ServiceUnavailable, message),
        }
    }
}

impl From<&db::Error> for Error {
    fn from(error: &db::Error) -> Self {
        let cause = db::describe(error);
        let (code, message) = match error {
            db::Error::Overrun(overrun) => return overrun.clone().into(),
            db::Error::Abandoned => return Self::abandoned(),
            db::Error::Missing(message) => return Self::not_found(message),
            db::Error::Unavailable(_) | db::Error::NotMigrated(_) => {
                (ErrorCode::ServiceUnavailable, "the database is not available: try again later")
            }
            db::Error::Interrupted(_) => (
                ErrorCode::ServiceUnavailable,
                "the connection to the database broke: a mutation may or may not have been committed",
            ),
            db::Error::DiskFull => (
                ErrorCode::ServiceUnavailable,
                "the disk of the database is full: nothing was changed",
            ),
            // A reference or a unique key changed after it was checked.
            db::Error::Conflict(_) | db::Error::NotUnique(_) | db::Error::Reference(_) => {
                (ErrorCode::Conflict, "a concurrent change interfered: try again")
            }
            db::Error::Timeout(_) => (ErrorCode::RequestTimeout, "the database took too long"),
            db::Error::Statement(_) => return Self::internal(&cause),
        };
        tracing::warn!(cause, "request refused");
        Self::new(code, message)
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        Self::from(&error)
    }
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let code = error.code.name();
        Self::new(error.message).extend_with(|_, extensions| {
            extensions.set("code", code);
            if let Some(exceeded) = error.exceeded {
                extensions.set("limit", limit_of(&exceeded));
            }
        })
    }
}

/// Adds codes to async-graphql's own errors.
pub fn with_codes(mut response: Response) -> Response {
    response.errors = response.errors.into_iter().map(with_code).collect();
    response
}

/// Adds `BAD_USER_INPUT` to an error without a code, because only request errors have none.
pub fn with_code(mut error: ServerError) -> ServerError {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_none() {
        extensions.set("code", ErrorCode::BadUserInput.name());
    }
    error
}

/// The error of a request whose changes were committed, but may not be durable yet.
pub fn not_durable(error: &db::Error) -> ServerError {
    tracing::error!(cause = db::describe(error), "changes may not be on the disk");
    let message = "the disk did not confirm the changes: they may have been lost";
    request_error(ErrorCode::ServiceUnavailable, message)
}

/// The error of a request that exceeded a limit or was abandoned.
pub fn stopped(overrun: &Overrun) -> ServerError {
    match overrun {
        Overrun::Limit(exceeded) => limit_exceeded(exceeded),
        Overrun::Memory => request_error(ErrorCode::ServiceUnavailable, overrun.to_string()),
    }
}

/// The error of a request that exceeds a limit. Its extensions contain the limit's name, the limit
/// and the actual value.
pub fn limit_exceeded(exceeded: &Exceeded) -> ServerError {
    let mut error = request_error(ErrorCode::BadUserInput, exceeded.to_string());
    if let Some(extensions) = &mut error.extensions {
        extensions.set("limit", limit_of(exceeded));
    }
    error
}

fn limit_of(exceeded: &Exceeded) -> Value {
    value!({ "name": exceeded.limit, "max": exceeded.max, "value": exceeded.value })
}

/// An error of the whole request.
pub fn request_error(code: ErrorCode, message: impl Into<String>) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.name());
    error.extensions = Some(extensions);
    error
}

/// Limits the number of errors in a response and their lengths.
pub fn bound_errors(errors: &mut Vec<ServerError>) {
    errors.truncate(ERRORS_MAX);
    for error in errors {
        if error.message.len() > ERROR_MESSAGE_MAX {
            let mut end = ERROR_MESSAGE_MAX - '…'.len_utf8();
            while !error.message.is_char_boundary(end) {
                end -= 1;
            }
            error.message.truncate(end);
            error.message.push('…');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_few_and_short() {
        let long = "ä".repeat(ERROR_MESSAGE_MAX);
        let mut errors = vec![ServerError::new(long, None); 3 * ERRORS_MAX];
        bound_errors(&mut errors);
        assert_eq!(errors.len(), ERRORS_MAX);
        for error in errors {
            assert!(error.message.ends_with("ä…"));
            assert!((ERROR_MESSAGE_MAX - 2..=ERROR_MESSAGE_MAX).contains(&error.message.len()));
        }
    }
}
