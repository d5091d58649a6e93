package appliance_test

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/mail"
	"sigill/appliance/org"
	"sigill/appliance/tint"
)

// town is a house with everybody in it who may ask for something: of each kind of
// asker one, each with something of his own and with much that is not.
type town struct {
	*journey
	dir      string
	db       *sql.DB
	hook     string
	logo     string       // name of the one that the letters' department shows
	palette  tint.Palette // of nobody's colours
	required *atomic.Bool // a second factor, of everybody who signs in
	idp      *provider    // the organisation's sign-on

	letters []*secret
	ids     map[string]string // every id there is, by name
	units   map[string]string // those of the organisation
	known   map[string]string // those of people, by address
	askers  []*asker
	acts    []act
	r       *rand.Rand // what is left out
	times   int        // how many times as much as else

	seen struct {
		version int64
		state   [32]byte
	}
	asked map[string]int // by route, and by route and asker
}

// secret is a letter by the words that only its readers may see, and by the names and
// numbers that some others may.
type secret struct {
	name         string
	words, names []string
}

// asker is one who asks, with what is his.
type asker struct {
	name   string
	b      *browser
	csrf   string
	passes []string            // classes of routes
	own    map[string][]string // by kind of parameter: ids that he may use there
	reads  []string            // letters of which he may see everything
	knows  []string            // letters of which he may see the names
	again  func()              // lets him in once more, if what he has shown is not good for long
}

// act is what one who may do something does.
type act struct {
	route   string
	by      *asker
	path    string
	late    func() string // path, if it is not known before
	form    []fill
	file    bool
	status  int
	sees    string
	changes bool
}

func newTown(t *testing.T, prepare ...func(*appliance.Demo)) *town {
	seed := seedOf(t)
	w := &town{dir: t.TempDir(), ids: map[string]string{}, asked: map[string]int{}, idp: newProvider(t)}
	w.journey = newJourneyIn(t, w.dir, append(prepare, func(d *appliance.Demo) { w.hook, w.required = appliance.HookOf(d, "elks"), appliance.FactorSwitch(d) }, backsUp(t, t.TempDir()), appliance.LetProgramsSend, (&people{}).prepare, appliance.LetSignOn(appliance.SignOn{Provider: w.idp}))...)
	w.idp.portal = w.info.Portal
	w.r, w.times = rand.New(rand.NewPCG(seed, 9)), 1
	if inFull(t) {
		w.times = 2
	}
	var err error
	if w.db, err = sql.Open("sqlite", "file:"+w.dir+"/data/sigill.db?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)"); err != nil {
		t.Fatal(err)
	}
	w.db.SetMaxOpenConns(1)
	t.Cleanup(func() { w.db.Close() })
	w.settle()
	return w
}

// seedOf is the seed of a test's random choices: SIGILL_SEED, or a fresh one.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("SIGILL_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SIGILL_SEED=%d", seed)
	return seed
}

// some leaves all but n of a list out, and never the first; in full all but twice as
// many. With all of them the turned clock would end every session by its twelve hours.
func (w *town) some(list []string, n int) []string {
	if n *= w.times; len(list) <= n {
		return list
	}
	rest := slices.Clone(list[1:])
	w.r.Shuffle(len(rest), func(a, b int) { rest[a], rest[b] = rest[b], rest[a] })
	return append(list[:1:1], rest[:n-1]...)
}

// secretOf makes the words of a letter.
func (w *town) secretOf(name, address, phone string) *secret {
	s := &secret{name: name, names: []string{address, strings.TrimPrefix(phone, "0")}} // people's spellings differ in how a number begins
	for _, f := range []string{"rubrik", "text", "filnamn", "filtext", "html"} {
		s.words = append(s.words, fmt.Sprintf("%s%sqz", strings.ToLower(name), f))
	}
	s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == "" })
	w.letters = append(w.letters, s)
	return s
}

