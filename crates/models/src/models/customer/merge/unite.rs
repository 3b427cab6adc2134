//! Uniting two lists of children.

use std::collections::HashMap;

use super::kinds::{Precedence, Unite, UnitedKind};
use crate::{
    db::types::{Timestamp, Uid},
    id::NodeType,
    models::{child::Child, grouped},
};

/// The fate of a child of an absorbed customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It belongs to the survivor.
    Moved,
    /// It is dropped, because the survivor has an equal one.
    Equal,
    /// It is dropped, because the survivor has another one, which stays.
    Outranked,
    /// It is dropped, but its values replace those of the survivor's child.
    Prevailed,
}

/// A child of an absorbed customer, with its fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitedChild {
    pub node_type: NodeType,
    pub kind: UnitedKind,
    pub id: Uid,
    pub title: String,
    pub fate: Fate,
    /// The survivor's child that replaces it, if it is dropped.
    pub counterpart: Option<Uid>,
}

/// The survivor's children after a merge.
pub struct United<A> {
    pub list: Vec<Child<A>>,
    pub children: Vec<UnitedChild>,
}

impl<A: Unite> United<A> {
    /// Unites the lists of a survivor and of an absorbed customer. `replaced` maps dropped contacts to those that
    /// replace them. `now` is the time of the changes.
    pub fn new(
        survivor: Uid,
        own: &[Child<A>],
        absorbed: &[Child<A>],
        replaced: &HashMap<Uid, Uid>,
        now: Timestamp,
    ) -> Self {
        let mut united = Self { list: own.to_vec(), children: Vec::new() };
        let own = own.iter().enumerate();
        let mut by_key = grouped(own.map(|(place, it)| (it.attributes.merge_key(), place)));
        for child in absorbed {
            let mut child = Child { parent: survivor, ..child.clone() };
            child.attributes.settle(child.updated_at);
            child.attributes.refer_to(|contact| replaced.get(&contact).copied());
            let same = by_key.entry(child.attributes.merge_key()).or_default();
            let found = same.iter().copied().find(|place| united.can_replace(*place, &child));
            match found {
                Some(place) => united.drop(place, &child, now),
                None => {
                    same.push(united.list.len());
                    united.add(Child { updated_at: now, ..child });
                }
            }
        }
        united
    }

    /// Whether the survivor's child can replace this one. Two children with different external ids are both kept,
    /// unless the kind is exclusive.
    fn can_replace(&self, place: usize, child: &Child<A>) -> bool {
        let own = self.list.get(place).and_then(|own| own.attributes.external_id());
        A::IS_EXCLUSIVE || own.is_none() || child.attributes.external_id().is_none()
    }

    fn has_primary(&self) -> bool {
        self.list.iter().any(|it| it.attributes.is_primary())
    }

    fn add(&mut self, mut child: Child<A>) {
        if self.has_primary() {
            child.attributes.set_primary(false);
        }
        self.note(&child, Fate::Moved, None);
        self.list.push(child);
    }

    fn drop(&mut self, place: usize, child: &Child<A>, now: Timestamp) {
        let becomes_primary = child.attributes.is_primary() && !self.has_primary();
        let Some(own) = self.list.get_mut(place) else { return };
        let fate = match A::precedence(own, child) {
            Precedence::Equal => Fate::Equal,
            Precedence::Survivor => Fate::Outranked,
            Precedence::Absorbed => Fate::Prevailed,
        };
        let before = own.attributes.clone();
        // If only one of them has an external id, the remaining child takes it.
        let external_id = own.attributes.external_id().or_else(|| child.attributes.external_id());
        let external_id = external_id.map(str::to_owned);
        if fate == Fate::Prevailed {
            own.attributes.clone_from(&child.attributes);
        }
        own.attributes.set_external_id(external_id);
        if becomes_primary {
            own.attributes.set_primary(true);
        }
        if own.attributes != before {
            own.attributes.settle(own.updated_at);
            own.updated_at = now;
        }
        let counterpart = own.id;
        self.note(child, fate, Some(counterpart));
    }

    fn note(&mut self, child: &Child<A>, fate: Fate, counterpart: Option<Uid>) {
        self.children.push(UnitedChild {
            node_type: A::NODE_TYPE,
            kind: A::KIND,
            id: child.id,
            title: child.attributes.title(),
            fate,
            counterpart,
        });
    }

    /// Maps the dropped children to those that replace them.
    pub fn replaced(&self) -> HashMap<Uid, Uid> {
        self.children.iter().filter_map(|it| Some((it.id, it.counterpart?))).collect()
    }
}
