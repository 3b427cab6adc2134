//! The outcomes of GraphQL requests, for logs and metrics.

use async_graphql::{ServerError, Value};

use crate::{graphql::ErrorCode, limits};

/// Maximum length of an operation's name in the log.
const NAME_MAX: usize = 64;

/// The outcome of a GraphQL request: an extension of its response. It contains only data that may
/// be logged: no customer data and no variables.
#[derive(Clone, Debug, Default)]
pub struct RequestOutcome {
    /// The name of the key.
    pub key: Option<String>,
    /// The name of the operation, if it has one.
    pub operation: Option<String>,
    /// `query` or `mutation`.
    pub kind: Option<&'static str>,
    pub result: Outcome,
    pub rows: Option<u64>,
    pub statements: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    #[default]
    Ok,
    /// A mutation returned user errors.
    UserError,
    /// The request exceeded the limit with this name.
    Rejected(&'static str),
    /// The response has an error with this code.
    Error(&'static str),
    /// The client disconnected before the response.
    ClientGone,
}

impl Outcome {
    /// The value of the metrics' label.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::UserError => "user_error",
            Self::Rejected(_) => "rejected",
            Self::Error(code) => code,
            Self::ClientGone => "client_gone",
        }
    }

    pub const fn limit(self) -> Option<&'static str> {
        match self {
            Self::Rejected(limit) => Some(limit),
            _ => None,
        }
    }

    /// The outcome of a response with errors.
    pub fn of_errors(errors: &[ServerError]) -> Self {
        let extensions = errors.first().and_then(|error| error.extensions.as_ref());
        if let Some(Value::Object(limit)) = extensions.and_then(|it| it.get("limit"))
            && let Some(Value::String(name)) = limit.get("name")
            && let Some(name) = limits::named(name)
        {
            return Self::Rejected(name);
        }
        let code = match extensions.and_then(|it| it.get("code")) {
            Some(Value::String(name)) => ErrorCode::named(name),
            _ => None,
        };
        Self::Error(code.unwrap_or(ErrorCode::BadUserInput).name())
    }
}

impl From<&async_graphql::Response> for Outcome {
    fn from(response: &async_graphql::Response) -> Self {
        if !response.errors.is_empty() {
            return Self::of_errors(&response.errors);
        }
        let Value::Object(fields) = &response.data else { return Self::Ok };
        let has_user_errors = |payload: &Value| match payload {
            Value::Object(payload) => matches!(
                payload.get("userErrors"), Some(Value::List(errors)) if !errors.is_empty()
            ),
            _ => false,
        };
        if fields.values().any(has_user_errors) { Self::UserError } else { Self::Ok }
    }
}

impl RequestOutcome {
    /// Sets the operation's name if it is valid: letters, digits and `_`.
    pub fn set_operation(&mut self, name: &str) {
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name && (1..=NAME_MAX).contains(&name.len()) {
            self.operation = Some(name.to_owned());
        }
    }
}
