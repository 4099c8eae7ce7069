//! The built binary that the tests run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Names a binary to test in place of the one that is built here.
const OVERRIDE: &str = "FULLSOURCE_BINARY";

/// `fullsource`, built once in the profile of the test that asks.
///
/// # Panics
///
/// Where it cannot be built: then there is nothing to test.
pub fn fullsource() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| match std::env::var_os(OVERRIDE) {
        Some(path) => PathBuf::from(path),
        None => build().expect("fullsource builds"),
    })
}

/// A cache for the tests, so that none of them touches the user's.
pub fn cache() -> PathBuf {
    fullsource().with_file_name("test-cache")
}

fn build() -> std::io::Result<PathBuf> {
    // target/PROFILE/deps/TEST
    let test = std::env::current_exe()?;
    let profile = test.ancestors().nth(2).ok_or(std::io::ErrorKind::NotFound)?;
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    // The features of the whole workspace are those that the tests were built with: nothing is built twice.
    cargo.args(["build", "--quiet", "--workspace", "--bin", "fullsource"]);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    if let Some(target) = profile.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    if !cargo.status()?.success() {
        return Err(std::io::Error::other("`cargo build --workspace --bin fullsource` failed"));
    }
    Ok(profile.join("fullsource").with_extension(std::env::consts::EXE_EXTENSION))
}
