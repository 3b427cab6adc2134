use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use diesel_async::RunQueryDsl;

use super::{CHILDREN_MAX, Child, ChildAttributes};
use crate::{
    auth::{Tenant, Writer},
    db::{
        self, Conn, on,
        sql::{Condition, Select, Sql, UidSet},
        types::{Uid, sql_types},
    },
    models::{Code, Error, Lookup, Violation},
};

/// The children of one parent, while they are changed.
pub struct Children<A> {
    parent: Uid,
    /// As they are stored.
    stored: Vec<Child<A>>,
    /// As they are to be.
    list: Vec<Child<A>>,
    /// Those that made way for another one: they are written before it.
    made_way: HashSet<Uid>,
}

impl<A: ChildAttributes> Children<A> {
    /// Those of a parent that was just made.
    pub fn of_new(parent: Uid) -> Self {
        Self { parent, stored: Vec::new(), list: Vec::new(), made_way: HashSet::new() }
    }

    /// Those of a parent, which nobody else changes until this transaction ends; `None` if there is no
    /// such parent.
    pub async fn lock(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        parent: Uid,
    ) -> Result<Option<Self>, db::Error> {
        let row = Condition::uid_in(A::PARENT_ROW, &[parent]).into_sql();
        let from = Sql::new(" FROM ").name(A::PARENT_ROW.table).sql(" WHERE tenant_id = ");
        let from = from.text(tenant.id()).sql(" AND ").append(row);
        // SQLite has one writer anyway.
        let from = from.per_dialect(Sql::new(" FOR NO KEY UPDATE"), Sql::default());
        let selection = diesel::dsl::sql::<sql_types::Uid>("id");
        let query = Select { with: Sql::default(), selection, from };
        let locked: Vec<Uid> = on!(tx, |c| query.load(c).await)?;
        if locked.is_empty() {
            return Ok(None);
        }
        let stored = A::select_rows(tx, tenant, Condition::uid_in(A::PARENT_ID, &[parent])).await?;
        let list = stored.clone();
        Ok(Some(Self { parent, stored, list, made_way: HashSet::new() }))
    }

