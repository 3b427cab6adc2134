//! Members of groups, customers of a price list and hits of searches are found by different plans, depending on whether
//! they are few, several or many. Each plan must return the same rows in the same order.

use clientele::models::customer::CustomerAttributes;
use serde_json::{Value, json};

use crate::support::{app::App, database::Backend};

const PAGE: &str = "query($first: Int, $last: Int, $after: String, $offset: Int,
    $orderBy: CustomerOrder, $filter: CustomerFilter) {
        customers(first: $first, last: $last, after: $after, offset: $offset, orderBy: $orderBy,
            filter: $filter) {
            totalCount nodes { externalId } pageInfo { endCursor } } }";
/// Of this number, 1,500 members or hits count as many, 510 as several, and 30 as few.
const CUSTOMERS: usize = 3_000;
const ORDERS: [&str; 3] = ["CREATED_AT", "CUSTOMER_NAME", "EMAIL_ID"];

/// The customer's name. The order of names is not that of creation.
fn name(number: usize) -> String {
    let place = number * 7_919 % CUSTOMERS;
    let (hill, grove) = (number.is_multiple_of(2), number.is_multiple_of(100));
    format!("{place:04}{}{}", if hill { " Berg" } else { "" }, if grove { " Lund" } else { "" })
}

impl App {
    async fn fill_groups(&self) -> Vec<String> {
        let customers = (0..CUSTOMERS).map(|number| CustomerAttributes {
            external_id: Some(format!("{number:04}")),
            customer_name: name(number),
            email_id: Some(format!("{}@example.com", number % 7)),
            disabled: number.is_multiple_of(10),
            ..CustomerAttributes::default()
        });
        self.insert_customers(customers.collect()).await;
        let all = self.create_group(r#"customerGroupName: "All", isGroup: true"#).await;
        let mut groups = Vec::new();
        for members in ["0030", "0510", "1500"] {
            let fields = format!("customerGroupName: \"{members}\", parentId: \"{all}\"");
            groups.push(self.create_group(&fields).await);
        }
        groups.push(all);
        self.database
            .execute(
                "INSERT INTO customer_group_memberships
                 SELECT c.tenant_id, c.id, g.id, c.created_at, c.created_by FROM customers AS c
                 JOIN customer_groups AS g ON c.external_id < g.customer_group_name
                 WHERE g.customer_group_name < 'A'",
            )
            .await;
        // SQLite's statistics do not depend on the data.
        if self.database.backend == Backend::Postgres {
            self.database.execute("ANALYZE").await;
        }
        groups
    }

    async fn found(&self, arguments: Value) -> (Value, Vec<String>, Value) {
        let mut page = self.data(PAGE, arguments).await["customers"].take();
        let nodes = page["nodes"].as_array().unwrap();
        let ids = nodes.iter().map(|it| it["externalId"].as_str().unwrap().to_owned()).collect();
        (page["totalCount"].take(), ids, page["pageInfo"]["endCursor"].take())
    }

    /// Asserts that pages of the list contain these customers, in both directions of each order.
    async fn assert_found(&self, filter: Value, found: &[usize]) {
        for order in ORDERS {
            for direction in ["ASC", "DESC"] {
                let mut expected = found.to_vec();
                match order {
                    "CUSTOMER_NAME" => expected.sort_by_key(|number| name(*number)),
                    "EMAIL_ID" => expected.sort_by_key(|number| (number % 7, *number)),
                    _ => expected.sort_unstable(),
                }
                if direction == "DESC" {
                    expected.reverse();
                }
                let expected: Vec<String> = expected.iter().map(|it| format!("{it:04}")).collect();
                let of = |range: std::ops::Range<usize>| -> Vec<String> {
                    expected.iter().skip(range.start).take(range.len()).cloned().collect()
                };
                let order = json!({ "field": order, "direction": direction });
                let page = |mut arguments: Value| {
                    arguments["orderBy"] = order.clone();
                    arguments["filter"] = filter.clone();
                    self.found(arguments)
                };
                let (total, first, end) = page(json!({ "first": 20 })).await;
                assert_eq!((total, first), (expected.len().into(), of(0..20)), "{filter} {order}");
                let (_, second, _) = page(json!({ "first": 20, "after": end })).await;
                assert_eq!(second, of(20..40), "{filter} {order}");
                let (_, skipped, _) = page(json!({ "first": 5, "offset": 450 })).await;
                assert_eq!(skipped, of(450..455), "{filter} {order}");
                let (_, last, _) = page(json!({ "last": 7 })).await;
                assert_eq!(last, of(expected.len().saturating_sub(7)..expected.len()));
            }
        }
    }
}

both! {
    async fn lists_of_members_do_not_depend_on_how_they_are_found(app: App) {
        let groups = app.fill_groups().await;
        for (group, members) in groups.iter().zip([30, 510, 1_500, 1_500]) {
            let members: Vec<usize> = (0..members).collect();
            for include_descendants in [false, true] {
                // The last group has no direct members.
                let is_empty = Some(group) == groups.last() && !include_descendants;
                let found = if is_empty { &[] } else { members.as_slice() };
                let test = json!({ "in": [group], "includeDescendants": include_descendants });
                app.assert_found(json!({ "customerGroup": test }), found).await;
                if is_empty {
                    continue;
                }
                let disabled: Vec<usize> = found.iter().copied().filter(|it| it % 10 == 0).collect();
                let filter = json!({ "customerGroup": test, "disabled": { "eq": true } });
                app.assert_found(filter, &disabled).await;
            }
        }
    }

    async fn lists_of_a_pos_profile_do_not_depend_on_how_they_are_found(app: App) {
        let groups = app.fill_groups().await;
        for (group, members) in groups.iter().zip([30, 510, 1_500, 1_500]) {
            let profile = format!("till-{group}");
            let input = json!({ "posProfileId": profile, "customerGroupId": group });
            app.create("posCustomerGroup", input).await;
            let enabled: Vec<usize> = (0..members).filter(|it| it % 10 > 0).collect();
            app.assert_found(json!({ "posProfileId": profile }), &enabled).await;
        }
    }

    async fn lists_of_an_effective_price_list_do_not_depend_on_how_they_are_found(app: App) {
        app.fill_groups().await;
        for change in [
            "UPDATE customers SET customer_group_id =
                (SELECT id FROM customer_groups WHERE customer_group_name = '1500') WHERE external_id < '1500'",
            "UPDATE customer_groups SET default_price_list = 'Many' WHERE customer_group_name = 'All'",
            "UPDATE customers SET default_price_list = 'Few' WHERE external_id < '0030'",
            "UPDATE customers SET default_price_list = 'Several' WHERE external_id >= '0600' AND external_id < '1110'",
        ] {
            app.database.execute(change).await;
        }
        let of = |range: std::ops::Range<usize>| range.collect::<Vec<_>>();
        let many = [of(30..600), of(1_110..1_500)].concat();
        for (name, found) in [("Few", of(0..30)), ("Several", of(600..1_110)), ("Many", many.clone())] {
            app.assert_found(json!({ "effectivePriceList": { "eq": name } }), &found).await;
        }
        let most = json!({ "effectivePriceList": { "in": ["Few", "Many"] } });
        app.assert_found(most, &[of(0..30), many].concat()).await;
        app.assert_found(json!({ "effectivePriceList": { "isNull": true } }), &of(1_500..3_000)).await;
        app.assert_found(json!({ "effectivePriceList": { "isNull": false } }), &of(0..1_500)).await;
        let others = json!({ "not": { "effectivePriceList": { "eq": "Several" } } });
        app.assert_found(others, &[of(0..600), of(1_110..3_000)].concat()).await;
    }

    async fn hits_of_a_search_do_not_depend_on_how_they_are_found(app: App) {
        app.fill_groups().await;
        for (term, every) in [("BERG", 2), ("lund", 100), ("berg lund", 100), ("ber", 2), ("un", 100)] {
            let hits: Vec<usize> = (0..CUSTOMERS).step_by(every).collect();
            app.assert_found(json!({ "customerName": { "contains": term } }), &hits).await;
            app.assert_found(json!({ "search": term }), &hits).await;
        }
        // Words in another order, and their beginnings, are found by search keys.
        for (term, every) in [("lund berg", 100), ("lun ber", 100)] {
            let hits: Vec<usize> = (0..CUSTOMERS).step_by(every).collect();
            app.assert_found(json!({ "search": term }), &hits).await;
        }
        app.assert_found(json!({ "search": "nobody" }), &[]).await;
    }
}
