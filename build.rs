//! Makes Cargo notice added files: the macros that embed them only name folders.

fn main() {
    println!("cargo:rerun-if-changed=graphiql/built");
    println!("cargo:rerun-if-changed=migrations");
}
