package notify_test

import (
	"bytes"
	"context"
	"flag"
	stdhtml "html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"sigill/appliance/mail"
	"sigill/appliance/notify"
	"sigill/embed"
)

var update = flag.Bool("update", false, "write the golden files")

var (
	now   = time.Date(2026, 4, 26, 8, 14, 0, 0, time.UTC)
	until = time.Date(2026, 5, 3, 21, 59, 59, 0, time.UTC)
	id    = mail.ID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
)

var tag = regexp.MustCompile(`<[^>]*>`)

const code = "K7FQ-2QDM-9XWT-4HBN-T6RC"

func house() notify.House {
	zone, _ := time.LoadLocation("Europe/Stockholm")
	look := func(owner mail.ID) mail.Look {
		sender := map[mail.ID]string{{}: "Säker post", social: "Socialtjänsten", protected: ""}[owner]
		return mail.Look{House: "Exempelkommun", Brand: mail.Brand{Name: "Exempelkommun", Sender: sender, Phone: "0123-45 67 89", Web: "exempelkommun.se/brev"}}
	}
	return notify.House{Look: look,
		BaseURL: "https://brev.exempelkommun.se", From: "sakerpost@brev.exempelkommun.se", Zone: zone, Lang: "sv"}
}

// In whose name letters are sent: a department, and one that shows the house alone.
var social, protected = mail.ID{1}, mail.ID{2}

// shows changes what a house shows of itself.
func shows(h *notify.House, change func(*mail.Look)) {
	before := h.Look
	h.Look = func(owner mail.ID) mail.Look {
		l := before(owner)
		change(&l)
		return l
	}
}

