package appliance_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/api"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// entrances says of every route whom it is for. A route without a line fails, and so
// does a line without a route.
var entrances = map[string]string{
	"GET /healthz": "all",
	"GET /":        "all", "GET /about": "all", "GET /stay": "all", "GET /genuine": "all", "GET /accessibility": "all", "POST /genuine": "all", "POST /accessibility": "all",
	"GET /m": "all", "POST /m": "all", "GET /in": "all", "POST /in": "all", "GET /in/lost": "all", "POST /in/lost": "all", "POST /out": "all", "POST /m/leave": "all", "GET /picture/:token": "all",
	"GET /handbook": "all", "GET /handbook/search": "all", "GET /handbook/:book/:chapter": "all", "GET /handbook/picture/:sum/:lang/:name": "all",
	"GET /tint/:colours/:sum": "all", "GET /logo/:logo": "all",
	"GET /org/unit/:unit/brand": "organiser", "POST /org/unit/:unit/brand": "organiser", "POST /org/unit/:unit/brand/save": "organiser", "POST /org/unit/:unit/brand/reset": "organiser",

	"GET /m/pin": "code", "POST /m/pin": "code", "POST /m/again": "code", "POST /m/wrong": "code",

	"GET /m/letter": "reader", "GET /m/letter/html": "reader", "GET /m/letter/file/:n": "reader", "GET /m/letter/eml": "reader",
	"GET /m/letter/reply": "reader", "POST /m/letter/reply": "reader", "GET /m/letter/done": "reader", "POST /m/letter/done": "reader",
	"GET /m/answer/:id": "reader", "GET /m/answer/:id/file/:n": "reader",

	"GET /m/letter/account": "reader", "POST /m/letter/account": "reader",
	"GET /m/register": "reader", "POST /m/register": "reader", "GET /m/register/pin": "reader", "POST /m/register/pin": "reader", "GET /m/register/password": "reader", "POST /m/register/password": "reader",
	"GET /in/mail/:proof": "all", "GET /in/join/:proof": "all",
	"GET /account/join": "recipient", "POST /account/join": "recipient", "POST /account/join/not": "recipient",
	"POST /org/recipients/suspend": "organiser", "POST /org/recipients/resume": "organiser", "POST /org/recipients/close": "organiser",
	"GET /welcome/phone": "invitedrecipient", "POST /welcome/phone": "invitedrecipient", "GET /welcome/pin": "invitedrecipient", "POST /welcome/pin": "invitedrecipient",
	"GET /org/recipients": "organiser", "POST /org/recipients": "organiser", "POST /org/recipients/again": "organiser", "POST /org/recipients/withdraw": "organiser",
	"GET /mail/new": "recipient", "GET /mail/new/:to": "recipient", "POST /mail/new/:to": "recipient", "GET /account/close": "recipient", "POST /account/close": "recipient",
	"GET /mail/:holder/reply": "recipient", "POST /mail/:holder/reply": "recipient",

	"GET /m/mend": "mender", "POST /m/mend/:holder": "mender",
	"GET /welcome": "invited", "POST /welcome": "invited",

	"GET /in/help": "all", "POST /in/help": "all",
	"GET /in/help/proof": "asking", "POST /in/help/proof": "asking", "POST /in/help/sms": "asking", "POST /in/help/ask": "asking",
	"GET /in/help/wait": "asking", "POST /in/help/stop": "asking", "GET /in/help/password": "asking", "POST /in/help/password": "asking",
	"GET /org/domains": "admin", "POST /org/domains": "admin", "POST /org/domains/search": "admin", "POST /org/domains/prove": "admin", "POST /org/domains/vouch": "admin", "POST /org/domains/remove": "admin",
	"GET /org/directory": "admin", "POST /org/directory/try": "admin", "POST /org/directory/plan": "admin", "POST /org/directory/start": "admin",
	"GET /org/help": "organiser", "POST /org/help/:question/give": "organiser", "POST /org/help/:question/refuse": "organiser",

	"GET /in/sso": "all", "GET /in/sso/back": "all", "GET /in/sso/done": "all", "GET /in/arrive": "all", "POST /in/arrive": "all", "GET /account/prove/sso": "person",
	"POST /in/passkey/options": "all", "POST /in/passkey": "all", "GET /in/unlock": "unlocks", "POST /in/unlock": "unlocks",
	"GET /account/passkeys": "person", "POST /account/passkeys/options": "person", "POST /account/passkeys": "person", "POST /account/passkeys/remove": "person",
	"POST /org/person/:person/signon": "organiser",
	"GET /in/factor":                  "second", "POST /in/factor": "second", "POST /in/factor/sms": "second",
	"GET /in/phone": "enrols", "POST /in/phone": "enrols", "GET /in/phone/pin": "enrols", "POST /in/phone/pin": "enrols", "GET /in/app": "enrols", "POST /in/app": "enrols",
	"GET /account": "person", "POST /account/nothelp": "person", "POST /account/language": "person", "POST /account/told": "colleague", "POST /account/receipt": "colleague", "POST /account/end": "person", "GET /account/prove": "person", "POST /account/prove": "person",
	"GET /account/password": "person", "POST /account/password": "person", "GET /account/phone": "person", "POST /account/phone": "person",
	"GET /account/phone/pin": "person", "POST /account/phone/pin": "person", "GET /account/app": "person", "POST /account/app": "person",
	"GET /account/codes": "person", "POST /account/codes": "person", "GET /account/recovery": "person", "POST /account/recovery": "person", "GET /account/off": "person", "POST /account/off": "person",

	"GET /write": "colleague", "POST /write": "colleague", "GET /write/:draft": "colleague", "POST /write/:draft": "colleague", "GET /write/:draft/check": "colleague",
	"POST /write/:draft/upload": "colleague", "GET /write/:draft/upload/:n": "colleague", "PATCH /write/:draft/upload/:n": "colleague",
	"POST /write/:draft/send": "colleague", "POST /write/:draft/drop": "colleague", "POST /write/:draft/remove/:n": "colleague",
	"GET /mail": "person", "GET /mail/sent": "person", "GET /mail/drafts": "colleague", "POST /mail/drafts/drop": "colleague", "GET /mail/trash": "person", "POST /mail/trash/empty": "person",
	"GET /mail/held": "colleague", "POST /mail/move": "person", "GET /mail/search": "colleague", "POST /mail/search": "colleague",
	"GET /box/:box/held": "colleague", "POST /box/:box/move": "colleague", "POST /box/:box/search": "colleague",
	"GET /mail/:holder": "person", "GET /mail/:holder/html": "person", "GET /mail/:holder/file/:n": "person", "GET /mail/:holder/eml": "person",
	"GET /account/apps": "colleague", "POST /account/apps": "colleague", "POST /account/apps/remove": "colleague",
	"GET /org/usage": "organiser", "POST /org/usage/search": "organiser", "GET /org/usage/csv": "organiser", "GET /org/figures": "organiser", "GET /org/figures/csv": "organiser",
	"POST /mail/:holder/claim": "colleague", "POST /mail/:holder/release": "colleague", "POST /mail/:holder/remark": "colleague",
	"GET /box/:box": "colleague", "GET /box/:box/sent": "colleague", "GET /box/:box/drafts": "colleague", "POST /box/:box/drafts/drop": "colleague", "GET /box/:box/trash": "colleague", "POST /box/:box/trash/empty": "colleague",
	"GET /box/:box/write": "colleague", "POST /box/:box/write": "colleague", "GET /box/:box/people": "colleague", "POST /box/:box/give": "colleague", "POST /box/:box/refuse": "colleague",
	"GET /box/:box/leave": "colleague", "POST /box/:box/leave": "colleague",
	"GET /account/export": "person", "POST /account/export": "person", "POST /account/export/key": "person",
	"GET /box/:box/export": "colleague", "POST /box/:box/export": "colleague", "POST /box/:box/export/key": "colleague",
	"POST /mail/:holder/move": "person", "POST /mail/:holder/recall": "colleague", "POST /mail/:holder/answer": "colleague", "POST /mail/:holder/to/:recipient": "colleague",

	"GET /journal": "auditor", "GET /journal/csv": "auditor", "GET /trace": "helpdesk", "POST /trace": "helpdesk",

	"GET /admin": "admin", "POST /admin/clock": "admin", "GET /admin/accessibility": "admin", "POST /admin/accessibility": "admin",
	"GET /admin/update": "admin", "POST /admin/update/look": "admin", "POST /admin/update/fetch": "admin", "POST /admin/update/file": "admin", "POST /admin/update/install": "admin", "POST /admin/update/return": "admin",
	"GET /admin/settings": "admin", "POST /admin/settings": "admin", "GET /admin/path": "admin", "POST /admin/path": "admin", "GET /admin/backup": "admin", "POST /admin/backup": "admin",
	"GET /admin/doctor": "admin", "POST /admin/doctor": "admin",
	"GET /admin/certificates": "admin", "POST /admin/certificates": "admin", "GET /admin/certificates/root": "admin",

	"POST /org/recipients/search": "organiser", "POST /org/unit/:unit/contacts/search": "organiser", "POST /org/unit/:unit/templates/search": "organiser",
	"GET /org/people": "organiser", "POST /org/people/search": "organiser", "GET /org/units": "organiser", "POST /org/units/search": "organiser", "GET /org/mailboxes": "organiser", "POST /org/mailboxes/search": "organiser",
	"GET /todo": "organiser", "GET /org": "organiser", "GET /org/unit/:unit": "organiser", "POST /org/unit/:unit/search": "organiser", "POST /org/unit/:unit/add": "organiser", "POST /org/unit/:unit/change": "organiser",
	"POST /org/unit/:unit/move": "organiser", "POST /org/unit/:unit/remove": "organiser", "POST /org/unit/:unit/people": "organiser",
	"POST /org/unit/:unit/appoint": "organiser", "POST /org/unit/:unit/dismiss": "organiser",
	"GET /org/unit/:unit/contacts": "organiser", "POST /org/unit/:unit/contacts": "organiser", "POST /org/unit/:unit/contacts/change": "organiser", "POST /org/unit/:unit/contacts/remove": "organiser",
	"GET /org/unit/:unit/templates": "organiser", "POST /org/unit/:unit/templates": "organiser", "POST /org/unit/:unit/templates/change": "organiser", "POST /org/unit/:unit/templates/remove": "organiser",
	"POST /org/unit/:unit/templates/signature": "organiser", "GET /write/:draft/template/:template": "colleague", "POST /write/:draft/template/:template": "colleague", "POST /account/signature": "colleague",
	"GET /contacts": "colleague", "POST /contacts/search": "colleague", "POST /contacts/suggest": "colleague", "POST /contacts/known": "colleague", "POST /contacts/choose": "colleague",
	"GET /org/unit/:unit/import": "organiser", "POST /org/unit/:unit/import": "organiser", "POST /org/unit/:unit/import/start": "organiser",
	"GET /org/person/:person": "organiser", "POST /org/person/:person/name": "organiser", "POST /org/person/:person/home": "organiser",
	"POST /org/person/:person/join": "organiser", "POST /org/person/:person/leave": "organiser", "POST /org/person/:person/invite": "organiser",
	"POST /org/person/:person/suspend": "organiser", "POST /org/person/:person/resume": "organiser",
	"POST /org/person/:person/factor": "organiser", "POST /org/unit/:unit/mailbox": "organiser",
	"GET /org/mailbox/:mailbox": "organiser", "POST /org/mailbox/:mailbox/change": "organiser", "POST /org/mailbox/:mailbox/remove": "organiser", "POST /org/mailbox/:mailbox/join": "organiser",
	"POST /org/mailbox/:mailbox/substitute": "organiser", "POST /org/mailbox/:mailbox/leave": "organiser", "POST /org/mailbox/:mailbox/refuse": "organiser",
	"POST /org/mailbox/:mailbox/give": "organiser", "POST /org/mailbox/:mailbox/end": "organiser", "POST /org/person/:person/leaving": "organiser", "POST /org/person/:person/handover": "organiser",
	"POST /org/person/:person/roles": "admin", "POST /org/person/:person/plan": "admin",
	"POST /hook/sms/:provider/:secret": "program",
}

