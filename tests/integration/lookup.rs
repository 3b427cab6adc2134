//! `customerLookup` finds the right customer by any text that a cashier types.

use clientele::{
    id::NodeType,
    models::{
        customer::{CustomerAttributes, NewCustomer, contact::CustomerContactAttributes},
        mutable::Create,
    },
};
use serde_json::{Value, json};

use crate::support::app::App;

const LOOKUP: &str =
    "query($text: String!, $profile: String, $disabled: Boolean! = false, $first: Int! = 10) {
    customerLookup(
        text: $text, posProfileId: $profile, includeDisabled: $disabled, first: $first
    ) {
        score
        customer { customerName disabled }
        matchedOn { field text fragments { text isMatch } }
    }
}";

const CREATE: &str = "mutation($input: CustomerCreateInput!) {
    customerCreate(input: $input) { customer { id } userErrors { field message } }
}";

async fn create(app: &App, key: &str, input: Value) -> String {
    let created = app.query_as(key, CREATE, json!({ "input": input })).await;
    let id = &created["data"]["customerCreate"]["customer"]["id"];
    id.as_str().unwrap_or_else(|| panic!("{created}")).to_owned()
}

/// The hits, one line each: the score, the customer, and the matched text with the matching fragments in brackets.
async fn found(app: &App, key: &str, variables: Value) -> Vec<String> {
    let response = app.query_as(key, LOOKUP, variables).await;
    let Some(hits) = response["data"]["customerLookup"].as_array() else {
        return vec![response["errors"][0]["message"].as_str().unwrap().to_owned()];
    };
    hits.iter().map(line).collect()
}

fn line(hit: &Value) -> String {
    let customer = hit["customer"]["customerName"].as_str().unwrap();
    let disabled = if hit["customer"]["disabled"] == true { " (disabled)" } else { "" };
    let fragments = hit["matchedOn"]["fragments"].as_array().unwrap().iter();
    let text: String = fragments
        .map(|fragment| {
            let text = fragment["text"].as_str().unwrap();
            if fragment["isMatch"] == true { format!("[{text}]") } else { text.to_owned() }
        })
        .collect();
    assert_eq!(text.replace(['[', ']'], ""), hit["matchedOn"]["text"].as_str().unwrap());
    let field = hit["matchedOn"]["field"].as_str().unwrap();
    format!("{} {customer}{disabled}: {field} {text}", hit["score"])
}

/// Creates customers with these names, in this order.
async fn insert(app: &App, names: impl Iterator<Item = String>) {
    let named =
        |customer_name| CustomerAttributes { customer_name, ..CustomerAttributes::default() };
    app.insert_customers(names.map(named).collect()).await;
}

/// The lines of the hits for each of the texts.
async fn all_found(app: &App, key: &str, texts: &[&str]) -> Value {
    let mut all = serde_json::Map::new();
    for text in texts {
        all.insert((*text).to_owned(), json!(found(app, key, json!({ "text": text })).await));
    }
    Value::Object(all)
}

