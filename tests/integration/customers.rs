//! Customers: create, change, delete.

use serde_json::json;

use crate::support::app::App;

/// Every attribute, so that a snapshot shows that each comes back.
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
    async fn a_customer_has_only_a_name_and_defaults(app: App) {
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
}
