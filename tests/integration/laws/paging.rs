//! Paging returns each row once and in order, in every list, order and direction, forwards,
//! backwards and by offset, even while rows are added.
//!
//! With cursors, rows are added anywhere in the order. With offsets, rows are only added after all others in the
//! direction of paging: anywhere else they would shift later pages, which no server can prevent.

use proptest::{collection::vec, option, prelude::*, sample::Index};
use serde_json::{Value, json};

use super::{Client, check, ids};
use crate::support::app::{App, capitalised};

/// The greatest rank of a sort key.
const RANK_MAX: u8 = 3;

/// The types of rows in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Customer,
    CustomerGroup,
    LoyaltyProgram,
    PosProfile,
    /// Stands for all types of children, because they share the code of their lists.
    CustomerAddress,
}

/// The properties of a row.
#[derive(Clone, Debug)]
struct Row {
    /// Determines the values of all sort fields. There are few ranks, so that many values are equal. Without a rank,
    /// optional values are missing and required ones are the lowest.
    rank: Option<u8>,
    /// Whether the row has the second of two texts with the same sort key.
    is_accented: bool,
    /// The parent of the row.
    place: u8,
    /// The values for filters.
    flag: bool,
}

#[derive(Clone, Copy, Debug)]
enum Filter {
    None,
    Flag(bool),
    Name(u8),
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Forwards,
    Backwards,
    Offset,
    OffsetFromEnd,
}

#[derive(Clone, Debug)]
struct Case {
    rows: Vec<Row>,
    /// Rows that are updated, one after the other.
    touched: Vec<Index>,
    /// Rows that are added between pages.
    added: Vec<Row>,
    size: usize,
    filter: Filter,
    first_way: usize,
}

fn cases() -> impl Strategy<Value = Case> {
    let row = || {
        let rank = option::weighted(0.8, 0..=RANK_MAX);
        (rank, any::<bool>(), 0..5_u8, any::<bool>())
            .prop_map(|(rank, is_accented, place, flag)| Row { rank, is_accented, place, flag })
    };
    let filter = prop_oneof![
        3 => Just(Filter::None),
        2 => any::<bool>().prop_map(Filter::Flag),
        1 => (0..=RANK_MAX).prop_map(Filter::Name),
    ];
    let (rows, added) = (vec(row(), 0..16), vec(row(), 0..4));
    (rows, vec(any::<Index>(), 0..6), added, 1..=7_usize, filter, 0..4_usize).prop_map(
        |(rows, touched, added, size, filter, first_way)| Case {
            rows,
            touched,
            added,
            size,
            filter,
            first_way,
        },
    )
}

/// An existing row.
#[derive(Clone, Debug)]
struct Known {
    id: String,
    row: Row,
    created: usize,
    updated: usize,
    /// A POS profile's links.
    links: Vec<String>,
}

impl Known {
    /// The sort keys.
    fn key(&self, field: &str) -> (Option<u8>, usize, usize) {
        let lowest = self.row.rank.unwrap_or_default();
        match field {
            "CREATED_AT" => (None, 0, self.created),
            "UPDATED_AT" => (None, self.updated, self.created),
            "CUSTOMER_NAME"
            | "CUSTOMER_GROUP_NAME"
            | "LOYALTY_PROGRAM_NAME"
            | "FROM_DATE"
            | "POS_PROFILE_ID" => (Some(lowest), 0, self.created),
            _ => (self.row.rank, 0, self.created),
        }
    }
}

fn text(row: &Row) -> &'static str {
    let texts = [["Alba", "ÁLBA"], ["Berg", "bérg"], ["odegard", "Ødegård"], ["Zoe", "zoë"]];
    texts[usize::from(row.rank.unwrap_or_default())][usize::from(row.is_accented)]
}

