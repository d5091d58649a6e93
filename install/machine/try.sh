#!/bin/bash
# What install/machine.sh tries, within the computer that it has made, over several starts of
# it. Each line says what holds, or what does not, and then with what was seen.
set -u
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
kept=/var/lib/try
given=/run/given
mkdir -p "$kept"
stage=$(cat "$kept/stage" 2>/dev/null || echo 1)

# holds TEXT COMMAND… says whether the command succeeds.
holds() {
  local text=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "  ok    $text"
    return 0
  fi
  echo "  FAIL  $text"
  printf '%s\n' "$said" | tail -n 30 | sed 's/^/        /'
  touch "$kept/failed"
  return 1
}

# is WANT COMMAND… is true when that is what the command says; has, when it says it among others.
is() {
  local want=$1 got
  shift
  got=$("$@" 2>&1)
  [ "$got" = "$want" ] || { printf 'not %q but %q\n' "$want" "$got"; return 1; }
}
has() {
  local want=$1 got
  shift
  got=$("$@" 2>&1)
  grep -qF -- "$want" <<<"$got" || { printf 'no %q in:\n%s\n' "$want" "$got"; return 1; }
}
not() { ! "$@"; }

# soon COMMAND… asks again for so many seconds (SOON) until it succeeds.
soon() {
  local said i
  for ((i = 0; i < ${SOON:-60}; i++)); do
    said=$("$@" 2>&1) && return 0
    sleep 1
  done
  printf '%s\n' "$said"
  return 1
}

of() { systemctl show --value -p "$1" "${2:-sigill.service}"; }
active() { is active systemctl is-active "${1:-sigill.service}"; }
log() { journalctl -q --no-pager -b -o cat -u sigill; }
owner() { stat -c '%U:%G %a' "$1"; }
group() { cat "/sys/fs/cgroup/system.slice/sigill.service/$1"; }

# page PATH [WANT]: the code with which the portal answers.
page() { curl -sk -o /dev/null -w '%{http_code}' "https://localhost$1"; }

# mails SUBJECT sends a letter to a citizen.
mails() {
  swaks --server 127.0.0.1 --port 25 --helo machine --from eva@prov.example --to anna@example.se.0701234567.s --header "Subject: $1" --body Hej
}
notices() { grep -c '^To: .*anna@example.se' "$kept/mails"; }
# noticed N: so many notices to the citizen have left.
noticed() { is "$1" notices; }

# everything lists what is on the disk, but what the system itself writes while it runs.
everything() {
  {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path "$kept" -o -path /root \
      -o -path /var/log -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/cache -o -path /srv \
      -o -path '/etc/*-' -o -path /etc/.pwd.lock -o -path /etc/machine-id \) -prune -o -printf '%p %y\n'
    cut -d: -f1 /etc/passwd /etc/group
  } | sort -u
}

again() { # reboots into the next stage
  echo $((stage + 1)) >"$kept/stage"
  sync
  systemctl reboot
  exit
}

peers() {
  cat >"$kept/peers.pl" <<'PERL'
# A smarthost that takes everything.
use IO::Socket::INET;
my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1:2525', Listen => 20, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $c = $l->accept) {
  next if fork;
  $c->autoflush(1);
  print $c "220 smarthost ESMTP\r\n";
  while (<$c>) {
    if (/^EHLO/i) { print $c "250-smarthost\r\n250 8BITMIME\r\n" }
    elsif (/^DATA/i) {
      print $c "354 go on\r\n";
      open my $f, '>>', '/var/lib/try/mails';
      my $all = '';
      while (<$c>) { last if /^\.\r?\n/; $all .= $_ }
      print $f $all; close $f;
      print $c "250 taken\r\n";
    }
    elsif (/^QUIT/i) { print $c "221 bye\r\n"; last }
    else { print $c "250 well\r\n" }
  }
  exit;
}
PERL
  touch "$kept/mails"
  systemd-run -q --unit=peers perl "$kept/peers.pl"
}

