package appliance_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"sigill/appliance"
	"sigill/appliance/mail"
)

// canary is a journey in which every field bears a mark of its own, and in which
// letters go through every door and end in every way.
type canary struct {
	*journey
	marks *marks
	dir   string
	tmp   string // $TMPDIR
	said  *os.File
	idp   *provider
	out   *watchers

	annaAt, annaNumber, boAt, boNumber string

	people people // the house's directory
}

// newCanary starts the demo with everything it could write to in sight. change is
// called before it runs.
func newCanary(t *testing.T, change func(*appliance.Demo)) *canary {
	c := &canary{marks: newMarks(), dir: t.TempDir(), tmp: t.TempDir(), idp: newProvider(t), out: newWatchers(t)}
	t.Setenv("TMPDIR", c.tmp)
	c.said = listen(t)
	j := &journey{TB: t, log: &safeBuffer{}}
	ctx, cancel := context.WithCancel(t.Context())
	d, err := appliance.NewDemo(ctx, appliance.DemoConfig{
		Dir: c.dir, Portal: "127.0.0.1:0", SMTP: "127.0.0.1:0", Trap: "127.0.0.1:0",
		Log: slog.New(slog.NewMultiHandler(slog.NewTextHandler(j.log, &slog.HandlerOptions{Level: slog.LevelDebug}), c.out.handler())),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.out.watch(d)
	appliance.LetSignOn(appliance.SignOn{Provider: c.idp})(d)
	nas := filepath.Join(c.dir, "nas") // below what is looked at
	if err := os.Mkdir(nas, 0o700); err != nil {
		t.Fatal(err)
	}
	backsUp(t, nas)(d)
	c.people.prepare(d)
	change(d)
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	j.demo, j.stop = d, sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the demo ended with: %v", err)
		}
	})
	t.Cleanup(j.stop)
	j.readInfo(c.dir)
	c.journey, c.idp.portal = j, j.info.Portal
	return c
}

// listen takes what the process writes to its standard output and error, whoever
// does it, until the test ends.
func listen(t *testing.T) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "said")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range []int{1, 2} {
		old, err := syscall.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(int(f.Fd()), fd, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			syscall.Dup3(old, fd, 0)
			syscall.Close(old)
			if b, _ := os.ReadFile(f.Name()); fd == 1 {
				os.Stdout.Write(b)
			}
		})
	}
	return f
}

// mail makes a mail whose every field is marked.
func (c *canary) mail(n, to, toName string) string {
	f := func(name string) string { return c.marks.fresh("letter " + n + ", " + name) }
	large := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(f("large attachment")+"\n", 6000)))
	return "From: \"" + f("sender's name") + "\" <" + caseworker + ">\nTo: \"" + toName + "\" <" + to + ">\nSubject: Om " + f("subject") +
		"\nMessage-ID: <" + f("message id") + "@exempelkommun.se>\nX-Sigill-Case: SN " + f("case") + "\nX-Sigill-Receipt: yes\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=a\n\n" +
		"--a\nContent-Type: text/plain; charset=utf-8\n\nHej, " + f("text") + ".\n" +
		"--a\nContent-Type: text/html; charset=utf-8\n\n<p>Hej, <b title=\"" + f("title") + "\">" + f("HTML") + "</b> <img src=\"cid:p\"></p>\n--a--\n" +
		"--m\nContent-Type: image/png; name=" + f("picture's name") + ".png\nContent-ID: <p>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\niVBORw0KGgpy\n" +
		"--m\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"" + f("file name") + ".pdf\"\n\n%PDF-1.4 " + f("small attachment") + "\n" +
		"--m\nContent-Type: application/zip; name=\"" + f("large file's name") + ".zip\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" + lines(large) +
		"--m--\n"
}

// lines breaks base64 as mails do.
func lines(s string) string {
	var b strings.Builder
	for len(s) > 76 {
		b.WriteString(s[:76])
		b.WriteByte('\n')
		s = s[76:]
	}
	return b.String() + s + "\n"
}

func (c *canary) number(name, last string) string {
	n := "73" + last
	c.marks.digits(name, n) // however it begins: 0, +46, 0046
	return n
}

func (c *canary) code(m trapped) string {
	c.Helper()
	code := c.CodeOf(m)
	c.marks.text("code", code)
	c.marks.text("code", strings.ReplaceAll(code, "-", ""))
	return code
}

func (c *canary) token(b *browser) {
	u, _ := url.Parse(c.info.Portal)
	for _, k := range b.c.Jar.Cookies(u) {
		if raw, err := base64.RawURLEncoding.DecodeString(k.Value); err == nil && len(raw) == 32 {
			c.marks.text("cookie "+k.Name, k.Value)
			c.marks.key("cookie "+k.Name, raw)
		}
	}
}

// opens opens a letter with the next PIN and reads all that there is to read.
func (c *canary) opens(code, number string) *browser {
	c.Helper()
	c.Turn(2 * time.Minute)
	b := c.Browser().ShowCode(code).At("/m/pin")
	c.token(b)
	pin := c.LastPIN("+46" + number)
	c.marks.digits("PIN", pin)
	b.Post("/m/pin", "pin", "0"+pin[1:3]+pin[0:3]).Post("/m/pin", "pin", pin).At("/m/letter")
	c.token(b)
	for path, least := range map[string]int{"/m/letter": 1000, "/m/letter/html": 100, "/m/letter/eml": 90_000, "/m/letter/file/17": 10, "/m/letter/file/18": 90_000} {
		if b.Get(path); b.code != 200 || len(b.page) < least {
			c.Fatalf("%s: %d, %d bytes", path, b.code, len(b.page))
		}
	}
	return b
}

