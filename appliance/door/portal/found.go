package portal

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// maxSought is how long what is searched for may be, in characters.
const maxSought = 100

// foundPage is what a search in a mailbox has found.
type foundPage struct {
	web.Frame
	Box    boxView
	Search web.Field
	From   web.Field
	Until  web.Field
	Lines  []mailboxLine
	Hits   int // of which Lines are a part, the newest first
	Skip   int // how many newer ones stand on the pages before
	More   bool
	Most   int // letters that a search goes through
	Asked  bool
}

// findPage is where the search begins that every page's head leads to: in one's own mailbox.
func (p *Portal) findPage(r *web.Request, _ *access.Session) error {
	page := newFoundPage(r, ownBox())
	page.Search.Focus = true
	return r.Page("portal/found", page)
}

func (p *Portal) findOwn(r *web.Request, s *access.Session) error {
	return p.findLetters(r, s, ownBox())
}

// findLetters searches a mailbox by words and days. What is searched for says as much as a letter
// does, so it comes in a form: addresses of pages stay in histories and in the logs of
// proxies. It is kept nowhere.
func (p *Portal) findLetters(r *web.Request, s *access.Session, b boxView) error {
	page := newFoundPage(r, b)
	ask, ok := page.read(r)
	if !ok {
		return r.PageWith(http.StatusUnprocessableEntity, "portal/found", page)
	}
	found, err := p.Desk.Find(r.Context(), p.reader(r), finderOf(s, b.ID), ask)
	if err != nil {
		return err
	}
	page.Hits, page.Skip, page.More, page.Asked = found.Hits, ask.Skip, found.More, true
	for _, l := range found.Lines {
		if int(l.Holder.Folder) >= len(folderNames) {
			continue // it has left the trash since it was found
		}
		v := p.line(r, s.Person.ID, l, l.Holder.Folder)
		v.Folder = r.T("folder." + folderNames[l.Holder.Folder])
		page.Lines = append(page.Lines, v)
	}
	return r.Page("portal/found", page)
}

// First is the number of the first letter on the page.
func (f *foundPage) First() int { return f.Skip + 1 }

// Last is that of the last.
func (f *foundPage) Last() int { return f.Skip + len(f.Lines) }

// Newer is how many the page before leaves out; -1 for the first page, which has none before it.
func (f *foundPage) Newer() int {
	if f.Skip == 0 {
		return -1
	}
	return max(min(f.Skip, (f.Hits+pageSize-1)/pageSize*pageSize)-pageSize, 0)
}

// Older is how many the next page leaves out; -1 for the last page.
func (f *foundPage) Older() int {
	if f.Skip+pageSize >= f.Hits {
		return -1
	}
	return f.Skip + pageSize
}

func newFoundPage(r *web.Request, b boxView) *foundPage {
	return &foundPage{
		Box: b, Most: desk.MaxFind,
		Search: web.Field{Name: "q", Within: "found", Label: r.T("page.found.words"), Hint: r.T("page.found.words.hint"), Type: "search", Max: maxSought, Value: strings.TrimSpace(r.Form("q"))},
		From:   web.Field{Name: "from", Within: "found", Label: r.T("page.found.from"), Type: "date", Value: r.Form("from")},
		Until:  web.Field{Name: "until", Within: "found", Label: r.T("page.found.until"), Type: "date", Value: r.Form("until")},
	}
}

// read turns the fields into a question; it is false if there is none, or a field is wrong,
// which then says so.
func (f *foundPage) read(r *web.Request) (s desk.Search, ok bool) {
	s = desk.Search{Words: f.Search.Value, Limit: pageSize}
	if n, err := strconv.Atoi(r.Form("skip")); err == nil {
		s.Skip = min(max(n, 0), desk.MaxFind)
	}
	if len([]rune(s.Words)) > maxSought {
		s.Words = string([]rune(s.Words)[:maxSought])
	}
	s.From, f.From.Error = dayOf(r, f.From.Value)
	s.Until, f.Until.Error = dayOf(r, f.Until.Value)
	if !s.Until.IsZero() {
		s.Until = s.Until.AddDate(0, 0, 1) // the day itself is in it
	}
	if s.Words == "" && s.From.IsZero() && s.Until.IsZero() && f.From.Error+f.Until.Error == "" {
		f.Search.Error, f.Search.Focus = r.T("page.found.nothing"), true
	}
	return s, f.Search.Error+f.From.Error+f.Until.Error == ""
}

// dayOf reads a day of the house's calendar as browsers write it; "" is none.
func dayOf(r *web.Request, s string) (day time.Time, fault string) {
	if s == "" {
		return day, ""
	}
	day, err := time.ParseInLocation(time.DateOnly, s, r.Printer().Zone())
	if err != nil {
		return day, r.T("page.found.day")
	}
	return day, ""
}

// finderOf returns the finder of one mailbox in this session.
func finderOf(s *access.Session, mailbox mail.ID) *desk.Finder {
	a := asideOf(s)
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.finders[mailbox]
	if f == nil {
		f = desk.NewFinder(mailbox)
		a.finders[mailbox] = f
	}
	return f
}
