# shellcheck shell=bash
# Claims about what a judge accepts and refuses, printed one a line as `ok` or `FAIL`.
# Source this file; set `judge` first. `failed` counts the claims that do not hold.

judge=${judge:-} failed=0

tell() { # ok|FAIL CLAIM
  [ "$1" = ok ] || failed=$((failed + 1))
  printf '%-4s %s %s\n' "$1" "$judge" "$2"
}

# accepts WHAT COMMAND...: the command must end with 0.
accepts() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    tell ok "accepts $what"
  else
    tell FAIL "accepts $what: exit $?: $(tail -n 3 <<<"$said" | tr '\n' ' ')"
  fi
}

# refuses CODE WHAT COMMAND...: the command must end with this exit code, and no other.
refuses() {
  local code=$1 what=$2 exit=0
  shift 2
  "$@" >/dev/null 2>&1 || exit=$?
  if [ "$exit" -eq "$code" ]; then
    tell ok "refuses $what"
  else
    tell FAIL "refuses $what: exit $exit, not $code"
  fi
}

# equal WHAT OURS THEIRS: two texts must be the same, and not empty.
equal() {
  if [ -n "$2" ] && [ "$2" = "$3" ]; then
    tell ok "agrees on $1"
  else
    tell FAIL "agrees on $1: ours \`$2\`, theirs \`$3\`"
  fi
}
