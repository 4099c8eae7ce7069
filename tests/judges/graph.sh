#!/usr/bin/env bash
# libxml2 reads our pictures, and Graphviz draws our graphs and finds as many nodes in them.
#
# usage: graph.sh ROOT REPORTS     (ROOT: the repository; REPORTS: as graph_reports.py makes them)
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/claims.sh"

root=$1 reports=$2
cd "$reports" || exit 1

# Boxes of a picture: those groups that have a name to point at.
boxes() { xmllint --xpath 'count(//*[local-name()="g"]/*[local-name()="title"])' "$1"; }

for path in "$reports"/*.json "$root"/examples/wild/*.json; do
  name=$(basename "$path" .json)
  for form in svg dot mermaid; do
    "$FULLSOURCE" graph "$path" --format "$form" -o "$name.$form" || tell FAIL "draws $name as $form"
  done
  judge=xmllint
  accepts "the picture of $name" xmllint --noout --nonet "$name.svg"
  judge=graphviz
  accepts "the graph of $name" dot -Tsvg "$name.dot" -o "$name.dot.svg"
  [ "$(dot -v -Tplain "$name.dot" 2>&1 >/dev/null | grep -ci 'error\|warning')" -eq 0 ] ||
    tell FAIL "accepts the graph of $name without a warning"
  accepts "what it drew of $name" xmllint --noout --nonet "$name.dot.svg"
  [ "$name" = many ] || equal "how many nodes $name has" "$(boxes "$name.svg")" "$(dot -Tplain "$name.dot" | grep -c '^node ')"
done

judge=xmllint
elements() { xmllint --xpath "count(//*[local-name()='script' or local-name()='img' or local-name()='image' or local-name()='a' or local-name()='foreignObject'] | //@*[starts-with(local-name(), 'on') or local-name()='href'])" "$1"; }
equal "what a name can add to a picture: nothing" "$(elements hostile.svg)" 0
equal "the same in what Graphviz drew" "$(elements hostile.dot.svg)" 0
[ "$failed" -eq 0 ]