answers() {
  mkdir -p /root/answers /srv/updates
  chmod 700 /root/answers
  echo 'tre gula hästar i dimman' >/root/answers/password
  echo JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP >/root/answers/app
  chmod 600 /root/answers/password /root/answers/app
  cat >/root/answers/answers.toml <<TOML
[administrator]
name = "Karin Berg"
address = "karin@prov.example"
password_file = "/root/answers/password"
app_key_file = "/root/answers/app"
[kit]
out = "/root/kit.html"
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
[web]
base_url = "https://localhost"
tls = "internal"
[smtp]
hostname = "mx.prov.example"
tls = "internal"
[senders]
networks = ["127.0.0.0/8"]
[smarthost]
host = "127.0.0.1"
port = 2525
tls = "lab"
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[update]
source = "/srv/updates"
TOML
}

empty() {
  everything >"$kept/before"
  holds "the package installs" dpkg -i "$given"/sigill_1.0.0_amd64.deb
  holds "it starts with the computer, and not before somebody has set it up" is enabled systemctl is-enabled sigill.service
  holds "nothing runs yet" is inactive systemctl is-active sigill.service
  holds "a second installation changes nothing" has "Nothing is to be changed." sigill install
  holds "systemd understands the units" is "" systemd-analyze verify sigill.service sigill-update.service
  holds "unset, it starts and shows its set-up" systemctl start sigill.service
  holds "the log has the one-time address" has "https://" log
  holds "which opens the set-up" is 200 page "$(log | grep -o '/setup[^ ]*' | tail -1)"
  holds "no mail is taken yet" not has ":25 " ss -Hltn
  holds "the step before it did not fail" is success of Result sigill-update.service
  holds "while it runs, answers from a file are refused" not sigill setup --answers /root/answers/answers.toml
  systemctl stop sigill.service
  holds "stopped at once" is success of Result
  holds "answers from a file set it up" sigill setup --answers /root/answers/answers.toml
  holds "the configuration is the service's" is "sigill:sigill 640" owner /etc/sigill/sigill.toml
  holds "and so is the store" is "sigill:sigill 600" owner /var/lib/sigill/sigill.db
  holds "and the key" is "sigill:sigill 600" owner /etc/sigill/keys/appliance.key
}

running() {
  holds "it starts, once every door has answered" systemctl start sigill.service
  holds "it is active" active
  holds "it says what it does" has "Portal https://localhost" of StatusText
  holds "the step before it ended well" is success of Result sigill-update.service
  holds "the watchdog is armed" is 2min of WatchdogUSec
  local pid
  pid=$(of MainPID)
  holds "it is nobody's account but its own" is "sigill" stat -c %U "/proc/$pid"
  holds "ports 25 and 443 are its" bash -c "ss -Hltnp | grep -E ':25 .*pid=$pid,' && ss -Hltnp | grep -E ':443 .*pid=$pid,'"
  holds "it has the right to low ports and no other" is "CapEff:	0000000000000400" grep CapEff "/proc/$pid/status"
  holds "it swaps nothing" is 0 group memory.swap.max
  holds "it leaves no core" has " 0 " bash -c "grep 'core file' /proc/$pid/limits"
  holds "its exposure is at most 1.5: $(systemd-analyze security --no-pager sigill.service | tail -1)" systemd-analyze security --no-pager --threshold=15 sigill.service
  holds "and that of the step before it: $(systemd-analyze security --no-pager sigill-update.service | tail -1)" systemd-analyze security --no-pager --threshold=15 sigill-update.service
  holds "the log is the journal's" has "part=appliance" log
  holds "the portal answers" is 200 page /
  holds "a letter is taken" mails "Ett"
  holds "and its notice leaves" soon noticed 1
  holds "the doctor looks at it: $(sigill doctor 2>&1 | head -1)" has "clock" sigill doctor
  chmod 777 /etc/sigill/keys
  holds "modes are set right by systemd-tmpfiles" systemd-tmpfiles --create
  holds "so that the keys are its own again" is "sigill:sigill 700" owner /etc/sigill/keys
}