// routes are all that the appliance serves.
func routes(t *testing.T) []web.Route {
	t.Helper()
	lists := 0
	for _, f := range sources(t) {
		b := string(readFile(t, "../"+f.path))
		// door/locked is another server's, of a machine that knows nobody: TestLockedAppliance.
		if !f.test && !strings.HasPrefix(f.path, "appliance/door/web/") && !strings.HasPrefix(f.path, "appliance/door/locked/") {
			lists += strings.Count(b, "[]web.Route{")
		}
	}
	if lists != 20 {
		t.Fatalf("there are %d lists of routes; this test knows twenty", lists)
	}
	return slices.Concat(portal.New(portal.Config{}).Routes(), admin.New(admin.Config{}).Routes(), api.Routes(nil, nil))
}

// said is an answer, as one who asks could tell it from another.
type said struct {
	status int
	head   string
	page   string
}

var (
	param    = regexp.MustCompile(`:[a-z]+`)
	leftText = regexp.MustCompile(`(?s)(<textarea[^>]* id="left"[^>]*>).*?</textarea>`) // what came after the session's end: the asker's own
	ownLinks = regexp.MustCompile(`href="[^"]*\?lang=[a-z]+"`)                          // of the language picker: the path that was asked for
)

// unlike says in what an answer differs from another.
func (s said) unlike(o said) string {
	if s.status != o.status {
		return fmt.Sprintf("%d, not %d", s.status, o.status)
	}
	a, b := strings.Split(s.head+s.page, "\n"), strings.Split(o.head+o.page, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q, not %q", a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, not %d", len(a), len(b))
}

