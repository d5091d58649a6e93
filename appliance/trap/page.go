package trap

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// page is what page.html shows.
type page struct {
	Version  int
	Day      string
	Time     string
	Portal   string
	MailIn   string
	Accounts []Account
	Writer   string // in whose name the example writes
	Messages []shown
	Turns    []shownTurn
}

// shown is a message on the page.
type shown struct {
	Message
	When  string
	Lines []piece
	Open  bool
}

type shownTurn struct {
	By, To string
	Done   []string
}

// piece is a stretch of text, a link if it has an address.
type piece struct{ Text, Href string }

func (t *Trap) view() page {
	now := t.Clock.Now().In(t.Zone)
	p := page{
		Version: t.box.now(), Day: day(now), Time: now.Format("15:04:05"),
		Portal: t.Portal, MailIn: t.MailIn, Accounts: t.Accounts, Writer: "maria.ek@exempelkommun.se",
	}
	for _, a := range t.Accounts {
		if a.Role == "caseworker" {
			p.Writer = a.Email
			break
		}
	}
	list := t.box.all()
	slices.Reverse(list)
	for i, m := range list {
		p.Messages = append(p.Messages, shown{m, day(m.At.In(t.Zone)) + " " + m.At.In(t.Zone).Format("15:04"), linked(m.Text), i < 2})
	}
	for _, past := range t.turns() {
		to := past.To.In(t.Zone)
		p.Turns = append(p.Turns, shownTurn{past.By, day(to) + " " + to.Format("15:04"), past.Done})
	}
	return p
}

func day(t time.Time) string { return t.Format("Mon 2 January 2006") }

var address = regexp.MustCompile(`https?://[^\s<>"]+`)

// linked cuts a text into words and links. Only http and https become links.
func linked(s string) []piece {
	var out []piece
	for s != "" {
		at := address.FindStringIndex(s)
		if at == nil {
			return append(out, piece{Text: s})
		}
		href := strings.TrimRight(s[at[0]:at[1]], ".,;:)!?")
		if at[0] > 0 {
			out = append(out, piece{Text: s[:at[0]]})
		}
		out = append(out, piece{href, href})
		s = s[at[0]+len(href):]
	}
	return out
}