reloads() {
  local pid
  pid=$(of MainPID)
  sed -i 's/^name = "Provkommun"/name = "Nykommun"/' /etc/sigill/sigill.toml
  holds "a reload reads the configuration anew" systemctl reload sigill.service
  holds "which was said to systemd" has "Reloading" bash -c "journalctl -q -b -o cat -u sigill.service UNIT=sigill.service + _PID=1 | grep -i reload"
  holds "in the same process" is "$pid" of MainPID
  holds "and is active then" active
  holds "mail is taken" mails "Efter omläsning"
  holds "and its notice leaves" soon noticed 2
  cp -p /etc/sigill/sigill.toml "$kept/sigill.toml"
  echo 'nonsense = 1' >>/etc/sigill/sigill.toml
  holds "a spoilt configuration is told to whom reloads" not systemctl reload sigill.service
  holds "and the one before goes on" active
  holds "which serves" is 200 page /
  cp -p "$kept/sigill.toml" /etc/sigill/sigill.toml
}

dies() {
  local before
  before=$(of NRestarts)
  kill -9 "$(of MainPID)"
  holds "killed, it comes back" soon is "$((before + 1))" of NRestarts
  holds "and serves" soon is 200 page /
  mkdir -p /run/systemd/system/sigill.service.d
  printf '[Service]\nWatchdogSec=12s\n' >/run/systemd/system/sigill.service.d/try.conf
  systemctl daemon-reload
  systemctl restart sigill.service
  before=$(of NRestarts)
  kill -STOP "$(of MainPID)"
  holds "stopped in its tracks, the watchdog ends it" soon is "$((before + 1))" of NRestarts
  holds "and it comes back" soon is 200 page /
  holds "the watchdog is why" has "watchdog" journalctl -q -b -o cat -u sigill.service
  rm -r /run/systemd/system/sigill.service.d
  systemctl daemon-reload
}

still() { # what root does while it is stopped must not lock the service out
  systemctl stop sigill.service
  holds "stopped, it has ended well" is success of Result
  holds "root verifies the journal of one that is stopped" sigill journal verify
  holds "it starts after that" systemctl start sigill.service
  holds "and serves" soon is 200 page /
}

creds() {
  holds "it came up with the computer" soon active
  holds "the step before it did so too" is success of Result sigill-update.service
  local w cred=/etc/sigill/appliance.key.cred
  mkdir -p /etc/systemd/system/sigill.service.d
  printf '[Service]\nLoadCredentialEncrypted=appliance.key:%s\n' $cred >/etc/systemd/system/sigill.service.d/override.conf
  cp -p /etc/sigill/keys/appliance.key /root/appliance.key
  for w in host tpm2; do
    rm -f $cred
    holds "the key is sealed as a credential ($w)" systemd-creds encrypt --with-key=$w --name=appliance.key /root/appliance.key $cred
    systemctl daemon-reload
    holds "with it the service starts" systemctl restart sigill.service
    holds "and says by what" has "service manager" sigill key show
    [ ! -e /etc/sigill/keys/appliance.key ] || shred -u /etc/sigill/keys/appliance.key
    holds "without the file, too" systemctl restart sigill.service
    holds "and serves" soon is 200 page /
  done
}

