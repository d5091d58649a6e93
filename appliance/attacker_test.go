package appliance_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigill/appliance"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/seal"
)

func fromBase64(s string) ([]byte, error) { return base64.StdEncoding.DecodeString(s) }

// Copies of parts of the machine.
func isDatabase(path string) bool { return strings.HasPrefix(path, "sigill.db") }
func isBlob(path string) bool     { return strings.HasPrefix(path, "blobs/") }
func isShred(path string) bool    { return strings.HasPrefix(path, "shred.") }
func isData(path string) bool     { return path != "reserve" && path != "lock" }
func isKeyFile(path string) bool  { return path == "appliance.key" }
func inBackup(path string) bool   { return isDatabase(path) || isBlob(path) } // as 2-security has it: slots apart, link.slots never

// scene is a house with a letter of each kind, in three copies: while a letter waits
// to be announced, while all live, and after one has ended.
type scene struct {
	*town
	waiting, old, now, keys string
	codes                   map[string]string
	key                     *softKey // Maria's passkey
	sune                    *browser // a registered recipient who closes the account
}

func newScene(t *testing.T) *scene {
	s := &scene{codes: map[string]string{}}
	var dir string
	s.town = newTown(t, func(d *appliance.Demo) {
		l := &mail.Draft{From: caseworker, Subject: "Vilar", Text: "vilartextqz", To: []mail.Request{{Given: "v@example.se", Address: "v@example.se", Phone: "+46705550000"}}}
		if err := appliance.Accept(t.Context(), d, l); err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(d.Dir, "data")
		s.waiting = pick(t, dir, isData)
	})
	s.name("Vilar")
	s.keys = filepath.Join(filepath.Dir(dir), "keys")
	anna, erik := s.lettersAndAnswers()
	s.settle()
	s.old = pick(t, dir, isData)
	s.closes()
	erik.Get("/m/letter/done").Post("/m/letter/done").Sees("Din kopia är borta")
	maria := s.Browser().Get("/in").Uses(s.key).At("/mail")
	maria.Get("/mail/" + s.ids["Erik.house"]).Post("/mail/" + s.ids["Erik.house"] + "/move").Get("/mail/trash").Post("/mail/trash/empty").Sees("tömd")
	s.settle()
	anna.Get("/m/letter").Sees("alfatextqz")
	s.stop()
	s.now = pick(t, dir, isData)
	return s
}

// lettersAndAnswers sends everything, and returns who reads two of the letters.
func (s *scene) lettersAndAnswers() (anna, erik *browser) {
	for name, to := range map[string]string{"Alfa": "anna@example.se.0701234567.s", "Beta": "berit@example.org.0702345678.s", "Erik": "erik@example.se.0703456789.s", "Hotell": "hugo@example.se.s", "Cesar": karinAt + ".s", "Ny": "ny@exempelkommun.se.s"} {
		s.sends(s.secretOf(name, "", ""), caseworker, to)
	}
	s.sends(s.secretOf("Johan", "", ""), johanAt, "jonas@example.net.0704567890.s")
	s.sharedLetters()
	read := func(name, address, phone string) *browser {
		m := s.Await("email", address, 1)
		s.codes[name] = s.CodeOf(m)
		return s.Browser().Opens(m, phone)
	}
	anna, erik = read("Alfa", "anna@example.se", "+46701234567"), read("Erik", "erik@example.se", "+46703456789")
	anna.Get("/m/letter/reply").Upload("/m/letter/reply", "answertextqz", map[string]string{"svar.txt": "answerfile"}).Sees("Ditt svar har kommit fram")
	s.name("Answer")
	s.codes["Beta"], s.codes["Hotell"], s.codes["Ny"] = s.CodeOf(s.Await("email", "berit@example.org", 1)), s.holdCode(), s.codeTo("ny@exempelkommun.se")
	maria := s.Browser().SignsIn(caseworker)
	maria.ConnectsApp("/account", mariaPhone, mariaE164)
	s.key = newSoftKey(s, true)
	maria.Get("/account/passkeys").Makes(s.key, "Telefonen").Sees("Nyckeln är tillagd")
	maria.Get("/write").SendForm("/write", []fill{{"subject", "Utkast"}, {"text", "drafttextqz"}, {"do", "save"}}, map[string][]byte{"utkast.txt": []byte("draftfile")}).Sees("Utkastet är sparat")
	s.name("Draft")
	s.recipients()
	s.officials()
	return anna, erik
}