// live sends letters through every door there is, until just before their end.
func (c *canary) live() {
	c.annaAt, c.boAt = c.marks.fresh("address of Anna")+"@example.se", c.marks.fresh("address of Bo")+"@example.org"
	c.annaNumber, c.boNumber = c.number("number of Anna", "9164827"), c.number("number of Bo", "8253719")
	c.marks.text("address of the sender", "maria.ek")
	c.marks.text("password of the sender", c.info.Accounts[0].Password)
	maria := c.Browser().SignsIn(caseworker)
	c.token(maria)
	c.answered(maria)
	c.heldAndMended(maria)
	c.done()
	c.invited()
	c.refused()
	c.twoSteps()
	c.signedOn()
	c.organised()
	c.fromDirectory()
	c.shared()
	c.registered()
	c.Browser().SignsIn(adminAt).failures(3) // so they are looked for where they would stand
	if n := len(c.demo.Trap.Messages()); n < 12 {
		c.Fatalf("only %d mails and SMS were sent: %v", n, c.summary())
	}
}

// answered is a letter that is opened, answered with files, bounced and given
// another number and another code.
func (c *canary) answered(maria *browser) {
	c.Send(letter{to: []string{c.annaAt + ".0" + c.annaNumber + ".s"}, raw: c.mail("1", c.annaAt+".0"+c.annaNumber+".s", c.marks.fresh("name of Anna"))})
	notice := c.Await("email", c.annaAt, 1)
	b := c.opens(c.code(notice), c.annaNumber)
	b.Get("/m/letter/reply").Upload("/m/letter/reply", "Svar: "+c.marks.fresh("answer"), map[string]string{
		c.marks.fresh("answer's file name") + ".txt":       c.marks.fresh("answer's file"),
		c.marks.fresh("answer's large file name") + ".bin": strings.Repeat(c.marks.fresh("answer's large file"), 9000),
	}).Sees("Ditt svar har kommit fram")
	b.Get("/m/letter").Follow("/m/answer/[0-9a-z]{26}").Follow("/m/answer/[0-9a-z]{26}/file/16")
	maria.Get("/mail").Follow("/mail/[0-9a-z]{26}").Follow("/mail/[0-9a-z]{26}/file/17").Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
	page := maria.at
	for _, path := range []string{"/html", "/eml", "/file/17", "/file/18", ""} {
		if maria.Get(page + path); maria.code != 200 {
			c.Fatalf("%s: %d", path, maria.code)
		}
	}
	c.bounce(notice)
	fresh := c.number("second number of Anna", "6028153")
	anna := maria.recipientTarget(c.annaAt, page)
	maria.Post(anna, "do", "number", "phone", "0"+fresh, "repeat", "+46"+fresh).Sees("Numret är ändrat")
	maria.Get(page).Post(anna, "do", "code").Sees("En ny kod är på väg")
	c.Await("email", c.annaAt, 3) // of the number and of the code, in either order
	for _, m := range c.Trapped("email", c.annaAt) {
		if codeIn.MatchString(m.Text) && m.ID != notice.ID {
			c.opens(c.code(m), fresh)
			return
		}
	}
	c.Fatalf("no new code: %v", c.summary())
}

func (c *canary) bounce(notice trapped) {
	back := strings.Trim(headerOf(notice.Raw, "Return-Path"), "<>")
	report := "From: MAILER-DAEMON@mx.example.se\nTo: " + back + "\nSubject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\n\n" + c.marks.fresh("bounce's text") + "\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.se\n\nFinal-Recipient: rfc822; " + c.annaAt +
		"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <" + c.annaAt + "> " + c.marks.fresh("bounce's reason") + "\n--b\nContent-Type: message/rfc822\n\n" +
		strings.ReplaceAll(notice.Raw, "\r\n", "\n") + "\n--b--\n"
	if err := c.TrySend(letter{from: "mailer-daemon@mx.example.se", to: []string{back}, raw: report}); err != nil {
		c.Fatal(err)
	}
}

// heldAndMended are two letters without a number: one mended by the link and
// recalled, one mended by an answer to the mail and never opened.
func (c *canary) heldAndMended(maria *browser) {
	c.Send(letter{to: []string{c.boAt + ".s"}, raw: c.mail("2", c.boAt+".s", c.marks.fresh("name of Bo"))})
	hold := c.lastHold()
	b := c.Browser().ShowCode(c.code(hold)).At("/m/mend")
	c.token(b)
	b.Post(b.Action("/m/mend/[0-9a-z]+"), "address", c.boAt, "phone", "0"+c.boNumber, "repeat", "0"+c.boNumber).Sees("Brevet är på väg")
	c.opens(c.code(c.Await("email", c.boAt, 1)), c.boNumber)
	// Found by a word of its subject, and not by what no letter says.
	maria.Get("/mail").Post("/mail/search", "q", c.marks.fresh("search among letters")).Sees("Inget brev hittades")
	maria.Post("/mail/search", "q", strings.ToUpper(c.boAt)).Sees("brev</h2>")
	maria.Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
	maria.Post(maria.at + "/recall").Sees("återkallat")

	cecilia := c.marks.fresh("address of Cecilia") + "@example.net"
	c.Send(letter{to: []string{cecilia + ".s"}, raw: c.mail("3", cecilia+".s", c.marks.fresh("name of Cecilia"))})
	again := c.lastHold()
	c.code(again)
	to := strings.Trim(headerOf(again.Raw, "Reply-To"), "<>")
	c.Send(letter{to: []string{to}, subject: "Re: " + c.marks.fresh("subject of an answer to a hold"), body: "0" + c.number("number of Cecilia", "4915306") + "\n\n> " + c.marks.fresh("quoted") + "\n"})
	c.code(c.Await("email", cecilia, 1))
}

