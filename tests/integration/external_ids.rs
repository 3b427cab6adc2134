//! An external id belongs or redirects to only one customer, even if two servers assign it
//! concurrently.

use std::time::Duration;

use clientele::{
    auth::Writer,
    db::{Conn, Db},
    id::NodeType,
    import::{
        match_key::MatchKey,
        reader::{Raw, Row},
        writer::{Importer, Rules},
    },
    models::{
        Error,
        customer::{
            CustomerKey, NewCustomer,
            merge::{Merged, external_ids},
        },
        mutable::Create,
    },
    transfer::RowKind,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::support::app::App;

/// Assigns an external id in another server's transaction.
enum Assignment {
    /// To a new customer.
    Given(Box<NewCustomer>),
    /// To a merged customer, so that it redirects to the survivor.
    Registered(Merged),
}

impl Assignment {
    async fn write(self, tx: &mut Conn<'_>, writer: Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Given(new) => {
                new.create_in(tx, writer).await?;
            }
            Self::Registered(merged) => {
                external_ids::lock(tx, writer.tenant()).await?;
                Merged::insert_all(tx, writer.tenant(), vec![merged]).await?;
            }
        }
        Ok(tx.settle().await?)
    }
}

impl App {
    /// The result of a change that begins while another server's transaction is in progress.
    async fn during<T>(&self, assignment: Assignment, change: impl Future<Output = T>) -> T {
        let other = Db::open(&self.database.parsed(), 1).unwrap();
        let operator = self.operator();
        let mut lease = other.write().await.unwrap();
        let mut conn = lease.conn();
        let (has_written, written) = oneshot::channel();
        let transaction = conn.transaction(async |tx| {
            assignment.write(tx, operator.writer()).await?;
            has_written.send(()).unwrap();
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok::<_, Error>(())
        });
        let change = async {
            written.await.unwrap();
            change.await
        };
        let (committed, changed) = tokio::join!(transaction, change);
        committed.unwrap();
        changed
    }
}

both! {
    async fn a_customer_cannot_get_an_external_id_that_is_being_registered(app: App) {
        let survivor = app.create("customer", json!({ "customerName": "A" })).await;
        let customer = app.create("customer", json!({ "customerName": "B" })).await;
        let create = "mutation($id: String!) { it: customerCreate(input: { customerName: \"X\", externalId: $id }) {
            customer { id } userErrors { code } } }";
        let update = "mutation($id: String!, $customer: ID!) {
            it: customerUpdate(id: $customer, input: { externalId: $id }) { customer { id } userErrors { code } } }";
        for (mutation, variables) in [
            (create, json!({ "id": "first" })),
            (update, json!({ "id": "second", "customer": customer })),
        ] {
            let survivor = NodeType::Customer.uid(&survivor);
            let registered = Assignment::Registered(Merged {
                absorbed: app.clock.new_id().0,
                external_id: variables["id"].as_str().map(str::to_owned),
                survivor,
                customer: survivor,
                ordinal: 1,
                merged_at: app.clock.now(),
                merged_by: "elsewhere".to_owned(),
                has_archive: false,
            });
            let told = Box::pin(app.during(registered, app.query_with(mutation, variables))).await;
            assert_eq!(told["data"]["it"]["userErrors"], json!([{ "code": "TAKEN" }]), "{told}");
        }
    }

    async fn an_import_cannot_register_an_external_id_that_is_being_assigned(app: App) {
        let operator = app.operator();
        let mut new = NewCustomer::default();
        "X".clone_into(&mut new.attributes.customer_name);
        new.attributes.external_id = Some("taken".to_owned());
        let merged = json!([{ "id": "customer_01a1f7458f6478aca3b4d9a9be180001", "externalId": "taken" }]);
        let fields = json!({ "customerName": "Y", "externalId": "own", "mergedFrom": merged });
        let raw = Raw::Ndjson(fields.to_string().into_bytes());
        let Value::Object(fields) = fields else { panic!("{fields} is no object") };
        let rows = [Row { line: 1, kind: RowKind::Customer, raw, fields, problems: Vec::new() }];
        let rules = Rules {
            dry_run: false,
            match_key: MatchKey::By(CustomerKey::ExternalId),
            may_make_groups: false,
        };
        let mut importer = Importer::new(&app.db, operator.writer(), rules);
        let given = Assignment::Given(Box::new(new));
        let results = Box::pin(app.during(given, importer.write(&rows))).await.unwrap();
        let problems = results[0].as_ref().unwrap_err();
        assert_eq!(problems[0].column.as_deref(), Some("mergedFrom.0.externalId"), "{problems:?}");
    }
}
