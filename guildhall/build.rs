//! Rebuilds the program when the console that it embeds changes.

fn main() {
    println!("cargo:rerun-if-changed=../web/dist");
}