// lastHold waits for the last mail that asks for a number.
func (c *canary) lastHold() trapped {
	c.Helper()
	c.Turn(time.Second) // what is due is sent when it returns
	all := c.Trapped("email", caseworker)
	for i := len(all) - 1; i >= 0; i-- {
		if codeIn.MatchString(all[i].Text) {
			return all[i]
		}
	}
	c.Fatalf("no mail that asks for a number: %v", c.summary())
	return trapped{}
}

// organised is a unit with somebody in it, who was called otherwise before.
func (c *canary) organised() {
	boss := c.Organiser(adminAt)
	day := c.Date(0) // which a turned clock may have begun since the mail
	boss.Get("/trace").Post("/trace", "address", c.annaAt, "from", c.Date(-1), "until", day).Sees(c.annaAt, "Inlämnat")
	boss.Get("/trace").Post("/trace", "address", c.marks.fresh("what is no address"), "from", c.marks.fresh("no day"), "until", day)
	boss.Get("/trace").Post("/trace", "ref", c.marks.fresh("number that was searched")+"@exempelkommun.se").Sees("Inget brev")
	root := boss.unit("Exempelkommun")
	boss.Get(root).Post(root+"/add", "name", c.marks.fresh("first name of a unit"), "cost", c.marks.fresh("cost centre")).Sees("Enheten finns nu")
	unit := boss.at
	boss.Post(unit+"/change", "name", c.marks.fresh("second name of a unit"), "cost", c.marks.fresh("another cost centre")).Sees("Ändringen är sparad")
	address := c.marks.fresh("address of somebody new") + "@exempelkommun.se"
	boss.Post(unit+"/people", "address", address, "name", c.marks.fresh("name of somebody new")).Sees(address)
	person := boss.person(address)
	boss.Get(person).Post(person+"/name", "name", c.marks.fresh("another name")).Sees("Ändringen är sparad")
	boss.Get(unit).Post(unit+"/search", "list", "people", "q", c.marks.fresh("searched name")).Sees("Ingen här heter så")
	boss.Get("/admin/settings").Post("/admin/settings", "list", "settings", "q", c.marks.fresh("word searched in the settings")).Sees("Här finns inget sådant")
	boss.Get("/org/people").Post("/org/people/search", "list", "people", "q", c.marks.fresh("name searched in the whole house")).Sees("Ingen här heter så")
	c.branded(boss, unit)
	c.listed(boss, unit)
	c.templates(boss, unit)
	c.code(c.Await("email", address, 1))
}

// branded is what a unit says of itself, seen before, saved, and what was refused.
func (c *canary) branded(boss *organiser, unit string) {
	at := unit + "/brand"
	boss.Get(at).Fills(at, fields{"name": c.marks.fresh("refused name") + "\r\n" + c.marks.fresh("refused header")}, nil).Sees("Något behöver ändras")
	says := fields{"letterhead": c.marks.fresh("letterhead"), "footer": c.marks.fresh("footer"), "extra.letter.sv": c.marks.fresh("own text in a notice")}
	says["name"], says["sender"] = c.marks.fresh("name of a brand"), c.marks.fresh("sender's name")
	boss.Get(at).Fills(at, says, arms(c)).Confirms(at).Sees("Utseendet är sparat", says["footer"])
}

// fromDirectory is who comes from the house's directory, somebody who is called otherwise
// there later, one who is gone, and entries that are not taken.
func (c *canary) fromDirectory() {
	boss := c.Organiser(adminAt)
	address, gone := c.marks.fresh("address in the directory")+"@exempelkommun.se", c.marks.fresh("address that goes")+"@exempelkommun.se"
	c.people.has(c.marks.fresh("name in the directory"), address, c.marks.fresh("department in the directory"))
	c.people.has(c.marks.fresh("name that goes"), gone)
	c.people.has("="+c.marks.fresh("formula in the directory"), c.marks.fresh("address of a formula")+"@exempelkommun.se")
	c.people.has(c.marks.fresh("name of another domain"), c.marks.fresh("address of another domain")+"@annan.example")
	boss.Get(directoryAt).Post(directoryAt + "/try").Sees("visar 4 personer")
	boss.readsDirectory().Sees("Nya personer</dt><dd>2<")
	c.people.has(c.marks.fresh("another name in the directory"), address, c.marks.fresh("another department in the directory"))
	c.people.lacks(gone)
	boss.readsDirectory().Sees("Personer som stängs av</dt><dd>1<", "Personer som byter namn</dt><dd>1<")
	for _, a := range []string{address, gone} {
		c.code(c.Await("email", a, 1))
	}
}

