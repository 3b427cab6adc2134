//! A customer's addresses, contacts, consents, extensions and supplier numbers: invalid values.

use serde_json::{Map, Value, json};

use super::{NOTHING, change, change_of, populate, refused, refused_by};
use crate::support::app::App;

both! {
    async fn invalid_primary_contacts_and_addresses_are_refused(app: App) {
        let ids = populate(&app).await;
        let (no_contact, no_address) =
            (format!("customer-contact_{NOTHING}"), format!("customer-address_{NOTHING}"));
        let updated = refused_by(&app, &ids, "customerUpdate", &[
            ("contact of another customer", json!({ "primaryContactId": ids["K-9"] })),
            ("address of another customer", json!({ "primaryAddressId": ids["A-9"] })),
            ("contact of nothing", json!({ "primaryContactId": no_contact })),
            ("address of nothing", json!({ "primaryAddressId": no_address })),
            ("contact and address", json!({ "primaryContactId": no_contact, "primaryAddressId": no_address })),
            ("an address as a contact", json!({ "primaryContactId": ids["A-1"] })),
            // The valid part is not written either.
            ("contact, and a name", json!({ "customerName": "Taken", "primaryContactId": ids["K-9"] })),
            ("address, and a good contact", json!({
                "primaryContactId": ids["K-2"], "primaryAddressId": ids["A-9"],
            })),
            ("a good contact, and no name", json!({ "customerName": "", "primaryContactId": ids["K-2"] })),
        ]).await;
        let two = [json!({ "isPrimary": true }), json!({}), json!({ "isPrimary": true })];
        let three = vec![json!({ "isPrimary": true }); 3];
        let created = refused_by(&app, &ids, "customerCreate", &[
            ("two addresses", json!({ "addresses": two })),
            ("three addresses", json!({ "addresses": three })),
            ("two contacts", json!({ "contacts": two })),
            ("two of each", json!({ "addresses": two, "contacts": two })),
        ]).await;
        insta::assert_json_snapshot!("primary_ones", json!({ "created": created, "updated": updated }));
    }

    async fn invalid_extensions_of_contacts_are_refused(app: App) {
        let ids = populate(&app).await;
        let created = refused_by(&app, &ids, "customerExtensionCreate", &[
            ("contact of another customer", json!({ "contactId": ids["K-9"] })),
            ("customer of another contact", json!({ "customerId": ids["C-2"], "contactId": ids["K-1"] })),
            ("code that the customer has", json!({ "extensionCode": "ONE" })),
            ("code that the customer has, and spaces", json!({ "extensionCode": " ONE " })),
            ("code that the contact has", json!({ "extensionCode": "TWO", "contactId": ids["K-1"] })),
            ("several", json!({ "extensionCode": " ", "organizationUid": "\0", "contactId": ids["K-9"] })),
        ]).await;
        let updated = refused_by(&app, &ids, "customerExtensionUpdate", &[
            ("contact of another customer", json!({ "contactId": ids["K-9"] })),
            ("code that the customer has", json!({ "extensionCode": "ONE" })),
            ("contact that has the code", json!({ "contactId": ids["K-1"] })),
        ]).await;
        // An extension of the contact with a code that the customer has, too.
        let of_contact = change_of("customerExtensionUpdate", "customerExtension", "E-3");
        let no_contact = json!({ "input": { "contactId": null } });
        let taken_away = refused(&app, &of_contact, no_contact).await;
        insta::assert_json_snapshot!("extensions_of_contacts", json!({
            "created": created, "updated": updated, "taken from its contact": taken_away,
        }));
        // Extensions of different contacts may have the same code.
        let input = json!({ "input": { "contactId": ids["K-2"] } });
        let answer = app.data(&of_contact, input).await;
        assert_eq!(answer["it"]["userErrors"], json!([]));
    }

    async fn duplicates_among_siblings_are_refused(app: App) {
        let ids = populate(&app).await;
        let consents = |names: &[&str]| -> Value {
            names.iter().map(|name| json!({ "name": name, "status": true })).collect()
        };
        let numbers = |companies: &[Option<&str>]| -> Value {
            companies.iter().map(|it| json!({ "supplierNumber": "1", "company": it })).collect()
        };
        let extensions = |codes: &[&str]| -> Value {
            codes.iter().map(|code| json!({ "extensionCode": code })).collect()
        };
        let mut all = Map::new();
        for (mutation, inputs) in [
            ("customerConsentCreate", vec![
                ("name", json!({ "name": "news" })),
                ("name, and spaces", json!({ "name": " news " })),
            ]),
            ("customerConsentUpdate", vec![("name", json!({ "name": "news" }))]),
            ("supplierNumberAtCustomerCreate", vec![
                ("company", json!({ "company": "Nord" })),
                ("company, and spaces", json!({ "company": " Nord " })),
                ("no company", json!({ "company": null })),
                ("empty company", json!({ "company": " " })),
            ]),
            ("supplierNumberAtCustomerUpdate", vec![
                ("company", json!({ "company": "Nord" })),
                ("no company", json!({ "company": null })),
            ]),
            ("customerCreate", vec![
                ("consents", json!({ "consents": consents(&["a", "b", "a", " b "]) })),
                ("companies", json!({ "supplierNumbers": numbers(&[Some("a"), None, Some("a ")]) })),
                ("no companies", json!({ "supplierNumbers": numbers(&[None, Some(""), Some(" ")]) })),
                ("extensions", json!({ "extensions": extensions(&["a", "b", "b"]) })),
                ("extensions of a contact", json!({
                    "contacts": [{}, { "extensions": extensions(&["a", "a"]) }],
                })),
            ]),
        ] {
            all.insert(mutation.to_owned(), refused_by(&app, &ids, mutation, &inputs).await);
        }
        insta::assert_json_snapshot!("once", all);

        // A customer and its contacts may have extensions with the same code, and so may different
        // contacts.
        let input = json!({
            "customerName": "New", "extensions": extensions(&["a"]),
            "contacts": [{ "extensions": extensions(&["a"]) }, { "extensions": extensions(&["a"]) }],
            "consents": consents(&["a", "A"]), "supplierNumbers": numbers(&[Some("a"), Some("A"), None]),
        });
        let answer = app.data(&change("customerCreate"), json!({ "input": input })).await;
        assert_eq!(answer["it"]["userErrors"], json!([]));
    }
}