// raw is a mail with all that a letter may hold. The picture of the first is too large
// for its page.
func (s *secret) raw(from, to string) string {
	size := 1
	if s.name == "Alfa" {
		size = 30_000
	}
	png := base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n" + strings.Repeat(s.words[4], size)))
	return "From: <" + from + ">\nTo: <" + to + ">\nSubject: " + s.words[0] + "\nMessage-ID: <" + s.name + "@exempelkommun.se>\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=a\n\n" +
		"--a\nContent-Type: text/plain; charset=utf-8\n\nHej, " + s.words[1] + ".\n" +
		"--a\nContent-Type: text/html; charset=utf-8\n\n<p>Hej, " + s.words[4] + ". <img src=\"cid:p\"></p>\n--a--\n" +
		"--m\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"" + s.words[2] + ".pdf\"\n\n" + s.words[3] + "\n" +
		"--m\nContent-Type: image/png; name=p.png\nContent-ID: <p>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\n" + lines(png) + "--m--\n"
}

// sends sends a letter and names the ids that it made: the letter, the house's copy
// and the recipient's.
func (w *town) sends(s *secret, from, to string) {
	w.Helper()
	w.Send(letter{from: from, to: []string{to}, raw: s.raw(from, to)})
	w.name(s.name)
}

// name names the ids of the newest message.
func (w *town) name(name string) {
	w.Helper()
	// A letter without an owner is one by which a backup is tried.
	var m []byte
	if err := w.db.QueryRow("SELECT id FROM message WHERE owner != zeroblob(16) ORDER BY rowid DESC LIMIT 1").Scan(&m); err != nil {
		w.Fatal(err)
	}
	w.ids[name+".message"] = mail.ID(m).String()
	rows, err := w.db.Query("SELECT id, kind, house FROM holder WHERE message = ? ORDER BY rowid", m)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		var kind, house int
		if err := rows.Scan(&id, &kind, &house); err != nil {
			w.Fatal(err)
		}
		part := map[int]string{1: ".colleague", 2: ".guest", 3: ".repair"}[kind]
		if house == 1 {
			part = ".house"
		}
		w.ids[name+part] = mail.ID(id).String()
	}
}

// join lets somebody in: he holds a browser that follows no redirect, and the token of
// a page with a form.
func (w *town) join(name string, b *browser, formPage string, passes ...string) *asker {
	w.Helper()
	a := &asker{name: name, b: &browser{j: w.journey, c: &http.Client{Jar: b.c.Jar}}, passes: append(passes, "all"), own: map[string][]string{}}
	if b.Get(formPage); formPage != "" {
		m := formToken.FindStringSubmatch(b.page)
		if m == nil {
			w.Fatalf("%s: no form on %s (%d):\n%s", name, formPage, b.code, b.page)
		}
		a.csrf = m[1]
	}
	a.b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	w.askers = append(w.askers, a)
	return a
}

func (w *town) owns(a *asker, kind string, names ...string) {
	w.Helper()
	for _, n := range names {
		if w.ids[n] == "" {
			w.Fatalf("there is no %s; there is %v", n, slices.Sorted(maps.Keys(w.ids)))
		}
		a.own[kind] = append(a.own[kind], w.ids[n])
	}
}

const (
	johanAt = "johan.lind@exempelkommun.se"
	karinAt = "karin.berg@exempelkommun.se"
	adminAt = "it@exempelkommun.se"
)