/// A list: its parent object (`None` for the root), its field, its arguments, and the places of its rows.
#[derive(Debug)]
struct List {
    parent: Option<(&'static str, String)>,
    /// Another parent whose list is selected in the same request, because the lists of several parents are loaded by a
    /// different statement.
    beside: Option<String>,
    field: &'static str,
    arguments: &'static str,
    places: &'static [u8],
}

const EVERYWHERE: &[u8] = &[0, 1, 2, 3, 4];

fn root(field: &'static str) -> List {
    List { parent: None, beside: None, field, arguments: "", places: EVERYWHERE }
}

fn nested(
    (parent, id, beside): (&'static str, &str, &str),
    field: &'static str,
    places: &'static [u8],
) -> List {
    let (parent, beside) = (Some((parent, id.to_owned())), Some(beside.to_owned()));
    List { parent, beside, field, arguments: "", places }
}

impl Kind {
    const fn orders(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &[
                "CREATED_AT",
                "UPDATED_AT",
                "CUSTOMER_NAME",
                "EMAIL_ID",
                "MOBILE_NO",
                "TAX_ID",
                "CREDIT_LIMIT",
                "CREDIT_BALANCE",
            ],
            Self::CustomerGroup => &["CREATED_AT", "UPDATED_AT", "CUSTOMER_GROUP_NAME"],
            Self::LoyaltyProgram => {
                &["CREATED_AT", "UPDATED_AT", "LOYALTY_PROGRAM_NAME", "FROM_DATE", "TO_DATE"]
            }
            Self::PosProfile => &["CREATED_AT", "UPDATED_AT", "POS_PROFILE_ID"],
            Self::CustomerAddress => &["CREATED_AT", "UPDATED_AT"],
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::CustomerGroup => "customerGroup",
            Self::LoyaltyProgram => "loyaltyProgram",
            Self::PosProfile => "posProfile",
            Self::CustomerAddress => "customerAddress",
        }
    }
}

/// The rows of a tenant in the database, and their model.
struct Rows<'a> {
    client: &'a Client<'a>,
    kind: Kind,
    known: Vec<Known>,
    /// The number of creations and updates so far.
    time: usize,
    /// A group, a child of it, and an unrelated group.
    groups: [String; 3],
    program: String,
    /// A tier of the program, and another tier.
    tiers: [String; 2],
    /// POS profiles with links to the first and to the last group.
    tills: [String; 2],
    /// The customer whose groups or addresses are listed.
    customer: String,
    /// Another object of the parent's type, for `List::beside`.
    beside: String,
}

impl Client<'_> {
    /// The id of the POS profile with this `posProfileId`.
    async fn profile(&self, name: &str) -> String {
        let query = "query($id: ID!) { posProfile(id: $id) { id } }";
        let data = self.data(query, json!({ "id": name })).await;
        data["posProfile"]["id"].as_str().unwrap().to_owned()
    }
}

