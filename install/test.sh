#!/usr/bin/env bash
# Runs every test there is, with the real peers. As root on Debian it first
# installs the packages that the tests need.
#
#   bash install/test.sh             everything
#   bash install/test.sh ./appliance/seal/...   the same for some packages
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  chromium fonts-dejavu-core  # browser journeys
  postfix swaks libnet-ssleay-perl               # real mail peers
  openssl nginx               # TLS and HTTP peers
  jq
)
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

# SIGILL_FULL opens the heavy tests: browser, peers, kill loops.
export SIGILL_FULL=1
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(./...)

echo "== gofmt"
bad=$(gofmt -l $(git ls-files '*.go' 2>/dev/null || find . -name '*.go'))
[ -z "$bad" ] || { echo "not gofmt'ed: $bad" >&2; exit 1; }
echo "== vet"
go vet ./...
echo "== staticcheck"
go tool staticcheck ./...
echo "== build"
CGO_ENABLED=0 go build -trimpath ./...
echo "== test"
go test -race -timeout 20m "${targets[@]}"
echo "== fuzz, ${FUZZTIME:=8s} each"
for dir in $(go list -f '{{.Dir}}' "${targets[@]}"); do
  for f in $(grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go 2>/dev/null | sed 's/^func //'); do
    echo "-- ${dir#"$PWD"/} $f"
    go test -run '^$' -fuzz "^$f\$" -fuzztime "$FUZZTIME" "$dir"
  done
done
echo "all green"
