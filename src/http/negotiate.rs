//! Content negotiation: the media type of the response, and the accepted media types of requests.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media type of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// `application/json`, for clients that do not support the newer type. The response to every
    /// well-formed request has the status 200.
    #[default]
    Json,
    /// `application/graphql-response+json`. The status shows whether there is data.
    GraphqlResponse,
}

impl Format {
    /// The media type that the client prefers; `None` if it accepts neither.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return Some(Self::default());
        }
        let graphql = Preference::of(headers, "graphql-response+json");
        let json = Preference::of(headers, "json");
        // At equal preference, the type whose status is more informative wins, unless it matched
        // only a wildcard.
        let is_graphql = graphql > json || (graphql == json && graphql.is_named());
        let (format, chosen) =
            if is_graphql { (Self::GraphqlResponse, graphql) } else { (Self::Json, json) };
        (chosen.quality > 0).then_some(format)
    }

    pub const fn content_type(self) -> HeaderValue {
        match self {
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
            Self::GraphqlResponse => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
        }
    }
}

/// The preference of a client for a media type, and its specificity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    /// In thousandths.
    quality: u16,
    specificity: u8,
}

impl Preference {
    /// The preference for a subtype of `application/` in the header `Accept`. The most specific
    /// range counts.
    fn of(headers: &HeaderMap, subtype: &str) -> Self {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok());
        let ranges = values.flat_map(|value| value.split(','));
        let matching = ranges.filter_map(|range| Self::of_range(range, subtype));
        matching.max_by_key(|it| it.specificity).unwrap_or_default()
    }

    fn of_range(range: &str, subtype: &str) -> Option<Self> {
        let MediaType { essence, parameters } = MediaType::parse(range);
        let specificity = match essence.to_ascii_lowercase().split_once('/')? {
            ("*", "*") => 0,
            ("application", "*") => 1,
            ("application", it) if it == subtype => 2,
            _ => return None,
        };
        let mut quality = 1_000;
        for (name, value) in parameters {
            match name.to_ascii_lowercase().as_str() {
                "q" => quality = thousandths(value)?,
                "charset" if !is_utf8(value) => return None,
                _ => {}
            }
        }
        Some(Self { quality, specificity })
    }

    const fn is_named(self) -> bool {
        self.specificity == 2
    }
}

/// A media type (or range) and its parameters.
struct MediaType<'a> {
    essence: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> MediaType<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let parameter = |part: &'a str| {
            let (name, value) = part.split_once('=')?;
            Some((name.trim(), value.trim().trim_matches('"')))
        };
        Self { essence, parameters: parts.filter_map(parameter).collect() }
    }
}

/// Parses a quality: 0 to 1, with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let decimals: u16 = format!("{decimals:0<3}").parse().ok().filter(|_| is_number)?;
    match (whole, decimals) {
        ("0", decimals) => Some(decimals),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8")
}

/// Whether the body of the request is JSON in UTF-8, according to its Content-Type.
pub fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.map(MediaType::parse).is_some_and(|MediaType { essence, parameters }| {
        let mut charsets =
            parameters.iter().filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
        essence.eq_ignore_ascii_case("application/json") && charsets.all(|(_, it)| is_utf8(it))
    })
}

/// Whether the client is a browser that displays pages.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Whether the client accepts gzip. Without the header, responses are not compressed.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    let codings = values.flat_map(|value| value.split(',')).map(MediaType::parse);
    let named = codings.filter_map(|MediaType { essence, parameters }| {
        let is_named = ["gzip", "x-gzip"].iter().any(|it| essence.eq_ignore_ascii_case(it));
        let quality = parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case("q"));
        let quality = quality.map_or(Some(1_000), |(_, value)| thousandths(value))?;
        (is_named || essence == "*").then_some((is_named, quality))
    });
    named.max().is_some_and(|(_, quality)| quality > 0)
}

/// Whether the client has the representation with this entity tag. The comparison is weak, as
/// required for GET.
pub fn has_representation(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|it| it.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(','));
    tags.any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(accept: &'static str) -> Option<Format> {
        let headers = [(header::ACCEPT, HeaderValue::from_static(accept))];
        Format::negotiate(&headers.into_iter().collect())
    }

    #[test]
    fn the_client_chooses() {
        assert_eq!(Format::negotiate(&HeaderMap::new()), Some(Format::Json));
        for accept in [
            "application/json",
            "*/*",
            "application/*",
            "APPLICATION/JSON; CHARSET=UTF-8",
            "application/json, text/plain, */*",
            "application/graphql-response+json;q=0.5, application/json",
            "application/graphql-response+json;q=0, */*;q=0.1",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        ] {
            assert_eq!(negotiate(accept), Some(Format::Json), "{accept}");
        }
        for accept in [
            "application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            "application/json, application/graphql-response+json",
            "application/graphql-response+json,application/json;q=0.9",
            "application/json;q=0.001, application/graphql-response+json;q=0.002",
            "application/graphql-response+json, application/graphql+json, application/json, \
             text/event-stream, multipart/mixed",
            "*/*;q=0.8, application/graphql-response+json",
        ] {
            assert_eq!(negotiate(accept), Some(Format::GraphqlResponse), "{accept}");
        }
        for accept in [
            "",
            "text/html",
            "image/*",
            "application/json;q=0",
            "application/json;q=2",
            "application/json;q=x",
            "application/json;charset=latin1",
            "*/*;q=0",
        ] {
            assert_eq!(negotiate(accept), None, "{accept}");
        }
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        let accepts_gzip = |accepted: &'static str| {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))];
            accepts_gzip(&headers.into_iter().collect())
        };
        for accepted in ["gzip", "br, GZIP;q=0.5", "*", "x-gzip", "*;q=0, gzip;q=0.001"] {
            assert!(accepts_gzip(accepted), "{accepted}");
        }
        for accepted in ["", "br", "identity", "gzip;q=0", "*, gzip;q=0", "*;q=0", "gzip;q=x"] {
            assert!(!accepts_gzip(accepted), "{accepted}");
        }
    }

    #[test]
    fn json_is_utf8() {
        let is_json = |content_type: &'static str| {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
            is_json(&headers.into_iter().collect())
        };
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON ; Charset=\"UTF-8\""));
        assert!(!is_json("application/json; charset=latin1"));
        assert!(!is_json("application/json-seq"));
        assert!(!is_json("text/plain"));
    }
}
