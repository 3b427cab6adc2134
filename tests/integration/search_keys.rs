//! Search keys are rebuilt after an upgrade.

use clientele::{
    db::Db,
    models::customer::{CustomerAttributes, rebuild_outdated},
};
use serde_json::json;

use crate::support::{app::App, database::Backend, dump::dump};

async fn forget_keys(app: &App) {
    let forget = "UPDATE customers SET search_keys = '', child_search_keys = '';
        UPDATE customer_contacts SET search_keys = ''; UPDATE customer_addresses SET search_keys = '';
        DELETE FROM customer_search_words; UPDATE tenants SET search_version = 0";
    app.db.write().await.unwrap().conn().batch_execute(forget).await.unwrap();
}

both! {
    async fn servers_that_start_at_once_make_the_keys_once(app: App) {
        let named = |number: usize| CustomerAttributes {
            customer_name: format!("Customer {number}"),
            loyalty_id: Some(format!("L-{number}")),
            ..CustomerAttributes::default()
        };
        app.insert_customers((0..2_200).map(named).collect()).await;
        for number in 0..10 {
            let contacts: Vec<_> = (0..number).map(|it| json!({ "firstName": format!("Ana {it}") })).collect();
            app.create("customer", json!({
                "customerName": "Parent", "contacts": contacts,
                "addresses": [{ "city": "Bergen", "phone": "+47 40 00 00 00" }, { "postalCode": format!("{number}") }],
            })).await;
        }
        let before = dump(&app.database).await;
        forget_keys(&app).await;
        assert!(dump(&app.database).await != before);
        let servers = [(); 2].map(|()| Db::open(&app.database.parsed(), 4).unwrap());
        let [one, other] = &servers;
        let made = tokio::join!(rebuild_outdated(one), rebuild_outdated(other));
        assert!(matches!(made, (Ok(()), Ok(()))), "{made:?}");
        assert!(dump(&app.database).await == before, "the keys differ");
        let mut sent = servers.each_ref().map(Db::statements_sent);
        sent.sort_unstable();
        if app.database.backend == Backend::Postgres {
            assert!(sent[0] < 5 && sent[1] > 20, "both have made them: {sent:?}");
        }
        // When all keys are up to date, servers start without waiting for each other.
        let before = one.statements_sent();
        rebuild_outdated(one).await.unwrap();
        assert_eq!(one.statements_sent(), before + 1);
    }
}