// officials are an auditor and somebody of the help desk, who have come in.
func (s *scene) officials() {
	s.Helper()
	boss := s.Organiser(adminAt)
	for role, address := range map[string]string{"auditor": auditorAt, "helpdesk": helpDeskAt} {
		boss.adds("Bygglov", address, role)
		s.Browser().ShowCode(s.codeTo(address)).Post("/welcome", "password", annaPassword, "repeat", annaPassword).At("/mail")
		at := boss.person(address)
		boss.Get(at).Post(at+"/roles", "role", role).Sees("Ändringen är sparad")
	}
}

const auditorAt, helpDeskAt = "revisor@exempelkommun.se", "kundtjanst@exempelkommun.se"

// recipients are two citizens with an account, each with the letter by which they made it.
func (s *scene) recipients() {
	s.Helper()
	for name, number := range map[string]string{"Rita": "0708901234", "Sune": "0708905678"} {
		address := strings.ToLower(name) + "@example.se"
		s.sends(s.secretOf(name, "", ""), caseworker, address+"."+number+".s")
		m := s.Await("email", address, 1)
		s.codes[name] = s.CodeOf(m)
		e164 := "+46" + number[1:]
		if b := s.Browser().Opens(m, e164).Registers(e164, annaPassword); name == "Sune" {
			s.sune = b
		}
	}
}

// closes ends Sune's account.
func (s *scene) closes() {
	s.Helper()
	if s.sune.Get("/account/close"); s.sune.at == "/account/prove" {
		s.sune.Post("/account/prove", "password", annaPassword, "next", "/account/close")
	}
	s.sune.At("/account/close").Post("/account/close").Sees("Kontot är avslutat")
}

// sharedLetters are two in a function mailbox: Kilo, while Maria and Karin read there, and
// Lima, after Karin has left and the administrator has joined.
func (s *scene) sharedLetters() {
	s.Helper()
	o, by := appliance.OfficeOf(s.demo), mail.Actor{Kind: mail.ActorSystem}
	_, people := appliance.OrganisationOf(s.demo)
	must := func(err error) {
		s.Helper()
		if err != nil {
			s.Fatal(err)
		}
	}
	who := func(address string) mail.ID {
		id, err := mail.ParseID(people[address])
		must(err)
		return id
	}
	box, err := o.AddMailbox(s.Context(), by, org.Mailbox{Unit: mail.RootUnit, Address: "ombud@exempelkommun.se", Name: "Ombud"})
	must(err)
	must(o.JoinMailbox(s.Context(), by, box, who(caseworker), false))
	must(o.JoinMailbox(s.Context(), by, box, who(karinAt), false))
	s.sends(s.secretOf("Kilo", "", ""), johanAt, "ombud@exempelkommun.se.s")
	must(o.LeaveMailbox(s.Context(), by, box, who(karinAt)))
	must(o.JoinMailbox(s.Context(), by, box, who(adminAt), true)) // and nobody gives what was before
	s.sends(s.secretOf("Lima", "", ""), johanAt, "ombud@exempelkommun.se.s")
}

// nameOf is the name of a letter.
func (s *scene) nameOf(m mail.ID) string {
	for name, id := range s.ids {
		if id == m.String() && strings.HasSuffix(name, ".message") {
			return strings.TrimSuffix(name, ".message")
		}
	}
	return m.String()
}

// page returns a directory with sheets of the recovery kit: B, K_app, and three shares of R.
func (s *scene) page(pages ...int) string {
	s.Helper()
	parts := strings.Split(string(readFile(s, filepath.Join(s.keys, "recovery-kit.txt"))), "\n=====")
	if len(parts) != 6 {
		s.Fatalf("the kit has %d sheets", len(parts)-1)
	}
	dir := s.TempDir()
	for _, n := range pages {
		if err := os.WriteFile(filepath.Join(dir, "page"+string(rune('0'+n))), []byte(parts[n]), 0o600); err != nil {
			s.Fatal(err)
		}
	}
	return dir
}

// seedOf is a person's seed, as a session has it in memory.
func (s *scene) seedOf(copied string, who string) seal.Secret {
	s.Helper()
	b := &burglar{TB: s, loot: loot{dirs: []string{copied, s.keys}}, files: map[string][]string{}, slots: map[mail.Slot][]seal.Secret{}, seeds: map[mail.ID][]seal.Secret{}}
	b.collect()
	defer b.dbs[0].Close()
	b.openApps()
	b.openSlots()
	b.openSeeds()
	for _, row := range rows(s, b.dbs[0], "SELECT id, columns FROM person") {
		for _, app := range b.apps {
			if plain, err := app.OpenProfile(id(row[0]), row[1].([]byte)); err == nil && strings.Contains(string(plain), who) && len(b.seeds[id(row[0])]) > 0 {
				return b.seeds[id(row[0])][0]
			}
		}
	}
	s.Fatalf("%s has no seed", who)
	return seal.Secret{}
}