// listed is a unit's contact list, one that was changed and one that was taken out, and
// what somebody searches for in it.
func (c *canary) listed(boss *organiser, unit string) {
	at := unit + "/contacts"
	first := c.marks.fresh("name in a contact list")
	c.marks.digits("number in a contact list", "708112233")
	boss.Get(at).Post(at, "name", first, "address", c.marks.fresh("address in a contact list")+"@annan.example", "phone", "0708112233").Sees("Kontakten är tillagd")
	entry := regexp.MustCompile(`name="entry" value="([0-9a-z]{26})"`).FindStringSubmatch(boss.page)[1]
	boss.Post(at+"/change", "entry", entry, "name", c.marks.fresh("another name in a contact list"), "address", c.marks.fresh("another address in a contact list")+"@annan.example").Sees("Ändringen är sparad")
	boss.Post(at+"/remove", "entry", entry).Sees("Kontakten är borttagen")
	kept := c.marks.fresh("name that stays in a contact list")
	boss.Post(at, "name", kept, "address", c.marks.fresh("address that stays in a contact list")+"@annan.example").Sees("Kontakten är tillagd")
	boss.Get("/contacts").Post("/contacts/suggest", "q", c.marks.fresh("what is typed for a recipient")).Sees("[]")
	boss.Get("/contacts").Post("/contacts/known", "address", c.marks.fresh("an address that is typed")+"@example.se").Sees("första gången")
	boss.Get("/contacts").Post("/contacts/search", "q", c.marks.fresh("search in contact lists")).Sees("Ingen som du kan se heter så")
}

// templates are what a unit keeps for letters, and who writes for their own; and a draft
// that began with one.
func (c *canary) templates(boss *organiser, unit string) {
	at := unit + "/templates"
	f := func(what string) string { return c.marks.fresh("template, " + what) }
	boss.Get(at).Post(at, "form", "add", "name", f("name"), "subject", f("subject"), "text", f("text")).Sees("Mallen är tillagd")
	boss.Post(at+"/change", "entry", boss.entry(), "name", f("another name"), "subject", f("another subject"), "text", f("another text")).Sees("Ändringen är sparad")
	boss.Post(at+"/remove", "entry", boss.entry()).Sees("Mallen är borttagen")
	root := boss.unit("Exempelkommun") + "/templates"
	boss.Get(root).Post(root, "form", "add", "name", f("name that stays"), "subject", f("subject that stays"), "text", f("text that stays")).Sees("Mallen är tillagd")
	id := boss.entry()
	boss.Post(root+"/signature", "form", "signature", "signature", f("signature of a unit")).Sees("Ändringen är sparad")
	boss.Get("/account").Post("/account/signature", "signature", f("own signature")).Sees("Ändringen är sparad")
	boss.Get("/write").SendForm("/write", []fill{{"text", f("draft")}, {"template", id}, {"do", "template"}}, nil).Sees("Det står redan en text")
	boss.Post(boss.at, "do", "below").Sees("Kasta utkastet")
	boss.Post(boss.at + "/drop").Sees("Utkastet är förstört")
	boss.Get(root).Post(root+"/signature", "form", "signature", "signature", "").Sees("Ändringen är sparad")
}

// half is a draft of which one file is half there, and of which others were given up or were
// whole.
func (c *canary) half() *browser {
	b := c.Browser().SignsIn(caseworker).Get("/write")
	b.SendForm("/write", []fill{{"text", c.marks.fresh("draft with half a file")}, {"do", "save"}}, nil)
	for _, what := range []string{"given up", "whole", "half there"} {
		f := b.begins(c.marks.fresh("name of a file "+what)+".txt", []byte(strings.Repeat(c.marks.fresh("content of a file "+what)+"\n", 70_000)))
		f.sends(1 << 20)
		switch what {
		case "given up":
			b.Post(f.Remove).SeesNot(f.name)
		case "whole":
			f.sends(len(f.data) - 1<<20)
			b.Get(b.at).Sees(f.name)
		}
	}
	return b.Get(b.at).Sees("Välj samma fil igen")
}

// shared is a letter in a function mailbox, with what a colleague notes about it.
func (c *canary) shared() {
	boss := c.Organiser(adminAt)
	unit := boss.unit("Exempelkommun")
	address := c.marks.fresh("address of a function mailbox") + "@exempelkommun.se"
	boss.Get(unit).Post(unit+"/mailbox", "form", "mailbox", "name", c.marks.fresh("name of a function mailbox"), "address", address).Sees(address)
	at := boss.at
	boss.Post(at+"/join", "form", "reader", "address", caseworker, "from", "now").Sees("Maria Ek")
	c.Send(letter{from: johanAt, to: []string{address + ".s"}, raw: c.mail("6", address+".s", c.marks.fresh("name of the function mailbox's people"))})
	maria := c.Browser().SignsIn(caseworker)
	c.token(maria)
	maria.Get("/box/" + strings.TrimPrefix(at, "/org/mailbox/")).first()
	letter := maria.at
	c.exported(maria)
	maria.Get(letter).Post(letter+"/claim").Post(letter+"/remark", "text", c.marks.fresh("note to colleagues")).Sees("Anteckningen är sparad")
}

