//! The list of a parent's children, and its changes in memory.

use std::collections::{HashMap, HashSet};

use super::{CHILDREN_MAX, Child, ChildAttributes, Entry, IDS_MAX};
use crate::{
    auth::{Tenant, Writer},
    db::{self, Conn, Measured, types::Uid},
    models::{
        Code, Error, Lookup, Row, Violation,
        entity::Entity,
        lock::{Lock, Trail, lock_rows},
        row::lookup_condition,
        violation::paths,
    },
};

/// The children of one parent during a change.
#[derive(Default)]
pub struct Children<A> {
    pub(super) parent: Uid,
    /// The stored list.
    pub(super) stored: Vec<Child<A>>,
    /// The new list.
    pub(super) list: Vec<Child<A>>,
    /// Children that gave way to others. They are written first.
    pub(super) made_way: HashSet<Uid>,
}

impl<A: ChildAttributes> Children<A> {
    /// The empty list of a new parent.
    pub fn of_new(parent: Uid) -> Self {
        Self::with_list(parent, Vec::new())
    }

    /// The stored list of a parent that is locked, and the new one.
    pub(in crate::models) fn with_changes(
        parent: Uid,
        stored: Vec<Child<A>>,
        list: Vec<Child<A>>,
    ) -> Self {
        Self { parent, stored, list, made_way: HashSet::new() }
    }

    /// The parent, which may be the successor of the requested one.
    pub fn parent(&self) -> Uid {
        self.parent
    }

    /// The complete list of a new parent.
    pub fn with_list(parent: Uid, list: Vec<Child<A>>) -> Self {
        Self::with_changes(parent, Vec::new(), list)
    }

    /// Locks and reads the children of a parent, or of its successor, until this transaction ends; `None` if
    /// the parent does not exist.
    pub async fn lock(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        parent: Uid,
    ) -> Result<Option<Self>, db::Error> {
        let lookup = Lookup::Id(parent);
        let mut trail = Trail::new(&lookup);
        loop {
            let Some(row) = lookup_condition::<Entity<A::Parent>>(&trail.wanted()) else {
                return Ok(None);
            };
            let locked = lock_rows::<Entity<A::Parent>>(tx, tenant, row, Lock::NoKeyUpdate).await?;
            match locked.first() {
                Some(parent) if trail.is_right::<Entity<A::Parent>>(tx, tenant).await? => {
                    return Self::of_locked(tx, tenant, *parent).await.map(Some);
                }
                None if trail.is_lost::<Entity<A::Parent>>(tx, tenant).await? => return Ok(None),
                _ => {}
            }
        }
    }

    /// Reads the children of a parent that is locked.
    pub async fn of_locked(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        parent: Uid,
    ) -> Result<Self, db::Error> {
        let stored = Child::<A>::of_parent(tx, tenant, parent).await?;
        let stored: Vec<Child<A>> = stored.into_iter().map(Measured::into_row).collect();
        Ok(Self::with_changes(parent, stored.clone(), stored))
    }

    /// Locks and reads a child with its siblings; returns its id, too. `None` if it does not exist.
    pub async fn lock_with(
        tx: &mut Conn<'_>,
        tenant: &Tenant,
        lookup: &Lookup,
    ) -> Result<Option<(Self, Uid)>, db::Error> {
        A::keep_parents(tx, tenant).await?;
        let found = Child::<A>::find_measured(tx, tenant, lookup, Child::<A>::NEEDED).await?;
        let Some(found) = found else { return Ok(None) };
        let Some(children) = Self::lock(tx, tenant, found.parent).await? else { return Ok(None) };
        // It may have been deleted in the meantime.
        let is_there = children.list.iter().any(|child| child.id == found.id);
        Ok(is_there.then_some((children, found.id)))
    }

    pub fn list(&self) -> &[Child<A>] {
        &self.list
    }

    /// Whether there are too many children.
    pub fn is_too_long(&self) -> bool {
        self.list.len() > CHILDREN_MAX
    }

    /// Adds a child at the end, or at position `idx` (from 1). Returns its id.
    pub fn insert(
        &mut self,
        writer: Writer<'_>,
        idx: Option<i32>,
        attributes: A,
    ) -> Result<Uid, Error> {
        self.make_way(writer, None, &attributes);
        let child = new_child(writer, self.parent, attributes);
        let id = child.id;
        self.put(child, idx)?;
        Ok(id)
    }

    /// Adds children at the end and returns their ids. [`Children::check`] reports if there are too
    /// many.
    pub fn insert_list(&mut self, writer: Writer<'_>, list: Vec<A>) -> Vec<Uid> {
        let before = self.list.len();
        let parent = self.parent;
        self.list.extend(list.into_iter().map(|it| new_child(writer, parent, it)));
        self.list.iter().skip(before).map(|child| child.id).collect()
    }