// build sends all letters, and lets everybody come as far as he may.
func (w *town) build() {
	w.Helper()
	a, b := w.secretOf("Alfa", "anna@example.se", "0701234567"), w.secretOf("Beta", "berit@example.org", "0702345678")
	c, h := w.secretOf("Cesar", "", ""), w.secretOf("Hotell", "hugo@example.se", "")
	e, j := w.secretOf("Erik", "erik@example.se", "0703456789"), w.secretOf("Johan", "jonas@example.net", "0704567890")
	n, in := w.secretOf("Ny", "", ""), w.secretOf("India", "ines@example.se", "")
	w.sends(a, caseworker, "anna@example.se.0701234567.s")
	w.sends(b, caseworker, "berit@example.org.0702345678.s")
	w.sends(c, caseworker, karinAt+".s")
	w.sends(h, caseworker, "hugo@example.se.s")
	w.sends(e, caseworker, "erik@example.se.0703456789.s")
	w.sends(j, johanAt, "jonas@example.net.0704567890.s")
	w.sends(n, caseworker, "ny@exempelkommun.se.s")
	w.sends(in, caseworker, "ines@example.se.s")

	rita := w.registers() // before anybody of the house gives a password: it turns the clock
	guest := w.Browser().Opens(w.Await("email", "anna@example.se", 1), "+46701234567")
	guest.Get("/m/letter/reply").Upload("/m/letter/reply", a.words[1]+" svar", map[string]string{a.words[2] + ".txt": a.words[3]}).Sees("Ditt svar har kommit fram")
	w.name("Answer")
	w.Browser().ShowCode(w.CodeOf(w.Await("email", "erik@example.se", 1))).At("/m/pin")
	maria, other := w.Browser().SignsIn(caseworker), w.Browser().SignsIn(johanAt)
	w.draft(maria, "Draft", a)
	w.draft(other, "Mine", j)
	// Erik's letter has ended, for him and for the house.
	maria.Get("/mail/" + w.ids["Erik.house"]).Post("/mail/" + w.ids["Erik.house"] + "/recall").Sees("återkallat")
	maria.Post("/mail/" + w.ids["Erik.house"] + "/move").Get("/mail/trash").Post("/mail/trash/empty").Sees("tömd")
	inside := w.Browser().SignsIn(karinAt)
	inside.Get("/mail/" + w.ids["Cesar.colleague"]).Sees(c.words[1])
	w.Turn(0)

	w.nameOrganisation()
	social := "/org/unit/" + w.ids["Socialförvaltningen"]
	inside.Get(social).Post(social+"/add", "name", "Tom")
	barn := "/org/unit/" + w.ids["Barn och familj"]
	inside.Get(barn).Post(barn+"/people", "address", "inbjuden@exempelkommun.se").Sees("inbjuden@")
	w.Await("email", "inbjuden@exempelkommun.se", 1)
	w.nameOrganisation()
	w.mailbox(inside)
	inside.Get(social+"/contacts").Post(social+"/contacts", "name", "Advokat Lind", "address", "lind@advokat.example", "phone", "0709990011")
	inside.Get(social+"/brand").Fills(social+"/brand", nil, arms(w)).Confirms(social + "/brand")
	w.logo = inside.logoName()
	w.palette, _ = tint.Of("#0b4f8a", "#ffcc00")
	maria.Get("/contacts").Post("/contacts/search", "q", "advokat")
	w.ids["Advokat Lind"] = maria.ticks("Advokat Lind")
	inside.Get(social+"/templates").Post(social+"/templates", "form", "add", "name", "Kallelse", "text", "Hej och välkommen.").Sees("Mallen är tillagd")
	w.ids["Kallelse"] = inside.entry()
	w.Turn(0)

	w.people(maria, other, inside)
	w.guests(guest)
	w.recipient(rita)
	w.enterers(other, inside)
	w.settle()
}

const ritaPhone, ritaE164 = "0708901234", "+46708901234"

// registers is a citizen who makes an account with a letter.
func (w *town) registers() *browser {
	w.Helper()
	s := w.secretOf("Rita", "rita@example.se", ritaPhone)
	w.sends(s, caseworker, "rita@example.se."+ritaPhone+".s")
	return w.Browser().Opens(w.Await("email", "rita@example.se", 1), ritaE164).Registers(ritaE164, annaPassword)
}

