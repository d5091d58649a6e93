package notify

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// view is what a text may show. Every value is cleaned, or made here.
type view struct {
	Sender     string // who writes: "Socialtjänsten, Exempelkommun"
	From       string // the part of it that the notice names; empty for a protected identity
	House      string
	Phone      string
	Web        string // where somebody goes by himself and types the code
	Link       string // with the code if there is one; else to sign in; "" in a mail without links
	Code       string
	Tail       string
	Until      string
	At         string
	Browser    string // in which it happened
	System     string // on which that runs
	Why        string // of a suspension or an end: a word of ours, which the text puts into words
	Mailbox    string // what the function mailbox is called
	Person     string // who reads there from now on, or asks for help
	Helper     string // who has helped
	Count      int    // of unread letters
	Shared     int    // of which in function mailboxes
	Outcomes   []outcome
	Alarms     []mail.Alarm // what is wrong with the machine
	Mended     []mail.Alarm // what is not any more
	Held       int          // outcomes that are held
	Answerable string       // whom the letter goes to if the mail is answered with a number; "" if it may not be
}

// outcome is what became of one recipient.
type outcome struct {
	Address  string
	Number   string
	Known    bool
	Hold     string // "" "nonumber" "nearmiss" "number"
	Internal bool
	Step     string
	Trouble  bool // what the step tells needs mending
	Detail   string
	Raised   bool
	Until    string
}

var trouble = map[mail.StepKind]bool{mail.StepNoticeFailed: true, mail.StepSMSFailed: true, mail.StepWrongNumber: true, mail.StepLocked: true, mail.StepClosedUnread: true}

var holds = map[mail.Hold]string{mail.HoldNoNumber: "nonumber", mail.HoldNearMiss: "nearmiss", mail.HoldNumber: "number", mail.HoldStale: "stale", mail.HoldChanged: "changed", mail.HoldRegistered: "registered"}

// proofs is how one looks (keyring.InboxProof): no value of others stands in a link.
var proofs = regexp.MustCompile(`^[A-Za-z0-9_-]{32}$`)

// view gathers what the text of n may show.
func (w *Words) view(l *language, n mail.Notice, p mail.Posting, look mail.Look) view {
	h := w.house
	day := func(t time.Time) string { return l.date(t.In(h.Zone), p.At.In(h.Zone)) }
	if n.MustTLS && !p.Verified {
		n.Code = "" // the courier has done so; here it is made sure of
	}
	v := view{
		Sender: look.Sign(), House: look.House, Phone: look.Phone, Web: look.Web,
		Link: h.BaseURL + "/", Tail: clean(n.Tail), Held: n.Held(),
		Browser: clean(n.Browser), System: clean(n.System), Mailbox: clean(n.Mailbox), Person: clean(n.Person), Helper: clean(n.Helper), Why: n.Why, Count: n.Count, Shared: n.Shared,
	}
	if !n.Owner.IsZero() {
		v.From = w.cleaned(h.Look(n.Owner)).Sender
	}
	if o, ok := n.Answerable(); ok && p.ReplyTo != "" {
		v.Answerable = clean(string(o.Address))
	}
	// A code that is none would be a value of others in a link.
	if code, err := mail.ParseLinkCode(n.Code); err == nil {
		v.Code = code.Text()
		v.Link = h.BaseURL + "/m#" + v.Code
	}
	if !n.Letter.IsZero() {
		v.Link = h.BaseURL + "/mail/" + n.Letter.String()
	}
	for _, x := range n.Alarms {
		x = cleanAlarm(x)
		if x.Lasted == "" {
			v.Alarms = append(v.Alarms, x)
		} else {
			v.Mended = append(v.Mended, x)
		}
	}
	switch n.Kind {
	case mail.NoticeAlarm:
		v.Link = h.BaseURL + "/admin/doctor"
	case mail.NoticeHelpWanted:
		v.Link = h.BaseURL + "/org/help"
	case mail.NoticeAccount, mail.NoticeAdopted:
		v.Link = h.BaseURL + "/in"
	case mail.NoticeRecipient, mail.NoticeJoin:
		v.Link = h.BaseURL + "/in"
		if proofs.MatchString(n.Proof) {
			v.Link += map[mail.NoticeKind]string{mail.NoticeRecipient: "/mail/", mail.NoticeJoin: "/join/"}[n.Kind] + n.Proof
		}
	}
	if n.NoLink {
		// Web stays: it is words, and no button. Many mail programs make a link of it by
		// themselves, which leads where they say, and holds no code.
		v.Link = ""
	}
	if !n.Until.IsZero() {
		v.Until = day(n.Until)
	}
	if !n.At.IsZero() {
		v.At = l.time(n.At.In(h.Zone), p.At.In(h.Zone))
	}
	for _, o := range n.Outcomes {
		out := outcome{
			Address: clean(string(o.Address)), Number: clean(string(o.Number)), Known: o.Known, Hold: holds[o.Hold],
			Internal: o.Channel != mail.ChannelPortal, Step: o.Step.String(), Trouble: trouble[o.Step], Detail: clean(o.Detail), Raised: o.Raised,
		}
		if o.Given != "" && (o.Hold != mail.HoldNone || o.Address == "") {
			out.Address = clean(o.Given) // what he wrote, in which he can see the slip
		}
		if !o.Until.IsZero() {
			out.Until = day(o.Until)
		}
		v.Outcomes = append(v.Outcomes, out)
	}
	return v
}

// cleanAlarm cleans what may have been said by others: what DNS answers, names in the
// configuration.
func cleanAlarm(a mail.Alarm) mail.Alarm {
	const most = 1000 // of a whole sentence of ours with such a value in it
	a.Title, a.Say, a.Do, a.Lasted = clean(a.Title), cleanTo(a.Say, most), cleanTo(a.Do, most), clean(a.Lasted)
	lines := make([]string, len(a.Records))
	for i, r := range a.Records {
		lines[i] = cleanTo(r, most)
	}
	a.Records = lines
	return a
}

// host is the base URL's name, as it stands in the last line of an SMS.
func host(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