impl<'a> Rows<'a> {
    async fn start(client: &'a Client<'a>, kind: Kind) -> Self {
        let mut rows = Self {
            client,
            kind,
            known: Vec::new(),
            time: 0,
            groups: <[String; 3]>::default(),
            program: String::new(),
            tiers: <[String; 2]>::default(),
            tills: <[String; 2]>::default(),
            customer: String::new(),
            beside: String::new(),
        };
        let row = |rank, place, flag| Row { rank: Some(rank), is_accented: false, place, flag };
        rows.groups[0] = rows.group("Alba", true, None).await;
        rows.groups[1] = rows.group("Berg", false, Some(&rows.groups[0])).await;
        rows.groups[2] = rows.group("odegard", false, None).await;
        match kind {
            Kind::Customer => {
                let tier = |name: &str, min_spent: &str| json!({ "tierName": name, "minSpent": min_spent, "collectionFactor": "1" });
                let tiers = json!([tier("Gold", "0"), tier("Platinum", "1")]);
                let input = json!({
                    "loyaltyProgramName": "P", "fromDate": "2026-01-01", "collections": tiers,
                });
                rows.program = client.create("loyaltyProgramCreate", input).await;
                let query = "query($id: ID!) { loyaltyProgram(id: $id) { collections { id } } }";
                let data = client.data(query, json!({ "id": rows.program })).await;
                let tiers = ids(&data["loyaltyProgram"]["collections"]);
                rows.tiers = [tiers[0].to_owned(), tiers[1].to_owned()];
                let input = json!({ "loyaltyProgramName": "Q", "fromDate": "2026-01-01" });
                rows.beside = client.create("loyaltyProgramCreate", input).await;
                for (position, group) in [0, 2].into_iter().enumerate() {
                    let name = position.to_string();
                    let input =
                        json!({ "posProfileId": name, "customerGroupId": rows.groups[group] });
                    client.create("posCustomerGroupCreate", input).await;
                    rows.tills[position] = client.profile(&name).await;
                }
            }
            Kind::CustomerGroup => {
                // The parent groups are in the lists, too.
                let made = [row(0, 4, true), row(1, 0, false), row(2, 4, false)];
                for (position, row) in made.into_iter().enumerate() {
                    rows.know(rows.groups[position].clone(), row, Vec::new());
                }
                let input = json!({ "customerName": "C" });
                rows.customer = client.create("customerCreate", input.clone()).await;
                rows.beside = client.create("customerCreate", input).await;
            }
            Kind::CustomerAddress => {
                let input = json!({ "customerName": "C" });
                rows.customer = client.create("customerCreate", input).await;
            }
            Kind::LoyaltyProgram | Kind::PosProfile => {}
        }
        rows
    }

    async fn group(&self, name: &str, is_group: bool, parent: Option<&str>) -> String {
        let input = json!({ "customerGroupName": name, "isGroup": is_group, "parentId": parent });
        self.client.create("customerGroupCreate", input).await
    }

    fn know(&mut self, id: String, row: Row, links: Vec<String>) {
        self.time += 1;
        let (created, updated) = (self.time, self.time);
        self.known.push(Known { id, row, created, updated, links });
    }

    async fn add(&mut self, row: Row) {
        let id;
        let mut links = Vec::new();
        match self.kind {
            Kind::Customer => id = self.client.create("customerCreate", self.customer(&row)).await,
            Kind::CustomerGroup => {
                let parent = (row.place == 0).then_some(self.groups[0].as_str());
                id = self.group(text(&row), row.flag, parent).await;
                if row.place == 1 {
                    self.change_members(&id, "addCustomerIds").await;
                }
            }
            Kind::LoyaltyProgram => {
                let rank = row.rank.unwrap_or_default();
                let input = json!({
                    "loyaltyProgramName": text(&row),
                    "fromDate": format!("2026-01-{:02}", 9 + rank),
                    "toDate": row.rank.map(|rank| format!("2026-02-{:02}", 9 + rank)),
                    "autoOptIn": row.flag,
                    "customerGroupId": (row.place == 0).then_some(&self.groups[0]),
                });
                id = self.client.create("loyaltyProgramCreate", input).await;
            }
            Kind::CustomerAddress => {
                let input = json!({
                    "customerId": self.customer, "addressType": address_type(row.flag),
                    "postalCode": row.rank.unwrap_or_default().to_string(),
                });
                id = self.client.create("customerAddressCreate", input).await;
            }
            Kind::PosProfile => {
                // These sort bytewise in this order. Names with the same rank sort by creation.
                let rank = ["B", "Z", "a", "Å"][usize::from(row.rank.unwrap_or_default())];
                let name = format!("{rank}{:04}", self.time);
                let group = if row.place == 0 { &self.groups[0] } else { &self.groups[1] };
                for group in [Some(group), row.flag.then_some(&self.groups[2])].iter().flatten() {
                    let input = json!({ "posProfileId": name, "customerGroupId": group });
                    links.push(self.client.create("posCustomerGroupCreate", input).await);
                }
                id = self.client.profile(&name).await;
            }
        }
        self.know(id, row, links);
    }

