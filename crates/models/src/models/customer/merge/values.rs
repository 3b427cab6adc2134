//! The custom attributes of customers that are merged.

use super::{plan::Chosen, snapshot::Snapshot};
use crate::{
    auth::Tenant,
    db::{Conn, types::Uid},
    models::{
        Code, Error, Violation, Violations,
        custom_attribute::{self, Definition, Noun, Texts},
    },
};

/// The values of a custom attribute before the merge, and whether the survivor takes those of the
/// absorbed customer.
pub struct MergedValues {
    pub definition: Definition,
    pub survivor: Vec<String>,
    pub absorbed: Vec<String>,
    pub is_taken: bool,
}

impl MergedValues {
    /// The values that the survivor has afterwards.
    pub fn values(&self) -> &[String] {
        if self.is_taken { &self.absorbed } else { &self.survivor }
    }

    /// Each custom attribute of which either customer has values. The survivor keeps its own values or, if it has none
    /// or the client chooses so, takes those of the absorbed customer.
    pub(super) fn plan(
        survivor: &Snapshot,
        absorbed: &Snapshot,
        definitions: &[Definition],
        chosen: &Chosen,
    ) -> Vec<Self> {
        let merged = |definition: &Definition| {
            let of = |it: &Snapshot| it.values.get(&definition.id).cloned().unwrap_or_default();
            let (survivor, absorbed) = (of(survivor), of(absorbed));
            let is_chosen = survivor.is_empty() || chosen.has_attribute(&definition.key);
            let is_taken = is_chosen && survivor != absorbed;
            let has_values = !survivor.is_empty() || !absorbed.is_empty();
            let definition = definition.clone();
            has_values.then_some(Self { definition, survivor, absorbed, is_taken })
        };
        definitions.iter().filter_map(merged).collect()
    }
}

/// Writes the values that the survivor takes, after the absorbed customer was deleted.
pub(super) async fn write(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    survivor: Uid,
    values: Vec<MergedValues>,
) -> Result<(), Error> {
    let taken: Vec<MergedValues> = values.into_iter().filter(|it| it.is_taken).collect();
    let replaced = taken.iter().filter(|it| !it.survivor.is_empty());
    let replaced: Vec<Uid> = replaced.map(|it| it.definition.id).collect();
    if !replaced.is_empty() {
        custom_attribute::delete_values(tx, tenant, Noun::Customer, survivor, &replaced).await?;
    }
    let definitions: Vec<Definition> = taken.iter().map(|it| it.definition.clone()).collect();
    let texts: Texts = taken.into_iter().map(|it| (it.definition.id, it.absorbed)).collect();
    insert(tx, tenant, &definitions, &[(survivor, &texts)]).await
}

/// The reasons why values of both customers cannot be restored. The values of a deleted attribute are lost, if the
/// client accepts that.
pub(super) fn check(
    definitions: &[Definition],
    before: [&Snapshot; 2],
    discards_changes: bool,
) -> Violations {
    let mut violations = Violations::default();
    for (id, texts) in before.into_iter().flat_map(|it| &it.values) {
        match definitions.iter().find(|it| it.id == *id) {
            Some(definition) if !definition.allows(texts) => {
                let key = &definition.key;
                let message = format!("attributes.{key} no longer allows a value that it had");
                violations.push(Violation::new("absorbedId", Code::Invalid, message));
            }
            None if !discards_changes => {
                let message = "a custom attribute has been deleted: its values would be lost";
                violations.push(Violation::new("discardChanges", Code::Stale, message));
            }
            _ => {}
        }
    }
    violations
}

/// Replaces the values of the survivor by those that both customers had.
pub(super) async fn restore(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definitions: &[Definition],
    current: &Snapshot,
    before: [&Snapshot; 2],
) -> Result<(), Error> {
    let stored: Vec<Uid> = current.values.keys().copied().collect();
    if !stored.is_empty() {
        let survivor = current.customer.id;
        custom_attribute::delete_values(tx, tenant, Noun::Customer, survivor, &stored).await?;
    }
    let objects = before.map(|it| (it.customer.id, &it.values));
    insert(tx, tenant, definitions, &objects).await
}

async fn insert(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    definitions: &[Definition],
    objects: &[(Uid, &Texts)],
) -> Result<(), Error> {
    let noun = Noun::Customer;
    let taken = custom_attribute::restore_values(tx, tenant, noun, definitions, objects).await?;
    let Some(taken) = definitions.iter().find(|it| taken.contains(&it.id)) else { return Ok(()) };
    let message = format!("a value of attributes.{} is now used by another object", taken.key);
    Err(Violation::new("absorbedId", Code::Taken, message).into())
}
