//! The filter conditions on a customer.

use std::{collections::HashMap, sync::Arc};

use super::{CREDIT_BALANCE, CREDIT_LIMIT, CustomerType, DISABLED, ID, TABLE, UPDATED_AT, consent};
use crate::{
    auth::Tenant,
    db::{
        self, Conn,
        schema::customers,
        sql::{Column, Condition, SearchIndex, Sql, UidSet, has_trigram},
        types::{Decimal, Timestamp, Uid},
    },
    models::{
        Lookup,
        filter::{AttributeTest, Filter, Predicate, RangeTest, TextTest, has_attribute_tests},
        list::Search,
        membership::{self, Groups, Members, Order},
        pos_profile,
        search_key::fold,
    },
};

const SEARCH: SearchIndex =
    SearchIndex { id: ID, index: "customers_search", docs: "customers_search_docs" };

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerTest {
    Attribute(AttributeTest),
    Text(CustomerText, TextTest),
    /// One of the texts contains the term.
    Search(String),
    Type(Vec<CustomerType>),
    CreditLimit(RangeTest<Decimal>),
    CreditBalance(RangeTest<Decimal>),
    CreatedAt(RangeTest<Timestamp>),
    UpdatedAt(RangeTest<Timestamp>),
    /// Has a consent with one of these names, given or (`false`) refused.
    Consent {
        names: Vec<String>,
        status: bool,
    },
    /// That POS profile, which must exist, may sell to the customer.
    PosScope(Lookup),
    /// Is a member of one of the groups, or of one below them.
    Group {
        groups: Vec<Uid>,
        include_descendants: bool,
    },
    /// Is a member of one of the looked-up groups and, if so marked, enabled.
    Member {
        groups: Groups,
        is_enabled: bool,
    },
}

has_attribute_tests!(CustomerTest);

impl CustomerTest {
    /// The test that a customer is not disabled.
    pub(super) const fn is_enabled() -> Self {
        Self::Attribute(AttributeTest::new(DISABLED, Predicate::Flag(false)))
    }

    pub(super) fn condition(&self, tenant: &Tenant) -> Condition {
        match self {
            Self::Attribute(test) => test.condition(),
            Self::Text(text, test) => {
                test.condition(tenant, SEARCH, text.column(), text.key_column())
            }
            Self::Search(term) => {
                let columns = CustomerText::ALL.map(CustomerText::key_column);
                Condition::contains(SEARCH, &columns, tenant.id(), &fold(term))
            }
            Self::Type(types) => {
                let column = Column::of::<customers::customer_type>(TABLE);
                Condition::text_in(column, types.iter().map(|it| it.name().to_owned()))
            }
            Self::CreditLimit(test) => test.condition(CREDIT_LIMIT),
            Self::CreditBalance(test) => test.condition(CREDIT_BALANCE),
            Self::CreatedAt(test) => test.creation_condition(ID),
            Self::UpdatedAt(test) => test.condition(UPDATED_AT),
            Self::Consent { names, status } => consent::customer_has(tenant, ID, names, *status),
            // Looked up before: see `resolve`.
            Self::PosScope(Lookup::Id(profile)) => {
                pos_profile::scope_of(tenant, ID, DISABLED, *profile)
            }
            Self::PosScope(Lookup::ExternalId(_)) => Condition::any([]),
            Self::Member { groups, is_enabled } => {
                let enabled = is_enabled.then(|| Condition::flag(DISABLED, false));
                Condition::all(enabled.into_iter().chain([groups.have(tenant, ID)]))
            }
            Self::Group { groups, include_descendants: false } => {
                Groups { ids: groups.clone(), members: Members::Unknown }.have(tenant, ID)
            }
            Self::Group { groups, include_descendants: true } => {
                membership::customer_is_in(tenant, ID, named(groups), true)
            }
        }
    }
}

impl CustomerTest {
    /// Whether it contains groups that can be looked up.
    fn asks_for_groups(&self) -> bool {
        matches!(self, Self::Group { .. } | Self::PosScope(_))
    }

    /// The same test with its groups looked up; `None` if they are not.
    async fn resolved(
        &self,
        conn: &mut Conn<'_>,
        tenant: &Tenant,
        order: Option<Order>,
    ) -> Result<Option<Self>, db::Error> {
        let (groups, is_enabled) = match self {
            Self::Group { groups, include_descendants: true } => {
                (Groups::below(conn, tenant, named(groups), order).await?, false)
            }
            Self::Group { groups, include_descendants: false } => {
                (Groups::of(conn, tenant, groups, order).await?, false)
            }
            Self::PosScope(Lookup::Id(profile)) => {
                let linked = pos_profile::groups_of(tenant, *profile);
                (Groups::below(conn, tenant, linked, order).await?, true)
            }
            _ => return Ok(None),
        };
        Ok(groups.map(|groups| Self::Member { groups, is_enabled }))
    }
}

