package locale

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// Printer speaks one language. It is a small value and may be copied.
type Printer struct {
	Lang  string // BCP 47 tag, as the file is named
	zone  *time.Location
	words func() *words
}

// In returns the printer with its dates in zone instead of UTC.
func (p Printer) In(zone *time.Location) Printer {
	p.zone = zone
	return p
}

// Zone is where the printer's dates are.
func (p Printer) Zone() *time.Location { return p.zone }

// Has reports whether there is a sentence for key.
func (p Printer) Has(key string) bool {
	_, ok := p.words().sentences[key]
	return ok
}

// T returns the sentence of key with its values, given as name and value in
// turn: T("page.until", "Date", "3 May"). A key that is not there, or a value
// that was not given, shows as ⟦…⟧: seen by every test and hidden from nobody.
func (p Printer) T(key string, pairs ...any) string {
	return p.print(key, nil, pairs)
}

// N returns the sentence of key in the plural form of count, which is the value
// Count in it, as by Whole.
func (p Printer) N(key string, count int, pairs ...any) string {
	return p.print(key, count, append(slices.Clone(pairs), "Count", p.Whole(count)))
}

// Say is T with the values in a map, as mail.Error carries them. A sentence that has
// plural forms and one value takes the form of that number.
func (p Printer) Say(key string, with map[string]string) string {
	var pairs []any
	for k, v := range with {
		pairs = append(pairs, k, v)
	}
	var count any
	if s := p.words().sentences[key]; s.plural && len(s.values) == 1 {
		if n, err := strconv.Atoi(with[s.values[0]]); err == nil {
			count = n
		}
	}
	return p.print(key, count, pairs)
}

func (p Printer) print(key string, count any, pairs []any) string {
	w := p.words()
	s, ok := w.sentences[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if s.plain != "" {
		return s.plain
	}
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	for _, n := range s.values {
		if _, ok := data[n]; !ok {
			return "⟦" + key + " " + n + "⟧"
		}
	}
	text, err := w.say.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: count})
	if err != nil {
		return "⟦" + key + "⟧"
	}
	return text
}
