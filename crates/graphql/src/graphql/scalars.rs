//! Numbers in requests. (The scalars are in `clientele_db::scalars`.)

use bytes::Bytes;

/// Preserves the digits of a number that is not an integer, or is too big for
/// [`Value::Number`](async_graphql::Value::Number). async-graphql has no variant for such numbers, so they are
/// [`Value::Binary`](async_graphql::Value::Binary), which nothing else here uses.
pub fn written_number(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}
