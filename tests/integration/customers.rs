//! Customers: create, change, delete.

use serde_json::json;

use crate::support::app::App;

/// All attributes, so that a snapshot shows that each is returned.
const ALL: &str = "
    fragment All on Customer {
        id externalId customerName customerType firstName lastName gender emailId mobileNo website
        image language territory marketSegment industry accountManager customerPosId
        customerDetails taxId taxCategory taxWithholdingCategory taxWithholdingGroup
        defaultCurrency defaultPriceList defaultBankAccount paymentTerms defaultSalesPartner
        defaultCommissionRate leadName opportunityName prospectName representsCompany
        isInternalCustomer disabled isFrozen soRequired dnRequired
        createdAt updatedAt createdBy lastModifiedBy
        customerGroup { customerGroupName }
        customerGroups { totalCount nodes { customerGroupName } }
    }";

both! {
    async fn a_customer_can_be_created_with_a_name_only(app: App) {
        let query = format!(
            "mutation {{ customerCreate(input: {{ customerName: \"  Ødegård Hotell \" }}) {{
                customer {{ ...All }} userErrors {{ field code message }} }} }} {ALL}"
        );
        insta::assert_json_snapshot!("customer_defaults", app.query(&query).await);
    }

    async fn a_customer_keeps_every_attribute(app: App) {
        let group = app.create_group(r#"customerGroupName: "Hotels""#).await;
        let input = json!({
            "externalId": "C-1", "customerName": "Hotel Sol", "customerType": "PARTNERSHIP",
            "firstName": "José", "lastName": "Peña", "gender": "m", "emailId": "sol@example.com",
            "mobileNo": "+34 600 000 000", "website": "https://example.com",
            "image": "https://example.com/sol.png", "language": "es", "customerGroupId": group,
            "territory": "Spain", "marketSegment": "Upper", "industry": "Hospitality",
            "accountManager": "ana", "customerPosId": "pos-1",
            "customerDetails": "Two lines:\nthe second", "taxId": "ESX1", "taxCategory": "In",
            "taxWithholdingCategory": "None", "taxWithholdingGroup": "G",
            "defaultCurrency": "EUR", "defaultPriceList": "Retail",
            "defaultBankAccount": "Main", "paymentTerms": "Net 30",
            "defaultSalesPartner": "Partner", "defaultCommissionRate": "2.50",
            "leadName": "lead-1", "opportunityName": "opp-1", "prospectName": "pro-1",
            "representsCompany": "Sol SA", "isInternalCustomer": true, "disabled": true,
            "isFrozen": true, "soRequired": true, "dnRequired": true,
        });
        let create = format!(
            "mutation($input: CustomerCreateInput!) {{ customerCreate(input: $input) {{
                customer {{ ...All }} userErrors {{ field code message }} }} }} {ALL}"
        );
        let created = app.query_with(&create, json!({ "input": input })).await;
        insta::assert_json_snapshot!("customer_all_attributes", created);

        let read = format!("{{ customer(externalId: \"C-1\") {{ ...All }} }} {ALL}");
        let read = app.data(&read, json!({})).await;
        assert_eq!(read["customer"], created["data"]["customerCreate"]["customer"]);
    }

    async fn an_update_keeps_omitted_fields(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let id = app.create_customer(&format!(
            "customerName: \"Berg\", externalId: \"B\", emailId: \"a@example.com\", \
             territory: \"North\", disabled: true, customerType: INDIVIDUAL, \
             defaultCommissionRate: \"2.5\", customerGroupId: \"{group}\""
        )).await;
        let update = format!(
            "mutation($id: ID, $externalId: String, $input: CustomerUpdateInput!) {{
                customerUpdate(id: $id, externalId: $externalId, input: $input) {{
                    customer {{ ...All }} userErrors {{ field code message }} }} }} {ALL}"
        );
        let input = json!({ "customerName": "Berg & Co", "territory": null, "disabled": null });
        let changed = app.query_with(&update, json!({ "id": id, "input": input })).await;
        insta::assert_json_snapshot!("customer_changed", changed);

        // A change without effect is not written; nor is an empty one.
        for input in [input, json!({})] {
            let again = app.query_with(&update, json!({ "externalId": "B", "input": input })).await;
            assert_eq!(again, changed);
        }
        let missing = json!({ "externalId": "nobody", "input": {} });
        insta::assert_json_snapshot!("customer_missing", app.query_with(&update, missing).await);
    }

    async fn a_customer_is_deleted_with_its_memberships(app: App) {
        let group = app.create_group(r#"customerGroupName: "Shops""#).await;
        let id = app.create_customer(
            &format!("customerName: \"Berg\", externalId: \"B\", customerGroupId: \"{group}\"")
        ).await;
        let delete = "mutation($id: ID!) { customerDelete(id: $id) {
            deletedId userErrors { field code message } } }";
        let deleted = app.query_with(delete, json!({ "id": id })).await;
        let again = app.query_with(delete, json!({ "id": id })).await;
        insta::assert_json_snapshot!("customer_deleted", [deleted, again]);
        let query = "query($id: ID!, $group: ID!) { customer(externalId: \"B\") { id } node(id: $id) { id }
            customerGroup(id: $group) { customers { totalCount nodes { id } } }
            customers(filter: { search: \"berg\" }) { totalCount } }";
        let data = app.data(query, json!({ "id": id, "group": group })).await;
        insta::assert_json_snapshot!("customer_gone", data);
        // The external id is free again, and the group can be deleted.
        app.create_customer(r#"customerName: "Berg", externalId: "B""#).await;
        let delete = "mutation($id: ID!) { customerGroupDelete(id: $id) { deletedId } }";
        let deleted = app.data(delete, json!({ "id": group })).await;
        assert_eq!(deleted["customerGroupDelete"]["deletedId"], group);
    }
}
