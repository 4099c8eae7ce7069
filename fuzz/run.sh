#!/bin/sh
# run.sh SECONDS [TARGET...]: runs each target, all where none is named, for so many seconds of a
# processor's time, and prints a line for each. JOBS (1) targets run at once; SEED makes a run that can
# be made again (0: another one each time). Exits 1 where one of them found something; it lies in
# fuzz/artifacts.
set -eu
cd "$(dirname "$0")/.."

# Ends a fuzzer once it has had its time: on SIGUSR1 it tells its figures and leaves.
watch() {
    while sleep 1 && used=$(ps -o cputimes= -p "$1"); do
        [ "$used" -lt "$2" ] || { kill -USR1 "$1" && return; }
    done
}

# one SECONDS TARGET: to its line, whose columns are those of the head below.
one() {
    log=$(mktemp) found=no
    mkdir -p "fuzz/corpus/$2" "fuzz/artifacts/$2"
    "target/debug/$2" -timeout=60 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -seed="${SEED:-0}" \
        -artifact_prefix="fuzz/artifacts/$2/" "fuzz/corpus/$2" >"$log" 2>&1 &
    fuzzer=$!
    watch "$fuzzer" "$1" &
    wait "$fuzzer" || found=yes
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    last=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
    printf '%-18s %12s %9s %9s %7s\n' "$2" "${executions:--}" \
        $(echo "${last:-cov: - ft: -}" | awk '{ print $2, $4 }') "$found"
    [ "$found" = no ] || grep -m 5 'panicked at\|ERROR: \|^left\|^ *right\|assertion' "$log" || true
    rm -f "$log"
    [ "$found" = no ]
}

if [ "${1:-}" = --one ]; then
    one "$2" "$3"
    exit
fi
seconds=$1
shift
[ $# -gt 0 ] || set -- $(sed -n 's/^name = "\([a-z_]*\)"$/\1/p' fuzz/Cargo.toml)
# With the features of the whole workspace, what is not ours is built already.
RUSTC_WORKSPACE_WRAPPER=$PWD/fuzz/instrument cargo build --quiet --locked --workspace \
    $(printf -- '--bin %s\n' "$@")
fuzz/seed.py
printf '%-18s %12s %9s %9s %7s\n' target executions coverage features found
printf '%s\n' "$@" | xargs -P "${JOBS:-1}" -I TARGET fuzz/run.sh --one "$seconds" TARGET