// recipient is that citizen, and one who is invited.
func (w *town) recipient(b *browser) {
	w.Helper()
	s := w.letters[slices.IndexFunc(w.letters, func(s *secret) bool { return s.name == "Rita" })]
	for _, a := range w.askers {
		if a.name == "the owner" {
			w.owns(a, "copy", "Rita.house")
			w.owns(a, "recipient", "Rita.guest")
			a.reads, a.knows = append(a.reads, s.name), append(a.knows, s.name)
		}
	}
	m := regexp.MustCompile(`/mail/([0-9a-z]{26})`).FindStringSubmatch(b.page)
	if m == nil {
		w.Fatalf("no letter in the new mailbox:\n%s", b.page)
	}
	w.ids["Rita.moved"] = m[1]
	a := w.join("a registered recipient", b, "/account", "person", "recipient")
	w.owns(a, "copy", "Rita.moved")
	w.owns(a, "to", caseworker)
	boss := w.Browser().SignsIn(adminAt).Get("/org/recipients").Post("/org/recipients", "address", "ivar@example.se", "phone", "0708905555", "repeat", "0708905555").Sees("ivar@example.se", "slutar på 55")
	id := regexp.MustCompile(`name="person" value="([0-9a-z]{26})"`).FindStringSubmatch(boss.page)
	w.ids["ivar@example.se"] = id[1]
	w.join("a citizen who is invited", w.Browser().ShowCode(w.codeTo("ivar@example.se")).At("/welcome/phone"), "/welcome/phone", "invitedrecipient")
	a.reads, a.knows = []string{s.name}, []string{s.name}
}

// mailbox makes a function mailbox in which the other caseworker reads. A letter comes to
// it, and then the owner joins and asks for what came before.
func (w *town) mailbox(organiser *browser) {
	w.Helper()
	k := w.secretOf("Kilo", "", "")
	social := "/org/unit/" + w.ids["Socialförvaltningen"]
	organiser.Get(social).Post(social+"/mailbox", "form", "mailbox", "name", "Socialtjänsten", "address", "socialtjansten@exempelkommun.se")
	appliance.OfficeOf(w.demo).Tree(func(t *org.Tree) {
		m, _ := t.MailboxAt("socialtjansten@exempelkommun.se")
		w.ids["Socialtjänsten"] = m.ID.String()
	})
	at := "/org/mailbox/" + w.ids["Socialtjänsten"]
	organiser.Get(at).Post(at+"/join", "form", "reader", "address", johanAt, "from", "now").Sees("Johan Lind")
	w.sends(k, caseworker, "socialtjansten@exempelkommun.se.s")
	organiser.Get(at).Post(at+"/join", "form", "reader", "address", caseworker, "from", "start").Sees("Maria Ek")
}

// nameOrganisation names the ids of units and people.
func (w *town) nameOrganisation() {
	w.units, w.known = appliance.OrganisationOf(w.demo)
	maps.Copy(w.ids, w.units)
	maps.Copy(w.ids, w.known)
}

func (w *town) draft(b *browser, name string, s *secret) {
	w.Helper()
	form := []fill{{"to", s.names[0]}, {"phone", "0" + s.names[1]}, {"subject", s.words[0]}, {"text", s.words[1]}, {"do", "save"}}
	b.Get("/write").SendForm("/write", form, map[string][]byte{s.words[2] + ".txt": []byte(s.words[3])}).Sees("Utkastet är sparat")
	w.name(name)
}