    /// The input that creates a customer for the row.
    fn customer(&self, row: &Row) -> Value {
        let group = [Some(0), Some(1), None, Some(2), Some(1)][usize::from(row.place)];
        let given = row.rank.map(|_| text(row));
        let amount = |amounts: [&'static str; 4]| row.rank.map(|rank| amounts[usize::from(rank)]);
        json!({
            "customerName": text(row),
            "emailId": given.map(|text| format!("{text}@example.com")),
            "mobileNo": given,
            "taxId": given,
            "credit": {
                "limit": amount(["0", "9", "10", "99.5"]),
                "balance": amount(["-10", "-9", "0.5", "10"]),
            },
            "isFrozen": row.flag,
            "disabled": row.place == 4,
            "customerGroupId": group.map(|group| &self.groups[group]),
            "loyaltyProgramId": (row.place < 2).then_some(&self.program),
            "loyaltyProgramTierId": (row.place == 0).then_some(&self.tiers[0]),
        })
    }

    /// Adds the customer whose groups are listed to a group, or removes it.
    async fn change_members(&self, group: &str, argument: &str) {
        let mutation = format!(
            "mutation($id: ID!, $customers: [ID!]!) {{ it: customerGroupUpdateCustomers(\
             id: $id, {argument}: $customers) {{ userErrors {{ message }} }} }}"
        );
        let variables = json!({ "id": group, "customers": [self.customer] });
        let data = self.client.data(&mutation, variables).await;
        assert_eq!(data["it"]["userErrors"], json!([]));
    }

    /// Updates a field of a row that is not a sort field, so that only its position by `UPDATED_AT` changes.
    async fn touch(&mut self, position: usize) {
        self.time += 1;
        let known = &mut self.known[position];
        known.updated = self.time;
        let (mutation, id, field) = match self.kind {
            Kind::Customer => ("customerUpdate", &known.id, "internalNote"),
            Kind::CustomerGroup => ("customerGroupUpdate", &known.id, "paymentTerms"),
            Kind::LoyaltyProgram => ("loyaltyProgramUpdate", &known.id, "project"),
            Kind::PosProfile => ("posCustomerGroupUpdate", &known.links[0], "externalId"),
            Kind::CustomerAddress => ("customerAddressUpdate", &known.id, "phone"),
        };
        let input = format!("{}Input", capitalised(mutation));
        let mutation = format!(
            "mutation($id: ID!, $input: {input}!) {{ it: {mutation}(id: $id, input: $input) {{ \
             userErrors {{ message }} }} }}"
        );
        let input = json!({ field: self.time.to_string() });
        let data = self.client.data(&mutation, json!({ "id": id, "input": input })).await;
        assert_eq!(data["it"]["userErrors"], json!([]));
    }

    /// Deletes all rows after the first `count`.
    async fn forget(&mut self, count: usize) {
        for known in self.known.split_off(count) {
            let (name, id) = (self.kind.name(), known.id);
            if self.kind == Kind::CustomerGroup && known.row.place == 1 {
                self.change_members(&id, "removeCustomerIds").await;
            }
            let mutation =
                format!("mutation($id: ID!) {{ it: {name}Delete(id: $id) {{ deletedId }} }}");
            let data = self.client.data(&mutation, json!({ "id": id })).await;
            assert_eq!(data["it"]["deletedId"], id.as_str());
        }
    }

    fn lists(&self) -> Vec<List> {
        let [first, _, last] = &self.groups;
        let group = ("customerGroup", first.as_str(), last.as_str());
        let (program, [tier, next_tier]) = (&self.program, &self.tiers);
        match self.kind {
            Kind::Customer => {
                let subtree = nested(group, "customers", &[0, 1, 4]);
                vec![
                    root("customers"),
                    nested(group, "customers", &[0]),
                    List { arguments: "includeDescendants: true", ..subtree },
                    nested(("loyaltyProgram", program, &self.beside), "customers", &[0, 1]),
                    nested(("loyaltyProgramCollection", tier, next_tier), "customers", &[0]),
                    nested(("posProfile", &self.tills[0], &self.tills[1]), "customers", &[0, 1]),
                ]
            }
            Kind::CustomerGroup => vec![
                root("customerGroups"),
                nested(group, "children", &[0]),
                nested(("customer", &self.customer, &self.beside), "customerGroups", &[1]),
            ],
            Kind::LoyaltyProgram => {
                vec![root("loyaltyPrograms"), nested(group, "loyaltyPrograms", &[0])]
            }
            Kind::PosProfile => vec![root("posProfiles"), nested(group, "posProfiles", &[0])],
            Kind::CustomerAddress => vec![root("customerAddresses")],
        }
    }

    fn filter(&self, filter: Filter) -> Value {
        let name = |rank: u8, field: &str| {
            let row = Row { rank: Some(rank), is_accented: true, place: 0, flag: false };
            json!({ field: { "contains": text(&row) } })
        };
        match (self.kind, filter) {
            (_, Filter::None) | (Kind::PosProfile, Filter::Name(_)) => Value::Null,
            (Kind::Customer, Filter::Flag(flag)) => json!({ "isFrozen": { "eq": flag } }),
            (Kind::Customer, Filter::Name(rank)) => name(rank, "customerName"),
            (Kind::CustomerGroup, Filter::Flag(flag)) => json!({ "isGroup": { "eq": flag } }),
            (Kind::CustomerGroup, Filter::Name(rank)) => name(rank, "customerGroupName"),
            (Kind::LoyaltyProgram, Filter::Flag(flag)) => json!({ "autoOptIn": { "eq": flag } }),
            (Kind::LoyaltyProgram, Filter::Name(rank)) => name(rank, "loyaltyProgramName"),
            (Kind::CustomerAddress, Filter::Flag(flag)) => {
                json!({ "addressType": { "eq": address_type(flag) } })
            }
            (Kind::CustomerAddress, Filter::Name(rank)) => {
                json!({ "postalCode": { "eq": rank.to_string() } })
            }
            (Kind::PosProfile, Filter::Flag(flag)) => {
                let linked = json!({ "customerGroup": { "in": [self.groups[2]] } });
                if flag { linked } else { json!({ "not": linked }) }
            }
        }
    }

    fn passes(&self, row: &Row, filter: Filter) -> bool {
        match filter {
            Filter::Flag(flag) => row.flag == flag,
            Filter::Name(rank) if self.kind != Kind::PosProfile => {
                row.rank.unwrap_or_default() == rank
            }
            Filter::None | Filter::Name(_) => true,
        }
    }
}

fn address_type(flag: bool) -> &'static str {
    if flag { "INVOICE_ADDRESS" } else { "DELIVERY_ADDRESS" }
}

