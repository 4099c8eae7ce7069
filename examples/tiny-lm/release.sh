#!/usr/bin/env bash
# Signs both releases with a new key, whose secret half is thrown away, and leaves release.pub.
# Run it after a change of any file below, and commit what it changes.
set -euo pipefail
cd "$(dirname "$0")"
fullsource=${FULLSOURCE:-fullsource}
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT
"$fullsource" keygen --out "$keys/release" >/dev/null
for release in full-source weights-only; do
    "$fullsource" check "$release/fullsource.json"
    "$fullsource" sign "$release" --key "$keys/release.key"
done
cp "$keys/release.pub" release.pub
for release in full-source weights-only; do
    "$fullsource" verify "$release" --key release.pub
done
