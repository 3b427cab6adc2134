//! Merging customers and then undoing the merges, last one first, restores every row.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};

use super::{Client, check};
use crate::{merge::rows, support::app::App};

const CUSTOMERS: usize = 4;
const GROUPS: usize = 3;

/// A customer, as small numbers, so that two often have the same values.
#[derive(Clone, Debug)]
struct Rich {
    has_external_id: bool,
    texts: Vec<Option<u8>>,
    has_card: bool,
    group: Option<usize>,
    further: Vec<usize>,
    has_program: bool,
    /// Each child has a number for its values, and flags: whether it has an external id, and whether it is primary, or
    /// given.
    addresses: Vec<Child>,
    contacts: Vec<(Child, Vec<Child>)>,
    consents: Vec<Child>,
    extensions: Vec<Child>,
    numbers: Vec<Child>,
    /// The values of custom attributes: a number, and a list.
    size: Option<u8>,
    topics: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Child {
    about: u8,
    has_external_id: bool,
    flag: bool,
    value: u8,
}

/// A merge of two of the remaining customers, with some of the fields of the absorbed one.
#[derive(Clone, Debug)]
struct Step {
    survivor: prop::sample::Index,
    absorbed: prop::sample::Index,
    fields: Vec<&'static str>,
}

/// The optional texts of a customer.
const TEXTS: [&str; 5] = ["emailId", "mobileNo", "taxId", "territory", "displayName"];
const FIELDS: [&str; 10] = [
    "attributes.size",
    "attributes.topics",
    "emailId",
    "mobileNo",
    "customerName",
    "loyaltyId",
    "credit.limit",
    "customerGroupId",
    "disabled",
    "loyaltyProgramId",
];

fn child() -> impl Strategy<Value = Child> {
    (0..4_u8, any::<bool>(), any::<bool>(), 0..2_u8).prop_map(
        |(about, has_external_id, flag, value)| Child { about, has_external_id, flag, value },
    )
}

fn children() -> impl Strategy<Value = Vec<Child>> {
    vec(child(), 0..4)
}

fn rich() -> impl Strategy<Value = Rich> {
    let lists = (children(), vec((child(), children()), 0..3), children(), children(), children());
    let own = (
        any::<bool>(),
        vec(option::of(0..3_u8), TEXTS.len()),
        any::<bool>(),
        option::of(0..GROUPS),
        vec(0..GROUPS, 0..3),
        any::<bool>(),
    );
    let custom = (option::of(0..3_u8), vec(0..9_u8, 0..3));
    (own, lists, custom).prop_map(|(own, lists, (size, topics))| {
        let (addresses, contacts, consents, extensions, numbers) = lists;
        let (has_external_id, texts, has_card, group, further, has_program) = own;
        Rich {
            has_external_id,
            texts,
            has_card,
            group,
            further,
            has_program,
            addresses,
            contacts,
            consents,
            extensions,
            numbers,
            size,
            topics,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let fields = prop::sample::subsequence(FIELDS.to_vec(), 0..4);
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), fields)
        .prop_map(|(survivor, absorbed, fields)| Step { survivor, absorbed, fields })
}

/// The list without children that conflict with an earlier one of the same customer.
fn distinct(children: &[Child]) -> Vec<Child> {
    let mut distinct: Vec<Child> = Vec::new();
    for child in children {
        if !distinct.iter().any(|it| it.about == child.about) {
            distinct.push(*child);
        }
    }
    distinct
}

/// The input of a customer; its external ids contain its number.
fn input(number: usize, rich: &Rich, groups: &[String], program: &str) -> Value {
    let external_id = |kind: &str, place: usize, child: &Child| {
        child.has_external_id.then(|| format!("{kind}-{number}-{place}"))
    };
    let first_flagged =
        |children: &[Child], place: usize| children.iter().position(|it| it.flag) == Some(place);
    let extensions = |kind: &str, list: &[Child]| -> Vec<Value> {
        let list = distinct(list);
        let extension = |(place, it): (usize, &Child)| {
            json!({
                "externalId": external_id(kind, place, it),
                "extensionCode": format!("E{}", it.about), "organizationUid": format!("{}", it.value),
            })
        };
        list.iter().enumerate().map(extension).collect()
    };
    let of_contacts: Vec<Child> = rich.contacts.iter().map(|(it, _)| *it).collect();
    let contact = |(place, (it, of_contact)): (usize, &(Child, Vec<Child>))| {
        json!({
            "externalId": external_id("K", place, it), "isPrimary": first_flagged(&of_contacts, place),
            "firstName": format!("Bo {}", it.about), "emailId": format!("Bo{}@example.com", it.about),
            "extensions": extensions(&format!("X{place}"), of_contact),
        })
    };
    let address = |(place, it): (usize, &Child)| {
        json!({
            "externalId": external_id("A", place, it), "isPrimary": first_flagged(&rich.addresses, place),
            "city": format!("Oslo {}", it.about), "postalCode": format!("015{}", it.value),
        })
    };
    let consent = |(place, it): (usize, &Child)| {
        json!({
            "externalId": external_id("C", place, it), "name": format!("N{}", it.about), "status": it.flag,
            "recordedAt": format!("2026-01-0{}T00:00:00Z", it.value + 1),
        })
    };
    let supplier_number = |(place, it): (usize, &Child)| {
        json!({
            "externalId": external_id("S", place, it), "company": format!("B{}", it.about),
            "supplierNumber": format!("{}", it.value),
        })
    };
    let topics = rich.topics.iter().map(|it| json!({ "text": format!("t{it}") }));
    let badge = rich.has_card.then(|| json!({ "text": format!("B-{number}") }));
    let mut input = json!({
        "attributes": [
            { "key": "size", "value": rich.size.map(|it| json!({ "number": it.to_string() })) },
            { "key": "topics", "values": topics.collect::<Vec<_>>() },
            { "key": "badge", "value": badge },
        ],
        "customerName": format!("Ana {}", number % 2),
        "externalId": rich.has_external_id.then(|| format!("C-{number}")),
        "loyaltyId": rich.has_card.then(|| format!("L-{number}")),
        "credit": { "limit": rich.texts[0].map(|it| format!("{it}.50")) },
        "customerGroupId": rich.group.map(|it| &groups[it]),
        "customerGroupIds": rich.further.iter().map(|it| &groups[*it]).collect::<Vec<_>>(),
        "loyaltyProgramId": rich.has_program.then_some(program),
        "addresses": rich.addresses.iter().enumerate().map(address).collect::<Vec<_>>(),
        "contacts": rich.contacts.iter().enumerate().map(contact).collect::<Vec<_>>(),
        "consents": distinct(&rich.consents).iter().enumerate().map(consent).collect::<Vec<_>>(),
        "extensions": extensions("E", &rich.extensions),
        "supplierNumbers":
            distinct(&rich.numbers).iter().enumerate().map(supplier_number).collect::<Vec<_>>(),
    });
    for (field, text) in TEXTS.iter().zip(&rich.texts) {
        input[field] = json!(text.map(|it| match *field {
            "emailId" => format!("a{it}@example.com"),
            "mobileNo" => format!("+47 9123456{it}"),
            _ => format!("T{it}"),
        }));
    }
    input
}

const MERGE: &str = "mutation($survivor: ID!, $absorbed: ID!, $fields: [String!], $token: String) {
    customerMerge(survivorId: $survivor, absorbedId: $absorbed, fields: $fields, previewToken: $token) {
        survivor { id mergedFrom { id } } userErrors { field code message } } }";
const TOKEN: &str = "query($survivor: ID!, $absorbed: ID!, $fields: [String!]) {
    customerMergePreview(survivorId: $survivor, absorbedId: $absorbed, fields: $fields) {
        token userErrors { field code message } } }";
