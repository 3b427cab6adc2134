//! Golden SQL: every kind of statement in both dialects, and its plan.
//!
//! The requests in `golden_sql/*.graphql` are sent to the binary, which logs its statements. They are planned on a
//! database with 4,000 customers of one tenant and 1,000 of another, so that a lost index, a different scan or a new
//! statement shows up in the snapshots. No plan may scan all customers, their children, their groups or their
//! memberships. On PostgreSQL, the plan is the one that a connection uses from the sixth execution on, when it may be
//! generic. A statement that connections do not keep prepared never gets a generic plan: it is parsed and planned each
//! time, and the snapshots say so. PostgreSQL's plans are compared only for version [`PLANS_OF`], because each version
//! plans a little differently.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    time::Duration,
};

use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types};
use serde_json::{Value, json};
use tokio_postgres::{NoTls, SimpleQueryMessage};

use crate::support::{
    binary::{Server, Shell},
    database::{Backend, Database},
};

mod data;

/// The version of PostgreSQL whose plans are in the snapshots.
const PLANS_OF: &str = "15";

/// Disables autovacuum, so that only the test takes statistics.
const WITHOUT_AUTOVACUUM: &str = "DO $$ DECLARE it text; BEGIN
    FOR it IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = off)', it);
    END LOOP; END $$";

/// The requests, in the order in which they are sent.
const DOCUMENTS: [(&str, &str); 7] = [
    ("customers", include_str!("golden_sql/customers.graphql")),
    ("groups", include_str!("golden_sql/groups.graphql")),
    ("programs_and_tills", include_str!("golden_sql/programs_and_tills.graphql")),
    ("lookups", include_str!("golden_sql/lookups.graphql")),
    ("custom_attributes", include_str!("golden_sql/custom_attributes.graphql")),
    ("merges", include_str!("golden_sql/merges.graphql")),
    ("mutations", include_str!("golden_sql/mutations.graphql")),
];

/// Inserts merges as if another customer had been merged into each customer.
const MERGES: &str = "INSERT INTO customer_merges
    SELECT tenant_id, NEW_ID, 'merged-' || external_id, id, id, 1, created_at, 'import', '', NULL FROM customers";

/// A statement from the log, with its values.
struct Statement {
    text: String,
    values: Vec<String>,
}

impl Statement {
    /// Parses a line of the log, if it is a statement that a request sends itself.
    fn of_line(line: &str) -> Option<Self> {
        let (_, query) = line.split_once("TRACE clientele::sql: query=")?;
        if query.contains("api_keys") || query.contains("__diesel_schema_migrations") {
            return None;
        }
        let (text, values) = query.split_once(" -- binds: ").unwrap_or((query, "[]"));
        Some(Self { text: text.to_owned(), values: values_of(values) })
    }

    /// The statement with line breaks, like hand-written SQL.
    fn shown(&self) -> String {
        const CLAUSES: [&str; 14] = [
            "FROM",
            "WHERE",
            "ORDER BY",
            "GROUP BY",
            "LIMIT",
            "CROSS JOIN",
            "INNER JOIN",
            "LEFT JOIN",
            "UNION",
            "VALUES",
            "SET",
            "RETURNING",
            "FOR",
            "ON CONFLICT",
        ];
        let mut shown = without_columns(&self.text);
        for clause in CLAUSES {
            shown = shown.replace(&format!(" {clause} "), &format!("\n{clause} "));
        }
        shown
    }
}

/// Replaces the number that identifies a set of columns by a word, because each new column would change the number in
/// most statements.
fn without_columns(text: &str) -> String {
    for start in ["SELECT parent.id, ", "SELECT "] {
        if let Some(rest) = text.strip_prefix(start)
            && let named = rest.trim_start_matches(|it: char| it.is_ascii_digit())
            && named.len() < rest.len()
            && (named.starts_with("::bigint, \"") || named.starts_with(", \""))
        {
            return format!("{start}COLUMNS{named}");
        }
    }
    text.to_owned()
}

