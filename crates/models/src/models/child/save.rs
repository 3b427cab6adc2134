//! Checks a changed list of children, and writes the difference.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{Child, ChildAttributes, Children, children::too_many};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, execute,
        pick::ColumnSet,
        sql::{Condition, Sql, UidSet, Update},
        types::{Timestamp, Uid},
    },
    models::{
        Error, Row, Violation,
        entity::{Entity, EntityAttributes as _},
        row::{deletion, of_tenant, touch},
    },
};

impl<A: ChildAttributes> Children<A> {
    /// Normalizes and checks new and changed children without the database; returns the violations
    /// by child. A violation of the whole list belongs to the parent.
    pub fn check(&mut self) -> Vec<(Uid, Violation)> {
        if self.is_too_long() {
            return vec![(self.parent, too_many())];
        }
        let mut violations = Vec::new();
        let changed: HashSet<Uid> = self.changed().map(|child| child.id).collect();
        for child in self.list.iter_mut().filter(|child| changed.contains(&child.id)) {
            if let Err(Error::Invalid(found)) = child.attributes.check() {
                violations.extend(found.into_iter().map(|violation| (child.id, violation)));
            }
        }
        if violations.is_empty() {
            violations.extend(self.clashes(&changed));
        }
        if violations.is_empty() {
            violations.extend(A::check_list(&self.list));
        }
        violations
    }

    /// The violations of conflicting pairs. Each belongs to the new or changed child or, if both
    /// are, to the later one.
    fn clashes(&self, changed: &HashSet<Uid>) -> Vec<(Uid, Violation)> {
        let mut violations = Vec::new();
        for (position, child) in self.list.iter().enumerate() {
            if !changed.contains(&child.id) {
                continue;
            }
            let clash = |(other_position, other): (usize, &Child<A>)| {
                let comes_first = other_position < position || !changed.contains(&other.id);
                let is_other = other_position != position;
                (is_other && comes_first).then(|| child.attributes.clash(&other.attributes))?
            };
            let clash = self.list.iter().enumerate().find_map(clash);
            violations.extend(clash.map(|violation| (child.id, violation)));
        }
        violations
    }

