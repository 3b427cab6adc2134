//! Trusted documents: the only documents that clients may use. The clients' builds list them in a
//! manifest.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use super::{
    persisted::{Hash, hash, parse_hash, refuse},
    request::Wanted,
};
use crate::{
    graphql::{Engine, ErrorCode},
    http::response::Refusal,
};

/// Maximum number of invalid documents that an error lists.
const NAMED_MAX: usize = 10;

/// Maximum length of the reason for each document, in characters.
const REASON_MAX: usize = 100;

/// The documents that are accepted. All others are rejected.
pub struct Trusted {
    by_id: HashMap<String, Arc<str>>,
    by_hash: HashMap<Hash, Arc<str>>,
}

/// An invalid manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "{} is neither an object of ids and documents nor an Apollo manifest of version 1: {source}",
        path.display()
    )]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("{} has no documents", path.display())]
    Empty { path: PathBuf },
    #[error("{} has documents that are invalid on this server: {}", path.display(), named(invalid))]
    Invalid { path: PathBuf, invalid: Vec<(String, String)> },
}

fn named(invalid: &[(String, String)]) -> String {
    let named = invalid.iter().take(NAMED_MAX);
    let mut named: Vec<_> = named.map(|(id, why)| format!("{id:?} ({})", in_line(why))).collect();
    if invalid.len() > NAMED_MAX {
        named.push(format!("and {} more", invalid.len() - NAMED_MAX));
    }
    named.join(", ")
}

/// The beginning of a message, on one line.
fn in_line(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(REASON_MAX).collect()
}

/// Apollo's operation manifest. (Relay's compiler and GraphQL Code Generator write an object that
/// maps ids to documents instead.)
#[derive(Deserialize)]
struct ApolloManifest {
    format: String,
    version: u64,
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

impl Trusted {
    /// Reads a manifest. Every document in it must be valid.
    pub fn read(path: &Path, engine: &Engine) -> Result<Self, ManifestError> {
        let path = path.to_owned();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(source) => return Err(ManifestError::Unreadable { path, source }),
        };
        let documents = match parse(&text) {
            Ok(documents) if documents.is_empty() => return Err(ManifestError::Empty { path }),
            Ok(documents) => documents,
            Err(source) => return Err(ManifestError::Malformed { path, source }),
        };
        let mut trusted = Self { by_id: HashMap::new(), by_hash: HashMap::new() };
        let mut invalid = Vec::new();
        for (id, text) in documents {
            match trusted.add(&id, &text, engine) {
                Ok(()) => {}
                Err(why) => invalid.push((id, why)),
            }
        }
        invalid.sort();
        if invalid.is_empty() { Ok(trusted) } else { Err(ManifestError::Invalid { path, invalid }) }
    }

    fn add(&mut self, id: &str, text: &str, engine: &Engine) -> Result<(), String> {
        engine.prepare(text, None).map_err(|errors| {
            errors.into_iter().next().map(|error| error.message).unwrap_or_default()
        })?;
        let text: Arc<str> = text.into();
        self.by_hash.insert(hash(&text), Arc::clone(&text));
        match self.by_id.insert(id.to_owned(), text) {
            Some(_) => Err("its id comes twice".to_owned()),
            None => Ok(()),
        }
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Finds the document that a request refers to by id or digest, or sends in full.
    pub fn find(&self, wanted: Wanted) -> Result<Arc<str>, Refusal> {
        let Wanted { query, document_id, sha256_hash } = wanted;
        let found = match (&document_id.or(sha256_hash), &query) {
            (Some(id), _) => self.by_id(id),
            (None, Some(query)) => self.by_hash.get(&hash(query)),
            (None, None) => None,
        };
        let is_same = |text: &&Arc<str>| query.as_ref().is_none_or(|query| ***text == **query);
        let untrusted = || {
            let message = "this document is not one of those that this server trusts";
            refuse(ErrorCode::DocumentNotTrusted, message)
        };
        found.filter(is_same).cloned().ok_or_else(untrusted)
    }

    fn by_id(&self, id: &str) -> Option<&Arc<str>> {
        self.by_id.get(id).or_else(|| self.by_hash.get(&parse_hash(id)?))
    }
}

/// Parses the ids and documents of a manifest.
fn parse(text: &str) -> Result<Vec<(String, String)>, serde_json::Error> {
    let manifest: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)?;
    if !manifest.get("operations").is_some_and(serde_json::Value::is_array) {
        let manifest: HashMap<String, String> = serde_json::from_str(text)?;
        return Ok(manifest.into_iter().collect());
    }
    let ApolloManifest { format, version, operations } = serde_json::from_str(text)?;
    if format != "apollo-persisted-query-manifest" || version != 1 {
        return Err(serde::de::Error::custom(format!("it is {format:?}, version {version}")));
    }
    Ok(operations.into_iter().map(|it| (it.id, it.body)).collect())
}