// named writes the names of ids into a path.
func (w *town) named(path string) string {
	for name, id := range w.ids {
		path = strings.ReplaceAll(path, id, "<"+name+">")
	}
	return path
}

// ask sends one request with a browser's headers and the asker's own token.
func (w *town) ask(a *asker, r web.Route, method, path string, form []fill, file bool, change ...func(*http.Request)) said {
	w.Helper()
	body, kind := w.body(r, a.csrf, form, file)
	if method != r.Method {
		body, kind = nil, ""
	}
	req, err := http.NewRequest(method, w.info.Portal+path, body)
	if err != nil {
		w.Fatalf("%s: %v", path, err)
	}
	if method != "GET" {
		w.demo.Clock.Turn(500 * time.Millisecond) // who posts is counted
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Origin", w.info.Portal)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if method == "PATCH" {
		req.Header.Set("X-Sigill-Form", html.UnescapeString(a.csrf))
		req.Header.Set("Upload-Offset", "0")
		req.Header.Set("If-Match", `"`+strings.Repeat("0", 64)+`"`)
	}
	for _, c := range change {
		c(req)
	}
	b := a.b.do(req)
	w.asked[r.Method+" "+r.Path]++
	w.asked[r.Method+" "+r.Path+" by "+a.name]++
	s := said{status: b.code, page: b.page}
	for _, k := range []string{"Location", "Content-Type", "Content-Disposition", "Cache-Control", "Content-Security-Policy", "Set-Cookie", "Allow", "Retry-After"} {
		s.head += k + ": " + strings.Join(b.head.Values(k), ", ") + "\n"
	}
	own, _, _ := strings.Cut(path, "?") // the sign-in leads on to what was asked for, and to nothing else
	s.head = strings.Replace(s.head, "Location: /in?next="+url.QueryEscape(own)+"\n", "Location: /in\n", 1)
	if s.status >= 500 {
		w.Errorf("%s: %s %s: %d", a.name, method, path, s.status)
	}
	s.page = leftText.ReplaceAllString(s.page, "$1")
	w.keeps(a, method+" "+path, s)
	s.page = formToken.ReplaceAllString(ownLinks.ReplaceAllString(s.page, ""), "")
	return s
}