// TestWhatEachAttackerReads is the table of 2-security 2.3 for boot mode D: each takes
// what he has and tries it all.
func TestWhatEachAttackerReads(t *testing.T) {
	t.Parallel()
	if !alone(t) {
		return
	}
	s := newScene(t)
	s.TB = t
	none := []string{}
	all := []string{"Alfa", "Answer", "Beta", "Cesar", "Draft", "Hotell", "Johan", "Kilo", "Lima", "Ny", "Rita", "Sune", "Vilar"}
	hers := []string{"Alfa", "Answer", "Beta", "Cesar", "Draft", "Hotell", "Kilo", "Lima", "Ny", "Rita", "Sune", "Vilar"} // those that Maria wrote or got
	withCesar := append(slices.Clone(hers), "Cesar")
	slices.Sort(withCesar)
	withCesar = slices.Compact(withCesar)
	withErik := append(slices.Clone(all), "Erik")
	slices.Sort(withErik)
	data, keyFile := s.now, pick(t, s.keys, isKeyFile)
	kit := s.page(1, 2, 3, 4, 5)
	db, backup := pick(t, s.now, isDatabase), pick(t, s.now, inBackup)
	shred := pick(t, s.now, isShred)
	oldBackup, oldShred := pick(t, s.old, inBackup), pick(t, s.old, isShred)
	maria, karin, boss := s.seedOf(s.now, caseworker), s.seedOf(s.now, karinAt), s.seedOf(s.now, adminAt)
	auditor, helpDesk := s.seedOf(s.now, auditorAt), s.seedOf(s.now, helpDeskAt)
	rita, sune := s.seedOf(s.now, "rita@example.se"), s.seedOf(s.old, "sune@example.se")
	var codes []string
	for _, c := range s.codes {
		codes = append(codes, c)
	}
	everything := loot{dirs: []string{data, s.keys}, codes: codes, seeds: []seal.Secret{maria, karin, boss}}
	plus := func(dirs ...string) loot {
		l := everything
		l.dirs = append(slices.Clone(l.dirs), dirs...)
		return l
	}
	for _, tc := range []struct {
		who           string
		has           loot
		content, meta []string
		knowsPeople   bool // the house's people and the numbers that are remembered
	}{
		{"the disk without the key, as in modes A, B and C", loot{dirs: []string{data}}, none, none, false},
		{"the same disk while a letter waits to be announced", loot{dirs: []string{s.waiting}}, none, none, false},
		{"the disk with its key file: mode D stolen, or read-only root", loot{dirs: []string{data, keyFile}}, none, all, true},
		{"the same while a letter waits to be announced", loot{dirs: []string{s.waiting, keyFile}}, []string{"Vilar"}, []string{"Vilar"}, true},
		{"the same with a weak password", loot{dirs: []string{data, keyFile}, guess: []string{"tre-moln-vid-hamnen"}}, []string{"Johan", "Kilo", "Lima"}, all, true},
		{"the disk with the key file and the kit beside it, which must be taken away", loot{dirs: []string{data, s.keys}}, all, all, true},
		{"the administrator of the database", loot{dirs: []string{db}}, none, none, false},
		{"a backup", loot{dirs: []string{backup}}, none, none, false},
		{"a backup and B", loot{dirs: []string{backup, s.page(1)}}, none, none, false},
		{"a backup, B and the slots", loot{dirs: []string{backup, s.page(1), shred}}, none, none, false},
		{"a backup, B, the slots and K_app", loot{dirs: []string{backup, s.page(1), shred, keyFile}}, none, all, true},
		{"a backup, all keys and no slots", loot{dirs: []string{backup, s.keys}, codes: codes}, none, none, true},
		{"a copy of memory while one is signed in", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{maria}}, hers, all, true},
		{"what a passkey gives, and read-only root", loot{dirs: []string{data, keyFile}, prfs: [][]byte{s.key.prf}}, hers, all, true},
		{"what a passkey gives, and the disk", loot{dirs: []string{data}, prfs: [][]byte{s.key.prf}}, none, none, false},
		{"what a passkey gives, and a backup with all keys and no slots", loot{dirs: []string{backup, s.keys}, prfs: [][]byte{s.key.prf}}, none, none, true},
		{"a session's key without the appliance's", loot{dirs: []string{data}, seeds: []seal.Secret{maria}}, none, none, false},
		{"a reader's mailbox", loot{codes: []string{s.codes["Alfa"]}}, none, none, false},
		{"a reader's mailbox, and the disk", loot{dirs: []string{data}, codes: []string{s.codes["Alfa"]}}, none, none, false},
		{"a reader's mailbox, and read-only root", loot{dirs: []string{data, keyFile}, codes: []string{s.codes["Alfa"]}}, []string{"Alfa", "Answer"}, all, true},
		{"the reader of another letter, and read-only root", loot{dirs: []string{data, keyFile}, codes: []string{s.codes["Beta"]}}, []string{"Beta"}, all, true},
		{"the mail that asks for a number, and read-only root", loot{dirs: []string{data, keyFile}, codes: []string{s.codes["Hotell"]}}, []string{"Hotell"}, all, true},
		{"an invitation, and read-only root", loot{dirs: []string{data, keyFile}, codes: []string{s.codes["Ny"]}}, []string{"Ny"}, all, true},
		{"an organiser who has left a function mailbox", loot{seeds: []seal.Secret{karin}}, none, none, false},
		{"the same, and the disk", loot{dirs: []string{data}, seeds: []seal.Secret{karin}}, none, none, false},
		{"the same, and a backup with its slots", loot{dirs: []string{backup, shred}, seeds: []seal.Secret{karin}}, none, none, false},
		{"the same, and read-only root: whom she could help, who have come in since she organises them", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{karin}}, withCesar, all, true},
		{"the administrator who has joined a function mailbox since, and read-only root", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{boss}}, []string{"Lima"}, all, true},
		{"a registered recipient's key, from memory, and read-only root", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{rita}}, []string{"Rita"}, all, true},
		{"the same key, and the disk", loot{dirs: []string{data}, seeds: []seal.Secret{rita}}, none, none, false},
		{"the mail with the code of a letter that has moved into a mailbox, and read-only root", loot{dirs: []string{data, keyFile}, codes: []string{s.codes["Rita"]}}, none, all, true},
		{"the key of a recipient who has closed the account, as it was in memory, and read-only root", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{sune}}, none, all, true},
		{"the same key, and a backup of before, with the appliance's key and the slots of now", loot{dirs: []string{oldBackup, shred, keyFile}, seeds: []seal.Secret{sune}, codes: []string{s.codes["Sune"]}}, none, all, true},
		{"control: the same with the slots of before", loot{dirs: []string{oldBackup, oldShred, keyFile}, seeds: []seal.Secret{sune}}, []string{"Sune"}, withErik, true},
		{"an auditor's key, from memory, and read-only root", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{auditor}}, none, all, true},
		{"the help desk's, and read-only root", loot{dirs: []string{data, keyFile}, seeds: []seal.Secret{helpDesk}}, none, all, true},
		{"the recovery kit alone", loot{dirs: []string{kit}}, none, none, false},
		{"page 1 of the kit, and the disk", loot{dirs: []string{data, s.page(1)}}, none, none, false},
		{"page 2 of the kit, and the disk", loot{dirs: []string{data, s.page(2)}}, none, all, true},
		{"page 3 of the kit with all shares, and the disk", loot{dirs: []string{data, s.page(3, 4, 5)}}, none, none, false},
		{"one share of R, and read-only root", loot{dirs: []string{data, keyFile, s.page(4)}}, none, all, true},
		{"two shares of R, and read-only root", loot{dirs: []string{data, keyFile, s.page(3, 5)}}, all, all, true},
		{"the recovery kit, and the disk", loot{dirs: []string{data, kit}}, all, all, true},
		{"everything there is, after the end", everything, all, all, true},
		{"everything there is, and a backup from before the end", plus(oldBackup), all, all, true},
		{"control: slots from before the end as well", plus(oldBackup, oldShred), withErik, withErik, true},
	} {
		t.Run(tc.who, func(t *testing.T) {
			got := burgle(t, s.nameOf, tc.has)
			if !slices.Equal(got.content, tc.content) {
				t.Errorf("reads %v\nnot   %v", got.content, tc.content)
			}
			if !slices.Equal(got.meta, tc.meta) {
				t.Errorf("sees %v\nnot  %v", got.meta, tc.meta)
			}
			if knows := got.people+got.others > 0; knows != tc.knowsPeople {
				t.Errorf("knows %d people and %d numbers", got.people, got.others)
			}
		})
	}
	for role, seed := range map[string]seal.Secret{"a caseworker": maria, "an organiser": karin, "an administrator": boss, "an auditor": auditor, "the help desk": helpDesk, "a registered recipient": rita} {
		t.Run(role+" alone, and with the disk, reads nothing of it", func(t *testing.T) {
			for _, has := range []loot{{seeds: []seal.Secret{seed}}, {dirs: []string{data}, seeds: []seal.Secret{seed}}} {
				if g := burgle(t, s.nameOf, has); len(g.content)+len(g.meta)+g.people+g.others != 0 {
					t.Errorf("%+v", g)
				}
			}
		})
	}
	t.Run("controls: an ended letter of which a slot was left", func(t *testing.T) { s.leftOver(t, plus, oldBackup) })
}