// exported is a mailbox that its owner takes along, with a key that is made on the page,
// after somebody has typed what should not be typed there.
func (c *canary) exported(owner *browser) {
	c.Helper()
	owner.Get("/account/export").Post("/account/export", "to", c.marks.fresh("no recipient"))
	secret := ownKey(c).String()
	c.marks.text("secret key in the wrong place", secret)
	owner.Get("/account/export").Post("/account/export", "to", secret).Sees("hemlig nyckel")
	page := owner.Post("/account/export/key").page
	key, to := exportKeyOn.FindString(page), exportToOn.FindString(page)
	c.marks.text("key of an export", key)
	id, err := age.ParseHybridIdentity(key)
	if err != nil {
		c.Fatal(err)
	}
	if files := unpack(c, owner.takes("/account/export", to), id); len(in(files, "sent")) == 0 || len(in(files, "inbox")) == 0 {
		c.Fatalf("%d files", len(files))
	}
}

// registered is a citizen who makes an account, answers and writes there, signs in again,
// takes a letter to another number in, and closes the account.
func (c *canary) registered() {
	c.Helper()
	address := c.marks.fresh("address of a recipient") + "@example.se"
	number, other := c.number("number of a recipient", "3319482"), c.number("other number of a recipient", "3319556")
	send := func(n, to string, mails int) string {
		c.Send(letter{to: []string{to}, raw: c.mail(n, to, c.marks.fresh("name of a recipient"))})
		return c.code(c.Await("email", address, mails))
	}
	first := send("7", address+".0"+number+".s", 1)
	second := send("8", address+".0"+other+".s", 2)
	b := c.opens(first, number)
	c.Turn(2 * time.Minute)
	password := c.marks.fresh("password of a recipient") + " " + c.marks.fresh("password of a recipient")
	b.Get("/m/register").Post("/m/register").At("/m/register/pin")
	pin := c.LastPIN("+46" + number)
	c.marks.digits("PIN of who registers", pin)
	b.Post("/m/register/pin", "pin", pin).At("/m/register/password").Post("/m/register/password", "password", password, "repeat", password).At("/mail")
	c.token(b)
	for _, path := range []string{"", "/html", "/eml", "/file/17", "/file/18", "/reply"} {
		b.Get("/mail").Follow("/mail/[0-9a-z]{26}")
		if b.Get(b.at + path); b.code != 200 {
			c.Fatalf("%s: %d", path, b.code)
		}
	}
	b.Upload(b.at, c.marks.fresh("a recipient's answer"), map[string]string{c.marks.fresh("file name of a recipient's answer") + ".txt": c.marks.fresh("file of a recipient's answer")}).Sees("kommit fram")
	b.Get("/mail/new").Follow("/mail/new/[0-9a-z]{26}")
	b.SendForm(b.at, []fill{{"subject", c.marks.fresh("subject of a recipient's letter")}, {"text", c.marks.fresh("a recipient's letter")}}, map[string][]byte{c.marks.fresh("file name of a recipient's letter") + ".txt": []byte(c.marks.fresh("file of a recipient's letter"))}).At("/mail/sent")
	b.ShowCode(second).At("/m/pin")
	c.token(b)
	pin = c.LastPIN("+46" + other)
	c.marks.digits("PIN of who takes a letter in", pin)
	b.Post("/m/pin", "pin", pin).Sees("bland dina brev")
	c.token(b)
	in := c.Browser()
	c.Turn(2 * time.Minute)
	in.Get("/in").Post("/in", "address", address, "password", password).At("/in/factor")
	c.token(in)
	pin = c.LastPIN("+46" + number)
	c.marks.digits("PIN of a recipient's second step", pin)
	in.Post("/in/factor", "by", "pin", "code", pin).At("/mail")
	c.token(in)
	in.Get("/account/close").At("/account/close").Post("/account/close").Sees("Kontot är avslutat")
}

// done is a letter that its reader ends.
func (c *canary) done() {
	to := c.marks.fresh("address of David") + "@example.com"
	number := c.number("number of David", "7730612")
	c.Send(letter{to: []string{to + ".0" + number + ".s"}, raw: c.mail("4", to+".0"+number+".s", c.marks.fresh("name of David"))})
	b := c.opens(c.code(c.Await("email", to, 1)), number)
	b.Get("/m/letter/done").Post("/m/letter/done").Sees("Din kopia är borta")
}

// invited is a letter to a colleague whom the house meets for the first time.
func (c *canary) invited() {
	to := c.marks.fresh("address of a colleague") + "@exempelkommun.se"
	c.Send(letter{to: []string{to + ".s"}, raw: c.mail("5", to+".s", c.marks.fresh("name of a colleague"))})
	c.Await("email", to, 2)
	for _, m := range c.Trapped("email", to) {
		if !codeIn.MatchString(m.Text) {
			continue
		}
		password := c.marks.fresh("password")
		b := c.Browser().ShowCode(c.code(m)).At("/welcome").Post("/welcome", "password", password, "repeat", password).At("/mail")
		c.token(b)
		b.Follow("/mail/[0-9a-z]{26}")
		return
	}
	c.Fatalf("no invitation: %v", c.summary())
}