func (w *town) body(r web.Route, csrf string, form []fill, file bool) (io.Reader, string) {
	switch r.Body {
	case web.Form:
		v := url.Values{"csrf": {html.UnescapeString(csrf)}}
		for _, f := range form {
			v.Add(f.name, f.value)
		}
		return strings.NewReader(v.Encode()), "application/x-www-form-urlencoded"
	case web.Upload:
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		m.WriteField("csrf", html.UnescapeString(csrf))
		for _, f := range form {
			m.WriteField(f.name, f.value)
		}
		if file {
			f, _ := m.CreateFormFile("files", "fil.txt")
			io.WriteString(f, "fil")
		}
		m.Close()
		return &b, m.FormDataContentType()
	case web.Raw:
		if r.Method == "PATCH" {
			return strings.NewReader("fil"), "application/partial-upload"
		}
		v := url.Values{}
		for _, f := range form {
			v.Add(f.name, f.value)
		}
		return strings.NewReader(v.Encode()), "application/x-www-form-urlencoded"
	}
	return nil, ""
}

// keeps wants nothing in an answer of what the asker may not know.
func (w *town) keeps(a *asker, what string, s said) {
	w.Helper()
	page := html.UnescapeString(s.page) + s.head
	for _, l := range w.letters {
		if !slices.Contains(a.reads, l.name) {
			for _, word := range l.words {
				if strings.Contains(page, word) {
					w.Errorf("%s is shown %q by %s", a.name, word, what)
				}
			}
		}
		if !slices.Contains(a.knows, l.name) {
			for _, n := range l.names {
				if strings.Contains(page, n) {
					w.Errorf("%s is shown %q by %s", a.name, n, what)
				}
			}
		}
	}
}

