//! Loader keys of custom attributes.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{Key, Values, keys::group_by};
use crate::{
    auth::Tenant,
    db::{self, Db, pick::ColumnSet, types::Uid},
    models::custom_attribute::{self, CustomAttribute, Definition, Noun},
};

/// Loader key for the custom attributes of an object; at least the one with this key, if a key is
/// given.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AttributesOf {
    pub noun: Noun,
    pub object: Uid,
    /// Shared by all objects of a list.
    pub key: Option<Arc<str>>,
}

impl Key for AttributesOf {
    /// Shared by all resolvers that wait for it.
    type Value = Arc<[CustomAttribute]>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let mut loaded = HashMap::new();
        let mut lease = db.read().await?;
        for (noun, mut objects) in group_by(keys, |key| key.noun, |key| key.object) {
            objects.sort_unstable();
            objects.dedup();
            let of_noun = || keys.iter().filter(|key| key.noun == noun);
            // `None` means all attributes: one field that needs all is enough.
            let wanted: Option<HashSet<&str>> = of_noun().map(|key| key.key.as_deref()).collect();
            let wanted = wanted.map(|keys| keys.into_iter().map(str::to_owned).collect());
            let conn = &mut lease.conn();
            let found = custom_attribute::of_objects(conn, tenant, noun, &objects, wanted).await?;
            let found = found.into_iter().map(|(object, it)| ((noun, object), Arc::from(it)));
            loaded.extend(found);
        }
        Ok(keys.iter().map(|key| loaded.get(&(key.noun, key.object)).map(Arc::clone)).collect())
    }
}

/// Loader key for the definition of a custom attribute, by the attribute's key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DefinitionOf {
    pub noun: Noun,
    pub key: String,
}

impl Key for DefinitionOf {
    type Value = Arc<Definition>;

    async fn load(
        db: &Db,
        tenant: &Tenant,
        keys: &[Self],
        _columns: ColumnSet,
    ) -> Result<Values<Self>, db::Error> {
        let mut loaded = HashMap::new();
        let mut lease = db.read().await?;
        for noun in Noun::ALL {
            let of_noun = keys.iter().filter(|key| key.noun == noun);
            let wanted: Vec<String> = of_noun.map(|key| key.key.clone()).collect();
            if wanted.is_empty() {
                continue;
            }
            let conn = &mut lease.conn();
            let found = custom_attribute::with_keys(conn, tenant, noun, wanted).await?;
            conn.meter().take_rows(found.len())?;
            let key = |it: &Definition| Self { noun, key: it.key.clone() };
            loaded.extend(found.into_iter().map(|it| (key(&it), Arc::new(it))));
        }
        Ok(keys.iter().map(|key| loaded.remove(key)).collect())
    }
}
