package appliance

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"sigill/appliance/keyring"
)

// Practise asks for the pages of the kit until every one that is needed was shown, and
// holds them against what the installation knows. Nobody's data is touched. It is an error
// if pages are missing in the end.
func (t *Typist) Practise(k keyring.Known, have []keyring.Page) error {
	if len(have) > 0 {
		if _, err := k.Practise(have); err != nil && !errors.Is(err, keyring.ErrTooFew) {
			return err
		}
	}
	for wrong := 0; ; {
		shown, err := k.Practise(have)
		if err == nil && shown.Whole() {
			return nil
		}
		t.sayShown(shown, k, have)
		p, err := t.page(k)
		if errors.Is(err, errEnd) {
			return missing(shown, k, have)
		}
		if err == nil {
			err = fits(k, have, p)
		}
		if err != nil {
			if wrong++; wrong == mistakes {
				return err
			}
			fmt.Fprintf(t.out, "That is not right: %v.\n", err)
			continue
		}
		wrong, have = 0, append(have, p)
	}
}

// fits is an error if a page is wrong by itself, or beside the others.
func fits(k keyring.Known, have []keyring.Page, p keyring.Page) error {
	for _, other := range have {
		if p.Kind == keyring.PageShare && other.Kind == p.Kind && other.Number == p.Number {
			return fmt.Errorf("share %d was shown already", p.Number)
		}
	}
	if p.Kind == keyring.PageShare && p.Sharing != k.Sharing {
		return fmt.Errorf("this is a share of %s; this installation's are of %s", p.Sharing, k.Sharing)
	}
	all := append(append([]keyring.Page{}, have...), p)
	if _, err := k.Practise(all); err != nil && !errors.Is(err, keyring.ErrTooFew) {
		return err
	}
	return nil
}

func (t *Typist) sayShown(s keyring.Shown, k keyring.Known, have []keyring.Page) {
	word := func(ok bool) string {
		if ok {
			return "good"
		}
		return "not shown yet"
	}
	three := word(s.Recovery)
	if n := shares(have); n > 0 && !s.Recovery {
		three = fmt.Sprintf("%d of the %d shares that are needed", n, k.Sharing.Need)
	}
	fmt.Fprintf(t.out, "Page 1: %s. Page 2: %s. Page 3: %s.\n", word(s.Backup), word(s.App), three)
}

func missing(s keyring.Shown, k keyring.Known, have []keyring.Page) error {
	var list []string
	if !s.Backup {
		list = append(list, "page 1")
	}
	if !s.App {
		list = append(list, "page 2")
	}
	if !s.Recovery {
		list = append(list, fmt.Sprintf("page 3 (%d of %d shares)", shares(have), max(k.Sharing.Need, 1)))
	}
	return fmt.Errorf("not shown: %s; the practice is not written down", strings.Join(list, ", "))
}

// page asks for any page.
func (t *Typist) page(k keyring.Known) (keyring.Page, error) {
	fmt.Fprintln(t.out, "Type the line of a page, or its 24 words.")
	typed, err := t.typed()
	if err != nil || !isWords(typed) {
		return parsed(typed, err)
	}
	inst, err := hex.DecodeString(k.Installation)
	if err != nil || len(inst) != keyring.InstallationSize {
		return keyring.Page{}, errors.New("the installation has no name")
	}
	p := keyring.Page{Installation: keyring.Installation(inst), Sharing: k.Sharing}
	which, err := t.line("Which page is it, 1, 2 or 3? ")
	if err != nil {
		return keyring.Page{}, err
	}
	switch which {
	case "1":
		p.Kind, p.Sharing = keyring.PageBackup, keyring.Sharing{}
	case "2":
		p.Kind, p.Sharing = keyring.PageApp, keyring.Sharing{}
	case "3":
		p.Kind = keyring.PageShare
	default:
		return keyring.Page{}, errors.New("the kit has the pages 1, 2 and 3")
	}
	return t.words(typed, p)
}