// state is all that is kept, but for counts of tries and the time that was last seen.
func (w *town) state() [32]byte {
	w.Helper()
	appliance.AwaitAsides(w.demo) // what the answers before have left to write
	v := w.version()
	if v == w.seen.version {
		return w.seen.state
	}
	h := sha256.New()
	for _, table := range []string{
		"message", "part", "upload", "reading", "holder", "wrap", "code", "epoch", "pair", "step", "tombstone", "outbox", "ledger", "journal", "person", "seed_wrap", "contact", "unit", "membership", "organiser", "factor", "sign_in_code",
		"function_mailbox", "generation", "generation_wrap", "mailbox_member", "claim", "remark", "alarm", "app_password", "usage", "helper", "helper_wrap", "domain", "listed", "template", "signature", "setting_change", "directory_person", "directory_run", "passkey", "sign_on", "held_seed", "registration",
		"setting WHERE name <> 'clock.seen'",
	} {
		rows, err := w.db.Query("SELECT * FROM " + table)
		if err != nil {
			w.Fatal(err)
		}
		columns, _ := rows.Columns()
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				w.Fatal(err)
			}
			for _, v := range row {
				if b, is := v.([]byte); is {
					fmt.Fprint(h, len(b), " ")
					h.Write(b)
				} else {
					fmt.Fprint(h, v, "\n")
				}
			}
			fmt.Fprintln(h, table)
		}
		if err := rows.Err(); err != nil {
			w.Fatal(err)
		}
		rows.Close()
	}
	w.seen.version, w.seen.state = v, [32]byte(h.Sum(nil))
	return w.seen.state
}