// leftOver puts slots of the letter that has ended back, as if erasing had forgotten
// them.
func (s *scene) leftOver(t *testing.T, plus func(...string) loot, oldBackup string) {
	db := (&burglar{TB: t, loot: loot{dirs: []string{oldBackup}}, files: map[string][]string{}})
	db.collect()
	defer db.dbs[0].Close()
	slot := func(q string) int64 {
		m, err := mail.ParseID(s.ids["Erik.message"])
		if err != nil {
			t.Fatal(err)
		}
		return rows(t, db.dbs[0], q, m[:])[0][0].(int64)
	}
	message := slot("SELECT slot FROM message WHERE id = ?")
	house := slot("SELECT slot FROM holder WHERE message = ? AND house = 1")
	guest := slot("SELECT slot FROM holder WHERE message = ? AND kind = 2")
	code := slot("SELECT c.slot FROM code AS c JOIN holder AS h ON h.id = c.holder WHERE h.message = ?")
	before := readFile(t, filepath.Join(s.old, "shred.slots"))
	for _, tc := range []struct {
		left  []int64
		reads bool
		meta  bool
	}{
		{nil, false, false}, {[]int64{message}, false, true}, {[]int64{house}, false, true}, {[]int64{guest, code}, false, true}, {[]int64{message, guest}, false, true}, {[]int64{code}, false, false},
		{[]int64{message, house}, true, true}, {[]int64{message, guest, code}, true, true},
	} {
		dir := t.TempDir()
		now := readFile(t, filepath.Join(s.now, "shred.slots"))
		for _, n := range tc.left {
			if !slices.Equal(now[n*64:(n+1)*64], make([]byte, 64)) {
				t.Fatalf("slot %d is not erased", n)
			}
			copy(now[n*64:(n+1)*64], before[n*64:])
		}
		if err := os.WriteFile(filepath.Join(dir, "shred.slots"), now, 0o600); err != nil {
			t.Fatal(err)
		}
		got := burgle(t, s.nameOf, plus(oldBackup, dir))
		if reads, meta := slices.Contains(got.content, "Erik"), slices.Contains(got.meta, "Erik"); reads != tc.reads || meta != tc.meta {
			t.Errorf("with slots %v left: reads it %v, sees it %v", tc.left, reads, meta)
		}
	}
}