passphrase() {
  holds "with a key that the TPM has it came up with the computer" soon active
  holds "and serves" soon is 200 page /
  holds "the key goes back into its file" sigill key mode file
  rm -r /etc/systemd/system/sigill.service.d /etc/sigill/appliance.key.cred
  systemctl daemon-reload
  holds "and starts by it" systemctl restart sigill.service
  holds "it lies in a file" has "lies in a file" sigill key show
  holds "a passphrase takes its place" bash -c 'printf "sex hemliga ord i rad nu\nsex hemliga ord i rad nu\n" | sigill key mode passphrase'
  holds "the file is gone" not test -e /etc/sigill/keys/appliance.key
  holds "it starts, locked" systemctl restart sigill.service
  holds "and says so" has "Locked" of StatusText
  holds "the portal shows one page, 503" is 503 page /
  holds "mail is taken, 250" mails "Medan det var låst"
  holds "a wrong passphrase opens nothing" bash -c '! echo fel ord här | sigill unlock'
  sleep 3
  holds "the right one does" bash -c 'echo sex hemliga ord i rad nu | sigill unlock'
  holds "the portal opens" soon is 200 page /
  holds "it is active" active
  holds "and says what it does" soon has "Portal" of StatusText
  holds "the mail that came while it was locked is a letter now" soon noticed 3
  holds "back to a file" sigill key mode file
  holds "it starts by it" systemctl restart sigill.service
}

backups() {
  holds "a directory for backups is the service's to write to" sigill install --backup-dir /srv/backup/sigill
  holds "it is made for it" is "sigill:sigill 700" owner /srv/backup/sigill
  sed -i '/^backup = \[\]$/d' /etc/sigill/sigill.toml
  printf '[[backup]]\nname = "disk"\nkind = "dir"\npath = "/srv/backup/sigill"\n' >>/etc/sigill/sigill.toml
  holds "a second time nothing is changed" has "Nothing is to be changed." sigill install
  holds "with it the service starts" systemctl restart sigill.service
  holds "a backup is written" sigill backup now
  holds "and is whole" sigill backup verify
  holds "and can be restored" sigill backup drill
  holds "nothing in it is root's" is "" find /srv/backup/sigill -user root
  holds "its exposure is still at most 1.5" systemd-analyze security --no-pager --threshold=15 sigill.service
}

version() { sigill version; }
runs() { has "Version $1 runs" sigill update check; }
source_is() { cp "$given/$1/sigill-linux-amd64.update" /srv/updates/; }
faults() { printf %s "$1" >/srv/fault; chmod 644 /srv/fault; }

updates() {
  printf 'SIGILL_UPDATE_KEYS=%s\n' "$(paste -sd, "$given/keys")" >/etc/default/sigill
  mkdir -p /etc/systemd/system/sigill.service.d
  printf '[Service]\nEnvironment=UPDATEFAULT=/srv/fault\n' >/etc/systemd/system/sigill.service.d/fault.conf
  systemctl daemon-reload
  faults ""
  systemctl restart sigill.service
  source_is 1.1.0
  holds "version 1.0.0 runs" soon runs 1.0.0
  cp -p /etc/sigill/sigill.toml "$kept/sigill.toml"
  sed -i "s|^keys = \[.*|keys = [$(sed 's/.*/"&"/' "$given/keys" | paste -sd,)]|" /etc/sigill/sigill.toml
  mv /etc/default/sigill /root/default
  systemctl restart sigill.service
  holds "keys that the service has named itself count for nothing" bash -c '! sigill update apply'
  cp -p "$kept/sigill.toml" /etc/sigill/sigill.toml
  mv /root/default /etc/default/sigill
  systemctl restart sigill.service
  holds "1.1.0 is found" has "Version 1.1.0 may be installed" sigill update check
  holds "and takes over" has "Version 1.1.0 runs." sigill update apply
  holds "it is the program" is "sigill 1.1.0" version
  holds "which is root's" is "root:root 755" owner /usr/bin/sigill
  holds "the step before the start put it there" has "is version 1.1.0 now" journalctl -q -b -o cat -u sigill-update.service
  holds "it serves" soon is 200 page /
  holds "a letter is taken" mails "Med 1.1.0"
  holds "and its notice leaves" soon noticed 4
  source_is 1.2.0
  faults crash
  holds "1.2.0, which crashes in its trial, is not kept" bash -c '! sigill update apply'
  holds "1.1.0 goes on" soon runs 1.1.0
  faults start
  holds "1.2.0, which does not come up in its place, is not kept either" bash -c '! sigill update apply'
  holds "1.1.0 is back by itself" is "sigill 1.1.0" version
  holds "and runs" soon runs 1.1.0
  holds "and serves" soon is 200 page /
  holds "a letter is taken" mails "Efter återgången"
  holds "and its notice leaves" soon noticed 5
  faults ""
  holds "1.2.0 without its faults takes over" has "Version 1.2.0 runs." sigill update apply
  holds "by hand one goes back" has "Version 1.1.0 runs." sigill update rollback
  holds "and it serves" soon is 200 page /
  rm /etc/systemd/system/sigill.service.d/fault.conf
  systemctl daemon-reload
  holds "a newer package takes over" dpkg -i "$given"/sigill_1.3.0_amd64.deb
  holds "and runs" soon runs 1.3.0
  holds "it is active" active
}