// version changes with every commit of the appliance.
func (w *town) version() (n int64) {
	w.Helper()
	if err := w.db.QueryRow("PRAGMA data_version").Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// awake shows every session to the appliance: who does nothing for half an hour of the
// turned clock is signed out.
func (w *town) awake() {
	for _, a := range w.askers {
		if a.again != nil {
			a.again()
		}
		a.b.Get("/about")
	}
}

// still runs f and wants that it changes nothing that is kept.
func (w *town) still(what string, f func()) {
	w.Helper()
	before := w.state()
	f()
	if w.state() != before {
		w.Errorf("%s changes something", what)
	}
}

// kindOf says what a parameter of a route names.
func kindOf(path, param string) string {
	switch {
	case param == ":holder" && strings.HasPrefix(path, "/mail/"):
		return "copy"
	case param == ":holder" && strings.HasPrefix(path, "/m/mend/"):
		return "waiting"
	case param == ":id" && strings.HasPrefix(path, "/m/answer/"):
		return "answer"
	case param == ":draft", param == ":template", param == ":recipient", param == ":to", param == ":unit", param == ":person", param == ":box", param == ":mailbox", param == ":question", param == ":token", param == ":provider", param == ":secret", param == ":proof", param == ":colours", param == ":sum", param == ":logo", param == ":book", param == ":chapter", param == ":lang", param == ":name":
		return param[1:]
	case param == ":n":
		return "number"
	}
	return ""
}

// bad are values for a parameter that are not the asker's: everybody else's, such as
// never were, and such as cannot be. The first never was.
func (w *town) bad(a *asker, kind string) []string {
	w.Helper()
	switch kind {
	case "number":
		return []string{"99", "0", "4294967295", "4294967312", "x", "-1", "%31", "16.0"}
	case "colours":
		return []string{"0b4f8a-ffcc01", "0b4f8a-ffcc0", "0B4F8A-FFCC00", "0b4f8a", "..-.."}
	case "sum", "logo":
		return []string{strings.Repeat("0", 32), "x", w.logo[:31], strings.ToUpper(w.logo) + "0"}
	case "provider", "secret":
		return []string{"never", strings.TrimPrefix(w.hook, "/hook/sms/elks/")[:31] + "x", "x", strings.Repeat("0", 32)}
	case "":
		w.Fatal("a parameter of a kind that this test does not know")
	}
	list := []string{mail.NewID().String()}
	for _, id := range w.ids {
		if !slices.Contains(a.own[kind], id) {
			list = append(list, id)
		}
	}
	slices.Sort(list[1:])
	return append(list, mail.ID{}.String(), strings.Repeat("u", 26), "nonsense", strings.ToUpper(w.ids["Alfa.house"]), w.ids["Alfa.house"]+"0", w.ids["Alfa.house"][:25]+"%30", strings.Repeat("A", 43))
}

// good is a value that fits: the asker's own, or else one that is somebody's.
func (w *town) good(a *asker, kind string) string {
	switch kind {
	case "number":
		return "16"
	case "provider":
		return "elks"
	case "colours":
		return w.palette.Name()
	case "sum":
		return w.palette.Sum()
	case "logo":
		return w.logo
	case "secret":
		return strings.TrimPrefix(w.hook, "/hook/sms/elks/")
	case "recipient":
		if len(a.own[kind]) == 0 {
			return w.ids["Alfa.guest"]
		}
	}
	if own := a.own[kind]; len(own) > 0 {
		return own[0]
	}
	if kind == "unit" || kind == "person" {
		return w.ids[map[string]string{"unit": "Bygglov", "person": caseworker}[kind]]
	}
	if kind == "question" {
		return w.ids[kind]
	}
	if kind == "box" || kind == "mailbox" {
		return w.ids["Socialtjänsten"]
	}
	return w.ids["Alfa.house"]
}

// paths are the paths of a route with at least one value that is not the asker's.
func (w *town) paths(a *asker, path string) (list []string) {
	w.Helper()
	params := param.FindAllString(path, -1)
	for i, p := range params {
		for _, bad := range w.bad(a, kindOf(path, p)) {
			at := path
			for k, q := range params {
				v := bad
				if k != i {
					v = w.good(a, kindOf(path, q))
				}
				at = strings.Replace(at, q, v, 1)
			}
			list = append(list, at)
		}
	}
	if strings.HasSuffix(path, "/to/:recipient") {
		for _, pair := range [][2]string{{"Alfa.house", "Alfa.guest"}, {"Johan.house", "Johan.guest"}, {"Cesar.house", "Cesar.colleague"}, {"Erik.house", "Erik.guest"}} {
			if !slices.Contains(a.own["copy"], w.ids[pair[0]]) {
				list = append(list, strings.NewReplacer(":holder", w.ids[pair[0]], ":recipient", w.ids[pair[1]]).Replace(path))
			}
		}
	}
	return list
}

// forms are the ways in which a route's form is filled in.
func (w *town) forms(route string) (list []act) {
	for _, x := range w.acts {
		if x.route == route && !slices.ContainsFunc(list, func(y act) bool { return slices.Equal(x.form, y.form) }) {
			list = append(list, x)
		}
	}
	return list
}

// foreign asks one route, as one asker, for all that is not his.
func (w *town) foreign(a *asker, r web.Route) {
	w.Helper()
	name := r.Method + " " + r.Path
	class := entrances[name]
	may := slices.Contains(a.passes, class) || class == "program"
	params := param.MatchString(r.Path)
	if may && !params {
		return // his own; he does it later
	}
	forms := w.forms(name)
	if r.Method == "GET" || !may {
		forms = forms[:1]
	}
	most := 12
	if !may {
		most = 3
	}
	for _, f := range forms {
		var first said
		for i, path := range w.some(w.paths(a, r.Path), most) {
			s := w.ask(a, r, r.Method, path, f.form, f.file)
			if i == 0 {
				first = s
				w.refused(a, name, may, s)
			} else if s != first {
				w.Errorf("%s: %s %s %v: the answer is not that to an id that never was: %s", a.name, r.Method, w.named(path), f.form, s.unlike(first))
			}
		}
		if !params {
			w.refused(a, name, may, w.ask(a, r, r.Method, r.Path, f.form, f.file))
		}
	}
	if other := map[string]string{"GET": "POST", "POST": "GET"}[r.Method]; other != "" && params && entrances[other+" "+r.Path] == "" {
		for _, path := range w.some(w.paths(a, r.Path), 3) {
			if s := w.ask(a, r, other, path, nil, false); s.status != http.StatusMethodNotAllowed {
				w.Errorf("%s: %s %s: %d", a.name, other, path, s.status)
			}
		}
	}
}

// signedOut is the asker who shows a session that is no more.
const signedOut = "the owner's session after signing out"

// waits are the classes of who has begun to sign in, and lacks something.
var waits = map[string]bool{"second": true, "enrols": true, "unlocks": true}

// signedIn are the classes of who is signed in.
var signedIn = map[string]bool{"person": true, "colleague": true, "recipient": true, "admin": true, "organiser": true, "auditor": true, "helpdesk": true}

// refused wants the answer that is right for who lacks the right to a route, or the id.
func (w *town) refused(a *asker, route string, may bool, s said) {
	w.Helper()
	class := entrances[route]
	person := slices.Contains(a.passes, "person")
	status, to := http.StatusSeeOther, "Location: /m\n"
	switch {
	case may, signedIn[class] && class != "person" && person:
		status, to = http.StatusNotFound, "Location: \n"
	case class == "invitedrecipient" && slices.Contains(a.passes, "invited"):
		to = "Location: /welcome\n" // of the house: there is no phone to prove
	case class == "invited" && slices.Contains(a.passes, "invitedrecipient"):
		to = "Location: /welcome/phone\n" // not before the phone is proven
	case waits[class] && slices.Contains(a.passes, "second"):
		to = "Location: /in/factor\n"
	case waits[class] && slices.Contains(a.passes, "enrols"):
		to = "Location: /in/phone\n"
	case waits[class] && slices.Contains(a.passes, "unlocks"):
		to = "Location: /in/unlock\n"
	case class == "asking" && a.name == signedOut:
		to = "Location: /in\n" // a token of before may be that of a question
	case class == "asking":
		to = "Location: /in/help\n"
	case signedIn[class] || waits[class]:
		to = "Location: /in\n"
	}
	if s.status == http.StatusForbidden && a.name == signedOut && strings.Contains(s.page, `id="left"`) {
		return // a form with words in it, and nothing but them is on the page
	}
	if s.status != status || !strings.HasPrefix(s.head, to) {
		w.Errorf("%s: %s: %d, not %d %s\n%s", a.name, route, s.status, status, to, s.head)
	}
}

// TestWhoMayDoWhat asks every route as everybody, for everything that is not his, and
// then lets everybody do what is his.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	w := newTown(t, appliance.ShowCertificates)
	w.build()
	w.plan()
	all := routes(t)
	for _, r := range all {
		name := r.Method + " " + r.Path
		if entrances[name] == "" {
			t.Errorf("%s: nobody has said whom it is for", name)
		}
		if len(w.forms(name)) == 0 {
			t.Errorf("%s: nobody shows that it works for whom it is for", name)
		}
	}
	if len(entrances) != len(all) || t.Failed() {
		t.Fatalf("%d lines for %d routes", len(entrances), len(all))
	}
	every := 1 // one after the other, each route once more: the race detector learns little of it
	if raced {
		every = 6
	}
	for k, a := range w.askers {
		t.Run(a.name+" gets nothing of others, and cannot tell it from what never was", func(t *testing.T) {
			w.TB = t
			for i, r := range all {
				if (i+k)%every != 0 {
					continue
				}
				if i/every%20 == 0 {
					w.awake()
				}
				w.still(a.name+": "+r.Method+" "+r.Path, func() { w.foreign(a, r) })
			}
		})
	}
	t.Run("a form without its session's own token, and one of another site, does nothing", func(t *testing.T) {
		w.TB = t
		w.awake()
		w.forged(all)
	})
	t.Run("everybody can do what is his, so that the refusals above mean something", func(t *testing.T) {
		w.TB = t
		w.awake()
		for _, x := range w.acts {
			w.do(x, all)
		}
	})
	total := 0
	for _, r := range all {
		name := r.Method + " " + r.Path
		total += w.asked[name]
		for _, a := range w.askers {
			his := slices.Contains(a.passes, entrances[name]) && !param.MatchString(r.Path)
			if every == 1 && !his && w.asked[name+" by "+a.name] == 0 || w.asked[name] == 0 {
				t.Errorf("%s was not asked by %s", name, a.name)
			}
		}
	}
	t.Logf("%d requests to %d routes by %d askers for %d ids", total, len(all), len(w.askers), len(w.ids))
}

