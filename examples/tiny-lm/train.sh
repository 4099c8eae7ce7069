#!/usr/bin/env bash
# Makes the tiny language model again from its source, and everything that went into it.
#
#   examples/tiny-lm/train.sh
#
# Prepares the data, makes the tokenizer, and lets `fullsource rebuild` run the training in its sandbox:
# whole on one thread, and in three segments through the checkpoints on two. Takes two to three minutes on
# 2 cores. The exit code is 0 if everything came out the same, bit for bit, and 1 if anything did not.
# FULLSOURCE names another build of fullsource to run. Needs cargo and python3, and Linux with user
# namespaces.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
source="$here/full-source"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

if [ -z "${FULLSOURCE:-}" ]; then
  cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml" --package fullsource || exit 1
  FULLSOURCE="$root/target/release/fullsource"
fi
# The compiler lies where rustup put it, and a command sees nothing that is not named.
toolchain=$(rustc --print sysroot) || exit 1

# counted TITLE COMMAND...: the command must end with 0; what it says is shown where it does not.
counted() {
  local title=$1 start=$SECONDS
  shift
  if "$@" >"$work/log" 2>&1; then
    echo "OK    $title ($((SECONDS - start)) s)"
    passed=$((passed + 1))
  else
    echo "FAIL  $title"
    tail -n 20 "$work/log"
    failed=$((failed + 1))
  fi
}

rebuild() {
  "$FULLSOURCE" rebuild "$source" --key "$here/release.pub" --tool "$toolchain" "$@"
}

prepare() {
  python3 "$source/data-tools/prepare.py" "$source/data/raw" "$work/moby-dick.txt" &&
    cmp "$work/moby-dick.txt" "$source/data/moby-dick.txt"
}

tokenizer() {
  mkdir "$work/build" && cd "$work/build" &&
    sh "$source/trainer/run-offline.sh" "$source/crates" tokenizer --data "$source/data/moby-dick.txt" \
      --out "$work/tokenizer.json" && cmp "$work/tokenizer.json" "$source/tokenizer.json"
}

counted "data prepared from the raw chapters" prepare
counted "tokenizer made from the data" tokenizer
counted "trained whole, on 1 thread" rebuild --threads 1
counted "trained in segments 0-1500-3500-5000, on 2 threads" rebuild --segments all --threads 2
counted "weights of the release without sources" cmp "$here/weights-only/model.safetensors" "$source/model.safetensors"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