func texts(t testing.TB) fs.FS {
	t.Helper()
	tree, err := fs.Sub(embed.Notices, "notice")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func words(t testing.TB, h notify.House) *notify.Words {
	t.Helper()
	w, err := notify.New(notify.Config{House: h, Texts: texts(t)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// examples is one notice of each kind, and those that read differently.
func examples() map[string]struct {
	n mail.Notice
	p mail.Posting
} {
	type ex = struct {
		n mail.Notice
		p mail.Posting
	}
	p := mail.Posting{ID: id, At: now, Verified: true}
	anna := mail.Outcome{Address: "anna@example.se", Given: "anna@example.se.0701234567.s", Number: "+46701234567", Until: until}
	maria := func(k mail.NoticeKind, o ...mail.Outcome) mail.Notice {
		return mail.Notice{Kind: k, To: "maria.ek@exempelkommun.se", ToName: "Maria Ek", Outcomes: o, At: now, InReplyTo: "abc.123@exempelkommun.se"}
	}
	with := func(n mail.Notice, change func(*mail.Notice)) mail.Notice { change(&n); return n }
	held := func(o ...mail.Outcome) mail.Notice {
		return with(maria(mail.NoticeHold, o...), func(n *mail.Notice) { n.Code, n.MustTLS, n.Until = code, true, until })
	}
	bo := mail.Outcome{Address: "bo@example.se", Given: "bo@example.se.s", Hold: mail.HoldNoNumber}
	eva := mail.Outcome{Address: "eva@example.se", Given: "eva@example.se,s", Hold: mail.HoldNearMiss}
	back := mail.Address("hold+k7fq2qdm9xwt4hbnt6rc0000.00000000000000000000@brev.exempelkommun.se")
	shared := func(k mail.NoticeKind) mail.Notice {
		return with(maria(k), func(n *mail.Notice) { n.Mailbox, n.Person = "Socialtjänsten", "Bo Al" })
	}
	citizen := func(k mail.NoticeKind, why string) mail.Notice {
		return mail.Notice{Kind: k, To: "anna@example.se", Owner: social, At: now, Until: until, Why: why}
	}
	return map[string]ex{
		"shared":          {with(shared(mail.NoticeShared), func(n *mail.Notice) { n.Until = until }), p},
		"internal-shared": {with(shared(mail.NoticeInternal), func(n *mail.Notice) { n.Until = until }), p},
		"answer-shared":   {shared(mail.NoticeAnswer), p},
		"unread":          {with(shared(mail.NoticeUnread), func(n *mail.Notice) { n.Count = 1 }), p},
		"unread-many":     {with(shared(mail.NoticeUnread), func(n *mail.Notice) { n.Count = 17 }), p},
		"daily":           {with(maria(mail.NoticeDaily), func(n *mail.Notice) { n.Count = 1 }), p},
		"daily-many":      {with(maria(mail.NoticeDaily), func(n *mail.Notice) { n.Count = 12 }), p},
		"daily-shared":    {with(maria(mail.NoticeDaily), func(n *mail.Notice) { n.Count, n.Shared = 12, 3 }), p},
		"daily-all":       {with(maria(mail.NoticeDaily), func(n *mail.Notice) { n.Count, n.Shared = 2, 2 }), p},
		"daily-one":       {with(maria(mail.NoticeDaily), func(n *mail.Notice) { n.Count, n.Shared = 1, 1 }), p},
		"joined":          {shared(mail.NoticeJoined), p},
		"alarm": {with(maria(mail.NoticeAlarm), func(n *mail.Notice) {
			n.Alarms = []mail.Alarm{
				{Title: "SPF", Say: "svar.exempelkommun.se is without.", Do: "Add this record.", Records: []string{`svar.exempelkommun.se. IN TXT "v=spf1 ip4:192.0.2.1 -all"`}},
				{Title: "Disk", Lasted: "3 h"},
			}
		}), p},
		"alarm-over":        {with(maria(mail.NoticeAlarm), func(n *mail.Notice) { n.Alarms = []mail.Alarm{{Title: "Disk", Lasted: "3 h"}} }), p},
		"exported":          {maria(mail.NoticeExported), p},
		"exported-shared":   {shared(mail.NoticeExported), p},
		"asked":             {shared(mail.NoticeAsked), p},
		"given":             {shared(mail.NoticeGiven), p},
		"opened":            {with(shared(mail.NoticeOpened), func(n *mail.Notice) { n.Helper = "Karin Berg" }), p},
		"handedover":        {shared(mail.NoticeHandedOver), p},
		"handedoff":         {with(shared(mail.NoticeHandedOff), func(n *mail.Notice) { n.Helper = "Karin Berg" }), p},
		"closing":           {with(shared(mail.NoticeClosing), func(n *mail.Notice) { n.Until = until }), p},
		"closing-off":       {shared(mail.NoticeClosing), p},
		"restored":          {shared(mail.NoticeRestored), p},
		"left":              {shared(mail.NoticeLeft), p},
		"substitute":        {shared(mail.NoticeSubstitute), p},
		"letter":            {mail.Notice{Kind: mail.NoticeLetter, To: "anna@example.se", Code: code, Owner: social, Tail: "67", Until: until}, p},
		"letter-protected":  {mail.Notice{Kind: mail.NoticeLetter, To: "anna@example.se", Code: code, Owner: protected, Tail: "67", Until: until.AddDate(1, 0, 0)}, p},
		"letter-nolink":     {mail.Notice{Kind: mail.NoticeLetter, To: "anna@example.se", Code: code, Owner: social, Tail: "67", Until: until, NoLink: true}, p},
		"recipient-nolink":  {with(citizen(mail.NoticeRecipient, ""), func(n *mail.Notice) { n.Proof, n.NoLink = strings.Repeat("a", 32), true }), p},
		"invited-nolink":    {with(citizen(mail.NoticeInvited, ""), func(n *mail.Notice) { n.Code, n.Tail, n.MustTLS, n.NoLink = code, "67", true, true }), p},
		"account-nolink":    {with(citizen(mail.NoticeAccount, ""), func(n *mail.Notice) { n.Tail, n.NoLink = "67", true }), p},
		"internal":          {mail.Notice{Kind: mail.NoticeInternal, To: "bo.al@exempelkommun.se", ToName: "Bo Al", Owner: social, Until: until}, p},
		"invitation":        {mail.Notice{Kind: mail.NoticeInvitation, To: "bo.al@exempelkommun.se", Code: code, MustTLS: true, Until: until}, p},
		"invitation-nocode": {mail.Notice{Kind: mail.NoticeInvitation, To: "bo.al@exempelkommun.se", Code: code, MustTLS: true, Until: until}, mail.Posting{ID: id, At: now}},
		"report":            {maria(mail.NoticeReport, anna), p},
		"report-many": {maria(mail.NoticeReport, anna,
			mail.Outcome{Address: "bo@example.se", Given: "bo@example.se.s", Hold: mail.HoldNoNumber},
			mail.Outcome{Address: "carl@example.se", Number: "+46709999999", Known: true, Raised: true, Until: until},
			mail.Outcome{Address: "bo.al@exempelkommun.se", Channel: mail.ChannelInternal},
			mail.Outcome{Address: "dan@example.se", Step: mail.StepNoticeFailed, Detail: "550 5.1.1"}), p},
		"hold":           {held(anna, bo), mail.Posting{ID: id, At: now, Verified: true, ReplyTo: back}},
		"hold-several":   {held(anna, bo, eva), mail.Posting{ID: id, At: now, Verified: true}},
		"hold-nearmiss":  {held(eva), mail.Posting{ID: id, At: now, Verified: true}},
		"hold-doubtful":  {held(with2(anna, func(o *mail.Outcome) { o.Hold = mail.HoldStale }), with2(bo, func(o *mail.Outcome) { o.Hold, o.Number = mail.HoldChanged, "+46707654321" })), mail.Posting{ID: id, At: now, Verified: true}},
		"hold-unproven":  {held(bo, eva), mail.Posting{ID: id, At: now}},
		"bounce":         {maria(mail.NoticeBounce, with2(anna, func(o *mail.Outcome) { o.Step, o.Detail = mail.StepNoticeFailed, "550 5.1.1" })), p},
		"refused":        {with(maria(mail.NoticeRefused), func(n *mail.Notice) { n.Count = 1 }), p},
		"refused-many":   {with(maria(mail.NoticeRefused), func(n *mail.Notice) { n.Count = 12 }), p},
		"read":           {with(maria(mail.NoticeRead, with2(anna, func(o *mail.Outcome) { o.Step = mail.StepOpened })), func(n *mail.Notice) { n.Letter = id }), p},
		"answer":         {maria(mail.NoticeAnswer), p},
		"wrongnumber":    {maria(mail.NoticeWrong, with2(anna, func(o *mail.Outcome) { o.Step = mail.StepWrongNumber })), p},
		"neverread":      {maria(mail.NoticeNeverRead, with2(anna, func(o *mail.Outcome) { o.Step, o.Until = mail.StepClosedUnread, time.Time{} })), p},
		"locked":         {maria(mail.NoticeLocked, with2(anna, func(o *mail.Outcome) { o.Step = mail.StepLocked })), p},
		"number":         {mail.Notice{Kind: mail.NoticeNumber, To: "anna@example.se", Owner: social, Tail: "99", At: now}, p},
		"recovered":      {mail.Notice{Kind: mail.NoticeRecovered, To: "bo.al@exempelkommun.se", MustTLS: true, At: now, Until: until}, p},
		"recovered-mail": {mail.Notice{Kind: mail.NoticeRecovered, To: "bo.al@exempelkommun.se", Code: code, MustTLS: true, At: now, Until: until}, p},
		"papercode":      {maria(mail.NoticePaperCode), p},
		"device":         {with(maria(mail.NoticeDevice), func(n *mail.Notice) { n.Browser, n.System = "Firefox", "Windows" }), p},
		"device-unknown": {maria(mail.NoticeDevice), p},
		"secondlocked":   {with(maria(mail.NoticeSecondLocked), func(n *mail.Notice) { n.System = "Linux" }), p},
		"factor":         {maria(mail.NoticeFactor), p},
		"factorreset":    {maria(mail.NoticeFactorReset), p},
		"factoroff":      {maria(mail.NoticeFactorOff), p},
		"codesoff":       {maria(mail.NoticeCodesOff), p},
		"resumed":        {maria(mail.NoticeResumed), p},
		"password":       {maria(mail.NoticePassword), p},
		"apppassword":    {maria(mail.NoticeAppPassword), p},
		"passkey":        {maria(mail.NoticePasskey), p},
		"passkeyoff":     {maria(mail.NoticePasskeyOff), p},
		"helpasked":      {with(maria(mail.NoticeHelpAsked), func(n *mail.Notice) { n.Browser, n.System = "Firefox", "Windows" }), p},
		"helpwanted":     {with(maria(mail.NoticeHelpWanted), func(n *mail.Notice) { n.Person = "Bo Al" }), p},
		"helpgiven":      {with(maria(mail.NoticeHelpGiven), func(n *mail.Notice) { n.Helper = "Eva By" }), p},
		"helped":         {with(maria(mail.NoticeHelped), func(n *mail.Notice) { n.Person, n.Helper = "Bo Al", "Eva By" }), p},
		"helprefused":    {maria(mail.NoticeHelpRefused), p},
		"closed":         {citizen(mail.NoticeClosed, ""), p},
		"closed-out":     {citizen(mail.NoticeClosed, "misuse"), p},
		"out-asked":      {citizen(mail.NoticeOut, "asked"), p},
		"out-stranger":   {citizen(mail.NoticeOut, "stranger"), p},
		"out-misuse":     {citizen(mail.NoticeOut, "misuse"), p},
		"out-death":      {citizen(mail.NoticeOut, "death"), p},
		"join":           {with(citizen(mail.NoticeJoin, ""), func(n *mail.Notice) { n.Proof = "AAAAAGnt4TB0OQ3aTm4Y0nBlqzvOXb_-" }), p},
		"adopted":        {citizen(mail.NoticeAdopted, ""), p},
		"recipient":      {with(citizen(mail.NoticeRecipient, ""), func(n *mail.Notice) { n.Proof = "AAAAAGnt4TB0OQ3aTm4Y0nBlqzvOXb_-" }), p},
		"recipient-bad":  {with(citizen(mail.NoticeRecipient, ""), func(n *mail.Notice) { n.Proof = "../../elsewhere?x=" }), p},
	}
}

func with2(o mail.Outcome, change func(*mail.Outcome)) mail.Outcome { change(&o); return o }

func TestGolden(t *testing.T) {
	w := words(t, house())
	for name, ex := range examples() {
		for _, lang := range []string{"sv", "en"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				ex.n.Lang = lang
				got, err := w.Mail(context.Background(), ex.n, ex.p)
				if err != nil {
					t.Fatal(err)
				}
				file := filepath.Join("testdata", name+"."+lang+".eml")
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("differs from %s; look at it and run with -update:\n%s", file, got)
				}
				check(t, got, ex.n)
			})
		}
	}
}

// In every other language, too, each notice can be written, and says the same as in the
// source: the same link, code, names, numbers and days.
func TestLanguages(t *testing.T) {
	tree := texts(t)
	dirs, err := fs.ReadDir(tree, ".")
	if err != nil {
		t.Fatal(err)
	}
	w := words(t, house())
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		t.Run("every notice in "+d.Name()+" can be read, and none lacks a value", func(t *testing.T) {
			for name, ex := range examples() {
				ex.n.Lang = d.Name()
				got, err := w.Mail(context.Background(), ex.n, ex.p)
				if err != nil {
					t.Fatal(name, err)
				}
				text, page := check(t, got, ex.n)
				ex.n.Lang = "en"
				source, err := w.Mail(context.Background(), ex.n, ex.p)
				if err != nil {
					t.Fatal(name, err)
				}
				want, _ := check(t, source, ex.n)
				for _, v := range []string{code, "https://", "Maria Ek", "Bo Al", "Eva By", "Bygglov", "Socialtjänsten", "0123-45 67 89", "+46701234567", "Firefox", "Windows"} {
					if strings.Contains(want, v) && !strings.Contains(text, v) {
						t.Errorf("%s does not say %q:\n%s", name, v, text)
					}
				}
				if !strings.Contains(page, `<html lang="`+d.Name()+`"`) || strings.Contains(text, "no value") || strings.Contains(text, "%!") {
					t.Errorf("%s:\n%s", name, page)
				}
				if d.Name() != "en" && text == want {
					t.Errorf("%s is not translated", name)
				}
			}
		})
		t.Run("every text in "+d.Name()+" uses the values of the source, and no others", func(t *testing.T) {
			files, err := fs.Glob(tree, "en/*.txt")
			if err != nil || len(files) < 40 {
				t.Fatal(files, err)
			}
			for _, f := range files {
				mine := d.Name() + strings.TrimPrefix(f, "en")
				if got, want := values(t, tree, mine), values(t, tree, f); !slices.Equal(got, want) {
					t.Errorf("%s uses %v, not %v", mine, got, want)
				}
			}
		})
	}
}

