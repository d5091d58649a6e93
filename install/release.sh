#!/usr/bin/env bash
# Makes the file of a release, in two steps, so that each of those who sign can do it on a
# machine of their own. updater/FORMAT.md says what is in it; README.md, "A release", how to go on.
#
#   bash install/release.sh manifest PROGRAM VERSION MIN_FROM DAYS [NOTES]
#       the manifest of a program that was built for this machine's platform, into the current
#       directory: DAYS is how long it counts, NOTES a file of plain text that says what is new
#   minisign -S -s KEY -t "sigill VERSION PLATFORM" -m manifest.json -x manifest.json.1.minisig
#       each who signs, with a number of their own
#   bash install/release.sh bundle PROGRAM
#       sigill-PLATFORM.update, of what lies in the current directory
#
# PLATFORM in the environment is for another one: linux-arm64.
set -euo pipefail
umask 022
platform=${PLATFORM:-linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')}
case ${1:-} in
manifest)
  program=$2 version=$3 min=$4 days=$5 notes=${6:-/dev/null}
  # What JSON wants of a string; nothing else is in a plain text (the program refuses it).
  text=$(sed 's/\\/\\\\/g; s/"/\\"/g; s/$/\\n/' "$notes" | tr -d '\n')
  cat >manifest.json <<MANIFEST
{
  "format": 1,
  "version": "$version",
  "min_from": "$min",
  "platform": "$platform",
  "sha256": "$(sha256sum <"$program" | cut -d ' ' -f 1)",
  "size": $(stat -c %s "$program"),
  "issued": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "expires": "$(date -u -d "+$days days" +%Y-%m-%dT%H:%M:%SZ)",
  "notes": "$text"
}
MANIFEST
  echo "manifest.json is there. Two of three sign it now, each on a machine of their own:"
  echo "  minisign -S -s KEY -t \"sigill $version $platform\" -m manifest.json -x manifest.json.N.minisig"
  ;;
bundle)
  program=$2
  signatures=(manifest.json.[123].minisig)
  [ ${#signatures[@]} -ge 2 ] || { echo "install/release.sh: two signatures are needed, manifest.json.1.minisig and its like" >&2; exit 1; }
  tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=644 --mtime=@0 -cf "sigill-$platform.update" \
    --transform="s|.*/||" manifest.json "${signatures[@]}" -C "$(dirname "$program")" "$(basename "$program")" --transform="s|^$(basename "$program")\$|sigill|"
  echo "sigill-$platform.update is there."
  ;;
*)
  sed -n '2,/^set /{/^#/p}' "$0" >&2
  exit 2
  ;;
esac
