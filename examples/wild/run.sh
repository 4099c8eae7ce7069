#!/usr/bin/env bash
# Shows `verify` and `rebuild` on models of Debian that somebody else made, from Debian's source packages.
#
#   examples/wild/run.sh [anthy] [libexttextcat]
#
# Downloads the source package and the binary package from the archive that this machine's apt is set to,
# with lists, state and cache of its own that are gone at the end, and installs nothing. Signs with a key
# that is thrown away: that what Debian claims is written down here is our word, not Debian's.
# FULLSOURCE names another build of fullsource to run. Needs apt-get, dpkg-deb, python3, cc and make.
#
# The exit code is 0 if all came out as written down here, 1 if anything did not, 2 for a wrong argument, and
# 77 if the packages cannot be had here, so that nothing is shown.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
passed=0 failed=0

main() {
  [ $# -gt 0 ] || set -- anthy libexttextcat
  for name in "$@"; do
    declare -F "show_$name" >/dev/null || { echo "no example \`$name\`: anthy, libexttextcat" >&2; exit 2; }
  done
  work=$(mktemp -d) || exit 1
  trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
  chmod 711 "$work" # apt reads as a user of its own
  have_program && "$FULLSOURCE" keygen --out "$work/key" >/dev/null || exit 1
  ask_apt || not_shown "apt has no list of Debian's sources here"
  for name in "$@"; do "show_$name"; done
  printf '\n%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

show_anthy() {
  local release=$work/anthy
  download anthy anthy=1:0.4-2 anthy-common=1:0.4-2
  mkdir "$release"
  tar -xf "$work"/anthy.got/anthy_*.orig.tar.gz -C "$release" --no-same-owner \
    --exclude='*/zipcode.t' --exclude='*/alt-cannadic/extra' &&
    dpkg-deb --fsys-tarfile "$work"/anthy.got/anthy-common_*.deb |
    tar -xf - -C "$release" --no-same-owner --strip-components=4 ./usr/share/anthy/anthy.dic &&
    cp "$here"/anthy/{fullsource.json,make-dic.sh,README.md} "$release/" || exit 1
  show "$release"
  run 0 "retrain the statistics, and make the dictionary with them" \
    rebuild "$release" --key "$work/key.pub"
  told "rebuilt-exact"
}

show_libexttextcat() {
  local release=$work/libexttextcat
  download libexttextcat libexttextcat=3.4.5-1 libexttextcat-data=3.4.5-1
  mkdir "$release"
  tar -xf "$work"/libexttextcat.got/libexttextcat_*.orig.tar.xz -C "$release" --no-same-owner \
    --strip-components=1 --wildcards '*/src' '*/langclass' '*/LICENSE' &&
    rm -f "$release"/langclass/LM/*.lm && # those of the binary package are the claim
    dpkg-deb --fsys-tarfile "$work"/libexttextcat.got/libexttextcat-data_*.deb |
    tar -xf - -C "$release/langclass/LM" --no-same-owner --strip-components=4 --wildcards \
      './usr/share/libexttextcat/*.lm' &&
    cp "$here"/libexttextcat/{createfp.sh,README.md} "$release/" &&
    python3 "$here/libexttextcat/manifest.py" "$release" || exit 1
  show "$release"
  run 1 "make every model of its text" rebuild "$release" --key "$work/key.pub"
  told "109 rebuilt-exact"
  told "54 contradicted"
}

# show RELEASE: what every release goes through before anything of it is run.
show() {
  run 0 "the manifest is in order" check "$1/fullsource.json"
  run 0 "sign, with a key for this once" sign "$1" --key "$work/key.key"
  run 0 "verify" verify "$1" --offline --key "$work/key.pub"
}

# run EXIT TITLE ARGUMENT...: shows a command of fullsource and what it says; it must end with EXIT.
run() {
  local wanted=$1 title=$2 exit=0 start=$SECONDS
  shift 2
  printf '\n# %s\n$ fullsource %s\n' "$title" "${*//$work\//}"
  (cd "$work" && exec "$FULLSOURCE" "${@//$work\//}") >"$work/said" 2>&1 || exit=$?
  if [ "$(wc -l <"$work/said")" -le 24 ]; then
    cat "$work/said"
  else
    head -n 14 "$work/said"
    echo "... ($(wc -l <"$work/said") lines)"
    tail -n 8 "$work/said"
  fi
  echo "[exit $exit after $((SECONDS - start)) s]"
  counted "exit $wanted" "$([ "$exit" -eq "$wanted" ] && echo yes)"
}

# told TEXT: the last run said this.
told() { counted "\`$1\`" "$(grep -qF -- "$1" "$work/said" && echo yes)"; }

# counted WHAT yes|
counted() {
  if [ -n "$2" ]; then
    passed=$((passed + 1))
  else
    echo "FAIL: not $1"
    failed=$((failed + 1))
  fi
}

# --- packages -------------------------------------------------------------------------------------

# ask_apt: lists of the sources in the archive that this machine takes its packages from.
ask_apt() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  mkdir -p "$work"/apt/{state/lists/partial,cache/archives/partial,none} && : >"$work/apt/status"
  archives >"$work/apt/sources.list"
  [ -s "$work/apt/sources.list" ] || return 1
  own_apt update >"$work/apt/log" 2>&1 || { tail -n 3 "$work/apt/log"; return 1; }
}

# archives: the lines of a source list, by the machine's own.
archives() {
  local uri suite component origin keyring
  indexes | sort -u | while read -r uri suite component origin; do
    keyring=/usr/share/keyrings/${origin,,}-archive-keyring.gpg
    case $origin:$suite:$component in
      Debian:*-*:* | Ubuntu:*-*:*) ;; # updates of a suite are not the suite
      Debian:*:main | Ubuntu:*:main | Ubuntu:*:universe)
        [ -r "$keyring" ] && printf "%s [signed-by=$keyring] $uri $suite $component\n" deb deb-src ;;
    esac
  done
}

