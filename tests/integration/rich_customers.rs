//! Objects that belong to a customer: addresses, contacts, consents, extensions, credit.

use serde_json::{Value, json};

use crate::support::{
    app::App,
    dump::dump,
    types::{children_of, with_lists},
};

const RICH: &str = "id displayName accountManager accountManagerName accountManagerCode loyaltyId
    ledgerNumber origin internalNote paymentTermsDays ehfEnabled credit { limit balance }";

const ADDRESS: &str = "id externalId customerId customer { customerName } addressType isPrimary
    displayName companyName firstName lastName address postalCode city region countryCode phone
    emailId formatted createdAt updatedAt";

const CONTACT: &str = "id externalId customerId customer { customerName } isPrimary displayName
    firstName lastName title emailId mobileNo extensions { extensionCode } createdAt updatedAt";

const CONSENT: &str =
    "id externalId customerId customer { customerName } name status source createdAt
    updatedAt";

const EXTENSION: &str = "id externalId customerId customer { customerName } contact { displayName }
    extensionCode organizationUid createdAt updatedAt";

/// A customer's primary contact and address.
const PRIMARY: &str = "primaryContact { displayName } primaryAddress { displayName }
    contacts { displayName isPrimary } addresses { displayName isPrimary }";

/// A query for the names of customers with a filter and an order.
const NAMES: &str = "query($filter: CustomerFilter, $orderBy: CustomerOrder!) {
    customers(filter: $filter, orderBy: $orderBy) { totalCount nodes { customerName } } }";

impl App {
    async fn customer_names(&self, filter: Value, field: &str, direction: &str) -> Value {
        let order = json!({ "field": field, "direction": direction });
        let data = self.data(NAMES, json!({ "filter": filter, "orderBy": order })).await;
        let nodes = data["customers"]["nodes"].as_array().unwrap();
        assert_eq!(data["customers"]["totalCount"], nodes.len());
        nodes.iter().map(|it| it["customerName"].clone()).collect()
    }

    /// Changes a child of a customer repeatedly. Returns the responses.
    async fn change_child(
        &self,
        noun: &str,
        id: &str,
        fields: &str,
        inputs: &[Value],
    ) -> Vec<Value> {
        let selection = format!("{noun} {{ {fields} }}");
        let mut answers = Vec::new();
        for input in inputs {
            let arguments = json!({ "id": id, "input": input });
            answers.push(self.mutate(&format!("{noun}Update"), arguments, &selection).await);
        }
        answers
    }

    async fn change_customer(&self, id: &str, input: Value, fields: &str) -> Value {
        let arguments = json!({ "id": id, "input": input });
        self.mutate("customerUpdate", arguments, &format!("customer {{ {fields} }}")).await
    }
}

