package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"
)

// language is one folder of texts.
type language struct {
	name  string
	texts map[string]func() (*template.Template, error) // by notice kind, "pin" too; parsed when first used

	Months   []string `json:"months"`
	Date     string   `json:"date"`     // with {day} {month}
	DateYear string   `json:"dateYear"` // and {year}
	Time     string   `json:"time"`     // and {hour} {minute}
	TimeYear string   `json:"timeYear"`
}

// outcomes is the list that every text about recipients shows.
const outcomes = `{{define "outcomes"}}{{range .Outcomes}}{{item}}{{template "outcome" .}}{{end}}{{end}}`

// loadLanguages reads all folders, and sees that each has every text.
func loadLanguages(tree fs.FS) (map[string]*language, error) {
	dirs, err := fs.ReadDir(tree, ".")
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	all := map[string]*language{}
	for _, d := range dirs {
		if !d.IsDir() {
			continue
		}
		l, err := loadLanguage(tree, d.Name())
		if err != nil {
			return nil, fmt.Errorf("notices in %s: %w", d.Name(), err)
		}
		all[l.name] = l
	}
	return all, nil
}

func loadLanguage(tree fs.FS, name string) (*language, error) {
	l := &language{name: name, texts: map[string]func() (*template.Template, error){}}
	b, err := fs.ReadFile(tree, path.Join(name, "language.json"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, l); err != nil {
		return nil, err
	}
	if len(l.Months) != 12 || l.Date == "" || l.DateYear == "" || l.Time == "" || l.TimeYear == "" {
		return nil, errors.New("language.json: twelve months and four forms are needed")
	}
	// Read once and shared: a text for each kind would keep it in memory thirty times.
	shared := sync.OnceValues(func() (*template.Template, error) { return sharing(tree, path.Join(name, "outcome.txt")) })
	for _, kind := range kinds {
		file := path.Join(name, kind+".txt")
		if _, err := fs.Stat(tree, file); err != nil {
			return nil, err
		}
		// Most kinds are seldom sent, and a parsed text is ten times as large as it reads: it
		// is read when first used, and kept. Check finds a slip in one.
		l.texts[kind] = sync.OnceValues(func() (*template.Template, error) {
			with, err := shared()
			if err != nil {
				return nil, err
			}
			return parse(with, tree, kind, file)
		})
	}
	return l, nil
}

// sharing is what all texts of a language may use.
func sharing(tree fs.FS, file string) (*template.Template, error) {
	outcome, err := fs.ReadFile(tree, file)
	if err != nil {
		return nil, err
	}
	return template.New("").Option("missingkey=error").Funcs(marks).Parse(outcomes + `{{define "outcome"}}` + strings.TrimSpace(string(outcome)) + `{{end}}`)
}

func parse(shared *template.Template, tree fs.FS, kind, file string) (*template.Template, error) {
	b, err := fs.ReadFile(tree, file)
	if err != nil {
		return nil, err
	}
	t, err := shared.Clone()
	if err != nil {
		return nil, err
	}
	return t.New(kind).Parse(string(b))
}

// text returns the text of a kind.
func (l *language) text(kind string) (*template.Template, error) {
	parsed := l.texts[kind]
	if parsed == nil {
		return nil, fmt.Errorf("notify: no text for a notice of kind %.20q", kind)
	}
	return parsed()
}

// date writes a day in words, with the year only if it is not that of now.
func (l *language) date(t, now time.Time) string { return l.moment(l.Date, l.DateYear, t, now) }

// time writes a day and the time of day in words.
func (l *language) time(t, now time.Time) string { return l.moment(l.Time, l.TimeYear, t, now) }

func (l *language) moment(same, other string, t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	form := same
	if t.Year() != now.Year() {
		form = other
	}
	return strings.NewReplacer(
		"{day}", strconv.Itoa(t.Day()), "{month}", l.Months[t.Month()-1], "{year}", strconv.Itoa(t.Year()),
		"{hour}", fmt.Sprintf("%02d", t.Hour()), "{minute}", fmt.Sprintf("%02d", t.Minute()),
	).Replace(form)
}
