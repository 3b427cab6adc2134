//! Lists of children of one kind, across all parents.

use std::{collections::HashMap, fmt::Debug, hash::Hash};

use super::{Child, ChildAttributes};
use crate::{
    auth::Tenant,
    db::{
        self, Conn,
        pick::ColumnSet,
        sql::Condition,
        types::{Timestamp, Uid},
    },
    models::{
        Row,
        filter::{AttributeTest, Filter, IdTest, RangeTest, has_attribute_tests},
        list::{ListOf, Listed, Slice},
    },
};

/// The filter conditions on a child. `Own` are those of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChildTest<Own> {
    Attribute(AttributeTest),
    Parent(IdTest),
    CreatedAt(RangeTest<Timestamp>),
    UpdatedAt(RangeTest<Timestamp>),
    Own(Own),
}

has_attribute_tests!(ChildTest<Own>);

impl<Own> ChildTest<Own> {
    /// Converts a condition of the kind into one of a child.
    pub fn own<T>(test: impl Fn(T) -> Own) -> impl Fn(T) -> Self {
        move |it| Self::Own(test(it))
    }
}

/// The filter conditions of a kind, besides those on every child.
pub trait OwnTest: Clone + Debug + Eq + Hash + Send + Sync {
    fn condition(&self, tenant: &Tenant) -> Condition;
}

/// For kinds that are only filtered by attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoTest {}

impl OwnTest for NoTest {
    fn condition(&self, _tenant: &Tenant) -> Condition {
        match *self {}
    }
}

/// Pages of children are only available across all parents: one parent has few, which are loaded as
/// a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoRelation {}

impl<A: ChildAttributes> Listed for Child<A> {
    type Filter = Filter<ChildTest<A::Test>>;
    type Relation = NoRelation;

    fn filter_condition(tenant: &Tenant, filter: &Self::Filter) -> Condition {
        filter.condition(&|test| match test {
            ChildTest::Attribute(test) => test.condition(),
            ChildTest::Parent(test) => test.condition(A::PARENT_ID),
            ChildTest::CreatedAt(test) => test.creation_condition(Self::ID),
            ChildTest::UpdatedAt(test) => test.condition(Self::UPDATED_AT),
            ChildTest::Own(test) => test.condition(tenant),
        })
    }

    fn relation_condition(_tenant: &Tenant, relation: NoRelation) -> Condition {
        match relation {}
    }

    async fn resolve(
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        filter: Self::Filter,
    ) -> Result<Self::Filter, db::Error> {
        A::resolve(conn, tenant, filter).await
    }

    async fn pages(
        _conn: &mut Conn<'_>,
        _tenant: &Tenant,
        relation: NoRelation,
        _parents: &[Uid],
        _list: &ListOf<Self>,
        _columns: ColumnSet,
    ) -> Result<HashMap<Uid, Slice<Self>>, db::Error> {
        match relation {}
    }
}
