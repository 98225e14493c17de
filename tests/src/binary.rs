//! The program under test.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The `orgstrap` to test: `ORGSTRAP_BIN`, else the one of this build.
///
/// cargo builds a package's programs for that package's own tests only, and this is another package. So cargo is asked
/// here, once, which also means that no test ever runs a stale program. Naming the test beside the program makes cargo
/// unite the same features as `cargo test --workspace`, so that the program is all there is to build.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("ORGSTRAP_BIN").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    // target/debug/deps/end_to_end-0123456789abcdef
    let own = env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
    cargo.current_dir(repository()).args(["build", "--quiet", "--workspace", "--bin", "orgstrap"]);
    cargo.args(["--test", "end-to-end", "--profile", profile, "--target-dir"]).arg(folder.parent().unwrap());
    assert!(cargo.status().unwrap().success(), "cargo could not build orgstrap; ORGSTRAP_BIN names one that is built");
    folder.join("orgstrap")
}
