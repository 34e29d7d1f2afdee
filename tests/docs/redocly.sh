#!/usr/bin/env bash
# redocly.sh PROGRAMS DOCUMENT: what redocly has to say about our OpenAPI document. A warning fails, too.
set -euo pipefail
programs=$1 document=$2
[[ -x $programs/redocly ]] || { echo "skipped: there is no redocly in $programs (./dev test fetches it with npm)"; exit 77; }
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
said=$("$programs/redocly" lint "$document" 2>&1) || { echo "$said"; exit 1; }
echo "$said"
[[ $said != *warning* ]]