goes() {
  cp -p /etc/sigill/sigill.toml "$kept/sigill.toml"
  holds "the package is removed" dpkg -r sigill
  holds "no service is left" not systemctl cat sigill.service
  holds "nothing runs" not pgrep -x sigill
  everything | comm -13 "$kept/before" - >"$kept/left"
  holds "only data, keys, configuration and what is known of versions are left" is "" bash -c "grep -vE '^(/var/lib/sigill(-update)?|/etc/sigill|/etc/default/sigill)(/| )|^(/etc/passwd:|/etc/group:)?sigill$' $kept/left"
  holds "installed again" dpkg -i "$given"/sigill_1.3.0_amd64.deb
  holds "it goes on with all that was there" systemctl restart sigill.service
  holds "and serves" soon is 200 page /
  holds "everything is erased when that is meant" sigill uninstall --purge-data --yes
  holds "and the package purged" dpkg -P sigill
  everything | comm -13 "$kept/before" - >"$kept/left"
  holds "nothing is left but the account, whose the backups are" is "" grep -vE '^(sigill|/etc/default/sigill f)$' "$kept/left"
  holds "they lie elsewhere" test -e /srv/backup/sigill
}

restored() { # the other way to install, and a machine that was lost
  dpkg-deb -x "$given"/sigill_1.3.0_amd64.deb /root/x
  holds "the program installs itself" /root/x/usr/bin/sigill install --backup-dir /srv/backup/sigill
  cp "$kept/sigill.toml" /etc/sigill/sigill.toml
  holds "a backup is restored" bash -c 'sigill restore --from /srv/backup/sigill --kit /root/kit.html --the-old-one-is-gone'
  holds "it is the service's" is "" find /var/lib/sigill /etc/sigill/keys ! -user sigill
  holds "it starts" systemctl start sigill.service
  holds "and serves" soon is 200 page /
  holds "a letter is taken" mails "Efter återläsning"
  holds "and its notice leaves" soon noticed 6
  rm -r /srv/backup /etc/default/sigill
  holds "the program takes itself away, with all that it has kept" sigill uninstall --purge-data --yes
  everything | comm -13 "$kept/before" - >"$kept/left"
  holds "nothing is left but the empty directory in which systemd looks for accounts" is "" grep -vxF '/etc/sysusers.d d' "$kept/left"
}

systemctl is-system-running --wait >/dev/null
echo "== start $stage of the computer: $(. /etc/os-release; echo "$PRETTY_NAME"), $(systemctl --version | head -1), $(awk "/MemTotal/ {print int(\$2 / 1024)}" /proc/meminfo) MiB"
case $stage in
1)
  answers
  peers
  empty
  running
  reloads
  dies
  still
  ;;
2) peers; creds ;;
3) peers; passphrase ;;
4)
  peers
  backups
  updates
  echo "  its memory: $(($(group memory.current) >> 20)) MiB now, $(($(group memory.peak) >> 20)) MiB at most"
  goes
  restored
  if [ -e "$kept/failed" ]; then echo "Something does not hold."; else echo "All of it holds."; fi
  sync
  systemctl poweroff
  exit
  ;;
esac
echo "  its memory: $(($(group memory.current) >> 20)) MiB now, $(($(group memory.peak) >> 20)) MiB at most"
again
