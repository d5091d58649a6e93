package web

import (
	"cmp"
	"strings"
	"time"
)

// The parts below are what templates of part/ show. Their texts are finished
// sentences in the reader's language: the handler has the printer.

// Field is one labelled input, shown by {{template "field" .X}}.
type Field struct {
	Within   string // of several forms on a page, which one; part of the id only
	Name     string
	Label    string
	Hint     string // below the label; "" for none
	Error    string // what is wrong with the value, and how to mend it; "" for none
	Value    string
	Type     string // of the input; "" is text
	Auto     string // autocomplete, such as "one-time-code"; "" is off
	Mode     string // inputmode, such as "numeric"
	Pattern  string
	Max      int  // characters; 0: no limit shown
	Rows     int  // above 0 it is a textarea
	Short    bool // as wide as a code, not as the page
	Code     bool // letters and digits that mean nothing: evenly spaced, not corrected
	Focus    bool
	Required bool
	Options  []Option // if there are any, it is a choice of one of them
	Facts    []string // of a setting: its default, what holds now, who changed it last; see part/setting.html
}

// Option is one of a field's choices.
type Option struct {
	Value, Label string
	Chosen       bool
}

// Crumb is a page above this one.
type Crumb struct{ Path, Name string }

// ID returns the id of the input.
func (f Field) ID() string {
	if f.Within != "" {
		return "f-" + f.Within + "-" + f.Name
	}
	return "f-" + f.Name
}

// Input returns the type of the input. What is typed for a date and is none stays there to
// be mended, which only a field for text shows.
func (f Field) Input() string {
	if f.Type == "date" && f.Value != "" {
		if _, err := time.Parse(time.DateOnly, f.Value); err != nil {
			return "text"
		}
	}
	return cmp.Or(f.Type, "text")
}

// DescribedBy returns what a screen reader reads beside the label; "" for
// nothing.
func (f Field) DescribedBy() string {
	var ids []string
	for _, x := range []struct {
		part  string
		there bool
	}{{"-hint", f.Hint != ""}, {"-facts", len(f.Facts) > 0}, {"-error", f.Error != ""}} {
		if x.there {
			ids = append(ids, f.ID()+x.part)
		}
	}
	return strings.Join(ids, " ")
}

// Alert is a sentence that must be seen, shown by {{template "alert" .X}}.
type Alert struct {
	Tone  Tone
	Title string // "" for none
	Text  string
}

// Badge is a state in a word, shown by {{template "badge" .X}}. The colour says
// nothing that the word does not.
type Badge struct {
	Tone Tone
	Word string
}

// Tone is a colour of the design and its meaning.
type Tone string

// The tones.
const (
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Danger  Tone = "danger"
	Neutral Tone = "neutral"
)

// Step is one place on a line of steps, shown by {{template "steps" .X}} of a
// []Step.
type Step struct {
	Word   string
	When   string // as people read it; "" if it has not happened
	Stamp  string // the same for machines; RFC 3339
	Detail string
	Tone   Tone // Success: happened; Danger: failed; Neutral: not yet
}
