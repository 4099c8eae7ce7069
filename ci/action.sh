#!/usr/bin/env bash
# The steps of the GitHub Action in `action.yml`. Inputs come from the environment, as in `verify.sh`.
#
#   ci/action.sh key        says by which name a build of this checkout is cached
#   ci/action.sh install    builds fullsource, or takes what the cache brought
#   ci/action.sh verify     verifies once; writes the job's summary, annotations and outputs
#
# A release is somebody else's text. What it says reaches the log only while the runner reads no
# commands there, and reaches outputs and summary only as the forms of the report escape it.
set -Eeuo pipefail
# What fails here is no verdict.
trap 'exit 4' ERR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
# GitHub refuses a summary of more than 1024 KiB as a whole.
readonly summary_bytes=1000000

key() {
  output key "fullsource-${RUNNER_OS:?}-${RUNNER_ARCH:?}-${ImageOS:-any}-$(sources)"
}

# A digest of all that a build is made of. `hashFiles` sees the user's checkout alone.
sources() {
  (cd "$here/.." && find Cargo.toml Cargo.lock crates -type f -print0 | LC_ALL=C sort -z | xargs -0 cat) | sha256
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

install() {
  local directory=${RUNNER_TEMP:?}/fullsource
  bash "$here/install.sh" "$directory"
  output binary "$directory/bin/fullsource"
}

verify() {
  local directory code=0
  directory=$(mktemp -d "${RUNNER_TEMP:?}/fullsource-report.XXXXXX")
  without_commands bash "$here/verify.sh" "$directory" || code=$?
  annotations "$directory" "$code"
  summary "$directory" "$code"
  outputs "$directory" "$code"
  exit "$code"
}

# Runs a command whose output the runner reads no commands in: neither lines that start with `::`, nor
# `##[` anywhere. One stream, since the runner reads two in any order.
without_commands() {
  local token code=0
  token=$(random)
  printf '::stop-commands::%s\n' "$token"
  "$@" 2>&1 | tee "$directory/log.txt" || code=${PIPESTATUS[0]}
  printf '\n::%s::\n' "$token"
  return "$code"
}

annotations() {
  if [ ! -f "$1/report.json" ]; then
    printf '::error title=fullsource::nothing was verified (exit %s); the log of this step says why\n' "$2"
  elif "${FULLSOURCE_BINARY:-fullsource}" render --format=github "--output=$1/annotations.txt" -- "$1/report.json" \
    >"$1/trouble.txt" 2>&1; then
    grep -E '^::(error|warning|notice)( |::)' "$1/annotations.txt" || true
  else
    printf '::error title=fullsource::the findings cannot be shown as annotations\n'
  fi
}

summary() {
  {
    if [ "${FULLSOURCE_REQUIRE:-}" = none ]; then
      printf 'No rung was required: a pass says that the release is as it claims, and proves no openness.\n\n'
    fi
    if [ -f "$1/report.md" ]; then
      clipped "$1/report.md"
    else
      printf '## fullsource: nothing was verified (exit %s)\n\n<pre>\n' "$2"
      clipped "$1/log.txt" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
      printf '</pre>\n'
    fi
  } >>"${GITHUB_STEP_SUMMARY:?}"
}

# As much of a text as a summary takes, in whole lines.
clipped() {
  if [ "$(wc -c <"$1")" -le "$summary_bytes" ]; then
    cat -- "$1"
  else
    head -c "$summary_bytes" "$1" | sed '$d'
    printf '\n\nThe summary is cut here: the whole report is larger than GitHub shows.\n'
  fi
}

outputs() {
  output exit-code "$2"
  output verdict "$(verdict "$2")"
  output headline "$(headline "$1/report.json")"
  output reports "$1"
  local name file
  while read -r name file; do
    if [ -f "$1/$file" ]; then output "$name" "$1/$file"; else output "$name" ""; fi
  done <<'FILES'
json report.json
markdown report.md
html report.html
sarif report.sarif
junit report.xml
badge badge.svg
shields badge.json
FILES
}

verdict() {
  case $1 in
    0) echo pass ;;
    1) echo fail ;;
    3) echo incomplete ;;
    *) echo error ;;
  esac
}

# The class in one word. Every line break inside a text of the report is escaped, so that no text in it
# can be taken for this line; and it is one of a few plain words, or nothing.
headline() {
  [ -f "$1" ] || return 0
  sed -n '/^  "class": {$/,/^  }/s/^    "headline": "\([a-z-]*\)",\{0,1\}$/\1/p' "$1"
}

# output NAME VALUE. Nobody can guess the line that ends the value.
output() {
  local delimiter
  delimiter=$(random)
  printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"${GITHUB_OUTPUT:?}"
}

random() { od -An -v -N 24 -t x1 /dev/urandom | tr -d ' \n'; }

case ${1:-} in
  key | install | verify) "$1" ;;
  *) echo "usage: ci/action.sh key|install|verify" >&2 && exit 2 ;;
esac