func routeOf(all []web.Route, name string) web.Route {
	for _, r := range all {
		if r.Method+" "+r.Path == name {
			return r
		}
	}
	return web.Route{}
}

// do does what somebody may do.
func (w *town) do(x act, all []web.Route) {
	w.Helper()
	r := routeOf(all, x.route)
	if x.late != nil {
		x.path = x.late()
	}
	if x.status == http.StatusNotFound {
		w.settle() // else a mail of the act before, carried just now, would be this one's change
	}
	before := w.state()
	s := w.ask(x.by, r, r.Method, x.path, x.form, x.file)
	if s.status != x.status {
		w.Errorf("%s: %s %s %v: %d, not %d\n%s%.1500s", x.by.name, r.Method, x.path, x.form, s.status, x.status, s.head, s.page)
	}
	if !strings.Contains(html.UnescapeString(s.page)+s.head, x.sees) {
		w.Errorf("%s: %s %s does not show %q\n%s%.1500s", x.by.name, r.Method, x.path, x.sees, s.head, s.page)
	}
	if x.status == http.StatusNotFound && w.state() != before {
		w.Errorf("%s: %s %s %v changes something", x.by.name, r.Method, x.path, x.form)
	}
	if x.changes && w.state() == before {
		w.Errorf("%s: %s %s %v changes nothing", x.by.name, r.Method, x.path, x.form)
	}
}

// forged sends what everybody may send, as a foreign page would make his browser send
// it, and with the tokens that an attacker could have.
func (w *town) forged(all []web.Route) {
	w.Helper()
	site := func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }
	for _, x := range w.acts {
		r := routeOf(all, x.route)
		if r.Method == "GET" || r.Need == web.Program {
			continue
		}
		what := x.by.name + ": " + x.route
		w.still(what, func() {
			if s := w.ask(x.by, r, r.Method, x.path, x.form, x.file, site); s.status != http.StatusForbidden {
				w.Errorf("%s by another site: %d", what, s.status)
			}
			if r.Need == web.Anyone && !slices.ContainsFunc(x.by.passes, func(class string) bool {
				return slices.Contains([]string{"person", "reader", "second", "enrols", "asking"}, class)
			}) {
				return // a stranger has no session that a token could belong to
			}
			for _, other := range []string{"", w.askers[1].csrf, w.askers[0].csrf, w.askers[4].csrf} {
				if other == x.by.csrf {
					continue
				}
				b := *x.by
				b.csrf = other
				if s := w.ask(&b, r, r.Method, x.path, x.form, x.file); s.status != http.StatusForbidden {
					w.Errorf("%s with another's token: %d", what, s.status)
				}
			}
		})
	}
}
