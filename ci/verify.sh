#!/usr/bin/env bash
# Verifies a release once, and keeps the report in every form that a CI service reads.
#
#   ci/verify.sh DIRECTORY        writes report.{json,txt,md,html,sarif,xml}, badge.{svg,json} there
#
# Ends with the exit code of `fullsource verify`: 0 pass, 1 fail, 2 usage, 3 incomplete, 4 could not run.
# What to do comes from the environment, so that no value is ever read as a command or as an option:
#
#   FULLSOURCE_REQUIRE    the rung that must be established; `none` asks for no rung. It has no default
#   FULLSOURCE_TARGET     the release directory
#   FULLSOURCE_KEY        public keys of the producer, one path a line
#   FULLSOURCE_TRUST, FULLSOURCE_THRESHOLD, FULLSOURCE_REVOKED, FULLSOURCE_POLICY, FULLSOURCE_EXPECT
#                         as the options of the same names
#   FULLSOURCE_OFFLINE    `true` asks nothing outside this machine
#   FULLSOURCE_ARGS       further arguments of `verify`, one a line
#   FULLSOURCE_BINARY     the program; `fullsource` on the PATH where it is not set
set -Eeuo pipefail
# What fails here is no verdict.
trap 'exit 4' ERR

main() {
  local directory=${1:?the directory of the reports} code=0
  required
  mkdir -p -- "$directory"
  # A report of an earlier run is not this one's.
  (cd -- "$directory" && rm -f -- report.{json,txt,md,html,sarif,xml} badge.{svg,json})
  arguments
  "$fullsource" verify "${options[@]}" "--output=$directory/report.json" -- "$FULLSOURCE_TARGET" || code=$?
  if [ -f "$directory/report.json" ]; then
    forms "$directory" || code=$(worse "$code")
    cat -- "$directory/report.txt"
  else
    code=$(worse "$code")
  fi
  exit "$code"
}

readonly fullsource=${FULLSOURCE_BINARY:-fullsource}

# Ends where it was not said what a pass must prove.
required() {
  if [ -z "${FULLSOURCE_REQUIRE:-}" ]; then
    usage "\`require\` is not set: without it a pass proves no openness" \
      "name a rung such as open-weights or full-source, or say \`none\`"
  fi
  [ -n "${FULLSOURCE_TARGET:-}" ] || usage "no \`target\` is set" "name the release directory"
  case ${FULLSOURCE_OFFLINE:-false} in
    true | false) ;;
    *) usage "\`offline\` is neither \`true\` nor \`false\`" "write one of them" ;;
  esac
  if [ "$FULLSOURCE_REQUIRE" = none ]; then
    echo "note: no rung is required: a pass says that the release is as it claims, and proves no openness" >&2
  fi
}

usage() {
  printf 'error: %s\n  help: %s\n' "$1" "$2" >&2
  exit 2
}

# The options of `verify`. Each value stays in the argument of its option, whatever it starts with.
arguments() {
  options=(--format=json)
  [ "$FULLSOURCE_REQUIRE" = none ] || options+=("--require=$FULLSOURCE_REQUIRE")
  [ "${FULLSOURCE_OFFLINE:-false}" = false ] || options+=(--offline)
  local name variable
  for name in trust threshold revoked policy expect; do
    variable=FULLSOURCE_$(tr '[:lower:]' '[:upper:]' <<<"$name")
    [ -z "${!variable:-}" ] || options+=("--$name=${!variable}")
  done
  each_line --key= "${FULLSOURCE_KEY:-}"
  each_line '' "${FULLSOURCE_ARGS:-}"
}

# each_line PREFIX TEXT: an option of each line that is not empty.
each_line() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [ -z "$line" ] || options+=("$1$line")
  done <<<"$2"
}

# The report in its other forms.
forms() {
  local form file failed=0
  while read -r form file; do
    "$fullsource" render "--format=$form" "--output=$1/$file" -- "$1/report.json" || failed=1
  done <<'FORMS'
text report.txt
markdown report.md
html report.html
sarif report.sarif
junit report.xml
badge badge.svg
shields badge.json
FORMS
  return "$failed"
}

# A pass whose report cannot be shown is none.
worse() { [ "$1" -ne 0 ] && echo "$1" || echo 4; }

main "$@"
