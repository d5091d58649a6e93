#!/usr/bin/env bash
# Runs every test there is, with the real peers. As root on Debian it first
# installs the packages that the tests need.
#
#   bash install/test.sh             everything
#   bash install/test.sh ./appliance/seal/...   the same for some packages
#
# SIGILL_EVERY_VIEW=1 is for who has half an hour, and one test: README.md, "Recipes".
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  chromium fonts-dejavu-core          # browser journeys
  postfix swaks libnet-ssleay-perl    # real mail peers
  openssl nginx                       # TLS and HTTP peers
  pebble                              # an authority for certificates (ACME)
  zbar-tools                          # reads QR codes
  e2fsprogs mount                     # disks of their own, for full ones and power cuts
  oathtool                            # an app for codes, for second factors
  slapd ldap-utils                    # a directory of people
  age                                 # opens exports
  openssh-server openssh-client       # takes backups by SFTP
  restic                              # the peer of `sigill bench`, rows 7 and 8
  default-jre-headless                # runs the checker of HTML
  tang clevis                         # a key server, and its own client
  minisign                            # signs releases
  systemd                             # its programs read what is installed; it need not run
)
# axe-core, vnu-jar and oidc-provider come by npm; a machine that has one of its own keeps it.
command -v npm >/dev/null || packages+=(nodejs npm)
have() { dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
missing=()
if command -v dpkg-query >/dev/null; then
  for p in "${packages[@]}"; do have "$p" || missing+=("$p"); done
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ]; then
      echo "install/test.sh: these packages are missing, and only root can install them: ${missing[*]}" >&2
      exit 1
    fi
    echo "== installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -y -q --no-install-recommends "${missing[@]}"
  fi
fi

# axe-core looks at every page for what keeps people out, vnu-jar for what is not HTML, and
# oidc-provider is an issuer to sign in at. They are no part of the product, so they are kept outside the tree.
# oidc-provider needs Node.js 20; Debian 12 has 18, so there a newer one comes with it.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sigill
axe() { echo "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c  $cache/node_modules/axe-core/axe.min.js" | sha256sum -c --status 2>/dev/null; }
vnu() { echo "22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47  $cache/node_modules/vnu-jar/build/dist/vnu.jar" | sha256sum -c --status 2>/dev/null; }
provider() {
  local sum
  sum=$(cd "$cache/node_modules/oidc-provider" 2>/dev/null && find . -type f ! -path './node_modules/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum) &&
    [ "$sum" = "1654bfb4b30a7deeedca09a7f1df054e6ec37c6bbdb5cc76cf2d5b16e3802087  -" ]
}
modules=(axe-core@4.14.1 vnu-jar@26.9.27 oidc-provider@9.13.3)
newer=
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))'; then
  newer=node-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
  modules+=("$newer@22.23.3")
fi
if ! axe || ! vnu || ! provider || { [ -n "$newer" ] && [ ! -x "$cache/node_modules/$newer/bin/node" ]; }; then
  echo "== fetching ${modules[*]}"
  mkdir -p "$cache"
  # All at once: npm takes away what it is not asked for.
  npm install --prefix "$cache" --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "${modules[@]}"
  axe || { echo "install/test.sh: axe-core is not the one we know" >&2; exit 1; }
  vnu || { echo "install/test.sh: vnu-jar is not the one we know" >&2; exit 1; }
  provider || { echo "install/test.sh: oidc-provider is not the one we know" >&2; exit 1; }
fi

targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(./...)

# Without cgo, as the product is built: what vet, staticcheck, build and the heavy tests
# compile is compiled once. The race detector needs cgo.
export CGO_ENABLED=0
echo "== gofmt"
bad=$(gofmt -l $(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))
[ -z "$bad" ] || { echo "not gofmt'ed: $bad" >&2; exit 1; }
echo "== vet"
go vet ./...
echo "== staticcheck"
go tool staticcheck ./...
echo "== build"
go build ./...
echo "== test, with the race detector"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
passed=0
# SQLite's C, as it was transpiled, is left out: it is not ours, locks for itself, and takes
# five times as long with the detector. What of the driver touches our memory is in.
# Garbage is collected seldom, for the detector makes that dear too. No GOMEMLIMIT: by that the
# product knows a process of its own, which gives memory back after each password.
unwatched=(-gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false)
GOGC=300 CGO_ENABLED=1 go test -race "${unwatched[@]}" -v -timeout 30m "${targets[@]}" >"$said" 2>&1 || passed=$?
if [ "$passed" = 0 ]; then
  grep -E '^(ok|\?) ' "$said"
else
  grep -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS)' "$said"
  # What failed once more, at the end: a test's log may be long.
  echo "== what failed"
  awk '/^ *=== (RUN|CONT|NAME) / { name = $3; next }
    /^ *--- FAIL: / { failed[$3] }
    /_test\.go:[0-9]+: |testing\.go:[0-9]+: |^WARNING: DATA RACE|^panic: / { said[name] = said[name] substr($0, 1, 2000) "\n" }
    END { for (name in failed) printf "%s\n%s", name, said[name] }' "$said"
  exit "$passed"
fi
# SIGILL_FULL opens the heavy tests: browsers, real peers, full disks, kill loops. They
# spend their time in other programs, where the race detector sees nothing. What has not
# skipped itself, or a part of it, is not run twice. A package with many of them is run in
# three parts: the walk through all pages, what else is done in a browser, and the rest. What
# takes longest begins first: a browser counts five, that walk forty.
echo "== test in full"
awk '/^ *--- SKIP: / { split($3, name, "/"); if (name[1] in seen) next; seen[name[1]]
    kind = name[1] == "TestPagesInBrowser" ? 2 : name[1] ~ /In(Browser|Chromium)/; n[kind] += kind == 2 ? 40 : kind ? 5 : 1; list[kind] = list[kind] (list[kind] == "" ? "" : "|") name[1] }
  /^ok / { if (n[0] < 8 && list[0] != "" && list[1] != "") { list[0] = list[0] "|" list[1]; n[0] += n[1]; list[1] = "" }
    for (kind in list) if (list[kind] != "") print n[kind], $2, "^(" list[kind] ")$"
    split("", n); split("", list); split("", seen) }' "$said" | sort -rn | cut -d ' ' -f 2- |
  SIGILL_FULL=1 xargs -r -P 3 -L 1 sh -c 'exec go test -timeout 40m -run "$2" "$1"' in-full
# Two fuzzers at a time, each with one worker: most of the time goes into starting them.
# Go's fuzzer sometimes reports its own deadline as a failure when the time is up; what
# it has truly found it writes down, and that is red at once.
fuzz() {
  local out
  for _ in 1 2 3; do
    if out=$(go test -parallel 1 -run '^$' -fuzz "^$1\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 5x "$2" 2>&1); then
      echo "$1: $(tail -n 1 <<<"$out")"
      return 0
    fi
    grep -q 'context deadline exceeded' <<<"$out" && ! grep -q 'Failing input written' <<<"$out" || break
  done
  echo "$out"
  return 1
}
export -f fuzz
export FUZZTIME=${FUZZTIME:-2s}
echo "== fuzz, $FUZZTIME each"
for dir in $(go list -f '{{.Dir}}' "${targets[@]}"); do
  for f in $(grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go 2>/dev/null | sed 's/^func //'); do
    echo "$f $dir"
  done
done | xargs -r -P 2 -L 1 bash -c 'fuzz "$@"' fuzz
echo "all green in $SECONDS s"