    /// The children among which that one is, and its id; `None` if there is no such one.
    pub async fn lock_with(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> Result<Option<(Self, Uid)>, db::Error> {
        A::keep_parents(tx, tenant).await?;
        let Some(found) = Child::<A>::find(tx, tenant, lookup).await? else { return Ok(None) };
        let Some(children) = Self::lock(tx, tenant, found.parent).await? else { return Ok(None) };
        // It may have gone in the meantime.
        let is_there = children.list.iter().any(|child| child.id == found.id);
        Ok(is_there.then_some((children, found.id)))
    }

    pub fn list(&self) -> &[Child<A>] {
        &self.list
    }

    /// Adds a child: at the end, or as the `idx`th, counted from 1. Answers its id.
    pub fn insert(
        &mut self,
        writer: Writer<'_>,
        idx: Option<i32>,
        attributes: A,
    ) -> Result<Uid, Error> {
        self.make_way(writer, None, &attributes);
        let (id, now) = writer.new_id();
        let parent = self.parent;
        self.put(Child { id, parent, idx: 0, attributes, created_at: now, updated_at: now }, idx)?;
        Ok(id)
    }

    /// Adds children at the end; answers their ids. More than there may be are found by
    /// [`Children::check`].
    pub fn insert_list(&mut self, writer: Writer<'_>, list: Vec<A>) -> Vec<Uid> {
        let parent = self.parent;
        let child = |attributes| {
            let (id, now) = writer.new_id();
            Child { id, parent, idx: 0, attributes, created_at: now, updated_at: now }
        };
        let children: Vec<Child<A>> = list.into_iter().map(child).collect();
        let ids = children.iter().map(|child| child.id).collect();
        self.list.extend(children);
        ids
    }

    /// Lets those that are stored yield to what a child is going to be.
    fn make_way(&mut self, writer: Writer<'_>, id: Option<Uid>, attributes: &A) {
        let stored: HashSet<Uid> = self.stored.iter().map(|child| child.id).collect();
        let others = self.list.iter_mut().filter(|it| stored.contains(&it.id) && Some(it.id) != id);
        for other in others {
            let before = other.attributes.clone();
            other.attributes.yield_to(attributes);
            if other.attributes != before {
                other.updated_at = writer.now();
                self.made_way.insert(other.id);
            }
        }
    }

    /// Adds a child that is there already, of another parent until now.
    pub fn put(&mut self, mut child: Child<A>, idx: Option<i32>) -> Result<(), Error> {
        if self.list.len() >= CHILDREN_MAX {
            return Err(too_many().into());
        }
        let last = self.list.len() + 1;
        let position = idx.map_or(Ok(last - 1), |idx| position(idx, last))?;
        child.parent = self.parent;
        self.list.insert(position, child);
        Ok(())
    }

    /// Changes the attributes of a child.
    pub fn change(&mut self, writer: Writer<'_>, id: Uid, change: impl FnOnce(&mut A)) {
        let Some(child) = self.list.iter().find(|child| child.id == id) else { return };
        let mut attributes = child.attributes.clone();
        change(&mut attributes);
        if attributes == child.attributes {
            return;
        }
        self.make_way(writer, Some(id), &attributes);
        let now = writer.now();
        for child in self.list.iter_mut().filter(|child| child.id == id) {
            child.attributes = attributes.clone();
            child.updated_at = now;
        }
    }

    /// Makes a child the `idx`th, counted from 1.
    pub fn move_to(&mut self, id: Uid, idx: i32) -> Result<(), Error> {
        let position = position(idx, self.list.len())?;
        if let Some(child) = self.take(id) {
            self.list.insert(position, child);
        }
        Ok(())
    }

    /// Removes a child.
    pub fn take(&mut self, id: Uid) -> Option<Child<A>> {
        let position = self.list.iter().position(|child| child.id == id)?;
        Some(self.list.remove(position))
    }

    /// Puts the children into that order, which must name each of them once.
    pub fn reorder(&mut self, ids: &[Uid]) -> Result<(), Error> {
        let mut children: HashMap<Uid, Child<A>> =
            self.list.iter().map(|child| (child.id, child.clone())).collect();
        let (mut ordered, mut violations) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for (position, id) in ids.iter().enumerate() {
            match children.remove(id) {
                Some(child) => ordered.push(child),
                None if seen.contains(id) => {
                    let message = "is there twice";
                    violations.push(Violation::at("ids", position, Code::Invalid, message));
                }
                None => {
                    let message = "there is no such one under this parent";
                    violations.push(Violation::at("ids", position, Code::NotFound, message));
                }
            }
            seen.insert(*id);
        }
        if !children.is_empty() {
            let count = children.len();
            let are = if count == 1 { "is" } else { "are" };
            let message = format!("must name every one under this parent: {count} {are} missing");
            violations.push(Violation::new("ids", Code::Required, message));
        }
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        self.list = ordered;
        Ok(())
    }

    /// Tidies and checks the new and the changed children, as far as that needs no database; answers
    /// what is wrong with which. What is wrong with the list is said of the parent.
    pub fn check(&mut self) -> Vec<(Uid, Violation)> {
        if self.list.len() > CHILDREN_MAX {
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

    /// Pairs that cannot be; the one to blame is the new or changed one, and of two such the later.
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

    /// Checks the children and writes what has changed; answers them all.
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
        // What a deletion makes wrong is wrong with the deletion, not with what is left.
        let only_deletes = self.changed().next().is_none();
        let about = |(_, mut violation): (Uid, Violation)| {
            if only_deletes {
                violation.field = vec!["id".to_owned()];
            }
            violation
        };
        Err(Error::Invalid(violations.into_iter().map(about).collect()))
    }

    /// Checks the children against what else is stored; answers what is wrong with which.
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
        for child in self.removed() {
            let violation = A::check_unused(tx, tenant, child).await?;
            violations.extend(violation.map(|violation| (child.id, violation)));
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
            // Twice among these: the first has it.
            if *wanted.entry(external_id).or_insert(child.id) != child.id {
                violations.push((child.id, Violation::external_id_taken()));
            }
        }
        if wanted.is_empty() {
            return Ok(violations);
        }
        let texts = wanted.keys().map(|text| (*text).to_owned());
        for taken in A::select_rows(tx, tenant, Condition::text_in(A::EXTERNAL_ID, texts)).await? {
            let by = taken.attributes.external_id().and_then(|it| wanted.get(it));
            let by = by.filter(|id| **id != taken.id);
            violations.extend(by.map(|id| (*id, Violation::external_id_taken())));
        }
        Ok(violations)
    }

    /// Those that are new or have other attributes than before.
    fn changed(&self) -> impl Iterator<Item = &Child<A>> {
        let stored: HashMap<Uid, &A> =
            self.stored.iter().map(|child| (child.id, &child.attributes)).collect();
        let is_changed = move |child: &&Child<A>| stored.get(&child.id) != Some(&&child.attributes);
        self.list.iter().filter(is_changed)
    }

    fn removed(&self) -> impl Iterator<Item = &Child<A>> {
        let is_listed = |id| self.list.iter().any(|child| child.id == id);
        self.stored.iter().filter(move |child| !is_listed(child.id))
    }

    /// Writes the children of a parent that was just made, checked already; answers them.
    pub async fn save_new(
        mut self,
        tx: &mut Conn<'_>,
        tenant: &Tenant,
    ) -> Result<Vec<Child<A>>, db::Error> {
        self.number();
        if !self.list.is_empty() {
            A::insert_rows(tx, tenant, self.list.clone()).await?;
        }
        Ok(self.list)
    }

    fn number(&mut self) {
        for (child, idx) in self.list.iter_mut().zip(1..) {
            child.idx = idx;
        }
    }

    /// Writes what has changed, and is checked already; answers all children.
    pub(in crate::models) async fn write(
        mut self,
        tx: &mut Conn<'_>,
        writer: Writer<'_>,
    ) -> Result<Vec<Child<A>>, db::Error> {
        self.number();
        if self.list == self.stored {
            return Ok(self.list);
        }
        let tenant = writer.tenant();
        let removed: Vec<Uid> = self.removed().map(|child| child.id).collect();
        if !removed.is_empty() {
            for child in self.removed() {
                A::before_delete(tx, writer, child).await?;
            }
            delete::<A>(tx, tenant, &removed).await?;
        }
        let stored: HashSet<Uid> = self.stored.iter().map(|child| child.id).collect();
        let (updated, new): (Vec<_>, Vec<_>) =
            self.changed().partition(|child| stored.contains(&child.id));
        // What made way comes first, or two would have at once what only one can have.
        let mut updated = updated;
        updated.sort_by_key(|child| !self.made_way.contains(&child.id));
        for child in updated {
            A::update_row(tx, tenant, child).await?;
        }
        if !new.is_empty() {
            A::insert_rows(tx, tenant, new.into_iter().cloned().collect()).await?;
        }
        self.renumber(tx, tenant).await?;
        A::touch_parent(tx, writer, self.parent, self.list.len()).await?;
        Ok(self.list)
    }

    /// Writes the places of those that have another one than before.
    async fn renumber(&self, tx: &mut Conn<'_>, tenant: &Tenant) -> Result<(), db::Error> {
        let places = |list: &[Child<A>]| -> HashMap<Uid, i32> {
            list.iter().map(|child| (child.id, child.idx)).collect()
        };
        let (stored, places) = (places(&self.stored), places(&self.list));
        if stored.iter().all(|(id, idx)| places.get(id).is_none_or(|place| place == idx)) {
            return Ok(());
        }
        let order: UidSet = self.list.iter().map(|child| child.id).collect();
        let update = Sql::new("UPDATE ")
            .name(A::IDX.table)
            .sql(" SET idx = CAST(ordered.position AS integer) FROM ")
            .numbered_uids(Arc::new(order))
            .sql(" AS ordered WHERE ")
            .append(Condition::text(A::TENANT_ID, tenant.id()).into_sql())
            .sql(" AND ")
            .column(A::ID)
            .sql(" = ordered.id AND ")
            .column(A::IDX)
            .sql(" <> ordered.position");
        on!(tx, |c| update.execute(c).await)?;
        Ok(())
    }
}

async fn delete<A: ChildAttributes>(
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    ids: &[Uid],
) -> Result<(), db::Error> {
    let delete = Sql::new("DELETE FROM ")
        .name(A::ID.table)
        .sql(" WHERE ")
        .append(Condition::text(A::TENANT_ID, tenant.id()).into_sql())
        .sql(" AND ")
        .append(Condition::uid_in(A::ID, ids).into_sql());
    on!(tx, |c| delete.execute(c).await)?;
    Ok(())
}

fn too_many() -> Violation {
    let message = format!("at most {CHILDREN_MAX} are allowed");
    Violation { field: Vec::new(), code: Code::TooMany, message }
}

/// The position in a list for an `idx`, which counts from 1 and goes up to `last`.
fn position(idx: i32, last: usize) -> Result<usize, Error> {
    match usize::try_from(idx) {
        Ok(idx) if (1..=last).contains(&idx) => Ok(idx - 1),
        _ => {
            let message = format!("must be from 1 to {last}");
            Err(Violation::new("idx", Code::Invalid, message).into())
        }
    }
}
