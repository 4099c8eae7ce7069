//! Writes `tests/vectors` anew. The same program gives the same bytes.

use std::path::Path;

use fullsource_tests::vectors;

fn main() -> std::io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    vectors::write(&root, &vectors::all())
}