// passkey makes a passkey and signs in with it.
func (c *canary) passkey(owner *browser) {
	c.Helper()
	k := newSoftKey(c, true)
	c.marks.key("what a passkey gives", k.prf)
	c.marks.key("a passkey's id", k.id)
	owner.Get("/account/passkeys").Makes(k, c.marks.fresh("name of a passkey")).Sees("Nyckeln är tillagd")
	b := c.Browser().Get("/in").Uses(k).At("/mail")
	c.token(b)
	a := b.asks("/in/passkey/options")
	c.marks.text("a passkey's challenge", a.PublicKey.Challenge)
	c.marks.text("what names it", a.State)
	b.Post("/in/passkey", "state", a.State, "response", c.marks.fresh("a passkey's answer"), "prf", text(k.prf))
}

// signedOn is somebody who comes by the organisation's sign-on for the first time, and
// again.
func (c *canary) signedOn() {
	c.Helper()
	c.idp.is(c.marks.fresh("subject"), mail.Address(c.marks.fresh("address of who signs on")+"@exempelkommun.se"), c.marks.fresh("name of who signs on"))
	password := c.marks.fresh("password of who signs on") + " " + c.marks.fresh("password of who signs on")
	b := c.Browser().SignsOn().At("/in/arrive")
	c.token(b)
	c.marks.text("code of the provider", c.idp.lastCode())
	b.Post("/in/arrive", "password", password, "repeat", password).At("/mail")
	c.token(b)
	b = c.Browser().SignsOn().At("/in/unlock").Post("/in/unlock", "password", password).At("/mail")
	c.token(b)
	c.idp.refuses(mail.E(mail.Denied, "error.signon.wrong", errors.New("a token was wrong")))
	c.Browser().Get("/in/sso?next=" + c.marks.fresh("next of a sign-on")).Sees("gick inte att kontrollera")
	c.idp.refuses(nil)
}

// twoSteps sets a second factor up, signs in by it in each way, and changes a password.
func (c *canary) twoSteps() {
	c.Helper()
	number := c.number("reserve phone", "4417206")
	sms := func() string {
		pin := c.LastPIN("+46" + number)
		c.marks.digits("PIN to the reserve phone", pin)
		return pin
	}
	johan := c.Browser().SignsIn(johanAt)
	johan.Get("/account/phone").Post("/account/phone", "phone", "0"+number).Post("/account/phone/pin", "pin", sms()).At("/account/app")
	key := johan.Key()
	c.marks.text("TOTP key", key)
	raw, err := base32.StdEncoding.DecodeString(key)
	if err != nil {
		c.Fatal(err)
	}
	c.marks.key("TOTP key", raw)
	code := c.TOTP(key, 0)
	c.marks.digits("code of the app", code)
	johan.Post("/account/app", "code", code).At("/account/codes")
	codes := johan.Prints()
	for _, printed := range codes {
		c.marks.text("printed code", printed)
		c.marks.text("printed code", strings.ReplaceAll(printed, "-", ""))
	}
	c.passkey(johan)
	c.Turn(2 * time.Minute)
	b := c.Browser().Password(johanAt).At("/in/factor")
	c.token(b)
	b.Post("/in/factor", "code", c.marks.fresh("wrong second step"))
	const none = "ZZYYX-XWWVV"
	c.marks.text("wrong printed code", none)
	c.marks.text("wrong printed code", strings.ReplaceAll(none, "-", ""))
	b.Post("/in/factor", "code", none).Post("/in/factor", "code", codes[0]).At("/mail")
	c.token(b)
	b = c.Browser().Password(johanAt).Post("/in/factor/sms")
	b.Post("/in/factor", "code", sms(), "by", "pin").At("/mail")
	password := c.marks.fresh("second password") + " " + c.marks.fresh("second password")
	b.Get("/account/prove?next=" + c.marks.fresh("next"))
	b.Get("/account/password").Post("/account/password", "password", password, "repeat", password).At("/account").Sees("Lösenordet är ändrat")
	c.receipt(johanAt, number)
	b.Get("/account/off").Post("/account/off").At("/account")
	c.token(b)
	paper := paperOn.FindStringSubmatch(b.Get("/account/recovery").Post("/account/recovery").page)
	if paper == nil {
		c.Fatalf("no code on paper:\n%s", b.page)
	}
	c.marks.text("code on paper", paper[1])
	c.marks.text("code on paper", strings.ReplaceAll(paper[1], "-", ""))
	c.Browser().loses(johanAt, c.marks.fresh("wrong code on paper"), password)
	again := c.number("second reserve phone", "4417207")
	b.Get("/account/phone").Post("/account/phone", "phone", "0"+again).At("/account/phone/pin")
}

// receipt is a letter of somebody's of whose first reading an SMS tells them.
func (c *canary) receipt(from, phone string) {
	c.Helper()
	to, number := c.marks.fresh("address of who is waited for")+"@example.se", c.number("number of who is waited for", "5527341")
	c.Send(letter{from: from, to: []string{to + ".0" + number + ".s"}, subject: c.marks.fresh("subject of who waits"), body: c.marks.fresh("text of who waits"), header: "X-Sigill-Receipt: sms\n"})
	b := c.Browser().ShowCode(c.code(c.Await("email", to, 1))).At("/m/pin")
	c.token(b)
	pin := c.LastPIN("+46" + number)
	c.marks.digits("PIN of who is waited for", pin)
	b.Post("/m/pin", "pin", pin).At("/m/letter")
	c.Turn(time.Minute)
	all := c.Trapped("sms", "+46"+phone)
	if len(all) == 0 || !strings.Contains(all[len(all)-1].Text, "har läst") {
		c.Fatalf("no SMS tells of it: %d to that phone", len(all))
	}
}