    /// If a child becomes the primary one, makes the stored one give way to it.
    fn make_way(&mut self, writer: Writer<'_>, id: Option<Uid>, attributes: &A) {
        if !attributes.is_primary() {
            return;
        }
        let stored: HashSet<Uid> = self.stored.iter().map(|child| child.id).collect();
        let others = self.list.iter_mut().filter(|it| stored.contains(&it.id) && Some(it.id) != id);
        for other in others.filter(|it| it.attributes.is_primary()) {
            other.attributes.set_primary(false);
            other.updated_at = writer.now();
            self.made_way.insert(other.id);
        }
    }

    /// Adds an existing child of another parent.
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
        let Some(before) = self.list.iter().find(|child| child.id == id).cloned() else { return };
        let mut attributes = before.attributes.clone();
        change(&mut attributes);
        if attributes == before.attributes {
            return;
        }
        self.make_way(writer, Some(id), &attributes);
        let now = writer.now();
        attributes.complete(Some(&before), now, writer.name());
        for child in self.list.iter_mut().filter(|child| child.id == id) {
            child.attributes = attributes.clone();
            child.updated_at = now;
        }
    }

    /// Moves a child to position `idx`, from 1.
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

    /// Replaces the list with the entries, in order. Returns the path of each child in the input,
    /// in which `field` is the list, and violations for entries whose id is repeated or is not that
    /// of a child of the parent.
    pub fn replace(
        &mut self,
        writer: Writer<'_>,
        field: &str,
        entries: Vec<Entry<A>>,
    ) -> (HashMap<Uid, Vec<String>>, Vec<Violation>) {
        let mut stored: HashMap<Uid, Child<A>> =
            std::mem::take(&mut self.list).into_iter().map(|child| (child.id, child)).collect();
        let (mut ids, mut violations) = (Vec::new(), Vec::new());
        for (position, entry) in entries.into_iter().enumerate() {
            match entry {
                Entry::New(attributes) => ids.extend(self.insert_list(writer, vec![attributes])),
                Entry::Stored(id, patch) => match stored.remove(&id) {
                    Some(child) => {
                        self.list.push(child);
                        self.change(writer, id, |attributes| attributes.patch(&patch));
                        ids.push(id);
                    }
                    None => {
                        let (code, message) = refusal(ids.contains(&id));
                        let path = [field.to_owned(), position.to_string()];
                        violations.push(Violation::new("id", code, message).within(path));
                    }
                },
            }
        }
        (paths(field, self.parent, &ids), violations)
    }

    /// Reorders the children. The order must name each of them once.
    pub fn reorder(&mut self, ids: &[Uid]) -> Result<(), Error> {
        if ids.len() > IDS_MAX {
            let message = format!("at most {IDS_MAX} ids at once");
            return Err(Violation::new("ids", Code::TooMany, message).into());
        }
        let mut children: HashMap<Uid, Child<A>> =
            self.list.iter().map(|child| (child.id, child.clone())).collect();
        let (mut ordered, mut violations) = (Vec::new(), Vec::new());
        for (position, id) in ids.iter().enumerate() {
            match children.remove(id) {
                Some(child) => ordered.push(child),
                None => {
                    let (code, message) = refusal(self.list.iter().any(|it| it.id == *id));
                    violations.push(Violation::at("ids", position, code, message));
                }
            }
        }
        if !children.is_empty() {
            let count = children.len();
            let are = if count == 1 { "is" } else { "are" };
            let message = format!("must list every item of the parent: {count} {are} missing");
            violations.push(Violation::new("ids", Code::Required, message));
        }
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        self.list = ordered;
        Ok(())
    }
}

fn new_child<A: ChildAttributes>(writer: Writer<'_>, parent: Uid, mut attributes: A) -> Child<A> {
    let (id, now) = writer.new_id();
    attributes.complete(None, now, writer.name());
    Child { id, parent, idx: 0, attributes, created_at: now, updated_at: now }
}

/// Why a listed id is refused that is not, or no longer, that of a child of the parent.
fn refusal(is_repeated: bool) -> (Code, &'static str) {
    if is_repeated {
        (Code::Invalid, "is listed twice")
    } else {
        (Code::NotFound, "the parent has no item with this id")
    }
}

pub(super) fn too_many() -> Violation {
    let message = format!("at most {CHILDREN_MAX} are allowed");
    Violation { field: Vec::new(), code: Code::TooMany, message }
}

/// The index in a list for an `idx`, which counts from 1 to `last`.
fn position(idx: i32, last: usize) -> Result<usize, Error> {
    match usize::try_from(idx) {
        Ok(idx) if (1..=last).contains(&idx) => Ok(idx - 1),
        _ => {
            let message = format!("must be from 1 to {last}");
            Err(Violation::new("idx", Code::Invalid, message).into())
        }
    }
}
