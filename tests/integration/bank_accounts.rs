//! Bank accounts of customers.

use serde_json::json;

use crate::support::app::App;

both! {
    async fn a_customer_has_each_bank_account_once(app: App) {
        let accounts = json!([{ "iban": " NO1 ", "bic": "DNBANOKK" }, { "iban": "NO2" }]);
        let customer = json!({ "customerName": "Ana", "bankAccounts": accounts });
        let customer = app.create("customer", customer).await;
        let selection = "bankAccounts { idx iban bic ownerName }";
        let wanted = json!({ "bankAccounts": [
            { "idx": 1, "iban": "NO1", "bic": "DNBANOKK", "ownerName": null },
            { "idx": 2, "iban": "NO2", "bic": null, "ownerName": null },
        ] });
        assert_eq!(app.read("customer", &customer, selection).await, wanted);

        let taken = |field: &[&str]| json!({ "userErrors": [{
            "field": field, "code": "TAKEN",
            "message": "the customer has a bank account with this number",
        }] });
        let twice = json!({ "customerName": "Bo", "bankAccounts": [{ "iban": "NO1" }, { "iban": "NO1" }] });
        let twice = app.mutate("customerCreate", json!({ "input": twice }), "").await;
        assert_eq!(twice, taken(&["input", "bankAccounts", "1", "iban"]));
        let again = json!({ "input": { "customerId": customer, "iban": "NO2" } });
        let again = app.mutate("customerBankAccountCreate", again, "").await;
        assert_eq!(again, taken(&["input", "iban"]));
        assert_eq!(app.read("customer", &customer, selection).await, wanted);
    }
}