/// The statements that connections keep prepared, from the log.
fn prepared(server: &Server) -> BTreeSet<String> {
    let text = |line: &str| {
        line.split_once("TRACE clientele::sql: prepared=").map(|(_, text)| text.to_owned())
    };
    let lines = server.wait_for_lines(0, |line| text(line).is_some());
    lines.iter().filter_map(|line| text(line)).collect()
}

/// The values of a statement as SQL literals. Diesel logs them in Rust's debug format: strings with quotes and escapes,
/// and lists in brackets.
fn values_of(logged: &str) -> Vec<String> {
    let inner = logged.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap();
    let (mut values, mut depth, mut quoted, mut escaped) = (vec![String::new()], 0, false, false);
    for char in inner.chars() {
        match char {
            ',' if depth == 0 && !quoted => {
                values.push(String::new());
                continue;
            }
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = char == '\\' && !escaped;
        values.last_mut().unwrap().push(char);
    }
    let literal = |value: &String| {
        let value = value.trim();
        let value =
            value.strip_prefix("Some(").and_then(|it| it.strip_suffix(')')).unwrap_or(value);
        let text = match value {
            "None" => return "NULL".to_owned(),
            text if text.starts_with('"') => serde_json::from_str(text).unwrap(),
            // PostgreSQL's arrays quote and escape items in the same way.
            list if list.starts_with('[') => list.replacen('[', "{", 1).replacen(']', "}", 1),
            other => other.to_owned(),
        };
        format!("'{}'", text.replace('\'', "''"))
    };
    values.iter().filter(|it| !it.is_empty()).map(literal).collect()
}

/// A connection that plans statements like the server's connections.
enum Planner {
    Sqlite(SqliteConnection),
    Postgres { client: tokio_postgres::Client, version: String },
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = sql_types::Integer)]
    id: i32,
    #[diesel(sql_type = sql_types::Integer)]
    parent: i32,
    #[diesel(sql_type = sql_types::Text)]
    detail: String,
}

impl Planner {
    async fn connect(database: &Database) -> Self {
        match database.backend {
            Backend::Sqlite => {
                let path = database.url.strip_prefix("sqlite:").unwrap();
                Self::Sqlite(SqliteConnection::establish(path).unwrap())
            }
            Backend::Postgres => {
                let (client, connection) =
                    tokio_postgres::connect(&database.url, NoTls).await.unwrap();
                tokio::spawn(connection);
                vacuum(&client).await;
                // Settings that plans depend on, with the values of `db::pool` or PostgreSQL's defaults.
                let settings = "SET random_page_cost = 1.1; SET work_mem = '4MB'; SET jit = off;
                    SET effective_cache_size = '4GB'; SET max_parallel_workers_per_gather = 0";
                client.batch_execute(settings).await.unwrap();
                let version: i32 = client
                    .query_one("SELECT current_setting('server_version_num')::int", &[])
                    .await
                    .unwrap()
                    .get(0);
                Self::Postgres { client, version: (version / 10_000).to_string() }
            }
        }
    }

    /// Whether plans of this version are in the snapshots.
    fn is_compared(&self) -> bool {
        match self {
            Self::Sqlite(_) => true,
            Self::Postgres { version, .. } => version == PLANS_OF,
        }
    }

