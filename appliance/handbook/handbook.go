// Package handbook reads the help that stands in the product: books for those who use it,
// of chapters in Markdown, with search. It knows nothing of who reads, and nothing in it is
// secret.
//
// A language is read when its first page is asked for: until then it takes no memory, then
// about a megabyte. Who writes a chapter finds in embed/handbook/README.md what it may hold;
// anything else is an error, and a test reads every chapter there is.
//
// CommonMark 0.31.2 as goldmark reads it, without raw HTML and without extensions.
package handbook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/text"
)

// Source is the language from which all others are written.
const Source = "sv"

// The books, in the order of their readers' number.
const (
	Citizen       = "citizen"
	Caseworker    = "caseworker"
	Organiser     = "organiser"
	Administrator = "administrator"
)

// pictures is the folder of the pictures, beside those of the languages.
const pictures = "picture"

// Handbook is all languages. It is safe for several at once.
type Handbook struct {
	files    fs.FS
	editions map[string]func() (*Edition, error)
}

// Edition is the handbook in one language.
type Edition struct {
	Lang     string
	Chapters []*Chapter // book by book
}

// Chapter is one page.
type Chapter struct {
	Book, Name string // the path is /handbook/BOOK/NAME
	Title      string
	HTML       template.HTML // of ours, made from Markdown without raw HTML
	Links      []string      // paths of ours that it leads to
	Pictures   []string      // files that it shows
	text       string        // what it says, for the search
}

// Path returns where the chapter is shown.
func (c *Chapter) Path() string { return "/handbook/" + c.Book + "/" + c.Name }

// Text returns what the chapter says, without its title.
func (c *Chapter) Text() string { return c.text }

// New takes the tree of the handbook; embed.Handbook without its first folder. What stands
// in it is read later.
func New(files fs.FS) (*Handbook, error) {
	h := &Handbook{files: files, editions: map[string]func() (*Edition, error){}}
	dirs, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("handbook: %w", err)
	}
	for _, d := range dirs {
		if d.IsDir() && d.Name() != pictures {
			h.editions[d.Name()] = sync.OnceValues(func() (*Edition, error) { return h.read(d.Name()) })
		}
	}
	if h.editions[Source] == nil {
		return nil, fmt.Errorf("handbook: nothing in %s", Source)
	}
	return h, nil
}

// Languages are those that the handbook is written in.
func (h *Handbook) Languages() (list []string) {
	for lang := range h.editions {
		list = append(list, lang)
	}
	slices.Sort(list)
	return list
}

// nearest is which other language somebody reads more easily than English.
var nearest = map[string]string{"da": Source, "nb": Source, "nn": Source, "no": Source}

// In returns the handbook in a language, else in the one that its readers understand best.
func (h *Handbook) In(lang string) (*Edition, error) {
	for _, l := range []string{lang, nearest[lang], "en"} {
		if read := h.editions[l]; read != nil {
			return read()
		}
	}
	return h.editions[Source]()
}

// Books returns the names of all books.
func Books() []string { return []string{Citizen, Caseworker, Organiser, Administrator} }

func (h *Handbook) read(lang string) (*Edition, error) {
	e := &Edition{Lang: lang}
	parse := goldmark.DefaultParser() // read by its own parser, which then goes
	for _, book := range Books() {
		files, err := fs.Glob(h.files, lang+"/"+book+"/*.md")
		if err != nil {
			return nil, err
		}
		for _, name := range files { // sorted by their numbers
			source, err := fs.ReadFile(h.files, name)
			if err != nil {
				return nil, err
			}
			if source = bytes.TrimSpace(source); !utf8.Valid(source) {
				return nil, fmt.Errorf("handbook/%s: is not UTF-8", name)
			}
			c := &Chapter{Book: book, Name: named(name)}
			w := writer{h: h, file: name, source: source, c: c}
			if err := w.document(parse.Parse(text.NewReader(source))); err != nil {
				return nil, fmt.Errorf("handbook/%s: %w", name, err)
			}
			e.Chapters = append(e.Chapters, c)
		}
	}
	return e, nil
}

// named is what a chapter's file is called in addresses: without its number, so that a new
// one before it breaks no link.
func named(file string) string {
	_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(file), ".md"), "-")
	return name
}

// Of returns the chapters of one book.
func (e *Edition) Of(book string) (list []*Chapter) {
	for _, c := range e.Chapters {
		if c.Book == book {
			list = append(list, c)
		}
	}
	return list
}

// Chapter returns a chapter with its neighbours in the book; nil where there is none.
func (e *Edition) Chapter(book, name string) (c, previous, next *Chapter) {
	list := e.Of(book)
	i := slices.IndexFunc(list, func(c *Chapter) bool { return c.Name == name })
	if i < 0 {
		return nil, nil, nil
	}
	if i > 0 {
		previous = list[i-1]
	}
	if i+1 < len(list) {
		next = list[i+1]
	}
	return list[i], previous, next
}

// picturePath is where a picture is served; what stands there never changes.
func picturePath(file string, content []byte) string {
	return "/handbook/picture/" + sumOf(content) + "/" + strings.TrimPrefix(file, pictures+"/")
}

// Picture returns a PNG by the parts of its path.
func (h *Handbook) Picture(sum, lang, name string) ([]byte, bool) {
	if path.Ext(name) != ".png" {
		return nil, false
	}
	b, err := fs.ReadFile(h.files, pictures+"/"+lang+"/"+name)
	return b, err == nil && sumOf(b) == sum
}

func sumOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
