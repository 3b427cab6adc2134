//! The filters for customers.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    Customer, CustomerAttributes, DISABLED, EXTERNAL_ID, ID,
    address::{CustomerAddress, CustomerAddressAttributes},
    consent,
    contact::{CustomerContact, CustomerContactAttributes},
    lookup,
    price_list::{self, Sources},
};
use crate::{
    auth::Tenant,
    db::{
        self, Conn,
        sql::{Condition, Sql, UidSet, from_where, has_trigram},
        types::Uid,
    },
    models::{
        Lookup, Row,
        attribute::Attributes,
        child::{Child, ChildAttributes},
        filter::{ColumnTest, ExactTest, Filter, OwnTest, Predicate, RowTest, TextTest},
        list::{FilterOf, Search, TestOf},
        membership::{self, Groups, Members, Order},
        pos_profile,
        row::of_tenant,
        search_key::fold,
    },
};

/// A filter for customers.
pub(super) type CustomerFilter = FilterOf<Customer>;

/// The tests that only customers have, besides tests of columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CustomerTest {
    /// Contains this text in one of its searchable texts, or has search keys that match it, as in a lookup. `customers`
    /// are those with the keys, if they have been looked up.
    Search { text: String, customers: Option<Vec<Uid>> },
    /// Has a contact that passes this filter.
    Contact(FilterOf<CustomerContact>),
    /// Has an address that passes this filter.
    Address(FilterOf<CustomerAddress>),
    /// Has such an external id, or is one of the customers to which such an id redirects.
    Identified { test: ExactTest, successors: Vec<Uid> },
    /// Has a consent with one of these names, given or (`false`) refused.
    Consent { names: Vec<String>, status: bool },
    /// The POS profile, which must exist, may sell to the customer.
    PosScope(Lookup),
    /// Is a member of one of the groups, or of one below them.
    Group { groups: Vec<Uid>, include_descendants: bool },
    /// Is a member of one of the looked-up groups and, if so marked, enabled.
    Member { groups: Groups, is_enabled: bool },
    /// Has an effective price list that passes the test. `sources` are those of such price lists, if they have been
    /// looked up.
    EffectivePriceList { test: ExactTest, sources: Option<Sources> },
}

/// The test that a customer is not disabled.
pub(super) const fn is_enabled() -> TestOf<Customer> {
    RowTest::column(DISABLED, Predicate::Flag(false))
}

impl OwnTest for CustomerTest {
    fn condition(&self, tenant: &Tenant) -> Condition {
        match self {
            Self::Search { text, customers } => {
                lookup::filter::condition(tenant, text, customers.as_deref())
            }
            Self::Contact(filter) => has_child::<CustomerContactAttributes>(tenant, filter),
            Self::Address(filter) => has_child::<CustomerAddressAttributes>(tenant, filter),
            Self::Identified { test, successors } => {
                let has_it = test.condition(EXTERNAL_ID);
                let is_redirect_target =
                    (!successors.is_empty()).then(|| Condition::uid_in(ID, successors));
                Condition::any([has_it].into_iter().chain(is_redirect_target))
            }
            Self::Consent { names, status } => consent::customer_has(tenant, ID, names, *status),
            // Resolved before the list is read: see `resolve`.
            Self::PosScope(Lookup::Id(profile)) => {
                pos_profile::scope_of(tenant, ID, DISABLED, *profile)
            }
            Self::PosScope(Lookup::ExternalId(_)) => Condition::any([]),
            Self::Member { groups, is_enabled } => {
                let enabled = is_enabled.then(|| Condition::flag(DISABLED, false));
                Condition::all(enabled.into_iter().chain([groups.contain(tenant, ID)]))
            }
            Self::Group { groups, include_descendants: false } => {
                Groups { ids: groups.clone(), members: Members::Unknown }.contain(tenant, ID)
            }
            Self::Group { groups, include_descendants: true } => {
                membership::customer_is_in(tenant, ID, named(groups), true)
            }
            Self::EffectivePriceList { test, sources } => {
                price_list::condition(tenant, test, sources.as_ref())
            }
        }
    }

    fn tests(&self) -> usize {
        match self {
            Self::Contact(filter) | Self::Address(filter) => filter.tests(),
            _ => 1,
        }
    }
}

