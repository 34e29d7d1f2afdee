#!/bin/sh
# Which public data the tests want, and whether it is there: shared_data.sh TESTS DEFAULT_FOLDER
# Exits with 77, which ctest shows as skipped, where some of it is not there; with 1 if MEDFLOW_REQUIRE_SHARED_DATA=1.
set -eu
folder=${MEDFLOW_SHARED_DATA:-$2}
paths=$(grep -rhoE --include='*.cpp' --include='*.hpp' 'shared_data\([[:space:]]*"[^"]+"' "$1" | sed 's/.*"\(.*\)"/\1/' | sort -u)
[ -n "$paths" ] || { echo "no test asks for shared data by its text"; exit 1; }
missing=0
for path in $paths; do
  [ -e "$folder/$path" ] && continue
  echo "not in $folder: $path"
  missing=$((missing + 1))
done
[ "$missing" -eq 0 ] && exit 0
echo "$missing missing: what they show is skipped by the tests that want them"
[ "${MEDFLOW_REQUIRE_SHARED_DATA:-}" = 1 ] && exit 1
exit 77
