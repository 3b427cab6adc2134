//! The assets that the page loads: scripts, styles and a font.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::{self, Read},
    sync::{LazyLock, OnceLock},
};

use axum::{
    body::{Body, Bytes},
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use rust_embed::Embed;

use super::NO_SNIFF;
use crate::http::{negotiate::accepts_gzip, paced::PacedBody};

#[derive(Embed)]
#[folder = "graphiql/built/assets/"]
struct Built;

/// The assets by name. The names contain hashes of the contents.
static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let names = Built::iter().filter_map(|file| Some((file.strip_suffix(".gz")?.to_owned(), file)));
    names.filter_map(|(name, file)| Some((name, Asset::new(Built::get(&file)?.data)))).collect()
});

struct Asset {
    compressed: Bytes,
    /// Decompressed once, on first use.
    plain: OnceLock<Option<Bytes>>,
}

impl Asset {
    fn new(compressed: Cow<'static, [u8]>) -> Self {
        let compressed = match compressed {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        Self { compressed, plain: OnceLock::new() }
    }

    /// The asset for a client that does not accept gzip; `None` if it cannot be decompressed.
    fn plain(&self) -> Option<Bytes> {
        self.plain
            .get_or_init(|| {
                let plain = decompress(&self.compressed);
                plain.inspect_err(|error| tracing::error!(%error, "a damaged asset")).ok()
            })
            .clone()
    }
}

fn decompress(compressed: &[u8]) -> io::Result<Bytes> {
    let mut plain = Vec::new();
    GzDecoder::new(compressed).read_to_end(&mut plain)?;
    Ok(plain.into())
}

/// The media types of all files in the build.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "ttf")) => "font/ttf",
        _ => "application/octet-stream",
    }
}

pub async fn asset(Path(name): Path<String>, request: HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(&name) else {
        return (StatusCode::NOT_FOUND, [NO_SNIFF]).into_response();
    };
    let headers = [
        NO_SNIFF,
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_TYPE, content_type(&name)),
        (header::VARY, "Accept-Encoding"),
    ];
    if accepts_gzip(&request) {
        let encoding = [(header::CONTENT_ENCODING, "gzip")];
        return (headers, encoding, body(asset.compressed.clone())).into_response();
    }
    match asset.plain() {
        Some(plain) => (headers, body(plain)).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn body(bytes: Bytes) -> Body {
    PacedBody::new(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_can_be_decompressed_and_has_a_type() {
        assert!(ASSETS.len() > 10, "{}", ASSETS.len());
        for (name, asset) in ASSETS.iter() {
            assert!(asset.plain().is_some_and(|it| !it.is_empty()), "{name}");
            assert_ne!(content_type(name), "application/octet-stream", "{name}");
        }
    }
}
