//! Rows of customer groups, loyalty programs and POS profiles, each in its own transaction, because
//! there are few of them.

use serde_json::{Map, Value};

use super::{
    Outcome, Problem, attributes,
    extras::Origin,
    fields::{Problems, RowError, checked, overlay, take_id, trimmed},
    lists::{self, Item},
    reader::Row,
    result::{RowResult, refused},
};
use crate::{
    auth::Writer,
    db::{self, Conn, types::Uid},
    id::NodeType,
    models::{
        CustomerGroup, Lookup, LoyaltyProgram, PosProfile, Row as _,
        attribute::{Attributes, Patch, camel_case},
        custom_attribute::Prepared,
        customer_group::CustomerGroupAttributes,
        entity::{Entity, EntityAttributes},
        loyalty_program::{LoyaltyProgramAttributes, LoyaltyProgramChange},
        mutable::Update,
        pos_customer_group::PosCustomerGroupAttributes,
        pos_profile::PosProfileAttributes,
    },
    transfer::{RowKind, columns::ID},
};

/// Writes a row completely or not at all, and returns its result.
pub async fn write(
    conn: &mut Conn<'_>,
    writer: Writer<'_>,
    row: &Row,
) -> Result<RowResult, db::Error> {
    if !row.problems.is_empty() {
        return Ok(Err(row.problems.clone()));
    }
    let fields = row.fields.clone();
    let written = conn.transaction(async |tx| match row.kind {
        RowKind::AttributeDefinition => attributes::definition(tx, writer, fields).await,
        RowKind::CustomerGroup => group(tx, writer, fields).await,
        RowKind::LoyaltyProgram => program(tx, writer, fields).await,
        RowKind::PosProfile => pos_profile(tx, writer, fields).await,
        RowKind::Customer => Ok(Outcome::Unchanged),
    });
    match written.await {
        Ok(outcome) => Ok(Ok(outcome)),
        Err(RowError::Problems(problems)) => Ok(Err(problems)),
        Err(RowError::Failed(error)) => Ok(Err(vec![refused(error)?])),
    }
}

/// Finds the stored row by the given `id` or, without one, by the given external id.
async fn find<A: EntityAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    fields: &Map<String, Value>,
) -> Result<Option<Entity<A>>, db::Error> {
    let (tenant, id) = (writer.tenant(), trimmed(fields, ID));
    if let Some(uid) = id.and_then(|text| A::NODE_TYPE.parse(text))
        && let Some(found) = Entity::find(tx, tenant, &Lookup::Id(uid)).await?
    {
        return Ok(Some(found));
    }
    let Some(text) = trimmed(fields, &camel_case(A::EXTERNAL_ID)) else { return Ok(None) };
    Entity::find(tx, tenant, &Lookup::ExternalId(text.to_owned())).await
}

/// Checks that the row has an `id` or an `externalId`. Without either, importing it again would
/// create a duplicate.
fn check_named(fields: &Map<String, Value>, problems: &mut Problems) {
    if trimmed(fields, ID).is_none() && trimmed(fields, "externalId").is_none() {
        let message = "is required, unless there is an id";
        problems.push(Problem::of_column("externalId", message));
    }
}

/// Removes a reference from the fields; returns `before` if it is omitted.
fn reference(
    fields: &mut Map<String, Value>,
    column: &str,
    before: Option<Uid>,
    problems: &mut Problems,
) -> Result<Option<Uid>, db::Error> {
    if !fields.contains_key(column) {
        return Ok(before);
    }
    let id = take_id(fields, column, NodeType::CustomerGroup);
    Ok(problems.take(id)?.flatten())
}

/// Applies the row's fields to the attributes. Invalid fields are reported as problems.
fn overlaid<A: Attributes>(before: &A, fields: Map<String, Value>, problems: &mut Problems) -> A {
    let (attributes, found) = overlay(before, fields);
    problems.extend(found);
    attributes
}

/// Removes the values of custom attributes from the fields and checks them.
async fn custom<A: EntityAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    fields: &mut Map<String, Value>,
    problems: &mut Problems,
) -> Result<Prepared, db::Error> {
    let assignments = problems.take(attributes::take(fields))?.unwrap_or_default();
    let prepared = Prepared::new(tx, writer.tenant(), A::NOUN, &assignments).await;
    Ok(problems.take(prepared)?.unwrap_or_default())
}

/// Writes the values of custom attributes of an existing object, and returns the outcome for its row. `is_changed`
/// tells whether anything else was changed.
async fn finish<A: EntityAttributes>(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    object: &Entity<A>,
    custom: &Prepared,
    is_changed: bool,
) -> Result<Outcome, RowError> {
    let has_new_values = custom.write(tx, writer.tenant(), object.id).await?;
    if has_new_values {
        Entity::<A>::touch(tx, writer, object.id).await?;
    }
    Ok(if is_changed || has_new_values { Outcome::Updated } else { Outcome::Unchanged })
}