/// The condition that a customer has a child that passes the filter.
fn has_child<A: ChildAttributes>(tenant: &Tenant, filter: &FilterOf<Child<A>>) -> Condition {
    let children = of_tenant(Child::<A>::TENANT_ID, tenant, filter.condition::<A>(tenant));
    Condition::of(Sql::template(
        "{id} IN (SELECT {parent}{children})",
        [
            ("id", ID.sql()),
            ("parent", A::PARENT_ID.sql()),
            ("children", from_where(A::TABLE, children)),
        ],
    ))
}

impl CustomerTest {
    /// Whether it contains groups that can be looked up.
    fn has_unresolved_groups(&self) -> bool {
        matches!(
            self,
            Self::Group { .. } | Self::PosScope(_) | Self::EffectivePriceList { sources: None, .. }
        )
    }

    /// The same test with its groups looked up; `None` if they are not looked up.
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
            Self::EffectivePriceList { test, .. } => {
                let sources = price_list::sources(conn, tenant, test, order).await?;
                return Ok(Some(Self::EffectivePriceList { test: test.clone(), sources }));
            }
            _ => return Ok(None),
        };
        Ok(groups.map(|groups| Self::Member { groups, is_enabled }))
    }
}

/// Maximum number of tests with looked-up groups in a filter: each takes a statement or two. The
/// database finds the groups of further tests itself.
const LOOKUPS_MAX: usize = 4;

