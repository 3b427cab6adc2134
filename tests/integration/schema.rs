//! `schema.graphql` is what the server answers by.

/// Run with `UPDATE_SCHEMA=1` to write the file.
#[test]
fn the_committed_schema_is_that_of_the_server() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    let current = clientele::graphql::sdl();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == current,
        "schema.graphql is out of date: run `UPDATE_SCHEMA=1 cargo test schema` and look at the \
         difference"
    );
}