// value is one value that a text shows or asks for.
var value = regexp.MustCompile(`\.[A-Z][A-Za-z]+`)

// values returns what stands in the braces of a text, each once.
func values(t *testing.T, tree fs.FS, file string) []string {
	t.Helper()
	b, err := fs.ReadFile(tree, file)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, action := range regexp.MustCompile(`\{\{[^}]*\}\}`).FindAllString(string(b), -1) {
		list = append(list, value.FindAllString(action, -1)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// check holds what is true of every mail of ours.
func check(t *testing.T, msg []byte, n mail.Notice) (text, html string) {
	t.Helper()
	for line := range bytes.SplitSeq(msg, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("a line is too long or broken: %q", line)
		}
		for _, c := range line {
			if c >= 0x80 {
				t.Fatalf("not 7 bit: %q", line)
			}
		}
	}
	r, err := gomail.CreateReader(bytes.NewReader(msg))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "Mime-Version": "1.0"} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"From", "To", "Subject", "Date", "Message-ID", "Content-Type"} {
		if len(r.Header.Values(name)) != 1 {
			t.Errorf("%d fields %s", len(r.Header.Values(name)), name)
		}
	}
	if subject, err := r.Header.Subject(); err != nil || subject == "" {
		t.Error(subject, err)
	}
	if _, err := r.Header.Date(); err != nil {
		t.Error(err)
	}
	var parts []string
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(p.Body)
		parts = append(parts, string(b))
	}
	if len(parts) != 2 {
		t.Fatalf("%d parts", len(parts))
	}
	for _, s := range parts {
		for _, bad := range []string{"<no value>", "{{", "\x01", "\x02", "\x03", "\x04", "0001-01-01", "1 januari 1 "} {
			if strings.Contains(s, bad) {
				t.Errorf("%q stands in:\n%s", bad, s)
			}
		}
	}
	for _, bad := range []string{"<img", "<script", "<link", "<table", "http://", "url(", "@import"} {
		if strings.Contains(parts[1], bad) {
			t.Errorf("the HTML holds %s", bad)
		}
	}
	for rest := parts[1]; ; {
		_, after, ok := strings.Cut(rest, `href="`)
		if !ok {
			break
		}
		href, _, _ := strings.Cut(after, `"`)
		own := "https://brev.exempelkommun.se/"
		if n.Kind == mail.NoticeHelpWanted {
			own += "org/help"
		}
		if n.Kind == mail.NoticeAlarm {
			own += "admin/doctor"
		}
		own += map[mail.NoticeKind]string{mail.NoticeRecipient: "in", mail.NoticeAdopted: "in", mail.NoticeJoin: "in/join/" + n.Proof}[n.Kind]
		if !n.Letter.IsZero() {
			own += "mail/" + n.Letter.String()
		}
		if n.Kind == mail.NoticeRecipient && len(n.Proof) == 32 { // and nothing that only may be one
			own += "/mail/" + n.Proof
		}
		if href != own && href != "https://brev.exempelkommun.se/m#"+code {
			t.Errorf("a link to %s", href)
		}
		rest = after
	}
	if n.NoLink {
		for _, s := range parts {
			for _, bad := range []string{"href", "://", "brev.exempelkommun.se", "#" + code} {
				if strings.Contains(s, bad) {
					t.Errorf("a mail without links holds %q:\n%s", bad, s)
				}
			}
			if !strings.Contains(s, "exempelkommun.se/brev") {
				t.Errorf("it does not say where to go:\n%s", s)
			}
		}
	}
	return parts[0], parts[1]
}

