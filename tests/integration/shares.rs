//! Each tenant may use only a share of the database connections, so that other tenants still get
//! one.

use std::time::Duration;

use clientele::{
    db::{Db, Meter},
    limits::Limits,
};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    app::App,
    contention::{PATIENCE, query, router_of},
};

both! {
    async fn slow_requests_of_a_tenant_leave_connections_to_others(app: App) {
        const GROUPS: &str = "{ customerGroups { totalCount } }";
        let (_, other_key) = app.make_tenant("globex").await;
        let db = Db::open(&app.database.parsed(), 4).unwrap();
        let router = router_of(&app, db.clone());
        let of_tenant = || db.of_request(app.tenant.id(), Meter::new(&Limits::default()));
        let response = (200, json!({ "data": { "customerGroups": { "totalCount": 0 } } }));

        let slow = (0..3).map(async |_| of_tenant().read().await.unwrap());
        let slow = join_all(slow).await;
        let next = tokio::spawn({
            let (router, key) = (router.clone(), app.key.clone());
            async move { query(router, key, GROUPS).await }
        });
        let waits = async {
            while db.pool_status().waiting != 1 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waits).await.unwrap();
        assert_eq!(query(router, other_key, GROUPS).await, response);

        assert!(!next.is_finished(), "the tenant has its share");
        drop(slow);
        assert_eq!(next.await.unwrap(), response);
        assert_eq!(db.pool_status().waiting, 0);
    }
}
