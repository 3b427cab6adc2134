//! Makes Cargo notice files that are added: the macros that embed them name folders only.

fn main() {
    println!("cargo:rerun-if-changed=graphiql/built");
    println!("cargo:rerun-if-changed=migrations");
}