func TestAHouseWithoutAPageOfItsOwnIsFoundByItsHost(t *testing.T) {
	h := house()
	look := h.Look
	h.Look = func(owner mail.ID) mail.Look {
		l := look(owner)
		l.Web = ""
		return l
	}
	msg, err := words(t, h).Mail(context.Background(), examples()["letter-nolink"].n, mail.Posting{ID: id, At: now})
	if err != nil {
		t.Fatal(err)
	}
	if plain := strings.ReplaceAll(string(msg), "=\r\n", ""); !strings.Contains(plain, "till brev.exempelkommun.se/m och skriv koden") || strings.Contains(plain, "://") || strings.Contains(plain, "href") {
		t.Errorf("%s", plain)
	}
}

func TestWords(t *testing.T) {
	w := words(t, house())
	say := func(t *testing.T, n mail.Notice, p mail.Posting) (msg, text, html string) {
		t.Helper()
		b, err := w.Mail(context.Background(), n, p)
		if err != nil {
			t.Fatal(err)
		}
		text, html = check(t, b, n)
		return string(b), text, html
	}
	ex := examples()
	t.Run("a letter says what the wireframe says", func(t *testing.T) {
		_, text, _ := say(t, ex["letter"].n, ex["letter"].p)
		for _, s := range []string{
			"Du har fått ett brev som bara du kan läsa.", "    Läs brevet:  https://brev.exempelkommun.se/m#" + code + "\r\n",
			"Du behöver mobilen med numret som slutar på 67. Brevet kan läsas till och med 3 maj.",
			"Osäker? Gå själv till exempelkommun.se/brev och skriv koden: " + code,
			"Har du frågor, ring 0123-45 67 89. Vi frågar aldrig efter lösenord eller kort.",
		} {
			if !strings.Contains(text, s) {
				t.Errorf("%q is not in:\n%s", s, text)
			}
		}
	})
	t.Run("text and HTML say the same words", func(t *testing.T) {
		for name, e := range ex {
			_, text, html := say(t, e.n, e.p)
			shown := tag.ReplaceAllString(strings.ReplaceAll(html, "<br>", " "), "")
			set := map[string]bool{}
			for word := range strings.FieldsSeq(stdhtml.UnescapeString(shown)) {
				set[word] = true
			}
			for word := range strings.FieldsSeq(text) {
				if !set[word] && !set[strings.TrimSuffix(word, ":")] && word != "*" && !strings.HasPrefix(word, "https://") {
					t.Errorf("%s: %q is in the text only", name, word)
				}
			}
		}
	})
	t.Run("for a protected identity nothing but the house's name is told", func(t *testing.T) {
		msg, text, html := say(t, ex["letter-protected"].n, ex["letter-protected"].p)
		for _, s := range []string{"Social", "Säker post", "=C3=A4ker"} {
			if strings.Contains(text+html, s) || strings.Contains(msg[:strings.Index(msg, "\r\n\r\n")], s) {
				t.Errorf("%q stands in it", s)
			}
		}
		if !strings.Contains(text, "3 maj 2027") {
			t.Error("another year is not told")
		}
	})
	t.Run("what opens a letter by itself is left out if the way is not proven", func(t *testing.T) {
		for _, name := range []string{"hold-unproven", "invitation-nocode"} {
			msg, text, _ := say(t, ex[name].n, ex[name].p)
			if strings.Contains(msg, "K7FQ") || strings.Contains(msg, "hold+") || !strings.Contains(text, "https://brev.exempelkommun.se/\r\n") {
				t.Errorf("%s: %s", name, msg)
			}
		}
	})
	t.Run("a language that we do not speak is told in the house's", func(t *testing.T) {
		n := ex["letter"].n
		n.Lang = "sv-FI"
		_, a, _ := say(t, n, ex["letter"].p)
		n.Lang = "tlh"
		if _, b, _ := say(t, n, ex["letter"].p); a != b || !strings.Contains(a, "brev") {
			t.Error(a, b)
		}
	})
	t.Run("the same notice is the same bytes, so that a mail sent twice is seen to be one", func(t *testing.T) {
		a, _, _ := say(t, ex["report"].n, ex["report"].p)
		if b, _, _ := say(t, ex["report"].n, ex["report"].p); a != b {
			t.Error("differs")
		}
	})
	t.Run("a local part outside ASCII stands as it is, and nothing else does", func(t *testing.T) {
		p := ex["letter"].p
		p.To = "åsa@xn--malm-8qa.se"
		b, err := w.Mail(context.Background(), ex["letter"].n, p)
		if err != nil || !bytes.Contains(b, []byte("\r\nTo: åsa@xn--malm-8qa.se\r\n")) {
			t.Errorf("%v\n%s", err, b)
		}
	})
	t.Run("a name that is made to break lines is shown on one, and the notice goes", func(t *testing.T) {
		h := house()
		shows(&h, func(l *mail.Look) {
			l.Sender = "Social\x00tjänst\u0085\u2028 \u202eX\r\n\r\nY" + strings.Repeat("z", 500)
		})
		b, err := words(t, h).Mail(context.Background(), ex["letter"].n, ex["letter"].p)
		if err != nil {
			t.Fatal(err)
		}
		r, err := gomail.CreateReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if s, err := r.Header.Subject(); err != nil || !strings.HasPrefix(s, "Du har ett brev från Social tjänst X Yzz") || !strings.HasSuffix(s, "z…, Exempelkommun") || len(s) > 300 {
			t.Errorf("%q %v", s, err)
		}
	})
	t.Run("a kind without a text is an error", func(t *testing.T) {
		for _, k := range []mail.NoticeKind{"", "pin", "ownpin", "readsms", "../letter"} {
			if _, err := w.Mail(context.Background(), mail.Notice{Kind: k, To: "a@example.se"}, ex["letter"].p); err == nil {
				t.Errorf("%q is worded", k)
			}
		}
	})
}