async fn group(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    mut fields: Map<String, Value>,
) -> Result<Outcome, RowError> {
    let existing = find::<CustomerGroupAttributes>(tx, writer, &fields).await?;
    let mut problems = Problems::default();
    check_named(&fields, &mut problems);
    let before = existing.as_ref().map(|it| it.attributes.clone()).unwrap_or_default();
    let origin = Origin::take(&mut fields, NodeType::CustomerGroup, &mut problems)?;
    let parent_id = reference(&mut fields, "parentId", before.parent_id, &mut problems)?;
    let custom = custom::<CustomerGroupAttributes>(tx, writer, &mut fields, &mut problems).await?;
    let read = overlaid(&before, fields, &mut problems);
    problems.finish()?;
    let attributes = CustomerGroupAttributes { parent_id, ..read };
    let Some(existing) = existing else {
        let group = origin.entity(writer, attributes);
        let id = group.id;
        CustomerGroup::restore(tx, writer, group).await?;
        custom.write_new(tx, writer.tenant(), id).await?;
        return Ok(Outcome::Created);
    };
    let (lookup, change) = (Lookup::Id(existing.id), Patch::of_all(&attributes));
    let updated = change.update(tx, writer, &lookup).await?;
    let is_changed = updated.is_some_and(|it| it.updated_at != existing.updated_at);
    finish(tx, writer, &existing, &custom, is_changed).await
}

async fn program(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    mut fields: Map<String, Value>,
) -> Result<Outcome, RowError> {
    let existing = find::<LoyaltyProgramAttributes>(tx, writer, &fields).await?;
    let mut problems = Problems::default();
    check_named(&fields, &mut problems);
    if existing.is_none() && !fields.contains_key("fromDate") {
        problems.push(Problem::of_column("fromDate", "must be given"));
    }
    let before = existing.as_ref().map(|it| it.attributes.clone()).unwrap_or_default();
    let origin = Origin::take(&mut fields, NodeType::LoyaltyProgram, &mut problems)?;
    let tiers: Option<Vec<Item<_>>> = lists::take(&mut fields, writer, &mut problems)?;
    let group = before.customer_group_id;
    let customer_group_id = reference(&mut fields, "customerGroupId", group, &mut problems)?;
    let custom = custom::<LoyaltyProgramAttributes>(tx, writer, &mut fields, &mut problems).await?;
    let read = overlaid(&before, fields, &mut problems);
    problems.finish()?;
    let attributes = LoyaltyProgramAttributes { customer_group_id, ..read };
    let Some(existing) = existing else {
        let program = origin.entity(writer, attributes);
        let tiers = lists::children(program.id, &tiers.unwrap_or_default());
        let program = LoyaltyProgram::restore(tx, writer, program, tiers).await?;
        custom.write_new(tx, writer.tenant(), program.id).await?;
        return Ok(Outcome::Created);
    };
    let stored = lists::stored(tx, writer, existing.id).await?;
    let tiers = tiers.map(|items| lists::entries(&stored, &items));
    let change = LoyaltyProgramChange { patch: Patch::of_all(&attributes), tiers };
    let updated = change.update(tx, writer, &Lookup::Id(existing.id)).await?;
    let is_changed = updated.is_some_and(|it| it.updated_at != existing.updated_at);
    finish(tx, writer, &existing, &custom, is_changed).await
}

async fn pos_profile(
    tx: &mut Conn<'_>,
    writer: Writer<'_>,
    mut fields: Map<String, Value>,
) -> Result<Outcome, RowError> {
    let existing = find::<PosProfileAttributes>(tx, writer, &fields).await?;
    let mut problems = Problems::default();
    let origin = Origin::take(&mut fields, NodeType::PosProfile, &mut problems)?;
    let links: Option<Vec<Item<PosCustomerGroupAttributes>>> =
        lists::take(&mut fields, writer, &mut problems)?;
    let custom = custom::<PosProfileAttributes>(tx, writer, &mut fields, &mut problems).await?;
    let base = existing.as_ref().map(|it| it.attributes.clone()).unwrap_or_default();
    let (attributes, found) = checked(&base, fields, PosProfileAttributes::check)?;
    problems.extend(found.0);
    problems.finish()?;
    let Some(existing) = existing else {
        let profile = origin.entity(writer, attributes);
        let links = lists::children(profile.id, &links.unwrap_or_default());
        let id = profile.id;
        PosProfile::restore(tx, writer, profile, links).await?;
        custom.write_new(tx, writer.tenant(), id).await?;
        return Ok(Outcome::Created);
    };
    let mut is_changed = existing.attributes != attributes;
    if is_changed {
        let lookup = Lookup::Id(existing.id);
        Patch::of_all(&attributes).update(tx, writer, &lookup).await?;
    }
    if let Some(links) = links {
        let stored = lists::stored(tx, writer, existing.id).await?;
        is_changed |= lists::write(tx, writer, existing.id, &stored, &links).await?.0;
    }
    finish(tx, writer, &existing, &custom, is_changed).await
}
