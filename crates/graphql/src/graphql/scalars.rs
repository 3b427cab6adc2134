//! Numbers in requests. (The scalars are in `clientele_db::scalars`.)

use bytes::Bytes;

/// Keeps a number that is not whole, or too big for [`Value::Number`](async_graphql::Value::Number), digit for digit as it was
/// written. The library has no variant for such numbers, and nothing else here uses this one.
pub fn written_number(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}