func TestNew(t *testing.T) {
	for name, change := range map[string]func(*notify.House){
		"no name":        func(h *notify.House) { shows(h, func(l *mail.Look) { l.House = "" }) },
		"no base URL":    func(h *notify.House) { h.BaseURL = "" },
		"not http":       func(h *notify.House) { h.BaseURL = "javascript://x" },
		"with a query":   func(h *notify.House) { h.BaseURL += "?x=y" },
		"no sender":      func(h *notify.House) { h.From = "x" },
		"other language": func(h *notify.House) { h.Lang = "xx" },
	} {
		h := house()
		change(&h)
		if _, err := notify.New(notify.Config{House: h, Texts: texts(t)}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	t.Run("all that is in the binary can be said", func(t *testing.T) {
		if err := words(t, house()).Check(); err != nil {
			t.Error(err)
		}
	})
	t.Run("a language that lacks a text is found at start, and one with a slip in it by Check", func(t *testing.T) {
		tree := fstest.MapFS{}
		fs.WalkDir(texts(t), ".", func(p string, d fs.DirEntry, _ error) error {
			if !d.IsDir() {
				b, _ := fs.ReadFile(texts(t), p)
				tree[p] = &fstest.MapFile{Data: b}
				if strings.HasPrefix(p, "en/") {
					tree["da/"+p[3:]] = &fstest.MapFile{Data: b}
				}
			}
			return nil
		})
		w, err := notify.New(notify.Config{House: house(), Texts: tree})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.PIN(social, "da", "123456"); err != nil {
			t.Error("a new folder is a new language: ", err)
		}
		delete(tree, "da/hold.txt")
		if _, err := notify.New(notify.Config{House: house(), Texts: tree}); err == nil || !strings.Contains(err.Error(), "da") {
			t.Error(err)
		}
		tree["da/hold.txt"] = &fstest.MapFile{Data: []byte("Subject: {{nothing}}")}
		if w, err = notify.New(notify.Config{House: house(), Texts: tree}); err != nil {
			t.Fatal(err)
		}
		if err := w.Check(); err == nil || !strings.Contains(err.Error(), "da") {
			t.Error("a slip is taken: ", err)
		}
	})
}

func TestPIN(t *testing.T) {
	for _, c := range []struct {
		name, house, lang string
		bound             bool
	}{
		{"Swedish", "Exempelkommun", "sv", true},
		{"English", "Exempelkommun", "en", true},
		{"Danish", "Exempelkommun", "da", true},
		{"Finnish", "Exempelkommun", "fi", true},
		{"bokmål", "Exempelkommun", "nb", true},
		{"a name outside the alphabet", "Kópavogsbær – ðþ", "sv", true},
		{"a long name", strings.Repeat("Långa ", 6), "sv", false},
		{"a name without end", strings.Repeat("Långa ", 60), "en", false},
	} {
		t.Run(c.name+": one SMS", func(t *testing.T) {
			h := house()
			shows(&h, func(l *mail.Look) { l.House, l.Name = c.house, c.house })
			for _, word := range []func(lang, pin string) (mail.SMSText, error){
				func(lang, pin string) (mail.SMSText, error) { return words(t, h).PIN(social, lang, pin) }, words(t, h).OwnPIN,
			} {
				s, err := word(c.lang, "908172")
				if err != nil {
					t.Fatal(err)
				}
				text := s.Reveal()
				if !mail.OnePart(text) || !strings.HasPrefix(text, "908172 ") {
					t.Errorf("%q", text)
				}
				if got := strings.HasSuffix(text, "\n\n@brev.exempelkommun.se #908172"); got != c.bound {
					t.Errorf("last line for this host: %v in %q", got, text)
				}
			}
		})
	}
	for _, bad := range []string{"", "12345", "1234567", "12345x", "１２３４５６"} {
		if _, err := words(t, house()).PIN(social, "sv", bad); err == nil || strings.Contains(err.Error(), "1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestReadSMS(t *testing.T) {
	long := house()
	shows(&long, func(l *mail.Look) { l.House = strings.Repeat("Långa ", 60) })
	for _, lang := range []string{"sv", "en", "da", "fi", "nb"} {
		t.Run("in "+lang+" it is one SMS, says how many have read, and holds no link", func(t *testing.T) {
			said := map[string]bool{}
			for _, n := range []int{1, 2, 500} {
				s, err := words(t, house()).ReadSMS(lang, n)
				if err != nil {
					t.Fatal(err)
				}
				text := s.Reveal()
				if !mail.OnePart(text) || !strings.HasSuffix(text, " Exempelkommun") || strings.Contains(text, "/") || strings.Contains(text, "?") || n > 1 && !strings.HasPrefix(text, strconv.Itoa(n)+" ") {
					t.Errorf("%q", text)
				}
				said[text] = true
				if s, err := words(t, long).ReadSMS(lang, n); err != nil || !mail.OnePart(s.Reveal()) {
					t.Errorf("a long name: %q %v", s.Reveal(), err)
				}
			}
			if len(said) != 3 {
				t.Errorf("%d texts", len(said))
			}
		})
	}
}