const UNMERGE: &str = "mutation($absorbed: ID!) {
    customerUnmerge(absorbedId: $absorbed) { absorbed { id } userErrors { field code message } } }";

async fn law(client: &Client<'_>, (customers, steps): (Vec<Rich>, Vec<Step>)) {
    let mut groups = Vec::new();
    for number in 0..GROUPS {
        let input = json!({ "customerGroupName": format!("G{number}") });
        groups.push(client.create("customerGroupCreate", input).await);
    }
    for (key, of_type, is_list, is_unique) in [
        ("size", "NUMBER", false, false),
        ("topics", "TEXT", true, false),
        ("badge", "TEXT", false, true),
    ] {
        let input = json!({ "noun": "CUSTOMER", "key": key, "type": of_type, "isList": is_list,
            "isUnique": is_unique, "isSearchable": true });
        client.create("attributeDefinitionCreate", input).await;
    }
    let program = json!({ "loyaltyProgramName": "P", "fromDate": "2026-01-01",
        "collections": [{ "tierName": "T", "collectionFactor": "1" }] });
    let program = client.create("loyaltyProgramCreate", program).await;
    let mut left = Vec::new();
    for (number, rich) in customers.iter().enumerate() {
        let input = input(number, rich, &groups, &program);
        left.push(client.create("customerCreate", input).await);
    }
    let mut before = vec![rows(client.app).await];
    let mut absorbed = Vec::new();
    for step in steps {
        if left.len() < 2 {
            break;
        }
        let gone = left.remove(step.absorbed.index(left.len()));
        let survivor = &left[step.survivor.index(left.len())];
        let arguments = json!({ "survivor": survivor, "absorbed": gone, "fields": step.fields });
        let preview = client.data(TOKEN, arguments.clone()).await["customerMergePreview"].take();
        assert_eq!(preview["userErrors"], json!([]));
        let mut arguments = arguments;
        arguments["token"] = preview["token"].clone();
        let merged = client.data(MERGE, arguments).await["customerMerge"].take();
        assert_eq!(merged["userErrors"], json!([]));
        assert_eq!(merged["survivor"]["id"], json!(survivor));
        assert_eq!(merged["survivor"]["mergedFrom"][0]["id"], json!(gone));
        absorbed.push(gone);
        before.push(rows(client.app).await);
    }
    // The last merge is undone first.
    before.pop();
    while let (Some(gone), Some(before)) = (absorbed.pop(), before.pop()) {
        let undone =
            client.data(UNMERGE, json!({ "absorbed": gone })).await["customerUnmerge"].take();
        assert_eq!(undone, json!({ "absorbed": { "id": gone }, "userErrors": [] }));
        let after = rows(client.app).await;
        for (table, rows) in &before {
            let differ: Vec<_> = rows.symmetric_difference(&after[table]).collect();
            assert!(differ.is_empty(), "{table}: {differ:#?}");
        }
    }
}

both! {
    async fn undoing_merges_restores_every_row(app: App) {
        check(&app, 16, (vec(rich(), CUSTOMERS), vec(step(), 1..4)), &law);
    }
}
