#!/usr/bin/env bash
# Builds a Debian package for this machine's architecture, with Go and dpkg-deb alone.
#
#   bash install/package.sh [VERSION] [DIRECTORY]      out/sigill_VERSION_ARCH.deb
#
# The same sources give the same bytes. DEBFULLNAME and DEBEMAIL say whose package it is.
set -euo pipefail
cd "$(dirname "$0")/.."
version=${1:-0~$(git log -1 --format=%cd --date=format-local:%Y%m%d%H%M%S)}
out=${2:-out}
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH CGO_ENABLED=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022

go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$version" -o "$work/sigill" .
stage=$work/stage
mkdir -p "$stage/DEBIAN" "$stage/usr/share/doc/sigill"
"$work/sigill" install --stage --root "$stage"
cp LICENSE "$stage/usr/share/doc/sigill/copyright"
install -m 755 install/debian/{postinst,prerm,postrm} "$stage/DEBIAN/"
cat >"$stage/DEBIAN/control" <<CONTROL
Package: sigill
Version: $version
Architecture: $arch
Maintainer: ${DEBFULLNAME:-Sigill} <${DEBEMAIL:-root@localhost}>
Depends: systemd (>= 252), passwd
Recommends: ca-certificates
Section: mail
Priority: optional
Installed-Size: $(du -sk --apparent-size --exclude=DEBIAN "$stage" | cut -f 1)
Description: secure mail on a machine of your own
 Whoever writes adds .s to an address; whoever reads gets a link, and a code by
 SMS, and answers in a portal. When the time is up the key is destroyed.
 .
 One program with its store: no database, no other service beside it.
CONTROL
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz -z1 --build "$stage" "$out/sigill_${version}_$arch.deb"
