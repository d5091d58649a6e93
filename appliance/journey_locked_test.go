package appliance_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/config"
	"sigill/appliance/erase"
	"sigill/appliance/peers"
	"sigill/appliance/spool"
)

// keyless is a house of a configuration file whose appliance key somebody must give.
type keyless struct {
	*journey
	f       config.Config
	file    string
	clock   *appliance.Turned
	gateway *gatewayPeer
}

func newKeyless(t *testing.T) *keyless {
	t.Helper()
	k := &keyless{journey: &journey{TB: t, log: &safeBuffer{}}, clock: appliance.NewTurned(), gateway: newGatewayPeer(t)}
	host, port, err := net.SplitHostPort(smarthostTrap(t, k.journey))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("gateway-password\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	toml := fmt.Sprintf(`
data = %q
keys = %q
run = %q
[house]
name = "Provkommun"
department = "Omsorgen"
domains = ["prov.example"]
[web]
base_url = "http://localhost:8080"
listen = "127.0.0.1:0"
[smtp]
hostname = "brev.prov.example"
listen = "127.0.0.1:0"
[metrics]
listen = "127.0.0.1:0"
[senders]
networks = ["127.0.0.0/8"]
[smarthost]
host = %q
port = %s
tls = "lab"
[notices]
from = "sakerpost@brev.prov.example"
own_domain = "brev.prov.example"
[[sms.gateway]]
kind = "generic"
name = "prov"
from = "Prov"
secret_file = %q
url = %q
body = '{"to":"{{to}}","text":"{{text}}","hook":"{{hook}}"}'
id_path = "id"
[sms.gateway.header]
Content-Type = "application/json"
Authorization = "Bearer {{secret}}"
`, filepath.Join(dir, "data"), filepath.Join(dir, "keys"), filepath.Join(dir, "run"), host, port, secret, k.gateway.URL)
	k.file = filepath.Join(dir, "sigill.toml")
	if err := os.WriteFile(k.file, []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	if k.f, err = config.Load(k.file); err != nil {
		t.Fatal(err)
	}
	return k
}

// opens starts the open appliance, with a key if it needs one.
func (k *keyless) opens(t *testing.T) *serving {
	t.Helper()
	s := serveBy(t, k.f, k.clock)
	s.info.Trap = k.info.Trap
	s.Browser().Get("/").Sees("Säkra brev") // it runs
	return s
}

// keeps says a command to the appliance that runs, with what is typed.
func (k *keyless) keeps(t *testing.T, typed string, do func(appliance.Keeper, appliance.Places) error) string {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	io.WriteString(out, typed)
	out.Close()
	var said bytes.Buffer
	if err := do(appliance.Keeper{In: in, Out: &said}, appliance.PlacesOf(k.f)); err != nil {
		return "error: " + err.Error()
	}
	return said.String()
}

func (k *keyless) mode(t *testing.T, mode, typed string, servers ...string) string {
	t.Helper()
	return k.keeps(t, typed, func(x appliance.Keeper, p appliance.Places) error {
		return x.Mode(context.Background(), p, mode, servers, nil)
	})
}

func (k *keyless) unlocks(t *testing.T, typed string) string {
	t.Helper()
	return k.keeps(t, typed+"\n", func(x appliance.Keeper, p appliance.Places) error { return x.Unlock(context.Background(), p) })
}

// lockedHouse is one that runs locked.
type lockedHouse struct {
	*journey
	machine appliance.Locked
	metrics string        // where Prometheus asks
	over    chan struct{} // closed when it has ended
	c       appliance.Config
	end     func()
}

func (k *keyless) config(t *testing.T) appliance.Config {
	t.Helper()
	c, err := appliance.FromFile(k.f, slog.New(slog.NewTextHandler(k.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(c.Web.Addr().String())
	c.Clock, c.BaseURL = k.clock, "http://localhost:"+port
	return c
}

// locks starts the appliance locked.
func (k *keyless) locks(t *testing.T) *lockedHouse {
	t.Helper()
	c := k.config(t)
	h := &lockedHouse{journey: &journey{TB: t, log: k.log}, over: make(chan struct{})}
	h.info.Portal, h.info.SMTP, h.info.Trap = c.BaseURL, c.SMTP[0].Addr().String(), k.info.Trap
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	if h.machine, err = appliance.OpenLocked(ctx, c); err != nil {
		cancel()
		t.Fatal(err)
	}
	h.metrics = "http://" + c.Metrics.Addr().String()
	go func() {
		defer close(h.over)
		var err error
		if h.c, err = h.machine.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	h.end = sync.OnceFunc(func() { cancel(); <-h.over })
	t.Cleanup(h.end)
	return h
}

// goesOn opens the appliance with the key that it was unlocked to.
func (k *keyless) goesOn(t *testing.T, h *lockedHouse) *serving {
	t.Helper()
	<-h.over
	key := h.c.Key
	if key.IsZero() {
		t.Fatal("it was not unlocked")
	}
	s := serveWith(t, k.f, k.clock, func(c *appliance.Config) { c.Key = key })
	s.info.Trap = k.info.Trap
	return s
}

// scrapes asks as Prometheus does.
func scrapes(t *testing.T, url string) (status int, said string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

const passphrase = "sex ord som ingen annan gissar"

// filesOf is all that is in a directory, file after file.
func filesOf(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		all = append(append(all, d.Name()...), readFile(t, path)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLockedAppliance(t *testing.T) {
	t.Parallel()
	k := newKeyless(t)
	first := k.opens(t)
	const eva = "eva@prov.example"
	first.Send(letter{from: eva, to: []string{annaSecure}, subject: "Kort [säker 12h]", body: "Snart slut."})
	ending := first.CodeOf(first.Await("email", anna, 1))

	t.Run("a passphrase takes the place of the file with the key, and must be long", func(t *testing.T) {
		if said := k.mode(t, "passphrase", "kort\nkort\n"); !strings.Contains(said, "16 to") {
			t.Error(said)
		}
		if said := k.mode(t, "passphrase", passphrase+"\nnågot annat långt nog\n"); !strings.Contains(said, "not alike") {
			t.Error(said)
		}
		if said := k.mode(t, "passphrase", passphrase+"\n"+passphrase+"\n"); !strings.Contains(said, "locked until somebody types") {
			t.Fatal(said)
		}
		names, _ := filepath.Glob(filepath.Join(k.f.Keys, "appliance.key*"))
		if len(names) != 1 || filepath.Base(names[0]) != "appliance.key.passphrase" {
			t.Error(names)
		}
	})
	first.end()
	t.Run("without it nothing opens", func(t *testing.T) {
		c := k.config(t)
		c.Web.Close()
		for _, l := range c.SMTP {
			l.Close()
		}
		if a, err := appliance.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "locked") {
			t.Error(err)
			a.Close()
		}
	})

	h := k.locks(t)
	t.Run("every page says that it is locked, in the reader's language, and shows nothing else", func(t *testing.T) {
		for _, path := range []string{"/", "/in", "/m", "/mail", "/admin", "/handbook", "/no/such/page"} {
			b := h.Browser().Get(path).Sees("Säker post är stängd en stund", "Provkommun", "Lösenfras")
			if b.code != 503 {
				t.Errorf("%s: %d", path, b.code)
			}
		}
		h.Browser().Get("/?lang=fi").Sees("Turvaposti on hetken kiinni")
		for path, want := range map[string]string{"/healthz": `{"status":"locked"}`, "/api/v1/letters": `"title":"Säker post är stängd en stund"`} {
			if b := h.Browser().Get(path).Sees(want); b.code != 503 {
				t.Errorf("%s: %d", path, b.code)
			}
		}
	})
	t.Run("who watches over the machine is told that it is locked", func(t *testing.T) {
		status, said := scrapes(t, h.metrics+"/metrics")
		if status != 200 || !strings.Contains(said, "\nsigill_locked 1\n") || !strings.Contains(said, "\nsigill_mails_spooled 0\n") || strings.Contains(said, "sigill_journal") {
			t.Errorf("%d: %s", status, said)
		}
		if status, said = scrapes(t, h.metrics+"/healthz"); status != 503 || said != "machine.locked\n" {
			t.Errorf("%d: %s", status, said)
		}
	})
	t.Run("mail of the house is taken, a stranger's is refused, and what cannot be told is put off", func(t *testing.T) {
		h.Send(letter{from: eva, to: []string{annaSecure}, subject: "Medan det var låst", body: "hemligradqz"})
		h.Send(letter{from: eva, to: []string{"bo@example.se.0707654321.s"}, subject: "För länge [säker 900d]", body: "hemligradqz"})
		for _, x := range []struct {
			l    letter
			code string
		}{
			{letter{from: eva, to: []string{anna}, subject: "Utan utlösare", body: "x"}, "550"},
			{letter{from: eva, to: []string{"bounce+abc@brev.prov.example"}, subject: "x", body: "x"}, "451"},
			{letter{from: "eva@tillagd.example", to: []string{annaSecure}, subject: "x", body: "x"}, "451"}, // a domain of the pages, perhaps
		} {
			if err := h.TrySend(x.l); err == nil || !strings.HasPrefix(err.Error(), "SMTP error "+x.code) && !strings.Contains(err.Error(), x.code) {
				t.Errorf("%v: %v, not %s", x.l.to, err, x.code)
			}
		}
	})
	t.Run("what is taken is on the disk, and no word of it can be read there, nor in the log", func(t *testing.T) {
		files, _ := filepath.Glob(filepath.Join(k.f.Data, "spool", "*.age"))
		if len(files) != 2 {
			t.Fatalf("%d mails wait", len(files))
		}
		m := newMarks()
		for _, word := range []string{"hemligradqz", "Medan det var", anna, "bo@example.se", eva, passphrase} {
			m.text(word, word)
		}
		m.digits("number", "701234567")
		found := append(m.inDir(t, k.f.Data), m.inDir(t, k.f.Keys)...)
		for _, name := range m.in(measured.ReplaceAll(k.log.Bytes(), nil)) {
			found = append(found, "log: "+name)
		}
		if len(found) > 0 {
			t.Errorf("in clear text:\n%s", strings.Join(found, "\n"))
		}
	})
	t.Run("what is due ends without any key", func(t *testing.T) {
		before := string(readFile(t, filepath.Join(k.f.Data, "shred.slots")))
		k.clock.Turn(25 * time.Hour)
		if err := h.machine.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ended := string(readFile(t, filepath.Join(k.f.Data, "destroyed"))); strings.Count(ended, "holder ") < 2 || !strings.Contains(ended, "message ") {
			t.Errorf("destroyed: %q", ended)
		}
		if string(readFile(t, filepath.Join(k.f.Data, "shred.slots"))) == before {
			t.Error("no slot was erased")
		}
	})
	t.Run("wrong passphrases open nothing, and more and more time must go by between them", func(t *testing.T) {
		b := h.Browser().Get("/")
		for range 5 {
			if b.Post("/unlock", "typed", "fel fras som är lång nog").Sees("Det låste inte upp"); b.code != 403 {
				t.Error(b.code)
			}
		}
		if b.Post("/unlock", "typed", passphrase).Sees("Det blev många försök"); b.code != 429 {
			t.Error(b.code)
		}
		if w := h.machine.Waits(netip.MustParseAddr("127.0.0.1")); w == 0 || w > 5*time.Second {
			t.Error(w)
		}
		if said := k.keeps(t, "", func(x appliance.Keeper, p appliance.Places) error { return x.Show(t.Context(), p) }); !strings.Contains(said, "sigill unlock") {
			t.Error(said)
		}
		if said := k.unlocks(t, "fel fras som är lång nog"); !strings.Contains(said, "error:") {
			t.Error(said)
		}
		k.clock.Turn(6 * time.Second)
	})
	t.Run("the right one opens it, and the page says so", func(t *testing.T) {
		if b := h.Browser().Get("/").Post("/unlock", "typed", passphrase).Sees("Det är upplåst"); b.code != 200 {
			t.Error(b.code)
		}
	})
	open := k.goesOn(t, h)
	t.Run("the mail that waited is a letter now, once, and is read", func(t *testing.T) {
		notice := open.Await("email", anna, 2)
		b := open.Browser().ShowCode(open.CodeOf(notice)).At("/m/pin")
		_, text, _ := k.gateway.last(t)
		b.Post("/m/pin", "pin", pinIn.FindStringSubmatch(text)[1]).At("/m/letter").Sees("hemligradqz", "Medan det var låst")
	})
	t.Run("who sent what cannot be accepted is told, and nobody got it", func(t *testing.T) {
		m := open.AwaitSaying("email", eva, "medan säker post var stängd")
		if m.Subject != "Ditt säkra mejl skickades inte" || len(open.Trapped("email", "bo@example.se")) != 0 {
			t.Error(m.Subject)
		}
	})
	t.Run("the letter whose time was up is over", func(t *testing.T) {
		open.Browser().ShowCode(ending).Sees("Det kunde läsas till och med")
	})
	t.Run("the spool is empty, and taking in again brings nothing twice", func(t *testing.T) {
		if files, _ := os.ReadDir(filepath.Join(k.f.Data, "spool")); len(files) != 0 {
			t.Error(files)
		}
		if n := len(open.Trapped("email", anna)); n != 2 {
			t.Errorf("%d notices", n)
		}
		if said := k.unlocks(t, passphrase); !strings.Contains(said, "open already") {
			t.Error(said)
		}
	})
	t.Run("the journal tells of it, and is whole", func(t *testing.T) {
		open.end()
		c := k.config(t)
		defer func() {
			c.Web.Close()
			for _, l := range c.SMTP {
				l.Close()
			}
		}()
		db := database(t, k.f.Data)
		defer db.Close()
		told := map[string]string{}
		for _, row := range rows(t, db, "SELECT kind, detail FROM journal") {
			told[fmt.Sprint(row[0])] = fmt.Sprint(row[1])
		}
		for kind, detail := range map[string]string{"system_locked": "", "system_unlocked": "page", "spool_refused": "", "key_mode_set": "passphrase"} {
			if got, is := told[kind]; !is || !strings.Contains(got, detail) {
				t.Errorf("%s: %q, %v", kind, got, is)
			}
		}
	})
}

func TestLockedApplianceAndItsKeys(t *testing.T) {
	t.Parallel()
	k := newKeyless(t)
	s := k.opens(t)
	kit := string(readFile(t, s.kit[1]))
	if said := k.mode(t, "passphrase", passphrase+"\n"+passphrase+"\n"); strings.HasPrefix(said, "error") {
		t.Fatal(said)
	}
	s.end()
	t.Run("the key of another installation is refused before anything is written", func(t *testing.T) {
		other := newKeyless(t)
		theirs := other.opens(t)
		theirKit := string(readFile(t, theirs.kit[1]))
		theirs.end()
		h := k.locks(t)
		for _, page := range []string{pageTwo(t, theirKit), strings.Repeat("ab", 32)} {
			if said := k.unlocks(t, page); !strings.Contains(said, "error:") {
				t.Error(said)
			}
		}
		h.end()
		before := filesOf(t, filepath.Join(k.f.Data, "checkpoints"))
		theirKey := filepath.Join(k.f.Keys, "appliance.key")
		if err := os.WriteFile(theirKey, readFile(t, filepath.Join(other.f.Keys, "appliance.key")), 0o600); err != nil {
			t.Fatal(err)
		}
		c := k.config(t)
		c.Web.Close()
		for _, l := range c.SMTP {
			l.Close()
		}
		if a, err := appliance.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "another installation") {
			t.Error(err)
			a.Close()
		}
		if !bytes.Equal(before, filesOf(t, filepath.Join(k.f.Data, "checkpoints"))) {
			t.Error("it has signed with the other key")
		}
		if err := os.Remove(theirKey); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("page 2 of the kit unlocks it, on the machine itself", func(t *testing.T) {
		h := k.locks(t)
		if said := k.unlocks(t, pageTwo(t, kit)); !strings.Contains(said, "unlocked") {
			t.Fatal(said)
		}
		open := k.goesOn(t, h)
		open.Browser().Get("/").Sees("Säkra brev")
		t.Run("and back in a file it starts by itself", func(t *testing.T) {
			if said := k.mode(t, "file", ""); !strings.Contains(said, "starts by itself") {
				t.Fatal(said)
			}
			open.end()
			names, _ := filepath.Glob(filepath.Join(k.f.Keys, "appliance.key*"))
			if len(names) != 1 || filepath.Base(names[0]) != "appliance.key" {
				t.Error(names)
			}
			k.opens(t).end()
		})
	})
	t.Run("without a key anywhere it takes mail, and the kit opens it", func(t *testing.T) {
		path := filepath.Join(k.f.Keys, "appliance.key")
		key := readFile(t, path)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		h := k.locks(t)
		h.Browser().Get("/").Sees("finns inte där den ska", "Sida 2 av återställningspaketet")
		h.Send(letter{from: "eva@prov.example", to: []string{annaSecure}, subject: "Utan nyckel", body: "x"})
		if said := k.unlocks(t, pageTwo(t, kit)); !strings.Contains(said, "unlocked") {
			t.Fatal(said)
		}
		open := k.goesOn(t, h)
		open.Await("email", anna, 1)
		open.end()
		if log := string(k.log.Bytes()); strings.Contains(log, hex.EncodeToString(key)) || strings.Contains(log, strings.TrimSpace(string(key[len(key)-65:]))) {
			t.Error("the key is in the log")
		}
	})
}

func TestKeyServerUnlocks(t *testing.T) {
	t.Parallel()
	k := newKeyless(t)
	s := k.opens(t)
	tang := peers.NewTang()
	server := httptest.NewServer(tang)
	defer server.Close()
	t.Run("a server is trusted when somebody has compared what it signs with, or named it", func(t *testing.T) {
		if said := k.mode(t, "tang", "no\n", server.URL); !strings.Contains(said, "nothing was changed") {
			t.Error(said)
		}
		for trust, want := range map[string]string{"another": "none of the keys", tang.Thumbprint(): server.URL} {
			said := k.keeps(t, "", func(x appliance.Keeper, p appliance.Places) error {
				return x.Mode(t.Context(), p, "tang", []string{server.URL}, []string{trust})
			})
			if !strings.Contains(said, want) {
				t.Error(said)
			}
		}
		if said := k.keeps(t, "", func(x appliance.Keeper, p appliance.Places) error { return x.Show(t.Context(), p) }); !strings.Contains(said, "a key server opens") {
			t.Error(said)
		}
	})
	s.end()
	log := slog.New(slog.NewTextHandler(k.log, nil))
	t.Run("while it answers, nothing is ever locked, and no socket is opened", func(t *testing.T) {
		key, err := new(appliance.Boot).Unlock(t.Context(), k.f, log, func() (appliance.Config, error) {
			t.Error("the sockets were opened")
			return appliance.Config{}, errBroken
		}, t.Logf)
		if err != nil || key.IsZero() {
			t.Error(err)
		}
	})
	t.Run("a store that was just restored takes no mail while it is locked", func(t *testing.T) {
		tang.Down.Store(true)
		mark := filepath.Join(k.f.Data, "quarantine")
		if err := os.WriteFile(mark, []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := new(appliance.Boot).Unlock(t.Context(), k.f, log, nil, t.Logf); err == nil || !strings.Contains(err.Error(), "restored") {
			t.Error(err)
		}
		if err := os.Remove(mark); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("while it is down the appliance is locked, and opens by itself when it is back", func(t *testing.T) {
		tang.Down.Store(true)
		var c appliance.Config
		up := make(chan struct{})
		var boot appliance.Boot
		done := make(chan error, 1)
		go func() {
			_, err := boot.Unlock(t.Context(), k.f, log, func() (appliance.Config, error) { c = k.config(t); close(up); return c, nil }, t.Logf)
			done <- err
		}()
		<-up
		h := &journey{TB: t, log: k.log}
		h.info.Portal, h.info.SMTP = c.BaseURL, c.SMTP[0].Addr().String()
		h.Browser().Get("/").Sees("Systemet frågar nyckelservern om och om igen")
		h.Send(letter{from: "eva@prov.example", to: []string{annaSecure}, subject: "Nyckelservern är nere", body: "x"})
		before := tang.Asked.Load()
		for tang.Asked.Load() < before+2 { // again and again
			h.pause()
		}
		tang.Down.Store(false)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		key, err := boot.Unlock(t.Context(), k.f, log, nil, t.Logf) // after a reload: nobody is asked again
		if err != nil || key.IsZero() {
			t.Fatal(err)
		}
		open := serveWith(t, k.f, k.clock, func(c *appliance.Config) { c.Key = key })
		open.info.Trap = k.info.Trap
		open.Await("email", anna, 1)
	})
}

// pageTwo is the line of page 2.
func pageTwo(t *testing.T, kit string) string {
	t.Helper()
	for line := range strings.Lines(kit) {
		if i := strings.Index(line, "SIGILL1:K:"); i >= 0 {
			return strings.TrimSpace(line[i:])
		}
	}
	t.Fatal("the kit has no page 2")
	return ""
}

// breaks is a disk that fails from one step on: what it has done until then is there.
type breaks struct {
	erase.Machine
	left *int
}

var errBroken = errors.New("broken")

func (b breaks) step() error {
	if *b.left--; *b.left < 0 {
		return errBroken
	}
	return nil
}

func (b breaks) Open(name string, flag int, mode fs.FileMode) (erase.File, error) {
	if err := b.step(); err != nil {
		return nil, err
	}
	f, err := b.Machine.Open(name, flag, mode)
	return brokenFile{f, b}, err
}

func (b breaks) Rename(from, to string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Machine.Rename(from, to)
}

func (b breaks) Remove(name string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Machine.Remove(name)
}

func (b breaks) SyncDir(dir string) error {
	if err := b.step(); err != nil {
		return err
	}
	return b.Machine.SyncDir(dir)
}

type brokenFile struct {
	erase.File
	b breaks
}

func (f brokenFile) Sync() error {
	if err := f.b.step(); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f brokenFile) WriteAt(p []byte, at int64) (int, error) {
	if err := f.b.step(); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, at)
}

func TestMailOfTheSpoolComesOnce(t *testing.T) {
	t.Parallel()
	k := newKeyless(t)
	s := k.opens(t)
	db := database(t, k.f.Data)
	defer db.Close()
	letters := func() int64 { return rows(t, db, "SELECT COUNT(*) FROM message")[0][0].(int64) }
	opened := func(disk erase.Disk) *spool.Spool {
		sp, err := spool.Open(spool.Config{Dir: filepath.Join(k.f.Data, "spool"), Clock: k.clock, Disk: disk})
		if err != nil {
			t.Fatal(err)
		}
		return sp
	}
	steps := 0
	t.Run("wherever it is stopped while a mail is taken in, the next start takes it in once", func(t *testing.T) {
		for broken := true; broken; steps++ {
			l := letter{from: "eva@prov.example", to: []string{fmt.Sprintf("p%d@example.se.0701234567.s", steps)}, subject: "Väntade", body: "x"}
			before := letters()
			if err := opened(nil).Put(t.Context(), appliance.SpoolKey(s.a), spool.Mail{Class: spool.House, From: "eva@prov.example", Rcpts: l.to, Raw: l.bytes()}); err != nil {
				t.Fatal(err)
			}
			sp := opened(nil)
			left := steps
			appliance.PutSpool(s.a, opened(breaks{left: &left}))
			if len(sp.Waiting()) != 1 {
				t.Fatalf("%d wait", len(sp.Waiting()))
			}
			broken = errors.Is(appliance.TakeSpooled(t.Context(), s.a), errBroken)
			appliance.PutSpool(s.a, opened(nil)) // as the next start does
			for range 2 {
				if err := appliance.TakeSpooled(t.Context(), s.a); err != nil {
					t.Fatal(err)
				}
			}
			if n := letters() - before; n != 1 {
				t.Errorf("stopped after %d steps: %d letters", steps, n)
			}
		}
		if steps < 6 {
			t.Errorf("only %d steps were broken", steps)
		}
	})
	t.Run("control: without the row that says so it comes twice", func(t *testing.T) {
		before := letters()
		l := letter{from: "eva@prov.example", to: []string{annaSecure}, subject: "Två gånger", body: "x"}
		sp := opened(nil)
		if err := sp.Put(t.Context(), appliance.SpoolKey(s.a), spool.Mail{Class: spool.House, From: "eva@prov.example", Rcpts: l.to, Raw: l.bytes()}); err != nil {
			t.Fatal(err)
		}
		left := 2 // it is read, and not erased
		appliance.PutSpool(s.a, opened(breaks{left: &left}))
		if err := appliance.TakeSpooled(t.Context(), s.a); !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		if _, err := db.Exec("DELETE FROM spooled"); err != nil {
			t.Fatal(err)
		}
		appliance.PutSpool(s.a, opened(nil))
		if err := appliance.TakeSpooled(t.Context(), s.a); err != nil {
			t.Log(err)
		}
		if n := letters() - before; n != 2 {
			t.Errorf("%d letters", n)
		}
	})
}

// database opens an appliance's.
func database(t *testing.T, data string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "sigill.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	return db
}