// refused is what comes to nothing: mails and forms that are not taken must leave no
// trace either.
func (c *canary) refused() {
	to := c.marks.fresh("refused recipient") + "@example.se"
	if c.TrySend(letter{to: []string{to}, subject: "[säker " + c.marks.fresh("refused tag") + "] " + c.marks.fresh("refused subject"), body: c.marks.fresh("refused text")}) == nil {
		c.Fatal("taken")
	}
	if c.TrySend(letter{from: c.marks.fresh("stranger") + "@example.se", to: []string{c.annaAt + ".s"}, raw: c.mail("a stranger's", c.annaAt, "X")}) == nil {
		c.Fatal("taken")
	}
	c.kept(`SELECT count(*) FROM arrival_tag`)
	b := c.Browser().Get("/in").Post("/in", "address", c.marks.fresh("unknown address")+"@exempelkommun.se", "password", c.marks.fresh("wrong password"))
	b.Get("/in").Post("/in", "address", caseworker, "password", c.marks.fresh("wrong password of somebody"))
	b.Get("/accessibility").Post("/accessibility", "text", c.marks.fresh("feedback of a stranger"), "contact", c.marks.fresh("how a stranger is reached")).Sees("kommit fram")
	b.Get("/genuine").Post("/genuine", "code", c.marks.fresh("code of a stranger")).Sees("känner inte igen")
	b.Get("/m").Post("/m", "code", c.marks.fresh("wrong code")).Get("/m/" + c.marks.fresh("path of nothing"))
	b.Get("/m?code=" + c.marks.fresh("query"))
	b.Get("/handbook/search?q=" + c.marks.fresh("words for the handbook")).Sees("Inget kapitel har de orden")
}

var measured = regexp.MustCompile(`(time|took)=\S+`) // times have six digits too

// nowhere wants no mark in anything that the process has written anywhere.
func (c *canary) nowhere(when string) {
	c.Helper()
	var found []string
	for _, dir := range []string{c.dir + "/data", c.dir + "/keys", c.tmp} {
		found = append(found, c.marks.inDir(c, dir)...)
	}
	for _, n := range c.marks.in(measured.ReplaceAll(c.log.Bytes(), nil)) {
		found = append(found, "log: "+n)
	}
	for _, n := range c.marks.in(readFile(c, c.said.Name())) {
		found = append(found, "standard output or error: "+n)
	}
	if len(found) > 0 {
		c.Errorf("%s, %d marks stand in clear text:\n%s", when, len(found), strings.Join(found, "\n"))
	}
}

// endings are the keys of all that will end: what a slot holds of each, and how each
// blob's ciphertext begins.
func (c *canary) endings() *marks {
	c.Helper()
	m := newMarks()
	slots, blobs := readFile(c, c.dir+"/data/shred.slots"), 0
	for _, n := range c.query(`
		SELECT 'message', slot FROM message WHERE way <> 1
		UNION ALL SELECT 'holder', h.slot FROM holder AS h JOIN message AS m ON m.id = h.message WHERE m.way <> 1 OR h.kind <> 1
		UNION ALL SELECT 'code', slot FROM code WHERE kind <> 3`) {
		at := n[1].(int64) * 64
		if key := slots[at : at+60]; at > 0 && !bytes.Equal(key, make([]byte, 60)) {
			m.key(fmt.Sprintf("slot of a %s", n[0]), key)
		}
	}
	for _, n := range c.query(`SELECT p.blob FROM part AS p JOIN message AS m ON m.id = p.message WHERE p.blob IS NOT NULL AND m.way <> 1`) {
		id := mail.ID(n[0].([]byte))
		// Behind age's header, which begins alike in every file.
		m.key("blob", readFile(c, filepath.Join(c.dir, "data/blobs", fmt.Sprintf("%02x", id[0]), id.String()))[256:288])
		blobs++
	}
	if len(m.needles) < 100 || blobs < 5 {
		c.Fatalf("%d writings of keys, %d blobs: too few to prove anything", len(m.needles), blobs)
	}
	return m
}

// query reads all rows of a query beside the running appliance.
func (c *canary) query(q string) [][]any {
	c.Helper()
	db, err := sql.Open("sqlite", "file:"+c.dir+"/data/sigill.db?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	if err != nil {
		c.Fatal(err)
	}
	defer db.Close()
	return rows(c, db, q)
}

// slotsInUse counts slots that are not zero, but for the file's mark.
func (c *canary) slotsInUse(name string) (n int) {
	b := readFile(c, c.dir+"/data/"+name)
	for at := 64; at < len(b); at += 64 {
		if !bytes.Equal(b[at:at+64], make([]byte, 64)) {
			n++
		}
	}
	return n
}

// kept waits until a count is not 0: what the door has seen is written behind its answer.
func (c *canary) kept(q string) {
	c.Helper()
	c.await(q, func() (trapped, bool) { return trapped{}, c.query(q)[0][0].(int64) > 0 })
}

func squeezed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte("so and so " + s))
	w.Close()
	return b.String()
}

