#!/usr/bin/env bash
# Does what README.md tells a newcomer to do, with the program that was just built. The commands stand here as they stand there.
set -euo pipefail

program=${MEDFLOW_PROGRAM:?the built program}
work=$(mktemp -d)
demo_pid=
finish() {
  if [[ -n $demo_pid ]]; then kill "$demo_pid" 2>/dev/null && wait "$demo_pid" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT
export XDG_CONFIG_HOME=$work/config
cd "$work"
medflow() { "$program" "$@"; }
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)'"$1"')'; }
expect() { grep -q -- "$2" <<<"$1" || { echo "quickstart: expected $2 in: $1" >&2; exit 1; }; }

# ./dev demo
"$program" demo --json --port 0 --patients 200 >demo.json 2>demo.log &
demo_pid=$!
for _ in $(seq 600); do [[ -s demo.json ]] && break || sleep 0.1; done
URL=$(field '["url"]' <demo.json) TENANT=$(field '["tenant"]' <demo.json)
EMAIL=$(field '["email"]' <demo.json) PASSWORD=$(field '["password"]' <demo.json)

login=$(
curl -s "$URL/api/v1/auth/login" -H 'Content-Type: application/json' \
  -d '{"tenant":"'"$TENANT"'","email":"'"$EMAIL"'","password":"'"$PASSWORD"'"}'
)
TOKEN=$(field '["access_token"]' <<<"$login")
found=$(
curl -s "$URL/api/v1/patients?name=an&limit=3" -H "Authorization: Bearer $TOKEN"
)
ID=$(field '["data"][0]["id"]' <<<"$found")
patient=$(
curl -s "$URL/api/v1/patients/$ID" -H "Authorization: Bearer $TOKEN"
)
expect "$patient" "\"id\":\"$ID\""
expect "$patient" '"mrn":"'
expect "$(curl -s "$URL/api/docs/openapi.json")" '"openapi"'

visits=$(
curl -s "$URL/api/v1/appointments?limit=3" -H "Authorization: Bearer $TOKEN"
)
expect "$visits" '"status":"booked"'
SERVICE=$(field '["data"][0]["service_id"]' <<<"$visits")
free=$(
curl -s "$URL/api/v1/slots/first" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"service_id":"'"$SERVICE"'","from":"'"$(date -u +%FT%TZ)"'","limit":3}'
)
DOCTOR=$(field '["slots"][1]["resource"]["id"]' <<<"$free") START=$(field '["slots"][1]["start"]' <<<"$free")
booked=$(
curl -s "$URL/api/v1/appointments" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{"patient_id":"'"$ID"'","service_id":"'"$SERVICE"'","resources":[{"id":"'"$DOCTOR"'"}],"start":"'"$START"'"}'
)
expect "$booked" '"number":"APT-'

clerk=$(
curl -s "$URL/api/v1/auth/login" -H 'Content-Type: application/json' \
  -d '{"tenant":"'"$TENANT"'","email":"billing@demo.example","password":"'"$PASSWORD"'"}'
)
CLERK=$(field '["access_token"]' <<<"$clerk")
overdue=$(
curl -s "$URL/api/v1/invoices?overdue=true&limit=3" -H "Authorization: Bearer $CLERK"
)
expect "$overdue" '"overdue":true'
DEBTOR=$(field '["data"][0]["patient_id"]' <<<"$overdue") INVOICE=$(field '["data"][0]["id"]' <<<"$overdue")
aging=$(
curl -s "$URL/api/v1/reports/aging" -H "Authorization: Bearer $CLERK"
)
expect "$aging" "\"patient_id\":\"$DEBTOR\""
expect "$aging" '"days_over_90":[1-9]'
paid=$(
curl -s "$URL/api/v1/payments" -H "Authorization: Bearer $CLERK" -H 'Idempotency-Key: cash-1' -H 'Content-Type: application/json' \
  -d '{"patient_id":"'"$DEBTOR"'","method":"cash","amount":1000}'
)
expect "$paid" '"number":"RCP-'
account=$(
curl -s "$URL/api/v1/patients/$DEBTOR/statement" -H "Authorization: Bearer $CLERK"
)
expect "$account" "$(field '["number"]' <<<"$paid")"
curl -s "$URL/api/v1/invoices/$INVOICE/print?format=pdf" -H "Authorization: Bearer $CLERK" -o invoice.pdf
head -c 400 invoice.pdf | grep -Eaq '^%PDF-|print.no_pdf' || { echo "quickstart: no PDF" >&2; exit 1; }

(umask 077 && echo 'lantern orbit 58 quarry velvet' >password.txt)
invited=$(
medflow init --data-dir ./data --tenant saint-mary --name "Saint Mary" --email admin@example.org --zone Europe/London --currency GBP
)
grep -Eo '^ +[A-Za-z0-9_-]{43}$' <<<"$invited" | tr -d ' ' >token.txt
medflow auth register --data-dir ./data --tenant saint-mary --invitation-file token.txt --password-file password.txt --display-name "Ada Admin"
medflow login --data ./data --tenant saint-mary --email admin@example.org --password-file password.txt
medflow generate synthea-csv ./people --patients 200
medflow import synthea-csv ./people
medflow patients list --name smith
expect "$(medflow audit verify)" true
echo "quickstart: everything in README.md works"
