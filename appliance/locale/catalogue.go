package locale

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Source is the language in which the sentences are first written.
const Source = "en"

// Catalogue holds every language. It is read-only once loaded and may be used by
// many goroutines.
type Catalogue struct {
	langs    []string // sorted; the place in it is the place in the matcher
	matcher  language.Matcher
	printers map[string]Printer
	names    map[string]string
}

// Load reads every *.json at the top of fsys, each as far as its language.name. A file that
// is no JSON, a name that is no language, or a missing source language is an error. What is
// said is read when a language is first asked for: half a megabyte and ten milliseconds of
// each, and most houses speak two or three. Check finds out before whether it can be.
func Load(fsys fs.FS) (*Catalogue, error) {
	files, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	var tags []language.Tag
	c := &Catalogue{printers: map[string]Printer{}, names: map[string]string{}}
	for _, file := range files {
		tag, err := language.Parse(strings.TrimSuffix(path.Base(file), ".json"))
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", file, err)
		}
		lang := tag.String()
		if c.names[lang], err = nameIn(fsys, file); err != nil {
			return nil, err
		}
		c.langs, tags = append(c.langs, lang), append(tags, tag)
		c.printers[lang] = Printer{Lang: lang, zone: time.UTC, words: sync.OnceValue(func() *words {
			w, err := read(fsys, file, tag)
			if err != nil {
				return &words{} // no catalogue of ours (Check); each sentence shows its key
			}
			return w
		})}
	}
	if !slices.Contains(c.langs, Source) {
		return nil, fmt.Errorf("no catalogue for the source language %s", Source)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// nameIn reads what a catalogue's language calls itself.
func nameIn(fsys fs.FS, file string) (string, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return "", fmt.Errorf("read catalogue: %w", err)
	}
	var named struct {
		Name string `json:"language.name"`
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return "", fmt.Errorf("catalogue %s: %w", file, err)
	}
	return named.Name, nil
}

// Check reads all that fsys says in every language. A sentence with more than plain named
// values in it, or one that is neither a sentence nor plural forms, is an error: it would be
// a page without words later. What is in the binary is held to it by a test.
func Check(fsys fs.FS) error {
	if _, err := Load(fsys); err != nil {
		return err
	}
	files, err := fs.Glob(fsys, "*.json")
	for _, file := range files {
		if _, bad := read(fsys, file, language.Make(strings.TrimSuffix(file, ".json"))); bad != nil {
			err = errors.Join(err, bad)
		}
	}
	return err
}

// words are what a language says.
type words struct {
	sentences map[string]sentence
	say       *i18n.Localizer
}

// read reads one catalogue.
func read(fsys fs.FS, file string, tag language.Tag) (*words, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	all, rest, err := readSentences(data)
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", file, err)
	}
	bundle := i18n.NewBundle(tag)
	if _, err := bundle.ParseMessageFileBytes(rest, tag.String()+".json"); err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", file, err)
	}
	return &words{all, i18n.NewLocalizer(bundle, tag.String())}, nil
}

// Languages returns the tags of all languages, sorted.
func (c *Catalogue) Languages() []string { return slices.Clone(c.langs) }

// Name returns what a language calls itself, such as "Suomi".
func (c *Catalogue) Name(lang string) string { return c.names[lang] }

// For returns the printer of one language, or of the source language if there
// is no such language.
func (c *Catalogue) For(lang string) Printer {
	if p, ok := c.printers[lang]; ok {
		return p
	}
	return c.printers[Source]
}

// Match returns the language that fits the first wish that fits any. A wish is a
// tag or a whole Accept-Language value (RFC 9110, 12.5.4); wishes come from
// strangers, may be longer than sense or malformed, and then count as absent.
func (c *Catalogue) Match(fallback string, wishes ...string) string {
	for _, w := range wishes {
		if w == "" || len(w) > 200 {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(w)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, sure := c.matcher.Match(tags...); sure > language.No {
			return c.langs[i]
		}
	}
	if _, ok := c.printers[fallback]; ok {
		return fallback
	}
	return Source
}

// named finds the values of a sentence. Nothing else of the template language is
// allowed: a catalogue must not be able to compute.
var named = regexp.MustCompile(`\{\{\.([A-Za-z]+)\}\}`)

// sentence is what must be known of one to print it.
type sentence struct {
	values []string // names of what stands in it, sorted
	plural bool     // it has a form for each plural class
	plain  string   // the whole of it, if it has neither; most are such
}

// readSentences returns what is in a catalogue, by key, and what is left of it when the
// plain ones are taken out: what a library must put together.
func readSentences(data []byte) (all map[string]sentence, rest []byte, err error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, nil, err
	}
	all = map[string]sentence{}
	for key, body := range raw {
		forms := map[string]string{}
		var one string
		single := json.Unmarshal(body, &one) == nil
		if single {
			forms["other"] = one
		} else if err := json.Unmarshal(body, &forms); err != nil {
			return nil, nil, fmt.Errorf("key %s: neither a sentence nor plural forms", key)
		}
		names := []string{}
		for class, text := range forms {
			found := named.FindAllStringSubmatch(text, -1)
			if strings.Count(text, "{{") != len(found) {
				return nil, nil, fmt.Errorf("key %s (%s): only {{.Name}} may stand in a sentence", key, class)
			}
			for _, f := range found {
				if !slices.Contains(names, f[1]) {
					names = append(names, f[1])
				}
			}
		}
		slices.Sort(names)
		s := sentence{values: names, plural: !single}
		if single && len(names) == 0 && one != "" {
			s.plain = one
			delete(raw, key)
		}
		all[key] = s
	}
	rest, err = json.Marshal(raw)
	return all, rest, err
}