# indexes: which lists of packages apt knows; where it has fetched none yet, it does, into our place.
indexes() {
  # shellcheck disable=SC2016
  local format='$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' fresh
  fresh=(-o "Dir::State=$work/apt/state" -o "Dir::Cache=$work/apt/cache")
  apt-get indextargets --format "$format" 'Created-By: Packages' 2>/dev/null | grep . ||
    { apt-get "${fresh[@]}" update >/dev/null 2>&1
      apt-get "${fresh[@]}" indextargets --format "$format" 'Created-By: Packages' 2>/dev/null; }
}

# own_apt ARGUMENT...: apt with nothing of the machine's but its settings.
own_apt() {
  apt-get -qq -o Dir::State="$work/apt/state" -o Dir::State::status="$work/apt/status" \
    -o Dir::Cache="$work/apt/cache" -o Dir::Etc::sourcelist="$work/apt/sources.list" \
    -o Dir::Etc::sourceparts="$work/apt/none" -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# download NAME SOURCE=VERSION BINARY=VERSION: into NAME.got, each held against NAME/SHA256SUMS.
download() {
  local got=$work/$1.got
  mkdir "$got"
  (cd "$got" && { own_apt source --download-only "$2" && own_apt download "$3"; } >"$work/apt/log" 2>&1) ||
    { tail -n 3 "$work/apt/log"; not_shown "\`$2\` and \`$3\` are not in the archive that apt is set to"; }
  (cd "$got" && for file in *%3a*; do [ ! -e "$file" ] || mv "$file" "${file/1%3a/}"; done &&
    sha256sum --check --strict "$here/$1/SHA256SUMS") || { echo "not the packages that were written down"; exit 1; }
}

not_shown() {
  echo "not shown here: $1"
  [ "$failed" -eq 0 ] || exit 1 # what was shown counts
  exit 77
}

# --- the program ----------------------------------------------------------------------------------

have_program() {
  [ -n "${FULLSOURCE:-}" ] && return
  cargo build --quiet --release --locked --manifest-path "$root/Cargo.toml" --package fullsource &&
    FULLSOURCE=$root/target/release/fullsource
}

main "$@"
