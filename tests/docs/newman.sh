#!/usr/bin/env bash
# newman.sh PROGRAMS MEDFLOW COLLECTION: serves a demonstration on a free port and has newman make every call of our Postman collection.
set -euo pipefail
programs=$1 medflow=$2 collection=$3
[[ -x $programs/newman ]] || { echo "skipped: there is no newman in $programs (./dev test fetches it with npm)"; exit 77; }

work=$(mktemp -d)
mkfifo "$work/said"
"$medflow" demo --json --patients 50 --port 0 >"$work/said" 2>"$work/log" &
server=$!
leave() {
  kill "$server" 2>/dev/null && wait "$server" || true
  rm -rf "$work"
}
trap leave EXIT
read -r said <"$work/said" || { cat "$work/log"; exit 1; }
member() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$said" "$1"; }
"$programs/newman" run "$collection" --color off --env-var "base_url=$(member url)/api/v1" --env-var "tenant=$(member tenant)" \
  --env-var "password=$(member password)" || { tail -n 20 "$work/log"; exit 1; }