    /// The steps of the plan, one line each, indented by depth; empty for a statement without a plan. `is_kept` tells
    /// whether connections keep the statement prepared.
    async fn plan(&mut self, statement: &Statement, is_kept: bool) -> String {
        const PLANNED: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
        if !PLANNED.iter().any(|verb| statement.text.starts_with(verb)) {
            return String::new();
        }
        match self {
            Self::Sqlite(conn) => {
                let explain = format!("EXPLAIN QUERY PLAN {}", statement.text);
                let steps: Vec<Step> = sql_query(explain).load(conn).unwrap();
                let mut depths = BTreeMap::from([(0, 0)]);
                let mut plan = String::new();
                for step in steps {
                    let depth = depths[&step.parent] + 1;
                    depths.insert(step.id, depth);
                    writeln!(plan, "{:indent$}{}", "", step.detail, indent = depth * 2).unwrap();
                }
                plan
            }
            Self::Postgres { client, .. } => {
                let types =
                    in_parentheses(statement.values.iter().map(|value| type_of(value).to_owned()));
                let values = in_parentheses(statement.values.iter().cloned());
                let prepare = format!("PREPARE it{types} AS {}", statement.text);
                if let Err(error) = client.batch_execute(&prepare).await {
                    panic!("{error}: {prepare}");
                }
                let mut lines = Vec::new();
                for _ in 0..if is_kept { 6 } else { 1 } {
                    let explain = format!("EXPLAIN (COSTS OFF) EXECUTE it{values}");
                    lines = client.simple_query(&explain).await.unwrap();
                }
                client.batch_execute("DEALLOCATE it").await.unwrap();
                let lines = lines.iter().filter_map(|line| match line {
                    SimpleQueryMessage::Row(row) => row.get(0),
                    _ => None,
                });
                lines.fold(String::new(), |plan, line| plan + "  " + &redact(line) + "\n")
            }
        }
    }
}

/// Takes statistics, and marks all pages as all-visible, because index-only scans depend on that. A concurrent
/// transaction can prevent the mark, so this repeats.
async fn vacuum(client: &tokio_postgres::Client) {
    let unmarked =
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relallvisible < relpages
        AND relnamespace = 'public'::regnamespace";
    let mut left = Vec::new();
    for _ in 0..100 {
        client.batch_execute("VACUUM (FREEZE, ANALYZE)").await.unwrap();
        left = client.query(unmarked, &[]).await.unwrap();
        if left.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("pages of {left:?} are in use");
}

/// The type of a value that PostgreSQL may not be able to infer.
fn type_of(value: &str) -> &'static str {
    match value.trim_matches('\'') {
        json if serde_json::from_str::<Value>(json).is_ok_and(|it| it.is_object()) => "unknown",
        list if list.starts_with("{\"") => "text[]",
        list if list.starts_with('{') && list.len() > 32 => "uuid[]",
        id if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => "uuid",
        _ => "unknown",
    }
}

fn in_parentheses(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() { String::new() } else { format!("({})", items.join(", ")) }
}

