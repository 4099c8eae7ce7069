#!/usr/bin/env bash
# Makes the tiny language model again from its source and compares every bit with the one shipped.
#
#   examples/tiny-lm/train.sh
#
# Runs the preparation of the data, the tokenizer, and the training three times: on two threads, on
# one, and in three segments through checkpoints. Takes two to three minutes on 2 cores. The exit code is 0
# if everything came out the same, and 1 if anything did not. TINY_LM names another build of the
# trainer to use. Needs cargo and python3.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source="$here/full-source"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

if [ -z "${TINY_LM:-}" ]; then
  cargo build --quiet --release --locked --manifest-path "$source/trainer/Cargo.toml" --target-dir "$work/target"
  TINY_LM="$work/target/release/tiny-lm"
fi

train() {
  "$TINY_LM" train --config "$source/config.json" --data "$source/data/moby-dick.txt" "$@" 2>>"$work/log" ||
    { cat "$work/log" >&2; return 1; }
}

# same NAME MADE SHIPPED: are these two files equal, byte for byte?
same() {
  if cmp --silent "$2" "$3" 2>/dev/null; then
    echo "OK    $1 ($SECONDS s)"
    passed=$((passed + 1))
  else
    echo "FAIL  $1: missing, or differs from $3"
    failed=$((failed + 1))
  fi
}

python3 "$source/data-tools/prepare.py" "$source/data/raw" "$work/moby-dick.txt" >"$work/log" || true
same "data prepared from the raw chapters" "$work/moby-dick.txt" "$source/data/moby-dick.txt"

"$TINY_LM" tokenizer --data "$source/data/moby-dick.txt" --out "$work/tokenizer.json" 2>>"$work/log" || true
same "tokenizer made from the data" "$work/tokenizer.json" "$source/tokenizer.json"

for threads in 2 1; do
  train --out "$work/whole-$threads.safetensors" --threads "$threads" || true
  same "weights trained whole, threads: $threads" "$work/whole-$threads.safetensors" "$source/model.safetensors"
done

train --out "$work/1500.safetensors" --until 1500 --threads 2 &&
  train --out "$work/3500.safetensors" --from "$work/1500.safetensors" --until 3500 --threads 1 &&
  train --out "$work/chained.safetensors" --from "$work/3500.safetensors" --threads 2 || true
same "checkpoint after step 1500" "$work/1500.safetensors" "$source/checkpoints/step-001500.safetensors"
same "checkpoint after step 3500" "$work/3500.safetensors" "$source/checkpoints/step-003500.safetensors"
same "weights trained in segments 0-1500-3500-5000" "$work/chained.safetensors" "$source/model.safetensors"

same "weights of the release without sources" "$here/weights-only/model.safetensors" "$source/model.safetensors"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
