#!/usr/bin/env bash
# The pre-commit hook `fullsource-check`: builds fullsource once in pre-commit's checkout of this
# repository, then checks the files that are named.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly source
readonly built=$source/target/pre-commit

"$source/ci/install.sh" "$built" >&2
exec "$built/bin/fullsource" check "$@"