// TestWhatTheServerHolds is the accounts marked server-held of the same table: whoever has
// the appliance's key and the slots reads what they got, and nobody else does.
func TestWhatTheServerHolds(t *testing.T) {
	t.Parallel()
	s := &scene{codes: map[string]string{}}
	s.town = newTown(t)
	appliance.OfficeOf(s.demo).ServerHeld = true
	s.idp.is("held", "held@exempelkommun.se", "Held")
	s.Browser().SignsOn().At("/mail")
	s.sends(s.secretOf("Held", "", ""), caseworker, "held@exempelkommun.se.s")
	s.sends(s.secretOf("Johan", "", ""), caseworker, johanAt+".s")
	s.settle()
	s.stop()
	s.keys, s.now = filepath.Join(s.dir, "keys"), pick(t, filepath.Join(s.dir, "data"), isData)
	key := pick(t, s.keys, isKeyFile)
	for who, x := range map[string]struct {
		dirs  []string
		reads []string
	}{
		"the disk":                               {[]string{s.now}, []string{}},
		"read-only root":                         {[]string{s.now, key}, []string{"Held"}},
		"a backup with the slots and K_app":      {[]string{pick(t, s.now, inBackup), pick(t, s.now, isShred), key}, []string{"Held"}},
		"a backup with K_app, and without slots": {[]string{pick(t, s.now, inBackup), key}, []string{}},
		"a backup with the slots, without K_app": {[]string{pick(t, s.now, inBackup), pick(t, s.now, isShred)}, []string{}},
	} {
		t.Run(who, func(t *testing.T) {
			if g := burgle(t, s.nameOf, loot{dirs: x.dirs}); !slices.Equal(g.content, x.reads) {
				t.Errorf("%v, not %v", g.content, x.reads)
			}
		})
	}
}
