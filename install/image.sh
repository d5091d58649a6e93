#!/usr/bin/env bash
# Builds the container image with podman, buildah or docker; nothing is fetched.
#
#   bash install/image.sh [NAME]
#
# BUILDER says with which, and options: BUILDER="buildah build --isolation=chroot".
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-sigill}
builder=${BUILDER:-podman build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

# What the program may write to comes with its owner; all above it is root's.
mkdir -p "$work"/own/{etc/sigill/keys,var/lib/sigill} "$work"/root/{etc/sigill,etc/ssl/certs,usr/bin,var/lib,tmp}
chmod 0700 "$work"/own/{etc/sigill/keys,var/lib/sigill}
chmod 1777 "$work/root/tmp"
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$work/root/usr/bin/sigill" .
cp /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
$builder -f install/Containerfile -t "$name" "$work"