/// Replaces the ids and OIDs in a line, which differ from run to run.
fn redact(line: &str) -> String {
    let is_uuid = |it: &str| {
        it.len() == 36 && it.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    let is_separator = |char: char| !(char.is_ascii_alphanumeric() || char == '-');
    let mut redacted = line.to_owned();
    for word in line.split(is_separator).filter(|word| is_uuid(word)) {
        redacted = redacted.replace(word, "ID");
    }
    while redacted.contains("ID,ID") {
        redacted = redacted.replace("ID,ID", "ID");
    }
    if let Some((before, after)) = redacted.split_once("'::oid") {
        let before = before.trim_end_matches(|char: char| char.is_ascii_digit());
        redacted = format!("{before}OID'::oid{after}");
    }
    redacted
}

/// The operations of a document: their names and texts.
fn operations(document: &str) -> impl Iterator<Item = (&str, &str)> {
    document.split("\n\n").map(|text| {
        let name = text.split([' ', '(']).nth(1).unwrap();
        (name, text.trim_end())
    })
}

/// The number of statements of a request, without the look-up of its key.
fn statement_count(response: &Value) -> usize {
    let count = response["extensions"]["cost"]["used"]["statements"].as_u64().unwrap();
    count.try_into().unwrap()
}

/// Sends an operation. Returns the statements that it executed.
async fn statements(
    server: &Server,
    key: &str,
    body: &Value,
    before: &mut usize,
) -> Vec<Statement> {
    let response = server.operation(key, body).await;
    assert_eq!(response.get("errors"), None, "{body}: {response}");
    assert!(!response.to_string().contains("\"message\""), "{body}: {response}");
    let count = *before + statement_count(&response);
    let lines = server.wait_for_lines(count, |line| Statement::of_line(line).is_some());
    assert_eq!(lines.len(), count, "{body}");
    let statements = lines[*before..].iter().filter_map(|line| Statement::of_line(line)).collect();
    *before = count;
    statements
}

both! {
    async fn every_statement_and_its_plan_match_their_snapshots(database: Database) {
        let shell = Shell::on(&database);
        if database.backend == Backend::Postgres {
            // Otherwise statistics would depend on when autovacuum runs.
            database.execute(WITHOUT_AUTOVACUUM).await;
        }
        for (tenant, customers) in [("acme", 4_000), ("other", 1_000)] {
            shell.write("all.ndjson", data::lines(customers));
            shell.succeed(&["tenant", "create", tenant]);
            shell.succeed(&["import", "all", "all.ndjson", "--tenant", tenant]);
        }
        let new_id = match database.backend {
            Backend::Sqlite => "randomblob(16)",
            Backend::Postgres => "gen_random_uuid()",
        };
        database.execute(&MERGES.replace("NEW_ID", new_id)).await;
        let key = shell.succeed(&["key", "create", "--tenant", "acme", "--scope", "admin"]);
        let mut planner = Planner::connect(&database).await;
        let server = shell.serve(&["--log", "clientele::sql=trace", "--log-values"]).await;
        // Skip the statements of the server's start, which precede the address that `serve` has waited for.
        let mut before = server.wait_for_lines(0, |line| Statement::of_line(line).is_some()).len();
        let found = server.operation(&key, &json!({ "query": data::QUERY })).await;
        before += statement_count(&found);
        let variables = data::variables(&found["data"]);
        for (of, document) in DOCUMENTS {
            let mut golden = String::new();
            for (name, query) in operations(document) {
                let body = json!({ "query": query, "variables": variables });
                writeln!(golden, "## {name}\n").unwrap();
                let mut sent = statements(&server, &key, &body, &mut before).await;
                if query.starts_with("query") {
                    // Related objects are loaded in no particular order.
                    sent.sort_by(|one, other| one.text.cmp(&other.text));
                }
                // Once the test has read the log of another request, it has read all lines of this one.
                statements(&server, &key, &json!({ "query": data::QUERY }), &mut before).await;
                let prepared = prepared(&server);
                for statement in sent {
                    writeln!(golden, "{}", statement.shown()).unwrap();
                    let is_kept = prepared.contains(&statement.text);
                    let plan = planner.plan(&statement, is_kept).await;
                    let scanned = ["Seq Scan on customer", "SCAN customer"];
                    assert!(!scanned.iter().any(|it| plan.contains(it)), "{name}: {}\n{plan}", statement.text);
                    if !is_kept && !plan.is_empty() {
                        golden += "  (prepared each time)\n";
                    }
                    golden += &plan;
                    golden.push('\n');
                }
            }
            if planner.is_compared() {
                let name = format!("{of}.{:?}", database.backend).to_lowercase();
                insta::with_settings!({
                    snapshot_path => "golden_sql", prepend_module_to_snapshot => false, omit_expression => true,
                }, { insta::assert_snapshot!(name, golden) });
            } else {
                println!("NOT COMPARED: the plans of {of}, which are those of PostgreSQL {PLANS_OF}");
            }
        }
        server.stop();
    }
}

#[test]
fn logged_values_are_read() {
    assert_eq!(values_of("[]"), [""; 0]);
    assert_eq!(
        values_of(r#"["a, \"b\"", 5, [01, 02], ["x, \"y\""], None, Some("it's")]"#),
        ["'a, \"b\"'", "'5'", "'{01, 02}'", r#"'{"x, \"y\""}'"#, "NULL", "'it''s'"]
    );
}