both! {
    async fn a_customer_is_found_by_each_of_its_texts(app: App) {
        let (_, key) = app.make_tenant_in("north", "NO").await;
        create(&app, &key, json!({
            "customerName": "Alfreds Futterkiste", "displayName": "Alfreds", "firstName": "Maria",
            "lastName": "Anders", "mobileNo": "+47 912 34 567", "emailId": "Maria@Alfreds.example",
            "loyaltyId": "4111-2222 3333", "customerPosId": "POS/77", "taxId": "NO 123.456.789 MVA",
            "ledgerNumber": "10-4711", "externalId": "crm:0815",
            "contacts": [{
                "firstName": "Jytte", "lastName": "Petersen", "displayName": "Chefin",
                "mobileNo": "0049 30 0074321", "emailId": "jp@alfreds.example",
            }],
            "addresses": [{
                "addressType": "OTHER_ADDRESS", "city": "København K", "postalCode": "SW1A 1AA",
                "phone": "22 33 44 55", "emailId": "lager@alfreds.example",
            }],
        })).await;
        create(&app, &key, json!({ "customerName": "Hanari Carnes" })).await;
        create(&app, &key, json!({ "customerName": "Ana Trujillo" })).await;
        let texts = [
            "+4791234567", "91234567", "0047 912 34 567", "912 34 567", "234567", "34567",
            "maria@alfreds.example", "MARIA@ALF", "411122223333", "4111 2222 3333", "pos77",
            "no123456789mva", "104711", "crm0815", "alfreds futterkiste", "FUTTER alf", "alfrds",
            "futerkisten", "anders maria", "mar and", "jytte petersen", "petersen, jytte", "chefin",
            "+49300074321", "0074321", "074321", "jp@alfreds.example", "kobenhavn", "alfreds københavn", "sw1a1aa",
            "SW1A 1AA", "22334455", "lager@", "Ana", "nobody",
        ];
        insta::assert_json_snapshot!("lookup_of_each_text", all_found(&app, &key, &texts).await);
    }

    async fn better_matches_come_first_and_newer_changes_before_older_ones(app: App) {
        let (_, key) = app.make_tenant_in("north", "NO").await;
        let names = ["Hansens Eftf", "Hansen Nord", "Hanson", "Hansen Sør", "Per Hasnen", "Johansen"];
        for name in names {
            create(&app, &key, json!({ "customerName": name })).await;
        }
        let nord = create(&app, &key, json!({ "customerName": "X", "externalId": "hansen" })).await;
        let before = all_found(&app, &key, &["hansen", "hans", "hansen n"]).await;
        insta::assert_json_snapshot!("lookup_by_quality", before);
        let update = "mutation($id: ID!) {
            customerUpdate(id: $id, input: { externalId: null, customerName: \"Hansen Vest\" }) { userErrors { message } }
        }";
        app.query_as(&key, update, json!({ "id": nord })).await;
        let after = all_found(&app, &key, &["hansen", "x"]).await;
        insta::assert_json_snapshot!("lookup_by_last_change", after);
        let first = found(&app, &key, json!({ "text": "hansen", "first": 2 })).await;
        assert_eq!(first.len(), 2);
    }

    async fn words_are_found_in_the_scripts_of_twelve_languages(app: App) {
        let key = app.key.clone();
        let names = [
            "Åse Ødegård-Sæther", "Straßenbäckerei Groß", "Işık Çağlar İnşaat", "Nguyễn Thị Đào",
            "Αθηναϊκός Οδός", "Ёлочка Юрьевна", "かとう がく", "カトウ ガク", "山田太郎商店", "हिन्दी पुस्तकालय",
            "مُحَمَّد الأحمد", "김철수 상회", "Łódzka Wytwórnia",
        ];
        for name in names {
            create(&app, &key, json!({ "customerName": name })).await;
        }
        let texts = [
            "ase odegard", "SAETHER", "strassenbackerei", "groß", "isik", "caglar insaat", "nguyen dao",
            "αθηναικος", "ΟΔΌΣ", "елочка", "юрьевна", "かとう", "がく", "かく", "ガク", "カク", "ｶﾄｳ ｶﾞｸ",
            "山田", "太郎", "हिन्दी", "हिनदी", "محمد", "الاحمد", "김철수", "lodzka wytwornia",
        ];
        insta::assert_json_snapshot!("lookup_in_twelve_languages", all_found(&app, &key, &texts).await);
    }

    async fn phone_numbers_of_thirty_countries_are_found_in_their_spellings(app: App) {
        let mut results = serde_json::Map::new();
        for (country, stored, spellings) in PHONES {
            let (_, key) = app.make_tenant_in(&format!("t-{}", country.to_lowercase()), country).await;
            create(&app, &key, json!({ "customerName": "One", "mobileNo": stored })).await;
            create(&app, &key, json!({ "customerName": "Other", "mobileNo": "+47 400 00 000" })).await;
            let digits: String = stored.chars().filter(char::is_ascii_digit).collect();
            let (_, last_digits) = digits.split_at(digits.len() - 6);
            for spelling in spellings.iter().chain([&last_digits]) {
                let hits = found(&app, &key, json!({ "text": spelling })).await;
                assert_eq!(hits.len(), 1, "{country} {stored} by {spelling}: {hits:?}");
                assert!(hits[0].starts_with("1.0 One: MOBILE_NO"), "{hits:?}");
            }
            let read = "{ customers(orderBy: { field: CREATED_AT, direction: ASC }, first: 1) {
                nodes { mobileNo mobileNoE164 } } }";
            let read = app.query_as(&key, read, json!({})).await;
            results.insert((*country).to_owned(), read["data"]["customers"]["nodes"][0].clone());
        }
        assert_eq!(results.len(), 30);
        insta::assert_json_snapshot!("phone_numbers_of_thirty_countries", results);
    }

    async fn texts_are_found_as_they_are_copied(app: App) {
        let (_, key) = app.make_tenant_in("south", "US").await;
        create(&app, &key, json!({ "customerName": "Åse", "emailId": "ase@example.com", "mobileNo": "+49 151 23456789" })).await;
        create(&app, &key, json!({ "customerName": "Bo", "mobileNo": "212\u{2013}555\u{202f}0123", "addresses": [
            { "addressType": "OTHER_ADDRESS", "city": "San Francisco", "postalCode": "94105-1234" },
        ] })).await;
        let texts = [
            "\u{202a}+49 151 23456789\u{202c}", "tel:+4915123456789", "011 49 151 23456789", "+495123456789",
            "212\u{2013}555\u{202f}0123", "(212) 555-0123", "\u{ff12}\u{ff11}\u{ff12}5550123",
            "94105-1234", "941051234", "94105 1234", "94105", "san francisco 94105-1234",
            "mailto:ase@example.com", "<ase@example.com>", "Åse <ase@example.com>", "ase@example.com,",
            "ase@example.com\u{200b}", "ase\u{200b}", "san\tfrancisco",
        ];
        insta::assert_json_snapshot!("lookup_of_copied_texts", all_found(&app, &key, &texts).await);
    }

    async fn texts_with_unusual_characters_are_found(app: App) {
        let (_, key) = app.make_tenant_in("east", "JP").await;
        for customer in [
            json!({ "customerName": "山田 太郎", "mobileNo": "０９０－１２３４－５６７８" }),
            json!({ "customerName": "F1", "firstName": "花子", "lastName": "佐藤", "externalId": "user 7@shop" }),
            json!({ "customerName": "ジョン・スミス", "contacts": [{ "firstName": "小红", "lastName": "李" }] }),
            json!({ "customerName": "葛\u{e0100}城", "externalId": "web:ana@ex.com" }),
            json!({ "customerName": "Siobhan", "emailId": "s.o'brien@ex.ie" }),
            json!({ "customerName": "Caf@ Roma", "mobileNo": "090-1234-5679 / 090-1234-5670" }),
            json!({ "customerName": "D´Abo D'Or", "mobileNo": "090-1234-5671 ext. 12" }),
            json!({ "customerName": "ג׳ון כהן" }),
            json!({ "customerName": "Norsk Hydro A/S" }),
            json!({ "customerName": "דפוס בע\"מ", "emailId": "ada_@x.com" }),
            json!({ "customerName": "C@fé Roma ㈱", "mobileNo": "090-8765-4321 / 8765-4321" }),
            json!({ "customerName": "Müller–Schmidt_Shop" }),
            json!({ "customerName": "Jose\u{301}phine “Quoted”" }),
        ] {
            create(&app, &key, customer).await;
        }
        let texts = [
            "山田太郎", "山田 太郎", "太郎山田", "佐藤花子", "李小红", "スミス", "葛城", "090-1234-5678", "（０９０）１２３４ー５６７８",
            "user 7@shop", "web:ana@ex.com", "s.o'brien@ex.ie", "Siobhan <s.o'brien@ex.ie>", "'s.o'brien@ex.ie'", "s.o'b",
            "caf@ roma", "@roma", "09012345679", "090-1234-5670", "090-1234-5679 / 090-1234-5670", "090-1234-5671",
            "090-1234-5671 ext. 12", "d´or", "D`Or", "d'abo", "ג'ון", "hydro as", "hydro a/s", "hydro a s", "בע״מ", "Ada <ada_@x.com>", "c@fé roma", "㈱", "345678", "345679", "8765-4321", "schmidt", "shop", "jose", "quoted",
        ];
        insta::assert_json_snapshot!("lookup_of_unusual_characters", all_found(&app, &key, &texts).await);
    }

    async fn only_customers_in_the_scope_of_a_profile_are_found(app: App) {
        let shops = app.create_group(r#"customerGroupName: "Shops", isGroup: true"#).await;
        let inner = app.create_group(&format!(r#"customerGroupName: "Inner", parentId: "{shops}""#)).await;
        let other = app.create_group(r#"customerGroupName: "Other""#).await;
        for (name, group, disabled) in
            [("Ana In", &inner, false), ("Ana Out", &other, false), ("Ana Closed", &inner, true)]
        {
            create(&app, &app.key, json!({
                "customerName": name, "customerGroupId": group, "disabled": disabled, "loyaltyId": name,
            })).await;
        }
        for (profile, groups, is_open) in [("linked", vec![&shops], false), ("empty", vec![], false), ("open", vec![], true)] {
            app.create("posProfile", json!({ "posProfileId": profile, "sellsToEveryone": is_open })).await;
            for group in groups {
                app.create("posCustomerGroup", json!({ "posProfileId": profile, "customerGroupId": group })).await;
            }
        }
        let mut results = serde_json::Map::new();
        for (profile, text, disabled) in [
            (None, "ana", false), (None, "ana", true), (Some("linked"), "ana", false),
            (Some("linked"), "ana out", false), (Some("linked"), "anaout", false),
            (Some("linked"), "ana", true), (Some("empty"), "ana", false), (Some("open"), "ana", false),
            (Some("unknown"), "ana", false), (Some(""), "ana", false),
        ] {
            let hits = found(&app, &app.key, json!({ "text": text, "profile": profile, "disabled": disabled })).await;
            results.insert(format!("{text} in {profile:?}, disabled: {disabled}"), json!(hits));
        }
        insta::assert_json_snapshot!("lookup_in_the_scope_of_a_profile", results);
    }

    async fn another_tenants_customers_are_not_found(app: App) {
        let (_, other) = app.make_tenant("other").await;
        create(&app, &other, json!({ "customerName": "Ana", "mobileNo": "+47 912 34 567" })).await;
        for text in ["ana", "anna", "+4791234567", "234567"] {
            assert_eq!(found(&app, &app.key, json!({ "text": text })).await, [""; 0], "{text}");
        }
    }

    async fn a_text_that_cannot_be_looked_up_is_an_error(app: App) {
        create(&app, &app.key, json!({ "customerName": "Ana", "mobileNo": "+47 912 34 567" })).await;
        let long = "x".repeat(10_000);
        let mut results = serde_json::Map::new();
        for text in [
            "", "   ", "-/., ", "+47", "a\u{0}b", "a b c d e f g h i", "00 1 650 253 00 00",
            "+4 7 9 1 2 3 4 5 6 7", "a.b.c.d.e.f.g.h@example.com",
        ] {
            results.insert(text.to_owned(), json!(found(&app, &app.key, json!({ "text": text })).await));
        }
        results.insert("10,000 characters".to_owned(), json!(found(&app, &app.key, json!({ "text": long })).await));
        for first in [0, -1, 51, i32::MAX] {
            let hits = found(&app, &app.key, json!({ "text": "ana", "first": first })).await;
            results.insert(format!("first: {first}"), json!(hits));
        }
        insta::assert_json_snapshot!("lookup_of_bad_input", results);
    }

    async fn changed_and_deleted_texts_are_no_longer_found(app: App) {
        let id = create(&app, &app.key, json!({
            "customerName": "Ana Trujillo", "taxId": "A1",
            "contacts": [{ "firstName": "Zelda" }], "addresses": [{ "addressType": "OTHER_ADDRESS", "city": "Bergen" }],
        })).await;
        let lists = app.read("customer", &id, "contacts { id } addresses { id }").await;
        let (contact, address) = (&lists["contacts"][0]["id"], &lists["addresses"][0]["id"]);
        let update = |noun: &str, id: &Value, input: &str| {
            format!("mutation {{ {noun}Update(id: {id}, input: {{ {input} }}) {{ userErrors {{ message }} }} }}")
        };
        app.query(&update("customer", &json!(id), r#"customerName: "Bea Trujillo", taxId: null"#)).await;
        app.query(&update("customerContact", contact, r#"firstName: "Yrsa""#)).await;
        app.query(&update("customerAddress", address, r#"city: "Oslo""#)).await;
        let texts = ["ana", "a1", "zelda", "bergen", "bea trujillo", "yrsa", "oslo"];
        let changed = all_found(&app, &app.key, &texts).await;
        for delete in [
            format!("mutation {{ customerContactDelete(id: {contact}) {{ deletedId }} }}"),
            format!("mutation {{ customerAddressDelete(id: {address}) {{ deletedId }} }}"),
        ] {
            app.query(&delete).await;
        }
        let without_children = all_found(&app, &app.key, &texts).await;
        app.query(&format!(r#"mutation {{ customerDelete(id: "{id}") {{ deletedId }} }}"#)).await;
        let deleted = all_found(&app, &app.key, &texts).await;
        insta::assert_json_snapshot!("lookup_after_changes", json!({
            "changed": changed, "without children": without_children, "deleted": deleted,
        }));
    }

    // These texts exceed what PostgreSQL can index.
    async fn a_customer_with_the_longest_texts_in_all_contacts_is_stored_and_found(app: App) {
        let text = |contact: usize, name: usize| {
            let word = |word: usize| format!("{}{contact:03}{name}{word}", "\u{10428}".repeat(35));
            (0..6).map(word).collect::<Vec<_>>().join(" ")
        };
        let contact = |number| CustomerContactAttributes {
            first_name: Some(text(number, 1)),
            last_name: Some(text(number, 2)),
            display_name: Some(text(number, 3)),
            ..CustomerContactAttributes::default()
        };
        let mut new = NewCustomer::default();
        "Ana".clone_into(&mut new.attributes.customer_name);
        new.lists.contacts = (0..500).map(contact).collect();
        let operator = app.operator();
        let mut lease = app.db.write().await.unwrap();
        let created = new.create(&mut lease.conn(), operator.writer()).await.unwrap();
        drop(lease);
        let word = |contact| text(contact, 1).split_whitespace().next().unwrap().to_owned();
        let hits = async || {
            let search = async |contact| found(&app, &app.key, json!({ "text": word(contact) })).await;
            [search(0).await.len(), search(499).await.len()]
        };
        let after_creation = hits().await;
        let id = NodeType::Customer.id(created.row.id).to_string();
        let contacts = app.read("customer", &id, "contacts { id }").await;
        let id = &contacts["contacts"][1]["id"];
        let update = format!("mutation {{ customerContactUpdate(id: {id}, input: {{ title: \"CEO\" }}) {{ userErrors {{ message }} }} }}");
        let updated = app.query(&update).await;
        assert_eq!(updated["data"]["customerContactUpdate"]["userErrors"], json!([]));
        assert_eq!([after_creation, hits().await], [[1, 0]; 2]);
    }

    async fn a_word_is_found_with_each_typing_error_that_it_may_have(app: App) {
        let mut random = Random(7);
        let names: Vec<String> = (0..40).map(|number| random.word(4 + number % 9)).collect();
        for name in &names {
            create(&app, &app.key, json!({ "customerName": name })).await;
        }
        for round in 0..150 {
            let name = &names[random.below(names.len())];
            let mut typed = random.misspelled(name);
            if typed.len() >= 8 && round % 2 == 0 {
                typed = random.misspelled(&typed);
            }
            if typed.len() < 4 || (typed.len() < 8 && strsim::osa_distance(&typed, name) > 1) {
                continue;
            }
            let hits = found(&app, &app.key, json!({ "text": typed, "first": 50 })).await;
            let is_found = hits.iter().any(|hit| hit.contains(&format!(" {name}: ")));
            assert!(is_found, "{name} by {typed}: {hits:?}");
            for hit in hits.iter().filter(|hit| hit.starts_with("0.4 ")) {
                let other = hit.split(' ').nth(1).unwrap().trim_end_matches(':');
                let errors = strsim::osa_distance(&typed, other);
                assert!(errors <= if typed.len() < 8 { 1 } else { 2 }, "{typed} is not {other}");
            }
        }
    }

    async fn a_word_is_found_despite_a_typing_error_among_many_with_the_same_end(app: App) {
        let pairs = ('a'..='z').flat_map(|one| ('a'..='z').map(move |other| [one, other]));
        let name = |start: [char; 2]| format!("{}{}ramkilund", start[0], start[1]);
        let names = pairs.map(name).chain(["Viklund".to_owned()]);
        insert(&app, names).await;
        let hits = found(&app, &app.key, json!({ "text": "Vkilund" })).await;
        assert_eq!(hits[0], "0.4 Viklund: CUSTOMER_NAME [Viklund]", "{hits:?}");
    }

    async fn one_customer_is_found_by_two_words_that_thousands_have(app: App) {
        let names = ["Viktor Mel".to_owned()].into_iter();
        let names = names.chain((0..10_300).map(|number| match number % 2 {
            0 => format!("Vika {number}"),
            _ => format!("Mela {number}"),
        }));
        insert(&app, names).await;
        let hits = found(&app, &app.key, json!({ "text": "vik mel", "first": 1 })).await;
        assert_eq!(hits, ["0.6 Viktor Mel: CUSTOMER_NAME [Vik]tor [Mel]"]);
    }

    async fn a_beginning_is_found_in_scope_although_thousands_outside_have_the_whole_words(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        create(&app, &app.key, json!({ "customerName": "Hansen Olavsen", "customerGroupId": group })).await;
        insert(&app, (0..10_100).map(|number| format!("Hans Ola {number}"))).await;
        app.create("posProfile", json!({ "posProfileId": "till" })).await;
        app.create("posCustomerGroup", json!({ "posProfileId": "till", "customerGroupId": group })).await;
        let hits = found(&app, &app.key, json!({ "text": "hans ola", "profile": "till" })).await;
        assert_eq!(hits, ["0.6 Hansen Olavsen: CUSTOMER_NAME [Hans]en [Ola]vsen"]);
    }

    async fn customers_in_scope_are_found_although_thousands_outside_have_the_same_words(app: App) {
        let hansen = |number: usize| CustomerAttributes {
            customer_name: format!("Hansen {number}"),
            email_id: Some(format!("hansen.{number}@example.com")),
            ..CustomerAttributes::default()
        };
        app.insert_customers((0..10_100).map(hansen).collect()).await;
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let everyone = app.create_group(r#"customerGroupName: "Everyone""#).await;
        for input in [
            json!({ "customerName": "Ola", "emailId": "hansen.x@example.com", "customerGroupId": group }),
            json!({ "customerName": "Hansensen", "customerGroupId": group }),
            json!({ "customerName": "Hansen", "customerGroupId": group }),
            json!({ "customerName": "Hansen", "customerGroupId": group, "disabled": true }),
        ] {
            create(&app, &app.key, input).await;
        }
        let join = "INSERT INTO customer_group_memberships
                (tenant_id, customer_id, customer_group_id, created_at, created_by)
            SELECT customers.tenant_id, customers.id, customer_groups.id, customers.created_at, 'test'
            FROM customers JOIN customer_groups ON customer_groups.tenant_id = customers.tenant_id
            WHERE customer_groups.customer_group_name = 'Everyone'";
        app.db.write().await.unwrap().conn().batch_execute(join).await.unwrap();
        for (profile, group) in [("till", &group), ("every till", &everyone)] {
            app.create("posProfile", json!({ "posProfileId": profile })).await;
            app.create("posCustomerGroup", json!({ "posProfileId": profile, "customerGroupId": group })).await;
        }
        let in_scope = async |text: &str| found(&app, &app.key, json!({ "text": text, "profile": "till" })).await;
        let (whole, beginning) = ("0.8 Hansen: CUSTOMER_NAME [Hansen]", "0.6 Hansensen: CUSTOMER_NAME [Hansen]sen");
        let by_email = "0.6 Ola: EMAIL_ID [hansen].x@example.com";
        assert_eq!(in_scope("hansen").await, [whole, beginning, by_email]);
        let beginnings = [
            "0.6 Hansen: CUSTOMER_NAME [Hans]en",
            "0.6 Hansensen: CUSTOMER_NAME [Hans]ensen",
            "0.6 Ola: EMAIL_ID [hans]en.x@example.com",
        ];
        assert_eq!(in_scope("hans").await, beginnings);
        assert_eq!(in_scope("hasnen").await[0], "0.4 Hansen: CUSTOMER_NAME [Hansen]");
        // Very many customers in scope have the word, so those that were changed last are found.
        let all = found(&app, &app.key, json!({ "text": "hansen", "profile": "every till", "first": 2 })).await;
        assert_eq!(all, [whole, "0.8 Hansen 10099: CUSTOMER_NAME [Hansen] 10099"]);
    }

    async fn the_last_changed_customers_are_found_if_too_many_have_a_word(app: App) {
        let names = ["Hans".to_owned()].into_iter().chain((0..2_100).map(|number| format!("Hansen {number}")));
        insert(&app, names).await;
        for name in ["Hansen 700", "Hansen 30"] {
            let query = "query($name: String!) { customers(filter: { customerName: { eq: $name } }) { nodes { id } } }";
            let found = app.query_with(query, json!({ "name": name })).await;
            let id = &found["data"]["customers"]["nodes"][0]["id"];
            let update = format!("mutation {{ customerUpdate(id: {id}, input: {{ territory: \"North\" }}) {{ userErrors {{ message }} }} }}");
            let updated = app.query(&update).await;
            assert_eq!(updated["data"]["customerUpdate"]["userErrors"], json!([]));
        }
        let whole = [
            "0.8 Hansen 30: CUSTOMER_NAME [Hansen] 30",
            "0.8 Hansen 700: CUSTOMER_NAME [Hansen] 700",
            "0.8 Hansen 2099: CUSTOMER_NAME [Hansen] 2099",
        ];
        assert_eq!(found(&app, &app.key, json!({ "text": "hansen", "first": 3 })).await, whole);
        let beginnings = [
            "0.8 Hans: CUSTOMER_NAME [Hans]",
            "0.6 Hansen 30: CUSTOMER_NAME [Hans]en 30",
            "0.6 Hansen 700: CUSTOMER_NAME [Hans]en 700",
        ];
        assert_eq!(found(&app, &app.key, json!({ "text": "hans", "first": 3 })).await, beginnings);
        // Most customers with the first word are not considered, but the search finds an old one by its other word.
        let both = ["0.8 Hansen 1: CUSTOMER_NAME [Hansen] [1]"];
        assert_eq!(found(&app, &app.key, json!({ "text": "hansen 1", "first": 1 })).await, both);
    }

    async fn long_identifiers_are_compared_as_a_whole(app: App) {
        let id = |end: &str| format!("https://shop.example/{}/{end}", "x".repeat(80));
        for end in ["1", "2"] {
            create(&app, &app.key, json!({ "customerName": end, "externalId": id(end) })).await;
        }
        let hits = found(&app, &app.key, json!({ "text": id("2") })).await;
        assert_eq!(hits, [format!("1.0 2: EXTERNAL_ID [{}]", id("2"))]);
    }

    async fn statements_do_not_depend_on_the_number_of_hits(app: App) {
        for number in 0..20 {
            create(&app, &app.key, json!({
                "customerName": format!("Ana {number}"), "mobileNo": format!("+47 400 00 {number:03}"),
                "contacts": [{ "lastName": "Zelda" }],
            })).await;
        }
        let mut sent = Vec::new();
        for (text, first) in [("+4740000007", 10), ("ana", 1), ("ana", 20), ("zelda", 1), ("zelda", 20), ("anaa", 20)] {
            sent.push(app.statements(LOOKUP, json!({ "text": text, "first": first })).await);
        }
        // Hits and customers; contacts and addresses if they contain the match; hits of similar words.
        assert_eq!(sent, [2, 2, 2, 3, 3, 3]);
    }

    async fn only_what_is_needed_is_looked_up(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        for name in ["Wennerholm", "Lindqvist", "Lindkvist"] {
            create(&app, &app.key, json!({ "customerName": name, "customerGroupId": group })).await;
        }
        create(&app, &app.key, json!({
            "customerName": "X", "contacts": [{ "mobileNo": "+47 912 34 567" }], "addresses": [{
                "addressType": "OTHER_ADDRESS", "city": "Trondheim" }],
        })).await;
        for profile in ["till", "empty", "open"] {
            app.create("posProfile", json!({ "posProfileId": profile, "sellsToEveryone": profile == "open" })).await;
        }
        app.create("posCustomerGroup", json!({ "posProfileId": "till", "customerGroupId": group })).await;
        let mut sent = serde_json::Map::new();
        for (text, profile) in [
            ("wennerholm", None), ("wenner", None), ("wenerholm", None), ("lindqvist", None), ("nobody", None),
            ("91234567", None), ("trondheim", None), ("wennerholm", Some("till")), ("wennerholm", Some("empty")),
            ("wennerholm", Some("open")),
        ] {
            let variables = json!({ "text": text, "profile": profile });
            let hits = found(&app, &app.key, variables.clone()).await;
            let statements = app.statements(LOOKUP, variables).await;
            sent.insert(format!("{text} in {profile:?}"), json!([statements, hits]));
        }
        insta::assert_json_snapshot!("lookup_statements", sent);
    }

    async fn a_profile_may_have_more_groups_than_are_looked_up(app: App) {
        let root = app.create_group(r#"customerGroupName: "Shops", isGroup: true"#).await;
        let deepest = app.insert_branches(NodeType::CustomerGroup.parse(&root).unwrap()).await;
        let deepest = NodeType::CustomerGroup.id(deepest).to_string();
        let other = app.create_group(r#"customerGroupName: "Other""#).await;
        for (name, group) in [("Ana In", &deepest), ("Ana Out", &other)] {
            create(&app, &app.key, json!({ "customerName": name, "customerGroupId": group })).await;
        }
        let profile = app.create("posProfile", json!({ "posProfileId": "till" })).await;
        app.create("posCustomerGroup", json!({ "posProfileId": "till", "customerGroupId": root })).await;
        for profile in ["till", &profile] {
            let hits = found(&app, &app.key, json!({ "text": "ana", "profile": profile })).await;
            assert_eq!(hits, ["0.8 Ana In: CUSTOMER_NAME [Ana] In"], "{profile}");
        }
    }

    async fn a_customer_is_found_although_thousands_of_disabled_ones_have_the_word(app: App) {
        let hansen = |number: usize| CustomerAttributes {
            customer_name: format!("Hansen {number}"),
            disabled: number > 0,
            ..CustomerAttributes::default()
        };
        app.insert_customers((0..2_100).rev().map(hansen).collect()).await;
        let hits = found(&app, &app.key, json!({ "text": "hansen" })).await;
        let names: Vec<&str> = hits.iter().filter_map(|hit| hit.split_once(' ')).map(|(_, name)| name).collect();
        assert_eq!(names, ["Hansen 0: CUSTOMER_NAME [Hansen] 0"]);
    }
}

/// Reproducible random words from a small alphabet, so that many of them are similar.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn letter(&mut self) -> char {
        char::from(b"abdeor"[self.below(6)])
    }

    fn word(&mut self, length: usize) -> String {
        (0..length).map(|_| self.letter()).collect()
    }

    /// The word with a missing, an additional or a wrong letter, or with two adjacent letters swapped.
    fn misspelled(&mut self, word: &str) -> String {
        let mut chars: Vec<char> = word.chars().collect();
        let place = self.below(chars.len());
        match self.below(4) {
            0 => drop(chars.remove(place)),
            1 => chars.insert(place, self.letter()),
            2 => chars[place] = self.letter(),
            _ if place > 0 => chars.swap(place - 1, place),
            _ => {}
        }
        chars.into_iter().collect()
    }
}

/// A country, a number as stored in a tenant of this country, and spellings by which it must be found.
const PHONES: &[(&str, &str, &[&str])] = &[
    ("NO", "+47 912 34 567", &["91234567", "0047 91234567", "+47 91 23 45 67"]),
    ("SE", "070-123 45 67", &["+46701234567", "0701234567", "0046 70 123 45 67"]),
    ("DK", "+45 20 12 34 56", &["20123456", "004520123456"]),
    ("FI", "041 234 5678", &["+358412345678", "0412345678"]),
    ("IS", "611 1234", &["+3546111234", "6111234"]),
    ("DE", "0171 5551234", &["+491715551234", "0049 171 5551234", "01715551234"]),
    ("AT", "0664 1234567", &["+436641234567", "06641234567"]),
    ("CH", "078 123 45 67", &["+41781234567", "0781234567"]),
    ("NL", "06 12345678", &["+31612345678", "0612345678"]),
    ("BE", "0470 12 34 56", &["+32470123456", "0470123456"]),
    ("FR", "06 12 34 56 78", &["+33612345678", "0612345678"]),
    ("ES", "612 34 56 78", &["+34612345678", "612345678"]),
    ("PT", "912 345 678", &["+351912345678", "912345678"]),
    ("IT", "312 345 6789", &["+393123456789", "3123456789"]),
    ("GB", "07400 123456", &["+447400123456", "07400123456", "0044 7400 123456"]),
    ("IE", "085 012 3456", &["+353850123456", "0850123456"]),
    ("PL", "512 345 678", &["+48512345678", "512345678"]),
    ("CZ", "601 123 456", &["+420601123456", "601123456"]),
    ("HU", "06 20 123 4567", &["+36201234567", "06201234567"]),
    ("GR", "691 234 5678", &["+306912345678", "6912345678"]),
    ("TR", "0501 234 56 78", &["+905012345678", "05012345678"]),
    ("UA", "050 123 4567", &["+380501234567", "0501234567"]),
    ("US", "(650) 253-0000", &["+16502530000", "6502530000", "1 650 253 0000"]),
    ("MX", "222 123 4567", &["+522221234567", "2221234567"]),
    ("BR", "(11) 96123-4567", &["+5511961234567", "11961234567"]),
    ("IN", "081234 56789", &["+918123456789", "08123456789"]),
    ("VN", "091 234 56 78", &["+84912345678", "0912345678"]),
    ("JP", "090-1234-5678", &["+819012345678", "09012345678"]),
    ("AU", "0412 345 678", &["+61412345678", "0412345678", "0011 61 412 345 678"]),
    ("ZA", "071 123 4567", &["+27711234567", "0711234567"]),
];
