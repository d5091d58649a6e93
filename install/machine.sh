#!/usr/bin/env bash
# Tries the service where it is to run: a computer of 1 processor, 512 MB and a 10 GB disk, with
# Debian 12, systemd and a TPM, all of it made by QEMU. install/machine/try.sh says what is
# tried there, and prints a line of each. Takes some minutes.
#
#   bash install/machine.sh
#
# As root on Debian, with Go and the packages named below. The first time it fetches Debian
# from a mirror (MIRROR in the environment) into the cache; else it needs no network, and the
# computer in it has none. ACCEL=kvm makes it quicker where that works; CONSOLE names a file for
# what the computer says while it starts.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sigill/machine
debian=$cache/debian
for p in debootstrap:debootstrap mke2fs:e2fsprogs qemu-system-x86_64:qemu-system-x86 swtpm:swtpm minisign:minisign; do
  command -v "${p%%:*}" >/dev/null || { echo "install/machine.sh: ${p%%:*} is missing; Debian has it in ${p##*:}" >&2; exit 1; }
done
work=$(mktemp -d)
tpm=
ends() {
  [ -z "$tpm" ] || kill "$tpm" 2>/dev/null || true
  rm -rf "$work"
}
trap ends EXIT
umask 022

if [ ! -e "$debian" ]; then
  echo "== Debian"
  new=$debian.new
  rm -rf "$new"
  mkdir -p "$new"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,udev,iproute2,initramfs-tools,linux-image-cloud-amd64,libtss2-esys-3.0.2-0,libtss2-mu0,libtss2-rc0,libtss2-tcti-device0,ca-certificates,curl,swaks \
    bookworm "$new" ${MIRROR:+"$MIRROR"} >"$cache/debootstrap.log" || { tail "$cache/debootstrap.log" >&2; exit 1; }
  rm -f "$new"/var/cache/apt/archives/*.deb
  echo machine >"$new/etc/hostname"
  printf '127.0.0.1 localhost machine\n' >"$new/etc/hosts"
  printf '[Match]\nType=ether\n[Network]\nDHCP=yes\n' >"$new/etc/systemd/network/all.network"
  cat >"$new/etc/systemd/system/try.service" <<'UNIT'
[Unit]
After=multi-user.target
[Service]
ExecStart=/bin/bash -c 'mkdir -p /run/given && mount -o ro /dev/vdb /run/given && exec /bin/bash /run/given/try.sh >/dev/ttyS1 2>&1'
[Install]
WantedBy=multi-user.target
UNIT
  systemctl --root="$new" enable try.service systemd-networkd.service 2>/dev/null
  mv "$new" "$debian"
fi

echo "== versions"
mkdir "$work/given"
cp install/machine/try.sh "$work/given/"
build() { CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags "${2:-}" -ldflags "-s -w -X main.version=$1" -o "$work/$1" .; }
bash install/package.sh 1.0.0 "$work/given" >/dev/null
bash install/package.sh 1.3.0 "$work/given" >/dev/null
build 1.1.0
build 1.2.0 updatefault
for n in 1 2 3; do minisign -G -W -p "$work/$n.pub" -s "$work/$n.key" >/dev/null; done
sed -n '2~2p' "$work"/[123].pub >"$work/given/keys"
for v in 1.1.0 1.2.0; do
  mkdir "$work/release-$v" "$work/given/$v"
  release=$PWD/install/release.sh
  (
    cd "$work/release-$v"
    bash "$release" manifest "../$v" "$v" 1.0.0 90
    for n in 1 3; do minisign -S -W -s "../$n.key" -t "sigill $v linux-amd64" -m manifest.json -x "manifest.json.$n.minisig"; done
    bash "$release" bundle "../$v"
    mv sigill-linux-amd64.update "../given/$v/"
  ) >/dev/null
done

echo "== machine"
mke2fs -q -t ext4 -d "$debian" "$work/disk" 10G
mke2fs -q -t ext4 -d "$work/given" "$work/given.disk" 400M
mkdir "$work/tpm"
swtpm socket --tpm2 --tpmstate "dir=$work/tpm" --ctrl "type=unixio,path=$work/tpm/socket" &
tpm=$!
touch "$work/said"
tail -f --pid=$$ "$work/said" &
timeout 40m qemu-system-x86_64 -accel "${ACCEL:-tcg}" -cpu max -smp 1 -m 512 -display none -icount shift=1,sleep=off -rtc clock=vm -no-user-config -nodefaults \
  -kernel "$debian/vmlinuz" -initrd "$debian/initrd.img" -append "root=/dev/vda rw console=ttyS0 no_timer_check quiet systemd.show_status=no" \
  -drive "file=$work/disk,format=raw,if=virtio,cache=unsafe" -drive "file=$work/given.disk,format=raw,if=virtio,readonly=on" \
  -nic user,restrict=on,model=virtio-net-pci -device virtio-rng-pci \
  -chardev "socket,id=tpm,path=$work/tpm/socket" -tpmdev emulator,id=tpm,chardev=tpm -device tpm-tis,tpmdev=tpm \
  -serial "file:${CONSOLE:-/dev/null}" -serial "file:$work/said"
tail -n 1 "$work/said" | grep -qx 'All of it holds.'
