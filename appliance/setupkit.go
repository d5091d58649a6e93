package appliance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"strings"

	"sigill/appliance/door/wizard"
	"sigill/appliance/keyring"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/embed"
)

// kitWords is how many words of each sheet are typed back to show that it was printed.
const kitWords = 2

// kitPages reads the kit that the first start has written; none if its files were taken away.
func (s *setup) kitPages() ([]keyring.Page, error) {
	path := filepath.Join(s.a.c.Keys, kitText)
	if !exists(path) {
		return nil, nil
	}
	pages, err := ReadPages([]string{path})
	if err != nil {
		return nil, err
	}
	for i := range pages {
		if pages[i].Kind == keyring.PageIdentity { // its line, which stock age reads, says no more
			pages[i].Kind = keyring.PageBackup
		}
		pages[i].Installation = s.a.founding.id
	}
	return pages, nil
}

// Kit returns the sheets of the recovery kit that are still on this machine, each with the
// words that are to be typed back. Always the same ones: who asks again learns no more.
func (s *setup) Kit(ctx context.Context) (k wizard.Kit, err error) {
	at, err := s.a.Practised(ctx)
	if err != nil {
		return k, err
	}
	k.Practised = !at.IsZero()
	k.Need = max(s.a.founding.sharing.Need, 1)
	pages, err := s.kitPages()
	for _, p := range pages {
		k.Sheets = append(k.Sheets, wizard.Sheet{Page: pageNumber(p), Share: p.Number, Of: p.Sharing.Of, Words: asked(p)})
	}
	return k, err
}

func pageNumber(p keyring.Page) int {
	switch p.Kind {
	case keyring.PageBackup:
		return 1
	case keyring.PageApp:
		return 2
	}
	return 3
}

// asked are the numbers of the words of a page that are typed back, from 1.
func asked(p keyring.Page) [kitWords]int {
	sum := sha256.Sum256([]byte(p.Check()))
	first := int(sum[0]) % 12
	return [kitWords]int{first + 1, 12 + int(sum[1])%12 + 1}
}

// PrintKit returns the kit's sheets as a page to be printed, with what the house is called by
// now.
func (s *setup) PrintKit(lang string) (string, error) {
	pages, err := s.kitPages()
	if err != nil {
		return "", err
	}
	if len(pages) == 0 {
		return "", mail.E(mail.Absent, "error.absent", nil)
	}
	paper := s.a.c.kitPaper()
	sheets, err := paper.sheets(pages, s.a.c.Clock.Now())
	if err != nil {
		return "", err
	}
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		return "", err
	}
	words := cat.For(lang)
	var b bytes.Buffer
	err = kitHTML(words).Execute(&b, printed{words.Lang, sheets})
	return b.String(), err
}

// ProveKit holds the words that were typed back against the sheets. It returns the place of
// the first sheet that is not right, or -1.
func (s *setup) ProveKit(typed [][]string) (wrong int, err error) {
	pages, err := s.kitPages()
	if err != nil {
		return 0, err
	}
	if len(pages) == 0 || len(typed) != len(pages) {
		return 0, mail.E(mail.Absent, "error.absent", nil)
	}
	for i, p := range pages {
		words := p.Words()
		for j, n := range asked(p) {
			got, err := keyring.CheckWords(typed[i][j])
			if err != nil || len(got) != 1 || got[0] != words[n-1] {
				return i, nil
			}
		}
	}
	return -1, nil
}

// PractiseKit holds whole pages, line by line, against what the installation knows, as `sigill
// recover practise` does. When all that are needed are good the kit's files are erased: it is
// on paper. The error for people is Invalid; its words are keyring's.
func (s *setup) PractiseKit(ctx context.Context, by mail.Actor, lines []string) error {
	var pages []keyring.Page
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			continue
		}
		p, err := keyring.ParsePage(l)
		if err != nil {
			return mail.E(mail.Invalid, "error.setup.page", err)
		}
		pages = append(pages, p)
	}
	f := s.a.founding
	shown, err := f.app.Known(f.sharing, f.backup, f.recovery).Practise(pages)
	switch {
	case errors.Is(err, keyring.ErrTooFew), err == nil && !shown.Whole():
		return mail.E(mail.Invalid, "error.setup.pages", err)
	case err != nil:
		return mail.E(mail.Invalid, "error.setup.page", err)
	}
	if _, err := s.a.practised(ctx, toKnow{s.a.c.Data}); err != nil {
		return err
	}
	if err := eraseKit(s.a.c.Keys); err != nil {
		return err
	}
	return s.Mark(ctx, by, wizard.KitStep, wizard.Done)
}
