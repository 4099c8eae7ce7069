#!/usr/bin/env bash
# Taplo judges policies by our schema, as docs/ci.md tells an editor to, and our own policies with it.
#
# usage: policy.sh ROOT      (FULLSOURCE: the binary)
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
judge=taplo
# shellcheck source=tests/judges/claims.sh
source "$here/claims.sh"
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

lint() { "$here/node_modules/.bin/taplo" lint "$1"; }

"$FULLSOURCE" schema policy >policy.schema.json || exit 1
# shellcheck disable=SC2016 # the marks of a code block
sed -n '/^```toml$/,/^```$/p' "$root/docs/ci.md" | sed '/^```/d' >example.toml
accepts "the policy of docs/ci.md" lint example.toml
for policy in "$root"/crates/fullsource/src/policy/*.toml; do
  { echo '#:schema ./policy.schema.json' && cat "$policy"; } >own.toml
  accepts "our policy \`$(basename "$policy" .toml)\`" lint own.toml
done
sed 's/^require = /requires = /' example.toml >bad.toml
refuses 1 "an unknown key" lint bad.toml
sed 's/^max-age-days = .*/max-age-days = "30"/' example.toml >bad.toml
refuses 1 "a number as text" lint bad.toml

[ "$failed" -eq 0 ]