// people are those of the house, and a session of one of them that has ended.
func (w *town) people(maria, other, inside *browser) {
	w.Helper()
	hers := []string{"Alfa", "Beta", "Cesar", "Hotell", "Erik", "Ny", "India", "Kilo"}
	m := w.join("the owner", maria, "/write", "person", "colleague")
	w.owns(m, "copy", "Alfa.house", "Beta.house", "Cesar.house", "Hotell.house", "Erik.house", "Ny.house", "India.house", "Answer.house", "Draft.house", "Kilo.house")
	w.owns(m, "box", "Socialtjänsten")
	w.owns(m, "draft", "Draft.house", "Erik.house") // of what was his own he is told that it has ended
	w.owns(m, "template", "Kallelse")
	w.owns(m, "recipient", "Alfa.guest", "Beta.guest", "Cesar.colleague", "Kilo.colleague", "Hotell.guest", "Ny.colleague", "India.guest")
	m.reads, m.knows = hers, hers
	o := w.join("another caseworker", other, "/write", "person", "colleague")
	w.owns(o, "copy", "Johan.house", "Mine.house", "Kilo.colleague")
	w.owns(o, "box", "Socialtjänsten")
	w.owns(o, "draft", "Mine.house")
	w.owns(o, "template", "Kallelse")
	w.owns(o, "recipient", "Johan.guest")
	o.reads, o.knows = []string{"Johan", "Kilo"}, []string{"Johan", "Kilo"}
	i := w.join("a colleague with a letter from the owner", inside, "/write", "person", "colleague", "organiser")
	w.owns(i, "template", "Kallelse")
	w.owns(i, "unit", "Socialförvaltningen", "Ekonomiskt bistånd", "Barn och familj", "Tom")
	w.owns(i, "person", caseworker, johanAt, karinAt, "inbjuden@exempelkommun.se")
	w.owns(i, "mailbox", "Socialtjänsten")
	w.owns(i, "copy", "Cesar.colleague")
	i.reads, i.knows = []string{"Cesar"}, []string{"Cesar"}
	i.again = i.proves(w.passwordOf(karinAt))
	boss := w.join("the administrator", w.Browser().SignsIn(adminAt), "/write", "person", "colleague", "organiser", "auditor", "helpdesk", "admin")
	boss.again = boss.proves(w.passwordOf(adminAt))
	w.owns(boss, "mailbox", "Socialtjänsten")
	w.owns(boss, "unit", slices.Collect(maps.Keys(w.units))...)
	w.owns(boss, "person", slices.Collect(maps.Keys(w.known))...)

	out := w.Browser().SignsIn(caseworker)
	w.join(signedOut, out, "/write")
	portal, err := url.Parse(w.info.Portal)
	if err != nil {
		w.Fatal(err)
	}
	kept := out.c.Jar.Cookies(portal)
	out.Post("/out").At("/in")
	out.c.Jar.SetCookies(portal, kept)
}

// proves gives the password again, so that what is risky is refused for what it is about,
// and not for a password of too long ago.
func (a *asker) proves(password string) func() {
	return func() { a.b.Get("/account/prove").Post("/account/prove", "password", password) }
}

// guests are those who come by a code.
func (w *town) guests(letter *browser) {
	w.Helper()
	w.Turn(2 * time.Minute)
	r := w.join("the letter's reader", letter, "/m/letter/done", "reader")
	w.owns(r, "answer", "Answer.guest", "Alfa.guest")
	r.reads, r.knows = []string{"Alfa"}, []string{"Alfa"}
	w.join("who holds the letter's code only", w.Browser().ShowCode(w.CodeOf(w.Await("email", "anna@example.se", 1))).At("/m/pin"), "/m/pin", "code")
	b := w.join("another letter's reader", w.Browser().Opens(w.Await("email", "berit@example.org", 1), "+46702345678"), "/m/letter/done", "reader")
	w.owns(b, "answer", "Beta.guest")
	b.reads, b.knows = []string{"Beta"}, []string{"Beta"}
	m := w.join("who holds the mail that asks for a number", w.Browser().ShowCode(w.holdCode()).At("/m/mend"), "/m/mend", "mender")
	w.owns(m, "waiting", "Hotell.guest")
	m.knows = []string{"Hotell"}
	w.join("somebody who is invited", w.Browser().ShowCode(w.codeTo("ny@exempelkommun.se")).At("/welcome"), "/welcome", "invited")
	w.join("nobody", w.Browser(), "/m")
}

// holdCode is the code in the mail that asks the owner for Hugo's number.
func (w *town) holdCode() string {
	w.Helper()
	for _, m := range w.Trapped("email", caseworker) {
		if strings.Contains(m.Text, "hugo@example.se") && codeIn.MatchString(m.Text) {
			return w.CodeOf(m)
		}
	}
	w.Fatal("no mail asks for a number")
	return ""
}

// settle does what is due, so that nothing changes by itself afterwards.
func (w *town) settle() { w.Helper(); w.Turn(0) }