both! {
    async fn a_rich_customer_keeps_every_attribute(app: App) {
        let input = json!({
            "customerName": "Berg Hotell AS", "displayName": "Berg", "accountManager": "user-7",
            "accountManagerName": "Ana Peña", "accountManagerCode": "7", "loyaltyId": "L-1",
            "ledgerNumber": "1500", "origin": "Web shop", "internalNote": "Pays late.\nAsk first.",
            "paymentTermsDays": 30, "ehfEnabled": true,
            "credit": { "limit": "1000.50", "balance": "-0.10" },
        });
        let selection = format!("customer {{ {RICH} }}");
        let created = app.mutate("customerCreate", json!({ "input": input }), &selection).await;
        insta::assert_json_snapshot!("rich_all_attributes", created);
        let id = created["customer"]["id"].as_str().unwrap();
        assert_eq!(app.read("customer", id, RICH).await, created["customer"]);

        let mut answers = Vec::new();
        for input in [
            json!({ "displayName": null, "accountManagerName": null, "origin": null }),
            json!({ "credit": { "limit": null } }), json!({ "credit": {} }),
            json!({ "credit": { "limit": "5" } }), json!({ "credit": null, "ehfEnabled": null }),
            json!({ "customerName": "Berg & Co", "paymentTermsDays": null }),
        ] {
            answers.push(app.change_customer(id, input, RICH).await);
        }
        insta::assert_json_snapshot!("rich_changed", answers);
        let refused = app.change_customer(id, json!({
            "credit": { "limit": "-1" }, "paymentTermsDays": -1,
        }), RICH).await;
        insta::assert_json_snapshot!("rich_refused", refused);
    }

    async fn an_address_is_created_changed_and_deleted(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let selection = format!("customerAddress {{ {ADDRESS} }}");
        let input = json!({
            "customerId": customer, "externalId": "A", "addressType": "INVOICE_ADDRESS",
            "isPrimary": true, "displayName": "Head office", "companyName": "Berg AS",
            "firstName": "Kari", "lastName": "Berg", "address": "Storgata 1\n3rd floor",
            "postalCode": "0155", "city": "Oslo", "region": "Østlandet", "countryCode": "NO",
            "phone": "+47 22 00 00 00", "emailId": "kari@example.com",
        });
        let arguments = json!({ "input": input });
        let full = app.mutate("customerAddressCreate", arguments, &selection).await;
        let arguments = json!({ "input": { "customerId": customer } });
        let empty = app.mutate("customerAddressCreate", arguments, &selection).await;
        insta::assert_json_snapshot!("address_created", [&full, &empty]);
        let id = full["customerAddress"]["id"].as_str().unwrap();
        assert_eq!(app.read("customerAddress", id, ADDRESS).await, full["customerAddress"]);

        let answers = app.change_child("customerAddress", id, ADDRESS, &[
            json!({ "displayName": null, "region": null, "addressType": "VISITING_ADDRESS" }),
            json!({ "companyName": null, "address": null, "addressType": null }),
            json!({ "isPrimary": null, "phone": " ", "countryCode": "SE", "lastName": null }),
            json!({}),
        ]).await;
        insta::assert_json_snapshot!("address_changed", answers);
        assert_eq!(answers[2], answers[3]);

        let mut refused = Vec::new();
        for input in [
            json!({ "countryCode": "no", "emailId": "kari" }), json!({ "city": "a\nb" }),
        ] {
            let arguments = json!({ "id": id, "input": input });
            refused.push(app.mutate("customerAddressUpdate", arguments, &selection).await);
        }
        for input in [
            json!({ "customerId": id }), json!({ "customerId": customer, "externalId": "A" }),
        ] {
            let arguments = json!({ "input": input });
            refused.push(app.mutate("customerAddressCreate", arguments, &selection).await);
        }
        insta::assert_json_snapshot!("address_refused", refused);

        app.delete("customerAddress", id).await;
        let left = app.read("customer", &customer, "addresses { id }").await;
        assert_eq!(left["addresses"], json!([{ "id": empty["customerAddress"]["id"] }]));
        let arguments = json!({ "externalId": "A" });
        let again = app.mutate("customerAddressDelete", arguments, "deletedId").await;
        insta::assert_json_snapshot!("address_deleted_again", again);
    }

    async fn an_address_is_written_as_on_a_letter(app: App) {
        let addresses = json!([
            {}, { "city": "Oslo" }, { "postalCode": "0155", "countryCode": "NO" },
            { "firstName": "Kari", "city": "Oslo", "postalCode": "0155" },
            { "companyName": "Berg AS", "firstName": "Kari", "lastName": "Berg" },
            { "lastName": "Berg", "address": "Storgata 1\n3rd floor", "city": "Oslo" },
            { "displayName": "Home", "address": "Storgata 1", "region": "Østlandet" },
        ]);
        let input = json!({ "customerName": "Berg", "addresses": addresses });
        let id = app.create("customer", input).await;
        let written = app.read("customer", &id, "addresses { displayName formatted }").await;
        insta::assert_json_snapshot!("addresses_written", written);
    }

    async fn a_contact_is_created_changed_and_deleted(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let selection = format!("customerContact {{ {CONTACT} }}");
        let input = json!({
            "customerId": customer, "externalId": "K", "isPrimary": true, "displayName": "Boss",
            "firstName": "Kari", "lastName": "Berg", "title": "Owner",
            "emailId": "kari@example.com", "mobileNo": "+47 900 00 000",
        });
        let arguments = json!({ "input": input });
        let full = app.mutate("customerContactCreate", arguments, &selection).await;
        let arguments = json!({ "input": { "customerId": customer } });
        let empty = app.mutate("customerContactCreate", arguments, &selection).await;
        insta::assert_json_snapshot!("contact_created", [&full, &empty]);
        let id = full["customerContact"]["id"].as_str().unwrap();
        assert_eq!(app.read("customerContact", id, CONTACT).await, full["customerContact"]);

        // The display name falls back to the remaining fields.
        let answers = app.change_child("customerContact", id, CONTACT, &[
            json!({ "displayName": null }), json!({ "firstName": null }),
            json!({ "lastName": "" }), json!({ "emailId": null, "isPrimary": false }),
            json!({ "mobileNo": null }), json!({}),
        ]).await;
        insta::assert_json_snapshot!("contact_changed", answers);
        assert_eq!(answers[4], answers[5]);

        let mut refused = Vec::new();
        let arguments = json!({ "id": id, "input": { "emailId": "kari@" } });
        refused.push(app.mutate("customerContactUpdate", arguments, &selection).await);
        for input in [
            json!({ "customerId": id }), json!({ "customerId": customer, "externalId": "K" }),
        ] {
            let arguments = json!({ "input": input });
            refused.push(app.mutate("customerContactCreate", arguments, &selection).await);
        }
        insta::assert_json_snapshot!("contact_refused", refused);

        app.delete("customerContact", id).await;
        let left = app.read("customer", &customer, "contacts { id }").await;
        assert_eq!(left["contacts"], json!([{ "id": empty["customerContact"]["id"] }]));
    }

    async fn a_contact_is_created_and_deleted_with_its_extensions(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg", extensions: [{ extensionCode: "OWN" }]"#).await;
        let selection = "customerContact { id lastName extensions { extensionCode organizationUid } }";
        let create = async |extensions: Value| {
            let input = json!({ "customerId": customer, "lastName": "Ek", "extensions": extensions });
            app.mutate("customerContactCreate", json!({ "input": input }), selection).await
        };
        let both = create(json!([
            { "extensionCode": "A", "organizationUid": "1" }, { "extensionCode": "OWN", "externalId": "E" },
        ])).await;
        let before = dump(&app.database).await;
        let refused = [
            create(json!([{ "extensionCode": "A" }, { "extensionCode": "A" }, { "extensionCode": "" }])).await,
            create(json!([{ "extensionCode": "A" }, { "extensionCode": "A" }])).await,
            create(json!([{ "extensionCode": "B" }, { "extensionCode": "A", "externalId": "E" }])).await,
        ];
        assert_eq!(dump(&app.database).await, before);
        let another = create(json!([{ "extensionCode": "A" }])).await;
        let it = "extensions { extensionCode } contacts { lastName extensions { extensionCode } }";
        let all = app.read("customer", &customer, it).await;
        app.delete("customerContact", both["customerContact"]["id"].as_str().unwrap()).await;
        let left = app.read("customer", &customer, it).await;
        insta::assert_json_snapshot!("contact_with_extensions", json!([both, refused, another, all, left]));
    }

    async fn a_consent_is_created_changed_and_deleted(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let selection = format!("customerConsent {{ {CONSENT} }}");
        let input = json!({
            "customerId": customer, "externalId": "C", "name": "newsletter", "status": true,
            "source": "Web shop",
        });
        let arguments = json!({ "input": input });
        let full = app.mutate("customerConsentCreate", arguments, &selection).await;
        let arguments = json!({ "input": {
            "customerId": customer, "name": "sms", "status": false,
        } });
        let refusal = app.mutate("customerConsentCreate", arguments, &selection).await;
        insta::assert_json_snapshot!("consent_created", [&full, &refusal]);
        let id = full["customerConsent"]["id"].as_str().unwrap();
        assert_eq!(app.read("customerConsent", id, CONSENT).await, full["customerConsent"]);

        let answers = app.change_child("customerConsent", id, CONSENT, &[
            json!({ "status": false }), json!({ "name": "mail", "source": null }),
            json!({ "status": true, "externalId": null }), json!({ "status": null }), json!({}),
            // Rejected: another consent has the name, and the name cannot be cleared.
            json!({ "name": "sms" }), json!({ "name": null }),
        ]).await;
        insta::assert_json_snapshot!("consent_changed", answers);
        assert_eq!(answers[3], answers[4]);

        app.delete("customerConsent", id).await;
        let left = app.read("customer", &customer, "consents { name }").await;
        assert_eq!(left, json!({ "consents": [{ "name": "sms" }] }));
    }

    async fn an_extension_is_created_changed_and_deleted(app: App) {
        let customer = app.create("customer", json!({
            "customerName": "Berg", "contacts": [{ "displayName": "Kari", "externalId": "K" }],
        })).await;
        let other = app.create("customer", json!({
            "customerName": "Sol", "contacts": [{ "displayName": "Ana", "externalId": "A" }],
        })).await;
        let contact = async |customer: &str| {
            let contacts = app.read("customer", customer, "contacts { id }").await;
            contacts["contacts"][0]["id"].as_str().unwrap().to_owned()
        };
        let (kari, ana) = (contact(&customer).await, contact(&other).await);
        let selection = format!("customerExtension {{ {EXTENSION} }}");
        let mut created = Vec::new();
        for (code, contact) in [
            ("TWO_INVOICE", None), ("TWO_INVOICE", Some(&kari)), ("OTHER", None),
            // Rejected: an extension with this code exists, or the contact belongs to another customer.
            ("TWO_INVOICE", Some(&kari)), ("OTHER", Some(&ana)), ("OTHER", Some(&customer)),
        ] {
            let input = json!({
                "customerId": customer, "extensionCode": code, "contactId": contact,
                "organizationUid": "org-1", "externalId": format!("E-{}", created.len()),
            });
            let arguments = json!({ "input": input });
            created.push(app.mutate("customerExtensionCreate", arguments, &selection).await);
        }
        insta::assert_json_snapshot!("extension_created", created);
        let id = created[2]["customerExtension"]["id"].as_str().unwrap();
        let found = app.read("customerExtension", id, EXTENSION).await;
        assert_eq!(found, created[2]["customerExtension"]);

        // A customer's list contains only its own extensions; those of contacts are in the contacts' lists.
        let of_whom = "extensions { externalId } contacts { extensions { externalId } }";
        let mut owners = vec![app.read("customer", &customer, of_whom).await];
        let mut answers = Vec::new();
        for input in [
            json!({ "organizationUid": null }), json!({ "contactId": kari }), json!({}),
            // Rejected: the contact has an extension with this code, and the code cannot be cleared.
            json!({ "extensionCode": "TWO_INVOICE" }), json!({ "extensionCode": null }),
            json!({ "contactId": null, "extensionCode": "THIRD" }),
        ] {
            let inputs = [input];
            answers.extend(app.change_child("customerExtension", id, EXTENSION, &inputs).await);
            owners.push(app.read("customer", &customer, of_whom).await);
        }
        insta::assert_json_snapshot!("extension_changed", answers);
        insta::assert_json_snapshot!("extension_owners", owners);
        assert_eq!(answers[1], answers[2]);

        // The extensions of a contact are deleted with it.
        app.delete("customerContact", &kari).await;
        let arguments = json!({ "externalId": "E-0" });
        let deleted = app.mutate("customerExtensionDelete", arguments, "deletedId").await;
        let left = app.read("customer", &customer, of_whom).await;
        insta::assert_json_snapshot!("extension_deleted", [deleted, left]);
        let gone = &created[1]["customerExtension"]["id"];
        assert_eq!(app.read("node", gone.as_str().unwrap(), "id").await, Value::Null);
    }

    async fn a_customer_has_one_primary_contact_and_address(app: App) {
        let customer = app.create("customer", json!({
            "customerName": "Berg",
            "contacts": [{ "displayName": "Ana" }, { "displayName": "Bo", "isPrimary": true }],
            "addresses": [{ "displayName": "Home", "isPrimary": true }, { "displayName": "Work" }],
        })).await;
        let query = "contacts { id } addresses { id }";
        let ids = app.read("customer", &customer, query).await;
        let [ana, bo] = [0, 1].map(|it: usize| ids["contacts"][it]["id"].as_str().unwrap());
        let [home, work] = [0, 1].map(|it: usize| ids["addresses"][it]["id"].as_str().unwrap());
        let selection = format!("{PRIMARY} updatedAt lastModifiedBy");
        let mut answers = serde_json::Map::new();
        let created = app.read("customer", &customer, &selection).await;
        answers.insert("created".to_owned(), created);
        for (case, input) in [
            ("switched", json!({ "primaryContactId": ana, "primaryAddressId": work })),
            ("set again", json!({ "primaryContactId": ana, "primaryAddressId": work })),
            ("not given", json!({ "industry": "Hotels" })),
            ("cleared", json!({ "primaryContactId": null, "primaryAddressId": null })),
            ("cleared again", json!({ "primaryContactId": null, "primaryAddressId": null })),
            ("one set", json!({ "primaryContactId": bo, "customerName": "Berg & Co" })),
            ("of nothing", json!({ "primaryContactId": home, "industry": "Shops" })),
            ("of nothing, too", json!({ "primaryAddressId": ana })),
        ] {
            let answer = app.change_customer(&customer, input, &selection).await;
            answers.insert(case.to_owned(), answer);
        }
        insta::assert_json_snapshot!("primary_by_customer", answers);
        assert_eq!(answers["switched"], answers["set again"]);
        assert_eq!(answers["cleared"], answers["cleared again"]);

        // Marking a contact or an address as primary unmarks the previous one.
        let mut answers = Vec::new();
        for (noun, id, is_primary) in [
            ("customerContact", ana, true), ("customerAddress", home, true),
            ("customerAddress", work, true), ("customerContact", ana, false),
            ("customerContact", bo, false),
        ] {
            let arguments = json!({ "id": id, "input": { "isPrimary": is_primary } });
            app.mutate(&format!("{noun}Update"), arguments, "").await;
            answers.push(app.read("customer", &customer, PRIMARY).await);
        }
        for noun in ["customerContact", "customerAddress"] {
            let new = app.create(noun, json!({
                "customerId": customer, "isPrimary": true, "displayName": "New",
            })).await;
            answers.push(app.read("customer", &customer, PRIMARY).await);
            app.delete(noun, &new).await;
        }
        answers.push(app.read("customer", &customer, PRIMARY).await);
        insta::assert_json_snapshot!("primary_by_itself", answers);

        // Contacts and addresses of other customers are not allowed.
        let other = app.create("customer", json!({
            "customerName": "Sol", "contacts": [{}], "addresses": [{}],
        })).await;
        let ids = app.read("customer", &other, query).await;
        let input = json!({ "primaryContactId": ids["contacts"][0]["id"] });
        let contact = app.change_customer(&customer, input, "id").await;
        let input = json!({ "primaryAddressId": ids["addresses"][0]["id"] });
        let address = app.change_customer(&customer, input, "id").await;
        insta::assert_json_snapshot!("primary_of_others", [contact, address]);
    }

    async fn a_change_of_a_child_marks_the_customer_as_changed(app: App) {
        let customer = app.create_customer(r#"customerName: "Berg""#).await;
        let mut changes = Vec::new();
        for (_, child) in children_of("Customer") {
            let (noun, mut new, [change, _]) = (&child.one, (child.new)("Sms"), (child.changes)());
            new["customerId"] = json!(customer);
            new["externalId"] = json!("new");
            let update = json!({ "externalId": "new", "input": change });
            for (what, mutation, arguments) in [
                ("created", "Create", json!({ "input": new })),
                ("changed", "Update", update.clone()), ("not changed", "Update", update),
                ("deleted", "Delete", json!({ "externalId": "new" })),
            ] {
                changes.push((format!("{noun} {what}"), format!("{noun}{mutation}"), arguments));
            }
        }
        let changes = changes.iter().map(|(name, mutation, arguments)| {
            (name.as_str(), mutation.as_str(), arguments.clone())
        });
        let selection = "createdAt updatedAt createdBy lastModifiedBy";
        let after = app.after_each(("customer", &customer), selection, changes.collect()).await;
        insta::assert_json_snapshot!("customer_changed_with_parts", after);
    }

    async fn a_customer_is_deleted_with_its_children(app: App) {
        let customer = json!({
            "customerName": "Berg", "externalId": "x",
            "contacts": [{ "externalId": "x", "extensions": [{ "extensionCode": "TWO", "externalId": "y" }] }],
        });
        let customer = with_lists("Customer", customer, |it| json!([it.named("x")]));
        let made = app.create_as(&app.key, "customer", customer).await;
        let ids: Vec<&str> = made.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids.len(), children_of("Customer").count() + 2);
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let there = app.data(query, json!({ "ids": ids })).await;
        assert!(there["nodes"].as_array().unwrap().iter().all(Value::is_object));
        app.delete("customer", ids[0]).await;
        let gone = app.data(query, json!({ "ids": ids })).await;
        assert!(gone["nodes"].as_array().unwrap().iter().all(Value::is_null));
    }

    async fn rich_customers_are_filtered(app: App) {
        let program = json!({
            "loyaltyProgramName": "Club", "fromDate": "2026-01-01",
            "collections": [{ "tierName": "Bronze", "collectionFactor": "1", "externalId": "T" }],
        });
        let program = app.create("loyaltyProgram", program).await;
        let query = "{ loyaltyProgramCollection(externalId: \"T\") { id } }";
        let tier = app.data(query, json!({})).await["loyaltyProgramCollection"]["id"].take();
        for (name, more) in [
            ("Ana", json!({ "loyaltyProgramId": program, "loyaltyProgramTierId": tier,
                "credit": { "limit": "100", "balance": "-5" } })),
            ("Bo", json!({ "loyaltyProgramId": program, "territory": "North", "loyaltyId": "L-1",
                "credit": { "limit": "20.5", "balance": "0" } })),
            ("Cid", json!({ "accountManager": "user-7", "ledgerNumber": "1500",
                "credit": { "limit": "0" } })),
            ("Dan", json!({ "customerPosId": "pos-1", "territory": "north",
                "credit": { "balance": "1000" } })),
        ] {
            let mut input = json!({ "customerName": name, "externalId": name });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            app.create("customer", input).await;
        }
        let query = "{ customer(externalId: \"Bo\") { createdAt } }";
        let created = app.data(query, json!({})).await["customer"]["createdAt"].take();
        let update = json!({ "externalId": "Ana", "input": { "industry": "Hotels" } });
        let selection = "customer { updatedAt }";
        let updated = app.mutate("customerUpdate", update, selection).await;
        let updated = &updated["customer"]["updatedAt"];
        let mut answers = serde_json::Map::new();
        for (name, filter) in [
            ("program", json!({ "loyaltyProgramId": { "eq": program } })),
            ("no program of nothing", json!({ "loyaltyProgramId": { "in": [tier] } })),
            ("tier", json!({ "loyaltyProgramTierId": { "in": [tier] } })),
            ("not in the tier", json!({ "not": { "loyaltyProgramTierId": { "eq": tier } } })),
            ("territory", json!({ "territory": { "eq": "North" } })),
            ("no territory", json!({ "territory": { "isNull": true } })),
            ("account manager", json!({ "accountManager": { "in": ["user-7", "user-8"] } })),
            ("loyalty id", json!({ "loyaltyId": { "eq": "L-1" } })),
            ("ledger number", json!({ "ledgerNumber": { "isNull": false } })),
            ("id at the points of sale", json!({ "customerPosId": { "eq": "pos-1" } })),
            ("limit", json!({ "creditLimit": { "gte": "20.5" } })),
            ("limit between", json!({ "creditLimit": { "gt": "0", "lt": "100" } })),
            ("balance", json!({ "creditBalance": { "lt": "0" } })),
            ("balance, too", json!({ "creditBalance": { "gt": "-5.0", "lte": "1000" } })),
            ("not so much", json!({ "not": { "creditLimit": { "gt": "50" } } })),
            ("created", json!({ "createdAt": { "gt": created } })),
            ("created, too", json!({ "createdAt": { "lte": created } })),
            ("updated", json!({ "updatedAt": { "gte": updated } })),
            ("updated before", json!({ "updatedAt": { "lt": updated } })),
        ] {
            let found = app.customer_names(filter, "CUSTOMER_NAME", "ASC").await;
            answers.insert(name.to_owned(), found);
        }
        insta::assert_json_snapshot!("rich_filters", answers);
    }

    async fn a_consent_can_be_recorded_elsewhere(app: App) {
        let elsewhere = json!({ "recordedAt": "2019-05-25T10:00:00+02:00", "recordedBy": " Web Shop " });
        let with = |fields: &Value| {
            let mut consent = json!({ "name": "mail", "status": true });
            for (field, value) in fields.as_object().unwrap() {
                consent[field] = value.clone();
            }
            consent
        };
        let nested = json!({ "customerName": "Ana", "consents": [
            with(&elsewhere), with(&json!({ "name": "sms" })), with(&json!({ "name": "post", "recordedBy": null })),
        ] });
        let customer = app.create("customer", nested).await;
        let fields = "id name status recordedAt recordedBy createdAt updatedAt";
        let consents = app.read("customer", &customer, &format!("consents {{ {fields} }}")).await;
        insta::assert_json_snapshot!("consents_recorded", consents);

        let selection = format!("customerConsent {{ {fields} }}");
        let mut standalone = with(&elsewhere);
        standalone["name"] = json!("calls");
        standalone["customerId"] = json!(customer);
        let mut answers = vec![
            app.mutate("customerConsentCreate", json!({ "input": standalone }), &selection).await,
        ];
        let id = answers[0]["customerConsent"]["id"].clone();
        let key = app.make_key(clientele::models::api_key::Scope::Write, "office", None).await;
        for input in [
            // A change that does not affect the decision keeps the time of the decision.
            json!({ "source": "Letter" }),
            json!({ "status": true, "externalId": "N" }),
            json!({ "status": false }),
            json!({ "status": true, "recordedAt": "2020-02-29T00:00:00Z" }),
            json!({ "recordedBy": "Till 4" }),
            json!({ "recordedAt": null }),
            json!({ "recordedBy": "" }),
            json!({ "recordedBy": "x".repeat(256) }),
        ] {
            let arguments = json!({ "id": id, "input": input });
            answers.push(app.mutate_as(&key, "customerConsentUpdate", arguments, &selection).await);
        }
        insta::assert_json_snapshot!("consent_recorded_anew", answers);
    }

    async fn customers_are_filtered_by_consents(app: App) {
        for (name, consents) in [
            ("Ana", vec![("mail", true), ("sms", true)]),
            ("Bo", vec![("mail", false), ("sms", true)]), ("Cid", vec![]),
            ("Dan", vec![("sms", false)]),
        ] {
            let consent = |(name, status): &(&str, bool)| json!({ "name": name, "status": status });
            let consents: Value = consents.iter().map(consent).collect();
            app.create("customer", json!({ "customerName": name, "consents": consents })).await;
        }
        let mut answers = serde_json::Map::new();
        for (name, filter) in [
            ("given", json!({ "consent": { "in": ["mail"] } })),
            ("refused", json!({ "consent": { "in": ["mail"], "status": false } })),
            ("one of them given", json!({ "consent": { "in": ["mail", "sms"] } })),
            ("both given", json!({ "and": [
                { "consent": { "in": ["mail"] } }, { "consent": { "in": ["sms"] } },
            ] })),
            ("not given", json!({ "not": { "consent": { "in": ["mail", "sms"] } } })),
            ("by the byte", json!({ "consent": { "in": ["Mail", ""] } })),
            ("of nothing", json!({ "consent": { "in": [] } })),
        ] {
            let found = app.customer_names(filter, "CUSTOMER_NAME", "ASC").await;
            answers.insert(name.to_owned(), found);
        }
        insta::assert_json_snapshot!("consent_filters", answers);
    }

    async fn rich_customers_are_ordered(app: App) {
        for (name, credit) in [
            ("Ana", json!({ "limit": "100", "balance": "-5" })),
            ("Bo", json!({ "limit": "20.5", "balance": "-40.25" })), ("Cid", json!({})),
            ("Dan", json!({ "limit": "0", "balance": "3" })),
        ] {
            let input = json!({ "customerName": name, "externalId": name, "credit": credit });
            app.create("customer", input).await;
        }
        let update = json!({ "externalId": "Bo", "input": { "industry": "Hotels" } });
        app.mutate("customerUpdate", update, "").await;
        let mut answers = serde_json::Map::new();
        for field in ["CREATED_AT", "UPDATED_AT", "CREDIT_LIMIT", "CREDIT_BALANCE"] {
            for direction in ["ASC", "DESC"] {
                let found = app.customer_names(json!({}), field, direction).await;
                answers.insert(format!("{field} {direction}"), found);
            }
        }
        insta::assert_json_snapshot!("rich_orders", answers);
    }
}
