//! Makes Cargo notice when GraphiQL's page is built for the first time, or anew: `rust-embed` puts
//! `graphiql/dist` into the binary if it is there.

fn main() {
    let dist = "graphiql/dist";
    let watched = if std::path::Path::new(dist).exists() { dist } else { "graphiql" };
    println!("cargo:rerun-if-changed={watched}");
    println!("cargo:rerun-if-changed=migrations");
}
