#!/bin/sh
# run.sh SECONDS [TARGET...]: runs the targets one after the other, all where none is named, and
# prints a line for each. Exits 1 where one of them found something; it lies in fuzz/artifacts.
set -eu
seconds=$1
shift
cd "$(dirname "$0")/.."
export RUSTC_BOOTSTRAP=1
[ $# -gt 0 ] || set -- $(cargo fuzz list)
status=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%-18s %12s %9s %9s %7s\n' target executions coverage features found
for target; do
    mkdir -p "fuzz/corpus/$target"
    found=no
    nice -n 10 cargo fuzz run "$target" -- -max_total_time="$seconds" -timeout=60 \
        -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 >"$log" 2>&1 || found=yes status=1
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    last=$(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -n 1)
    printf '%-18s %12s %9s %9s %7s\n' "$target" "${executions:--}" \
        $(echo "${last:-cov: - ft: -}" | awk '{ print $2, $4 }') "$found"
    [ "$found" = no ] || grep -m 5 'panicked at\|ERROR: \|^left\|^ *right\|assertion' "$log" || true
done
exit "$status"
