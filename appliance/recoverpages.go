package appliance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"sigill/appliance/keyring"
)

// Typist reads pages of the recovery kit from who types them. What is typed goes nowhere
// but into memory: no file, no log, and no line that says it again.
type Typist struct {
	in  *bufio.Reader
	out io.Writer
}

// NewTypist returns a Typist that asks on out and reads from in.
func NewTypist(in io.Reader, out io.Writer) *Typist { return &Typist{bufio.NewReader(in), out} }

// errEnd is when nobody types any more.
var errEnd = errors.New("no more was typed")

// mistakes is how often in a row somebody may mistype a page.
const mistakes = 5

const maxLine = 4096 // characters

// line asks for one line.
func (t *Typist) line(ask string) (string, error) {
	fmt.Fprint(t.out, ask)
	var b strings.Builder
	for b.Len() < maxLine {
		c, err := t.in.ReadByte()
		if err == io.EOF && b.Len() > 0 || err == nil && c == '\n' {
			return strings.TrimSpace(b.String()), nil
		}
		if err != nil {
			return "", errEnd
		}
		b.WriteByte(c)
	}
	return "", errors.New("the line is too long to be of a page")
}

// pageIn is a page's line in a file, as the kit writes it.
var pageIn = regexp.MustCompile(`(?i)\bSIGILL1:[0-9A-Z:/-]+|\bAGE-SECRET-KEY-PQ-1[0-9A-Z]+|\b[0-9a-f]{64}\b`)

const maxPageFile = 1 << 20 // bytes

// ReadPages reads the pages that stand in files: one file a page, or the kit's own.
func ReadPages(paths []string) (pages []keyring.Page, err error) {
	for _, path := range paths {
		found, err := pagesOf(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		pages = append(pages, found...)
	}
	return pages, nil
}

func pagesOf(path string) (pages []keyring.Page, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPageFile))
	if err != nil {
		return nil, errors.New("cannot be read")
	}
	lines := pageIn.FindAllString(string(b), -1)
	if len(lines) == 0 {
		lines = []string{string(b)} // with blanks in it, as somebody typed it
	}
	for _, l := range lines {
		p, err := keyring.ParsePage(l)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}

// Shares asks for as many shares as a request needs, beside those that are there already,
// and returns R. More than are needed are held against each other.
func (t *Typist) Shares(r keyring.Request, have []keyring.Page) (keyring.Custody, error) {
	need := max(r.Sharing.Need, 1)
	for wrong := 0; shares(have) < need; {
		if c, err := r.Custody(have); err == nil {
			return c, nil // R whole
		}
		p, err := t.share(r, shares(have), need)
		if err == nil {
			var before []keyring.Page
			before, have = have, append(have, p)
			if err = goesWith(r, have); err != nil {
				have = before
			}
		}
		switch {
		case errors.Is(err, errEnd):
			return r.Custody(have)
		case err != nil:
			if wrong++; wrong == mistakes {
				return keyring.Custody{}, err
			}
			fmt.Fprintf(t.out, "That is not right: %v.\n", err)
		default:
			wrong = 0
		}
	}
	return r.Custody(have)
}

// shares counts the pages that hold R or a part of it.
func shares(pages []keyring.Page) (n int) {
	for _, p := range pages {
		if p.Kind == keyring.PageShare {
			n++
		}
	}
	return n
}

// goesWith is an error if the last page does not go with the request and the others; that
// there are too few yet is none.
func goesWith(r keyring.Request, pages []keyring.Page) error {
	last := pages[len(pages)-1]
	switch {
	case last.Kind == keyring.PageIdentity && r.Sharing == keyring.Sharing{}:
		_, err := r.Custody(pages[len(pages)-1:])
		return err
	case last.Kind != keyring.PageShare:
		return errors.New("this is not page 3")
	case last.Sharing != r.Sharing:
		return fmt.Errorf("this is a share of %s; the request needs shares of %s", last.Sharing, r.Sharing)
	case last.Installation != r.Installation:
		return fmt.Errorf("this share is of the installation %s; the request is of %s", last.Installation, r.Installation)
	}
	for _, p := range pages[:len(pages)-1] {
		if p.Kind == keyring.PageShare && p.Number == last.Number {
			return fmt.Errorf("share %d is here already", p.Number)
		}
	}
	return nil
}

func (t *Typist) share(r keyring.Request, have, need int) (keyring.Page, error) {
	if r.Sharing == (keyring.Sharing{}) {
		fmt.Fprintln(t.out, "Type the recovery key of page 3 (AGE-SECRET-KEY-PQ-1…):")
	} else {
		fmt.Fprintf(t.out, "Share %d of the %d that are needed: type its line, or its 24 words.\n", have+1, need)
	}
	typed, err := t.typed()
	if err != nil || !isWords(typed) {
		return parsed(typed, err)
	}
	return t.words(typed, keyring.Page{Kind: keyring.PageShare, Installation: r.Installation, Sharing: r.Sharing})
}

func parsed(typed string, err error) (keyring.Page, error) {
	if err != nil {
		return keyring.Page{}, err
	}
	return keyring.ParsePage(typed)
}

// typed reads one page's line, or words over as many lines as it takes. A word that is in
// no list is told at once, not after 24 of them.
func (t *Typist) typed() (string, error) {
	s, err := t.line("> ")
	for err == nil && s == "" {
		s, err = t.line("> ")
	}
	for err == nil && isWords(s) {
		words, err := keyring.CheckWords(s)
		if err != nil || len(words) >= 24 {
			return s, err
		}
		more, err := t.line(fmt.Sprintf("%2d > ", len(words)+1))
		if err != nil {
			return "", err
		}
		s += " " + more
	}
	return s, err
}

// isWords tells words from a page's line, which has a colon, or is one long word.
func isWords(s string) bool {
	if strings.ContainsAny(s, ":/") || strings.HasPrefix(strings.ToUpper(s), "AGE-") {
		return false
	}
	for _, w := range strings.Fields(s) {
		if len(w) > 10 { // the longest word of the list has eight letters
			return false
		}
	}
	return true
}

// words asks for what stands beside the words, and puts the page together.
func (t *Typist) words(typed string, p keyring.Page) (keyring.Page, error) {
	if _, err := keyring.ReadWords(typed); err != nil {
		return keyring.Page{}, err
	}
	if p.Kind == keyring.PageShare && p.Sharing != keyring.Whole {
		s, err := t.line("Share number: ")
		if err != nil {
			return keyring.Page{}, err
		}
		if p.Number, err = strconv.Atoi(s); err != nil || p.Number < 1 || p.Number > p.Sharing.Of {
			return keyring.Page{}, fmt.Errorf("the shares have the numbers 1 to %d", p.Sharing.Of)
		}
	} else if p.Kind == keyring.PageShare {
		p.Number = 1
	}
	check, err := t.line("Check value: ")
	if err != nil {
		return keyring.Page{}, err
	}
	return keyring.ParseWords(typed, p, check)
}