/// The filter with the groups of its tests looked up, for a list in that order or for a count. Equal
/// tests are looked up once.
pub(super) async fn resolve(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: CustomerFilter,
    order: Option<Order>,
) -> Result<CustomerFilter, db::Error> {
    let filter = with_successors(conn, tenant, filter).await?;
    let filter = with_profiles(conn, tenant, filter).await?;
    let filter = with_few_customers(conn, tenant, filter).await?;
    let mut tests: Vec<CustomerTest> = Vec::new();
    filter.for_each(&mut |test| {
        if let RowTest::Own(test) = test
            && test.has_unresolved_groups()
            && tests.len() < LOOKUPS_MAX
            && !tests.contains(test)
        {
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
    Ok(filter.replaced(&|test| match test {
        RowTest::Own(test) => resolved.get(test).cloned().map(Filter::own),
        _ => None,
    }))
}

/// The filter with the successors of the customers that it names by id or external id. One statement looks up all of
/// them.
#[expect(
    clippy::match_same_arms,
    reason = "filters of contacts and of addresses are of different types"
)]
async fn with_successors(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: CustomerFilter,
) -> Result<CustomerFilter, db::Error> {
    let mut named = Vec::new();
    filter.for_each(&mut |test| match test {
        RowTest::Own(CustomerTest::Contact(filter)) => named.extend(filter.parents()),
        RowTest::Own(CustomerTest::Address(filter)) => named.extend(filter.parents()),
        test => named.extend(external_ids(test).into_iter().flat_map(|(_, lookups)| lookups)),
    });
    if named.is_empty() {
        return Ok(filter);
    }
    let found = Customer::successors(conn, tenant, &named).await?;
    Ok(filter.replaced(&|test| {
        Some(Filter::own(match test {
            RowTest::Own(CustomerTest::Contact(filter)) => {
                CustomerTest::Contact(filter.clone().with_successors(&found))
            }
            RowTest::Own(CustomerTest::Address(filter)) => {
                CustomerTest::Address(filter.clone().with_successors(&found))
            }
            test => {
                let (test, lookups) = external_ids(test)?;
                let successors = lookups.iter().filter_map(|it| found.get(it)).copied().collect();
                CustomerTest::Identified { test: test.clone(), successors }
            }
        }))
    }))
}

/// The test and the ids, if it tests external ids whose successors have not been looked up.
fn external_ids(test: &TestOf<Customer>) -> Option<(&ExactTest, Vec<Lookup>)> {
    let RowTest::Column(ColumnTest { column: EXTERNAL_ID, predicate: Predicate::Exact(test) }) =
        test
    else {
        return None;
    };
    let ids = match test {
        ExactTest::Eq(id) => std::slice::from_ref(id),
        ExactTest::In(ids) => ids,
        ExactTest::IsNull(_) => return None,
    };
    Some((test, ids.iter().cloned().map(Lookup::ExternalId).collect()))
}

/// The filter with all of its POS profiles looked up in one statement. A missing profile is an
/// error.
async fn with_profiles(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: CustomerFilter,
) -> Result<CustomerFilter, db::Error> {
    let mut named: Vec<Lookup> = Vec::new();
    filter.for_each(&mut |test| {
        if let RowTest::Own(CustomerTest::PosScope(name)) = test {
            named.push(name.clone());
        }
    });
    let found = pos_profile::named_profiles(conn, tenant, &named).await?;
    Ok(filter.replaced(&|test| {
        let RowTest::Own(CustomerTest::PosScope(name)) = test else { return None };
        let (profile, is_open) = found.get(name)?;
        Some(Filter::Is(if *is_open {
            is_enabled()
        } else {
            RowTest::Own(CustomerTest::PosScope(Lookup::Id(*profile)))
        }))
    }))
}

/// The filter with the customers that its searches find by keys, if these are few.
///
/// PostgreSQL's planner expects many customers with a key that it does not know. To find a page of matches, or to count
/// those of each group, it would read a list in its order and check the keys of each customer.
async fn with_few_customers(
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    filter: CustomerFilter,
) -> Result<CustomerFilter, db::Error> {
    if matches!(conn, Conn::Sqlite(_)) {
        return Ok(filter);
    }
    let mut texts = BTreeSet::new();
    filter.for_each(&mut |test| {
        if let RowTest::Own(CustomerTest::Search { text, .. }) = test {
            texts.insert(text.clone());
        }
    });
    let found = lookup::filter::few_customers(conn, tenant, texts).await?;
    Ok(filter.replaced(&|test| {
        let RowTest::Own(CustomerTest::Search { text, .. }) = test else { return None };
        let customers = Some(found.get(text)?.clone());
        Some(Filter::own(CustomerTest::Search { text: text.clone(), customers }))
    }))
}

/// The filter in a form that finds members by their groups instead of scanning a list.
pub(super) fn counted(filter: &CustomerFilter) -> CustomerFilter {
    filter.clone().replaced(&|test| match test {
        RowTest::Own(CustomerTest::Member { groups, is_enabled }) => {
            let groups = Groups { members: Members::Unknown, ..groups.clone() };
            Some(Filter::own(CustomerTest::Member { groups, is_enabled: *is_enabled }))
        }
        RowTest::Own(CustomerTest::EffectivePriceList { test, sources: Some(sources) }) => {
            let (test, sources) = (test.clone(), Some(sources.counted()));
            Some(Filter::own(CustomerTest::EffectivePriceList { test, sources }))
        }
        _ => None,
    })
}

/// The groups and the condition on their members, if the filter is only a test of membership.
pub(super) fn members(filter: &CustomerFilter) -> Option<(&Groups, Option<Condition>)> {
    let RowTest::Own(CustomerTest::Member { groups, is_enabled }) = filter.only_test()? else {
        return None;
    };
    Some((groups, is_enabled.then(|| Condition::flag(DISABLED, false))))
}

/// The search, if the filter is only a search.
pub(super) fn search(tenant: &Tenant, filter: &CustomerFilter) -> Option<Search> {
    let (key, term) = match filter.only_test()? {
        RowTest::Own(CustomerTest::Search { text, .. }) => {
            return lookup::filter::search(tenant, text);
        }
        RowTest::Column(ColumnTest {
            predicate: Predicate::Text(key, TextTest::Contains(term)),
            ..
        }) => (*key, fold(term)),
        _ => return None,
    };
    has_trigram(&term).then(|| Search {
        hits: Condition::matching_ids(CustomerAttributes::SEARCH, &[key], tenant.id(), &term),
        test: Condition::reads_term(&[key], &term),
    })
}

/// A query for these groups.
fn named(groups: &[Uid]) -> Sql {
    let groups = Arc::new(groups.iter().copied().collect::<UidSet>());
    Sql::new("SELECT id FROM ").uids(groups).sql(" AS named")
}
