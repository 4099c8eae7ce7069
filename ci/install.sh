#!/usr/bin/env bash
# Builds fullsource from this checkout, with the dependencies that Cargo.lock names.
#
#   ci/install.sh DIRECTORY       makes DIRECTORY/bin/fullsource
#
# Nothing is built where it is there already. Ends with 4 where it cannot be built: then nothing ran.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly source
readonly directory=${1:?the directory to install in}

[ ! -x "$directory/bin/fullsource" ] || exit 0
if ! command -v cargo >/dev/null; then
  echo "error: fullsource is built from source, and cargo is missing: install Rust 1.89 or later, or name a binary" >&2
  exit 4
fi
cargo install --quiet --locked --path "$source/crates/fullsource" --root "$directory" || exit 4
