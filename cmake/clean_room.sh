#!/usr/bin/env bash
# Shows that a clone is enough: makes a minimal Debian 12 root, clones the last commit into it, and runs there, with nothing
# mounted but /proc and /dev/shm, `./dev test` and `./dev demo --once`. Called by `./dev clean-room [--keep]`, as root.
#
# Packages come from wherever this machine gets its own: its apt sources, apt's download settings and proxy variables are
# handed on when the root is made.
set -euo pipefail

checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
keep=0
[[ ${1:-} == --keep ]] && keep=1
((EUID == 0)) || { echo "clean-room: this needs root, to make the root folder and to enter it" >&2; exit 1; }

room=$(mktemp -d "${TMPDIR:-/tmp}/medflow-clean-room.XXXXXX")
leave() {
  if ((keep)); then echo "clean-room: kept in $room"; else rm -rf --one-file-system "$room"; fi
}
trap leave EXIT

say() { printf '\n=== clean-room: %s (%d s)\n' "$*" "$SECONDS"; }

options=()
while IFS= read -r setting; do
  options+=("--aptopt=$setting")
done < <(apt-config dump | grep -E '^Acquire::(http|https|ftp)::.* "..*";|^Acquire::(Check-Valid-Until|Check-Date|Retries) ')
shopt -s nullglob
sources=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
for i in "${!sources[@]}"; do # only Debian's own
  grep -qs 'debian-archive-keyring\|/debian' "${sources[i]}" || unset 'sources[i]'
done

say "a minimal Debian 12 root in $room"
mmdebstrap --quiet --mode=root --variant=minbase "${options[@]}" bookworm "$room" "${sources[@]}"
cp -L /etc/resolv.conf /etc/hosts "$room/etc/"
du -sh "$room"

say "a clone of $(git -C "$checkout" rev-parse --short HEAD)"
git clone --quiet --no-hardlinks "$checkout" "$room/medflow"
ls "$room/medflow"

# Only what a login would have, and the way to the network.
surroundings=(PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb)
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [[ -z ${!name:-} ]] || surroundings+=("$name=${!name}")
done

inside() {
  say "$*"
  unshare --mount --pid --fork --kill-child bash -ec '
    room=$1 && shift
    mount -t proc proc "$room/proc"
    mount -t tmpfs tmpfs "$room/dev/shm"
    exec chroot "$room" "$@"' - "$room" env -i "${surroundings[@]}" bash -c 'cd /medflow && exec "$@"' - "$@"
}
inside ./dev test
inside ./dev demo --once
say "all well"
