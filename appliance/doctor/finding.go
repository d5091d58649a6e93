package doctor

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Grave says how grave a finding is.
type Grave uint8

// The graves, the mildest first.
const (
	Good  Grave = iota // as it should be
	Note               // worth knowing, or not to be known from here
	Warn               // will go wrong, or does for some
	Fault              // goes wrong now
)

var graves = [...]string{"good", "note", "warn", "fault"}

// String returns the word of JSON and of the catalogue.
func (g Grave) String() string { return graves[min(int(g), len(graves)-1)] }

// MarshalText implements encoding.TextMarshaler.
func (g Grave) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. A word of a later program is a fault.
func (g *Grave) UnmarshalText(b []byte) error {
	i := slices.Index(graves[:], string(b))
	if *g = Grave(i); i < 0 {
		*g = Fault
	}
	return nil
}

// Finding is what a check says of one thing.
type Finding struct {
	// Check is the check's stable name, such as "dns.spf": of alarms, JSON and metrics. Its
	// catalogue key is "doctor.check."+Check, its group what stands before the point.
	Check string `json:"check"`
	// What is the catalogue key of the sentence. What is to be done is What+".do", which is
	// there unless the finding is Good.
	What  string `json:"what"`
	Grave Grave  `json:"grave"`
	// Args are the sentence's names and values in turn, as locale.Printer.T takes them. The
	// values are the same in every language: a date is 2026-05-03, a size "12 GB".
	Args []string `json:"args,omitempty"`
	// Records are the exact DNS records to be added.
	Records []Record `json:"records,omitempty"`
}

// Record is a line of a zone.
type Record struct {
	Name  string `json:"name"` // without the point at its end
	Type  string `json:"type"` // "TXT"
	Value string `json:"value"`
}

// String is how the line stands in a zone's file.
func (r Record) String() string {
	switch r.Type {
	case "TXT":
		return r.Name + ". IN TXT " + quote(r.Value)
	case "MX", "CNAME", "PTR":
		return r.Name + ". IN " + r.Type + " " + r.Value + "."
	}
	return r.Name + ". IN " + r.Type + " " + r.Value
}

// quote writes text as strings of at most 255 bytes: RFC 1035, 3.3.14.
func quote(text string) string {
	var b strings.Builder
	for len(text) > 255 {
		b.WriteString(`"` + text[:255] + `" `)
		text = text[255:]
	}
	return b.String() + `"` + text + `"`
}

// Group is what a finding belongs to: "dns", "mail", "sms", "machine", "tls", "keys" or
// "care".
func (f Finding) Group() string {
	group, _, _ := strings.Cut(f.Check, ".")
	return group
}

// Key is what an alarm is known by: the check, and what of it. One check may find several
// things, such as two certificates.
func (f Finding) Key() string { return f.Check + " " + f.What }

// Unasked reports whether nothing is known of the check, because it could not be asked now.
func (f Finding) Unasked() bool { return f.What == silent || f.What == balanceSilent }

// The sentences of a question that DNS, and a provider of SMS, has not answered.
const (
	silent        = "doctor.dns.silent"
	balanceSilent = "doctor.balance.silent"
)

// Pairs are the arguments as locale.Printer.T takes them.
func (f Finding) Pairs() []any {
	pairs := make([]any, len(f.Args))
	for i, a := range f.Args {
		pairs[i] = a
	}
	return pairs
}

// Days is the number whose plural form the sentence takes; ok is false if it has none.
func (f Finding) Days() (n int, ok bool) {
	for i := 0; i+1 < len(f.Args); i += 2 {
		if f.Args[i] == "Days" {
			n, err := strconv.Atoi(f.Args[i+1])
			return n, err == nil
		}
	}
	return 0, false
}

// Do is the catalogue key of what is to be done; "" if nothing is.
func (f Finding) Do() string {
	if f.Grave == Good {
		return ""
	}
	return f.What + ".do"
}

// Sorted returns the findings with the gravest first, those of a group beside each other in
// the order in which they were found.
func Sorted(list []Finding) []Finding {
	worst := map[string]Grave{}
	for _, f := range list {
		worst[f.Group()] = max(worst[f.Group()], f.Grave)
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(worst[b.Group()], worst[a.Group()]),
			cmp.Compare(slices.Index(groups[:], a.Group()), slices.Index(groups[:], b.Group())),
			cmp.Compare(b.Grave, a.Grave),
		)
	})
	return list
}

// groups in the order in which a letter meets them.
var groups = [...]string{"mail", "sms", "dns", "tls", "machine", "keys", "care"}

// Worst is the gravest of the findings; Good if there are none.
func Worst(list []Finding) (worst Grave) {
	for _, f := range list {
		worst = max(worst, f.Grave)
	}
	return worst
}

// good is the finding of a check that has found nothing.
func good(check string) Finding { return Finding{Check: check, What: "doctor.good"} }

func finding(g Grave, check, what string, args ...string) Finding {
	return Finding{Check: check, What: what, Grave: g, Args: args}
}
