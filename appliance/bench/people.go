package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Of row 16: as many people as are compared, in as many departments in both houses, with
// one department that has the same people in both, so that its page is as long.
const (
	fewPeople   = 1_000
	manyPeople  = 10_000
	departments = 300
	together    = 60
)

// organisers is row 16: how long an organiser's page takes in a house of ten thousand
// against one of a thousand, page by page.
func (b *bench) organisers(ctx context.Context) error {
	var houses [2]*town
	for i, n := range []int{fewPeople, manyPeople} {
		h, err := b.town(ctx, filepath.Join(b.dir, fmt.Sprint("people", n)), n)
		if err != nil {
			return err
		}
		defer h.close()
		houses[i] = h
	}
	few, many := houses[0], houses[1]
	for p, name := range few.names() {
		var small, large []float64
		for range b.Rounds {
			a, err := few.time(ctx, few.pages()[p])
			if err != nil {
				return err
			}
			z, err := many.time(ctx, many.pages()[p])
			if err != nil {
				return err
			}
			small, large = append(small, a), append(large, z)
		}
		b.found(16, name+" with 10,000 people, against 1,000", atMost(1.5, "×"), ratios(large, small), map[string][]float64{"ms": small, "ms with 10,000": large})
	}
	return nil
}

// town is a demo with many people, in which the administrator looks around.
type town struct {
	*demo
	b                           *browser
	dir                         string
	root, unit, person, mailbox string // paths
}

func (b *bench) town(ctx context.Context, dir string, people int) (_ *town, err error) {
	d, err := b.startDemo(ctx, dir)
	if err != nil {
		return nil, err
	}
	h := &town{demo: d, b: newBrowser(d.Portal, nil), dir: dir}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	b.say("row 16: a house of %d people", people)
	return h, errors.Join(h.enter(ctx), h.fill(ctx, people), h.find(ctx))
}

func (h *town) close() {
	h.b.close()
	h.end()
	os.RemoveAll(h.dir)
}

// enter signs the administrator in.
func (h *town) enter(ctx context.Context) error {
	for _, a := range h.Accounts {
		if !strings.HasPrefix(a.Email, "it@") {
			continue
		}
		if err := h.b.get(ctx, "/in"); err != nil {
			return err
		}
		_, err := h.b.post(ctx, "/in", "address", a.Email, "password", a.Password)
		return err
	}
	return errors.New("the demo has no administrator")
}

var linkTo = func(text string) *regexp.Regexp {
	return regexp.MustCompile(`href="(/org/[^"#?]+)"[^>]*>` + text + `<`)
}

// fill reads a table in and waits until it is done.
func (h *town) fill(ctx context.Context, people int) error {
	if err := h.b.get(ctx, "/org"); err != nil {
		return err
	}
	h.root = first(linkTo("Exempelkommun"), h.b.page)
	at := h.root + "/import"
	if err := h.b.get(ctx, at); err != nil {
		return err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("csrf", h.b.token())
	f, err := w.CreateFormFile("files", "people.csv")
	if err != nil {
		return err
	}
	io.WriteString(f, tableOf(people))
	w.Close()
	r, err := http.NewRequestWithContext(ctx, "POST", h.b.base+at, &body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	if status, err := h.b.do(r); err != nil || status != http.StatusOK {
		return errors.Join(fmt.Errorf("the table was answered %d", status), err)
	}
	if _, err := h.b.post(ctx, at+"/start"); err != nil {
		return err
	}
	for strings.Contains(h.b.page, "data-reload") {
		<-time.After(200 * time.Millisecond)
		if err := h.b.get(ctx, at); err != nil {
			return err
		}
	}
	return h.calm(ctx)
}

// calm waits until all invitations have left: while they do, every page takes longer.
func (h *town) calm(ctx context.Context) error {
	for end := time.Now().Add(10 * time.Minute); ; <-time.After(time.Second) {
		if err := h.b.get(ctx, "/admin"); err != nil {
			return err
		}
		if strings.Contains(h.b.page, "Mejl som väntar</dt><dd>0</dd>") {
			return nil
		}
		if time.Now().After(end) {
			return errors.New("the invitations do not leave")
		}
	}
}

func tableOf(people int) string {
	var t strings.Builder
	t.WriteString("email,name,unit\n")
	for i := range people {
		unit := "Together"
		if i >= together {
			unit = fmt.Sprintf("Department %d", i%departments)
		}
		fmt.Fprintf(&t, "p%d@exempelkommun.se,Person %d,%s\n", i, i, unit)
	}
	return t.String()
}

// find learns where the pages are that are compared.
func (h *town) find(ctx context.Context) error {
	if err := h.b.get(ctx, "/org/units?sort=-name"); err != nil {
		return err
	}
	if h.unit = first(linkTo("Together"), h.b.page); h.unit == "" {
		return errors.New("the table was not read in")
	}
	if err := h.b.get(ctx, h.unit); err != nil {
		return err
	}
	h.person = first(linkTo("Person 1"), h.b.page)
	if _, err := h.b.post(ctx, h.unit+"/mailbox", "form", "mailbox", "name", "Mailbox", "address", "mailbox@exempelkommun.se"); err != nil {
		return err
	}
	if err := h.b.get(ctx, h.unit); err != nil {
		return err
	}
	if h.mailbox = first(linkTo("Mailbox"), h.b.page); h.mailbox == "" {
		return errors.New("no function mailbox was made")
	}
	for i := range 50 {
		if _, err := h.b.post(ctx, h.mailbox+"/join", "form", "reader", "address", fmt.Sprintf("p%d@exempelkommun.se", i), "from", "now"); err != nil {
			return err
		}
	}
	return h.calm(ctx)
}

func (h *town) names() []string {
	return []string{"the organisation", "its own page", "a department", "its second page", "a person", "the form for tables", "a function mailbox", "what is used", "and by person", "everybody", "everybody by address", "all units", "statistics"}
}

func (h *town) pages() []string {
	return []string{"/org", h.root, h.unit, h.unit + "?from=50", h.person, h.unit + "/import", h.mailbox, "/org/usage", "/org/usage?by=person", "/org/people", "/org/people?sort=-address&from=100", "/org/units", "/org/figures?days=90"}
}

// time is the median time of a page, in milliseconds.
func (h *town) time(ctx context.Context, path string) (float64, error) {
	var times []float64
	for begin := time.Now(); time.Since(begin) < time.Second; {
		t := time.Now()
		if err := h.b.get(ctx, path); err != nil {
			return 0, err
		}
		times = append(times, float64(time.Since(t).Microseconds())/1000)
		<-time.After(2 * time.Millisecond)
	}
	return spread(times).Median, nil
}