/// A way of paging through a list.
#[derive(Debug)]
struct Walk<'a> {
    list: &'a List,
    order: &'static str,
    descending: bool,
    filter: Filter,
    size: usize,
    way: Way,
}

impl Walk<'_> {
    fn starts_at_end(&self) -> bool {
        matches!(self.way, Way::Backwards | Way::OffsetFromEnd)
    }

    fn by_offset(&self) -> bool {
        matches!(self.way, Way::Offset | Way::OffsetFromEnd)
    }

    /// The current rows of the list, in order.
    fn rows(&self, rows: &Rows<'_>) -> Vec<Known> {
        let is_listed = |it: &&Known| {
            self.list.places.contains(&it.row.place) && rows.passes(&it.row, self.filter)
        };
        let mut listed: Vec<Known> = rows.known.iter().filter(is_listed).cloned().collect();
        listed.sort_by_key(|it| it.key(self.order));
        if self.descending {
            listed.reverse();
        }
        listed
    }

    /// The row to add between pages. With offsets, it must come after all others in the direction of paging; `None` if
    /// that is impossible.
    fn to_add(&self, row: &Row) -> Option<Row> {
        let last = Row { rank: Some(RANK_MAX), ..row.clone() };
        match (self.by_offset(), self.starts_at_end() == self.descending) {
            (false, _) => Some(row.clone()),
            (true, true) => Some(last),
            (true, false) => None,
        }
    }

    async fn page(&self, rows: &Rows<'_>, cursor: &Value, offset: usize) -> Value {
        let beside = self.list.beside.as_ref().filter(|_| self.size % 2 == 1);
        let kind = capitalised(rows.kind.name());
        let (field, arguments) = (self.list.field, self.list.arguments);
        let list = format!(
            "list: {field}(first: $first, after: $after, last: $last, before: $before, \
             offset: $offset, orderBy: $orderBy, filter: $filter, {arguments}) {{ totalCount \
             nodes {{ id }} edges {{ cursor node {{ id }} }} \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"
        );
        let selection = match &self.list.parent {
            None => list,
            Some((parent, _)) if beside.is_none() => {
                format!("parent: {parent}(id: $parent) {{ {list} }}")
            }
            Some((parent, _)) => {
                let parent = capitalised(parent);
                format!("nodes(ids: [$parent, $beside]) {{ ... on {parent} {{ {list} }} }}")
            }
        };
        let declared = match (&self.list.parent, beside) {
            (None, _) => "",
            (Some(_), None) => ", $parent: ID!",
            (Some(_), Some(_)) => ", $parent: ID!, $beside: ID!",
        };
        let query = format!(
            "query($first: Int, $after: String, $last: Int, $before: String, $offset: Int, \
             $orderBy: {kind}Order, $filter: {kind}Filter{declared}) {{ {selection} }}"
        );
        let (size, cursor_argument) =
            if self.starts_at_end() { ("last", "before") } else { ("first", "after") };
        let direction = if self.descending { "DESC" } else { "ASC" };
        let mut variables = json!({
            size: self.size,
            "orderBy": { "field": self.order, "direction": direction },
            "filter": rows.filter(self.filter),
        });
        if self.by_offset() {
            variables["offset"] = json!(offset);
        } else {
            variables[cursor_argument] = cursor.clone();
        }
        if let Some((_, id)) = &self.list.parent {
            variables["parent"] = json!(id);
        }
        if let Some(beside) = beside {
            variables["beside"] = json!(beside);
        }
        let mut data = rows.client.data(&query, variables).await;
        match (&self.list.parent, beside) {
            (None, _) => data["list"].take(),
            (Some(_), None) => data["parent"]["list"].take(),
            (Some(_), Some(_)) => data["nodes"][0]["list"].take(),
        }
    }

    /// Pages through the list, and adds rows between pages.
    async fn go(&self, rows: &mut Rows<'_>, added: &[Row]) {
        let (there, from_start) = (rows.known.len(), self.rows(rows));
        let mut added = added.iter();
        let (mut cursor, mut seen) = (Value::Null, Vec::<Known>::new());
        loop {
            let page = self.page(rows, &cursor, seen.len()).await;
            let beyond = self.beyond(self.rows(rows), &seen);
            let mut expected: Vec<Known> = beyond.iter().take(self.size).cloned().collect();
            seen.extend(expected.iter().cloned());
            if self.starts_at_end() {
                expected.reverse();
            }
            let expected: Vec<&str> = expected.iter().map(|it| it.id.as_str()).collect();
            assert_eq!(ids(&page["nodes"]), expected, "{self:?}");
            check_page(&page);
            assert_eq!(page["totalCount"], self.rows(rows).len(), "{self:?}");
            let (more, end) = if self.starts_at_end() {
                ("hasPreviousPage", "startCursor")
            } else {
                ("hasNextPage", "endCursor")
            };
            assert_eq!(page["pageInfo"][more], beyond.len() > self.size, "{self:?}");
            if beyond.len() <= self.size {
                break;
            }
            cursor = page["pageInfo"][end].clone();
            if let Some(row) = added.next().and_then(|row| self.to_add(row)) {
                rows.add(row).await;
            }
        }
        if self.starts_at_end() {
            seen.reverse();
        }
        // Rows that existed at the start appear once and in order.
        let last = from_start.iter().map(|it| it.created).max().unwrap_or_default();
        let seen: Vec<&str> =
            seen.iter().filter(|it| it.created <= last).map(|it| it.id.as_str()).collect();
        let from_start: Vec<&str> = from_start.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(seen, from_start, "{self:?}");
        rows.forget(there).await;
    }

    /// The rows after those that were seen, in the direction of paging.
    fn beyond(&self, mut listed: Vec<Known>, seen: &[Known]) -> Vec<Known> {
        if self.starts_at_end() {
            listed.reverse();
        }
        if self.by_offset() {
            return listed.split_off(seen.len());
        }
        let ascends = self.descending == self.starts_at_end();
        listed.retain(|it| {
            seen.last().is_none_or(|last| {
                let (key, last) = (it.key(self.order), last.key(self.order));
                if ascends { key > last } else { key < last }
            })
        });
        listed
    }
}