/// Maximum number of tests with looked-up groups in a filter: each takes a statement or two. For
/// the others, the database finds the groups itself.
const LOOKUPS_MAX: usize = 4;

/// The filter with the groups of its tests looked up, for a list in that order or for a count. Equal
/// tests are looked up once.
pub(super) async fn resolve(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: Filter<CustomerTest>,
    order: Option<Order>,
) -> Result<Filter<CustomerTest>, db::Error> {
    let filter = with_profiles(conn, tenant, filter).await?;
    let mut tests: Vec<CustomerTest> = Vec::new();
    filter.for_each(&mut |test| {
        if test.asks_for_groups() && tests.len() < LOOKUPS_MAX && !tests.contains(test) {
            tests.push(test.clone());
        }
    });
    // With other tests, there may be many members but few matches.
    let order = order.filter(|_| filter.tests() == 1);
    let mut resolved = HashMap::new();
    for test in tests {
        if let Some(found) = test.resolved(conn, tenant, order).await? {
            resolved.insert(test, found);
        }
    }
    Ok(filter.replaced(&|test| resolved.get(test).cloned().map(Filter::Is)))
}

/// The filter with all of its POS profiles looked up in one statement. A missing profile is an
/// error.
async fn with_profiles(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: Filter<CustomerTest>,
) -> Result<Filter<CustomerTest>, db::Error> {
    let mut named: Vec<Lookup> = Vec::new();
    filter.for_each(&mut |test| {
        if let CustomerTest::PosScope(name) = test {
            named.push(name.clone());
        }
    });
    let found = pos_profile::named_profiles(conn, tenant, &named).await?;
    Ok(filter.replaced(&|test| {
        let CustomerTest::PosScope(name) = test else { return None };
        let (profile, is_open) = found.get(name)?;
        Some(Filter::Is(if *is_open {
            CustomerTest::is_enabled()
        } else {
            CustomerTest::PosScope(Lookup::Id(*profile))
        }))
    }))
}

/// The filter in a form that finds members by their groups instead of scanning a list.
pub(super) fn counted(filter: &Filter<CustomerTest>) -> Filter<CustomerTest> {
    filter.clone().replaced(&|test| match test {
        CustomerTest::Member { groups, is_enabled } => {
            let groups = Groups { members: Members::Unknown, ..groups.clone() };
            Some(Filter::Is(CustomerTest::Member { groups, is_enabled: *is_enabled }))
        }
        _ => None,
    })
}

/// The groups whose members are all that match, and the condition on these members, if the filter is
/// nothing else.
pub(super) fn members(filter: &Filter<CustomerTest>) -> Option<(&Groups, Option<Condition>)> {
    let CustomerTest::Member { groups, is_enabled } = filter.only_test()? else { return None };
    Some((groups, is_enabled.then(|| Condition::flag(DISABLED, false))))
}

/// The search that the filter is, if it is nothing else.
pub(super) fn search(tenant: &Tenant, filter: &Filter<CustomerTest>) -> Option<Search> {
    let (columns, term) = match filter.only_test()? {
        CustomerTest::Text(text, TextTest::Contains(term)) => (vec![text.key_column()], term),
        CustomerTest::Search(term) => {
            (CustomerText::ALL.map(CustomerText::key_column).into(), term)
        }
        _ => return None,
    };
    let term = fold(term);
    has_trigram(&term).then(|| Search {
        hits: Condition::matching_ids(SEARCH, &columns, tenant.id(), &term),
        test: Condition::reads_term(&columns, &term),
    })
}

/// A query for these groups.
fn named(groups: &[Uid]) -> Sql {
    let groups = Arc::new(groups.iter().copied().collect::<UidSet>());
    Sql::new("SELECT id FROM ").uids(groups).sql(" AS named")
}

/// The texts for searching and sorting; each has a folded key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CustomerText {
    Name,
    Email,
    Mobile,
    TaxId,
}

impl CustomerText {
    const ALL: [Self; 4] = [Self::Name, Self::Email, Self::Mobile, Self::TaxId];

    const fn column(self) -> Column {
        match self {
            Self::Name => Column::of::<customers::customer_name>(TABLE),
            Self::Email => Column::of::<customers::email_id>(TABLE),
            Self::Mobile => Column::of::<customers::mobile_no>(TABLE),
            Self::TaxId => Column::of::<customers::tax_id>(TABLE),
        }
    }

    const fn key_column(self) -> Column {
        match self {
            Self::Name => Column::of::<customers::customer_name_key>(TABLE),
            Self::Email => Column::of::<customers::email_id_key>(TABLE),
            Self::Mobile => Column::of::<customers::mobile_no_key>(TABLE),
            Self::TaxId => Column::of::<customers::tax_id_key>(TABLE),
        }
    }
}