    /// Checks the children and writes the changes; returns all children.
    pub async fn save(
        mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Vec<Child<A>>, Error> {
        let mut violations = self.check();
        if violations.is_empty() {
            violations = self.check_stored(tx, writer.tenant()).await?;
        }
        if violations.is_empty() {
            return Ok(self.write(tx, writer).await?);
        }
        // A violation caused by a deletion belongs to the deletion, not to the remaining children.
        let only_deletes = self.changed().next().is_none();
        let about = |(_, mut violation): (Uid, Violation)| {
            if only_deletes {
                violation.field = vec!["id".to_owned()];
            }
            violation
        };
        Err(Error::Invalid(violations.into_iter().map(about).collect()))
    }

    /// Like [`Children::save`]; returns the child with that id.
    pub async fn save_with(
        self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
        id: Uid,
    ) -> Result<Child<A>, Error> {
        let saved = self.save(tx, writer).await?;
        let child = saved.into_iter().find(|child| child.id == id);
        child.ok_or_else(|| diesel::result::Error::NotFound.into())
    }

    /// Checks the children against stored rows; returns the violations by child.
    pub async fn check_stored(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let changed: Vec<&Child<A>> = self.changed().collect();
        let mut violations = self.external_ids_taken(tx, tenant, &changed).await?;
        if !changed.is_empty() {
            violations.extend(A::check_stored(tx, tenant, &self.list, &changed).await?);
        }
        let removed: Vec<&Child<A>> = self.removed().collect();
        if !removed.is_empty() {
            violations.extend(A::check_unused(tx, tenant, &removed).await?);
        }
        Ok(violations)
    }

    async fn external_ids_taken(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        changed: &[&Child<A>],
    ) -> Result<Vec<(Uid, Violation)>, db::Error> {
        let mut wanted: HashMap<&str, Uid> = HashMap::new();
        let mut violations = Vec::new();
        for child in changed {
            let Some(external_id) = child.attributes.external_id() else { continue };
            // Of duplicates among these, the first one keeps the id.
            if *wanted.entry(external_id).or_insert(child.id) != child.id {
                violations.push((child.id, Violation::external_id_taken()));
            }
        }
        if wanted.is_empty() {
            return Ok(violations);
        }
        let texts = wanted.keys().map(|text| (*text).to_owned());
        let with_these = Condition::text_in(Child::<A>::EXTERNAL_ID, texts);
        for taken in Child::<A>::select(tx, tenant, with_these, ColumnSet::ALL).await? {
            let by = taken.attributes.external_id().and_then(|it| wanted.get(it));
            // Not taken if it is the same child, or one that gives the id up in this change.
            let by = by.filter(|id| **id != taken.id && !self.gives_up_external_id(&taken));
            violations.extend(by.map(|id| (*id, Violation::external_id_taken())));
        }
        Ok(violations)
    }

    /// Whether the stored child belongs to this parent, and is deleted or gets another external id.
    fn gives_up_external_id(&self, stored: &Child<A>) -> bool {
        let external_id = |child: &Child<A>| child.attributes.external_id().map(str::to_owned);
        let kept = self.list.iter().find(|child| child.id == stored.id);
        stored.parent == self.parent && kept.and_then(external_id) != external_id(stored)
    }

    /// Whether there is anything to write.
    pub fn are_changed(&self) -> bool {
        let ids = |list: &[Child<A>]| list.iter().map(|child| child.id).collect::<Vec<_>>();
        self.changed().next().is_some() || ids(&self.stored) != ids(&self.list)
    }

    /// The children that are new or have changed attributes.
    fn changed(&self) -> impl Iterator<Item = &Child<A>> {
        let stored: HashMap<Uid, &A> =
            self.stored.iter().map(|child| (child.id, &child.attributes)).collect();
        let is_changed = move |child: &&Child<A>| stored.get(&child.id) != Some(&&child.attributes);
        self.list.iter().filter(is_changed)
    }

    pub fn removed(&self) -> impl Iterator<Item = &Child<A>> {
        let is_listed = |id| self.list.iter().any(|child| child.id == id);
        self.stored.iter().filter(move |child| !is_listed(child.id))
    }

    /// Writes the checked children of a new parent, and returns them.
    pub async fn save_new(
        mut self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Vec<Child<A>>, db::Error> {
        for (child, idx) in self.list.iter_mut().zip(1..) {
            child.idx = idx;
        }
        if !self.list.is_empty() {
            Child::insert_rows(tx, tenant, &self.list).await?;
        }
        Ok(self.list)
    }

    /// Numbers the children. Moved ones count as changed if clients see the position. Returns the
    /// time of that change.
    fn number(&mut self, writer: Writer<'_>) -> Option<Timestamp> {
        let stored: HashMap<Uid, i32> = self.stored.iter().map(|it| (it.id, it.idx)).collect();
        let mut moved_at = None;
        for (child, idx) in self.list.iter_mut().zip(1..) {
            child.idx = idx;
            if A::SHOWS_PLACE && stored.get(&child.id).is_some_and(|before| *before != idx) {
                child.updated_at = *moved_at.get_or_insert_with(|| writer.now());
            }
        }
        moved_at
    }

    /// Writes checked changes; returns all children.
    pub(in crate::models) async fn write(
        mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Vec<Child<A>>, db::Error> {
        let moved_at = self.number(writer);
        if self.list == self.stored {
            return Ok(self.list);
        }
        let tenant = writer.tenant();
        let removed: Vec<Uid> = self.removed().map(|child| child.id).collect();
        if !removed.is_empty() {
            for child in self.removed() {
                A::before_delete(tx, writer, child).await?;
            }
            execute!(tx, deletion::<Child<A>>(tenant, &removed))?;
        }
        let stored: HashMap<Uid, &Child<A>> =
            self.stored.iter().map(|child| (child.id, child)).collect();
        let (mut updated, mut new) = (Vec::new(), Vec::new());
        for child in self.changed() {
            match stored.get(&child.id) {
                Some(before) => updated.push((*before, child)),
                None => new.push(child),
            }
        }
        // Children that gave way come first. Otherwise, two would briefly have the same unique
        // value.
        updated.sort_by_key(|(before, _)| !self.made_way.contains(&before.id));
        let (exchanged, updated) = exchanged(updated);
        new.extend(exchanged.iter().map(|(_, child)| *child));
        let exchanged: Vec<Uid> = exchanged.iter().map(|(before, _)| before.id).collect();
        if !exchanged.is_empty() {
            execute!(tx, deletion::<Child<A>>(tenant, &exchanged))?;
        }
        A::update_rows(tx, tenant, &updated).await?;
        if !new.is_empty() {
            let new: Vec<Child<A>> = new.into_iter().cloned().collect();
            Child::insert_rows(tx, tenant, &new).await?;
        }
        self.renumber(tx, tenant, moved_at).await?;
        self.touch_parent(tx, writer).await?;
        Ok(self.list)
    }

    /// Marks the parent as changed.
    async fn touch_parent(&self, tx: &mut Conn<'_>, writer: Writer<'_>) -> Result<(), db::Error> {
        let keys = if A::SEARCHED.is_empty() { Sql::default() } else { A::Parent::child_keys() };
        let parent = Condition::uid_in(Entity::<A::Parent>::ID, &[self.parent]);
        touch::<Entity<A::Parent>>(tx, writer, keys, parent).await
    }

    /// Writes the positions of moved children.
    async fn renumber(
        &self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        moved_at: Option<Timestamp>,
    ) -> Result<(), db::Error> {
        let places = |list: &[Child<A>]| -> HashMap<Uid, i32> {
            list.iter().map(|child| (child.id, child.idx)).collect()
        };
        let (stored, places) = (places(&self.stored), places(&self.list));
        if stored.iter().all(|(id, idx)| places.get(id).is_none_or(|place| place == idx)) {
            return Ok(());
        }
        let order: UidSet = self.list.iter().map(|child| child.id).collect();
        let is_changed = |moved_at| Sql::new(", updated_at = ").time(moved_at);
        let update = Sql::template(
            "UPDATE {table} SET idx = CAST(ordered.position AS integer){is_changed} \
             FROM {order} AS ordered WHERE {of_tenant} AND {of_parent} \
             AND {id} = ordered.id AND {idx} <> ordered.position",
            [
                ("table", Sql::default().name(A::IDX.table)),
                ("is_changed", moved_at.map(is_changed).unwrap_or_default()),
                ("order", Sql::default().numbered_uids(Arc::new(order))),
                ("of_tenant", Condition::text(Child::<A>::TENANT_ID, tenant.id()).into_sql()),
                // Otherwise PostgreSQL scans a small table as a whole, including its dead rows.
                ("of_parent", Condition::uid_in(A::PARENT_ID, &[self.parent]).into_sql()),
                ("id", Child::<A>::ID.sql()),
                ("idx", A::IDX.sql()),
            ],
        );
        Ok(execute!(tx, update)?)
    }
}

/// A stored child and its changed form.
type Changed<'a, A> = (&'a Child<A>, &'a Child<A>);

/// Divides children into those that give up a unique value, like the name of a consent, to another one, and the others.
/// The former must be deleted and inserted again, because both databases check each row when it is written.
fn exchanged<A: ChildAttributes>(
    children: Vec<Changed<'_, A>>,
) -> (Vec<Changed<'_, A>>, Vec<Changed<'_, A>>) {
    // That another one becomes the primary one is not an exchange: see `Children::make_way`.
    let secondary = |child: &Child<A>| {
        let mut attributes = child.attributes.clone();
        attributes.set_primary(false);
        attributes
    };
    let all: Vec<(Uid, A)> = children.iter().map(|(_, it)| (it.id, secondary(it))).collect();
    let gives_up = |(before, _): &Changed<'_, A>| {
        let given_up = secondary(before);
        let takes = |(id, other): &(Uid, A)| *id != before.id && other.clash(&given_up).is_some();
        !A::IS_REFERENCED && all.iter().any(takes)
    };
    children.into_iter().partition(gives_up)
}

/// Clears the external ids that children give up to each other.
pub(super) async fn release_external_ids<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    children: &[Changed<'_, A>],
) -> Result<(), db::Error> {
    let external_id = |child: &Child<A>| child.attributes.external_id().map(str::to_owned);
    let taken: HashSet<String> = children
        .iter()
        .filter(|(before, after)| external_id(before) != external_id(after))
        .filter_map(|(_, after)| external_id(after))
        .collect();
    let gives_up =
        |(before, _): &&Changed<'_, A>| external_id(before).is_some_and(|it| taken.contains(&it));
    let giving: Vec<Uid> = children.iter().filter(gives_up).map(|(before, _)| before.id).collect();
    if giving.is_empty() {
        return Ok(());
    }
    let these =
        of_tenant(Child::<A>::TENANT_ID, tenant, Condition::uid_in(Child::<A>::ID, &giving));
    let cleared = Sql::new("external_id = NULL");
    Ok(execute!(tx, Update::new(A::TABLE, cleared, these))?)
}