func TestCanary(t *testing.T) {
	c := newCanary(t, func(*appliance.Demo) {})
	c.live()
	draft := c.half()
	c.nowhere("while it lives")
	t.Run("keys of mails that were sent are gone", func(t *testing.T) {
		c.Turn(time.Second)
		for _, name := range []string{"link.slots", "link.mirror"} {
			if n := c.slotsInUse(name); n != 0 {
				t.Errorf("%s holds %d keys", name, n)
			}
		}
	})
	keys := c.endings()
	draft.Post(draft.at + "/drop").Sees("Utkastet är förstört")
	t.Run("who is told how the machine is learns nothing of anybody", func(*testing.T) { c.tellsNobody() })
	c.Days(100)
	c.nowhere("after the end")
	t.Run("after the end no key and no blob of what has ended is anywhere", func(t *testing.T) {
		if found := keys.inDir(t, c.dir+"/data"); len(found) > 0 {
			t.Errorf("%s", strings.Join(found, "\n"))
		}
	})
	t.Run("what is left of the rows says nothing", func(t *testing.T) {
		for _, q := range []string{
			`SELECT 'message', count(*) FROM message WHERE way <> 1 AND (state < 3 OR slot > 0 OR length(envelope) > 0 OR length(head) > 0)`,
			`SELECT 'holder', count(*) FROM holder WHERE (state < 3 AND house = 0) OR (state = 3 AND (slot > 0 OR length(columns) > 0))`,
			`SELECT 'wrap', count(*) FROM wrap JOIN holder ON holder.id = wrap.holder WHERE state >= 2`,
			`SELECT 'part', count(*) FROM part JOIN message ON message.id = part.message WHERE state >= 2`,
			`SELECT 'upload', count(*) FROM upload`,
			`SELECT 'code', count(*) FROM code WHERE kind <> 3`,
			`SELECT 'pair', count(*) FROM pair`,
			`SELECT 'remark', count(*) FROM remark`,
			`SELECT 'outbox', count(*) FROM outbox WHERE slot > 0 OR length(box) > 0`,
			`SELECT 'ledger', count(*) FROM ledger WHERE done = 0`,
			`SELECT 'arrival', count(*) FROM arrival`,
			`SELECT 'arrival_tag', count(*) FROM arrival_tag`,
			`SELECT 'arrival_day', count(*) FROM arrival_day`,
		} {
			if row := c.query(q)[0]; row[1].(int64) != 0 {
				t.Errorf("%v: %d rows", row[0], row[1])
			}
		}
	})
	t.Run("every key that is left is named by a row", func(t *testing.T) {
		named := c.query(`SELECT count(*) FROM (SELECT slot FROM message UNION ALL SELECT slot FROM holder UNION ALL SELECT slot FROM code UNION ALL SELECT slot FROM seed_wrap UNION ALL SELECT slot FROM generation_wrap UNION ALL SELECT slot FROM helper_wrap UNION ALL SELECT slot FROM passkey UNION ALL SELECT slot FROM held_seed UNION ALL SELECT slot FROM arrival_day) WHERE slot > 0`)[0][0].(int64)
		if n := c.slotsInUse("shred.slots"); int64(n) != named {
			t.Errorf("%d keys, %d are named", n, named)
		}
	})
	c.stop()
	c.nowhere("after the process has ended")
}

func TestCanaryControls(t *testing.T) {
	t.Run("a mark in any writing is found", func(t *testing.T) {
		m := newMarks()
		word := m.fresh("mark")
		pin := "204816"
		m.digits("PIN", pin)
		for _, planted := range []string{
			word, strings.ToUpper(word), "x" + base64.StdEncoding.EncodeToString([]byte("a"+word+"b")), base64.StdEncoding.EncodeToString([]byte("ab" + word + "cd")),
			base64.URLEncoding.EncodeToString([]byte(word)), fmt.Sprintf("%x", word), fmt.Sprintf("%X", word), "\x00" + strings.Join(strings.Split(word, ""), "\x00"),
			squeezed(word), "PIN " + pin + ".",
		} {
			dir := t.TempDir()
			if err := os.WriteFile(dir+"/planted", append(make([]byte, 4097), planted...), 0o600); err != nil {
				t.Fatal(err)
			}
			if len(m.inDir(t, dir)) == 0 {
				t.Errorf("%q is not found", planted)
			}
		}
		if found := m.in([]byte("took=1" + pin + "µs")); len(found) > 0 {
			t.Errorf("part of a longer number: %v", found)
		}
	})
	t.Run("with erasing switched off keys and blobs are found", func(t *testing.T) {
		c := newCanary(t, appliance.WithoutErasing)
		c.annaAt, c.annaNumber = "anna@example.se", "739164827"
		for range 5 {
			c.Send(letter{to: []string{annaSecure}, raw: c.mail("1", annaSecure, "Anna")})
		}
		keys := c.endings()
		if len(c.marks.inDir(t, c.dir+"/data")) > 0 {
			t.Error("clear text")
		}
		c.Days(100)
		found := strings.Join(keys.inDir(t, c.dir+"/data"), "\n")
		for _, what := range []string{"slot of a message", "slot of a holder", "slot of a code", "blob"} {
			if !strings.Contains(found, what) {
				t.Errorf("%s is not found", what)
			}
		}
	})
}
