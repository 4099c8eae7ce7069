#!/usr/bin/env bash
# coreutils and git come to the same digests of the same directories.
#
# usage: digests.sh WORK     (WORK as tests/judges/run lays it out)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/claims.sh"

given=$1
work=$1/digests
mkdir "$work"
cd "$work" || exit 1
python="$here/.venv/bin/python"

# A directory with names that sort differently by bytes, by parts of a path, and by locale.
make_odd() { # DIR
  mkdir -p "$1/a" "$1/a.b" "$1/empty-looking" "$1/Größe/deep/er"
  printf 'x' | tee "$1/a/1" "$1/a.b/1" "$1/a-b" "$1/A" "$1/a0" "$1/Größe/deep/er/z" >/dev/null
  : >"$1/empty-looking/nothing"
  printf '\r\n' >"$1/crlf with space.txt"
  head -c 3000000 /dev/zero >"$1/zeros"
  chmod +x "$1/a0"
}

# The dirHash of in-toto by coreutils alone.
dir_hash() { # DIR
  (cd "$1" && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

# ours DIR FIELD [OPTION]: a digest that fullsource prints.
ours() {
  "$FULLSOURCE" digest "$1" --format json "${@:3}" |
    "$python" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"
}

# git_tree DIR FORMAT: the id that git gives the directory.
git_tree() {
  local store
  store=$(mktemp -d --tmpdir="$work")
  git init --quiet --object-format="$2" --bare "$store" &&
    git --git-dir="$store" --work-tree="$1" -c core.autocrlf=false -c core.fileMode=true add --all --force . &&
    git --git-dir="$store" --work-tree="$1" write-tree
}

make_odd "$work/odd"
for dir in "$work/odd" "$given/release"; do
  judge=coreutils
  equal "the dirHash of ${dir##*/}" "$(ours "$dir" dirHash)" "$(dir_hash "$dir")"
  judge=git
  equal "the tree id of ${dir##*/} (SHA-1)" "$(ours "$dir" gitTree --git)" "$(git_tree "$dir" sha1)"
  equal "the tree id of ${dir##*/} (SHA-256)" "$(ours "$dir" gitTree-sha256 --git)" "$(git_tree "$dir" sha256)"
done
judge=coreutils
equal "the SHA-256 of a file" "$(ours "$work/odd/zeros" sha256)" "$(sha256sum <"$work/odd/zeros" | cut -d ' ' -f 1)"
[ "$failed" -eq 0 ]