/// Asserts that all parts of a page are consistent.
fn check_page(page: &Value) {
    let edges = page["edges"].as_array().unwrap();
    let nodes: Vec<&Value> = edges.iter().map(|edge| &edge["node"]).collect();
    assert_eq!(json!(nodes), page["nodes"]);
    let cursor = |edge: Option<&Value>| edge.map_or(Value::Null, |edge| edge["cursor"].clone());
    assert_eq!(cursor(edges.first()), page["pageInfo"]["startCursor"]);
    assert_eq!(cursor(edges.last()), page["pageInfo"]["endCursor"]);
}

async fn check_case(client: &Client<'_>, kind: Kind, nested: bool, case: Case) {
    let mut rows = Rows::start(client, kind).await;
    for row in case.rows {
        rows.add(row).await;
    }
    for touched in case.touched.iter().filter(|_| !rows.known.is_empty()).collect::<Vec<_>>() {
        rows.touch(touched.index(rows.known.len())).await;
    }
    let ways = [Way::Forwards, Way::Backwards, Way::Offset, Way::OffsetFromEnd];
    let mut ways = ways.into_iter().cycle().skip(case.first_way);
    for list in rows.lists().iter().filter(|list| list.parent.is_some() == nested) {
        for order in kind.orders() {
            for descending in [false, true] {
                let (filter, size) = (case.filter, case.size);
                let way = ways.next().unwrap();
                let walk = Walk { list, order, descending, filter, size, way };
                walk.go(&mut rows, &case.added).await;
            }
            // Skip one, because otherwise each direction would be tested with only two of the ways.
            ways.next();
        }
    }
}

fn check_kind(app: &App, count: u32, kind: Kind, nested: bool) {
    let law = async |client: &Client<'_>, case| check_case(client, kind, nested, case).await;
    check(app, count, cases(), &law);
}

both! {
    async fn pages_of_customers_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::Customer, false);
    }

    async fn pages_of_nested_customers_have_each_row_once(app: App) {
        check_kind(&app, 8, Kind::Customer, true);
    }

    async fn pages_of_groups_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::CustomerGroup, false);
    }

    async fn pages_of_nested_groups_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::CustomerGroup, true);
    }

    async fn pages_of_programs_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::LoyaltyProgram, false);
    }

    async fn pages_of_nested_programs_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::LoyaltyProgram, true);
    }

    async fn pages_of_profiles_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::PosProfile, false);
    }

    async fn pages_of_nested_profiles_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::PosProfile, true);
    }

    async fn pages_of_addresses_have_each_row_once(app: App) {
        check_kind(&app, 24, Kind::CustomerAddress, false);
    }
}
