//! Makes Cargo notice added files: the macro that embeds them only names a folder.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
