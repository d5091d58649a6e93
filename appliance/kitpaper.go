package appliance

import (
	"bytes"
	"encoding/base64"
	"fmt"
	htmltemplate "html/template"
	"path/filepath"
	texttemplate "text/template"
	"time"

	"github.com/skip2/go-qrcode"

	"sigill/appliance/erase"
	"sigill/appliance/keyring"
	"sigill/appliance/locale"
	"sigill/embed"
)

// The files of the recovery kit: one to print, and the same for who has no printer that
// understands it.
const (
	kitPrint = "recovery-kit.html"
	kitText  = "recovery-kit.txt"
)

// kitFiles are both of them in a directory of keys, the printable one first.
func kitFiles(keys string) []string {
	return []string{filepath.Join(keys, kitPrint), filepath.Join(keys, kitText)}
}

// eraseKit erases both from a directory of keys: whoever takes the machine has them else.
func eraseKit(keys string) error {
	for _, path := range kitFiles(keys) {
		if err := erase.Remove(erase.Machine{}, path); err != nil {
			return err
		}
	}
	return nil
}

// kitPaper is what the kit's pages say beside the secrets.
type kitPaper struct {
	house   string
	lang    string
	zone    *time.Location
	sharing keyring.Sharing
}

func (c Config) kitPaper() kitPaper {
	p := kitPaper{house: c.House.Sign(), lang: c.House.Lang, zone: c.Rules.Zone, sharing: c.Sharing}
	if p.sharing == (keyring.Sharing{}) {
		p.sharing = keyring.DefaultSharing
	}
	return p
}

// sheet is one sheet of paper.
type sheet struct {
	Kind   string // "b", "k", "r" for a share, "w" for R whole
	Number int
	Need   int
	Of     int
	House  string
	Date   string
	ID     string
	Check  string
	Text   string
	Words  []string
	QR     htmltemplate.URL // the text, as a PNG
}

// qrSize is the side of the picture in dots. The code has at most 45 modules with its
// margin, so each is at least ten wide: sharp on any printer.
const qrSize = 492

// write writes the kit's two files into dir, each once and never over another one. They
// hold the same.
func (p kitPaper) write(dir string, kit keyring.Kit, now time.Time) ([]string, error) {
	sheets, err := p.sheets(kit.Pages(), now)
	if err != nil {
		return nil, err
	}
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		return nil, err
	}
	var html, text bytes.Buffer
	words := cat.For(p.lang)
	if err := kitHTML(words).Execute(&html, printed{words.Lang, sheets}); err != nil {
		return nil, fmt.Errorf("the recovery kit: %w", err)
	}
	if err := kitPlain(words).Execute(&text, printed{words.Lang, sheets}); err != nil {
		return nil, fmt.Errorf("the recovery kit: %w", err)
	}
	var paths []string
	for _, f := range []struct {
		name    string
		content []byte
	}{{kitPrint, html.Bytes()}, {kitText, text.Bytes()}} {
		path := filepath.Join(dir, f.name)
		if err := keyring.WriteKit(path, f.content); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// printed is what the templates are given.
type printed struct {
	Lang   string
	Sheets []sheet
}

func kitHTML(words locale.Printer) *htmltemplate.Template {
	return htmltemplate.Must(htmltemplate.New("kit.html").Funcs(htmltemplate.FuncMap{"t": words.T, "next": next}).ParseFS(embed.Kit, "kit/kit.html"))
}

func kitPlain(words locale.Printer) *texttemplate.Template {
	return texttemplate.Must(texttemplate.New("kit.txt").Funcs(texttemplate.FuncMap{"t": words.T, "next": next, "wrap": wrap}).ParseFS(embed.Kit, "kit/kit.txt"))
}

func next(i int) int { return i + 1 }

// wrap breaks a sentence into lines for a page of plain text.
func wrap(s string) string {
	const width = 78
	var b bytes.Buffer
	at := 0
	for i, w := range bytes.Fields([]byte(s)) {
		n := len([]rune(string(w)))
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.Write(w)
		at += n
	}
	return b.String()
}

func (p kitPaper) sheets(pages []keyring.Page, now time.Time) (list []sheet, err error) {
	if p.zone != nil {
		now = now.In(p.zone)
	}
	for _, page := range pages {
		s := sheet{
			House: p.house, Date: now.Format(time.DateOnly), ID: page.Installation.String(), Check: page.Check(),
			Number: page.Number, Need: page.Sharing.Need, Of: page.Sharing.Of,
		}
		switch page.Kind {
		case keyring.PageBackup:
			s.Kind = "b"
		case keyring.PageApp:
			s.Kind = "k"
		case keyring.PageShare:
			if s.Kind = "r"; page.Sharing == keyring.Whole {
				s.Kind = "w"
			}
		}
		if s.Text, err = page.Text(); err != nil {
			return nil, err
		}
		s.Words = page.Words()
		// Medium mends 15 % of what a fold or a stain has made unreadable.
		png, err := qrcode.Encode(s.Text, qrcode.Medium, qrSize)
		if err != nil {
			return nil, fmt.Errorf("the recovery kit: %w", err)
		}
		s.QR = htmltemplate.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png))
		list = append(list, s)
	}
	return list, nil
}
