package keyring

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sigill/appliance/seal"
)

// PageKind says what a page of the kit holds.
type PageKind byte

// The kinds; the letters stand in the writing of a page.
const (
	PageBackup   PageKind = 'B'
	PageApp      PageKind = 'K'
	PageShare    PageKind = 'R' // one share of R, or all of it as 1 of 1
	PageIdentity PageKind = 'I' // an age identity: B, or R or H of a kit from before there were shares
)

// Page is one sheet of the kit. However it is printed, its secret says [secret]; only
// Text and Words show it.
type Page struct {
	Kind         PageKind
	Installation Installation // zero if the writing does not tell
	Sharing      Sharing      // of a share
	Number       int          // of a share, from 1
	secret       seal.Secret
}

// crockford is the alphabet in which secrets are typed: no I, L, O or U.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const (
	pageMark   = "SIGILL1"
	checkBytes = 5  // 40 bits: a wrong page passes once in 10¹²
	wordCount  = 24 // 256 bits and 8 of checksum
)

// Secret is what the page holds.
func (p Page) Secret() seal.Secret { return p.secret }

// head is what stands before the value: all that is said of it.
func (p Page) head() string {
	s := pageMark + ":" + string(rune(p.Kind)) + ":"
	if p.Kind == PageShare {
		s += p.Sharing.String() + ":" + strconv.Itoa(p.Number) + ":"
	}
	return s + strings.ToUpper(p.Installation.String())
}

// Text writes the page in one line: what is typed, and what the QR code says.
func (p Page) Text() (string, error) {
	keyed(p.secret)
	if p.Kind == PageBackup || p.Kind == PageIdentity {
		return Identity(p.secret) // stock age opens backups with it
	}
	return p.head() + ":" + grouped(crockford.EncodeToString(p.secret.Bytes())) + ":" + p.Check(), nil
}

// Check is the check value: two groups of four characters that fit this value at this
// place of this installation's kit. It is a keyed hash of the value, 40 bits of it, and
// tells nothing of the rest.
func (p Page) Check() string {
	h := seal.Derive(seal.NewContext("check").Text(p.head()), p.secret)
	return grouped(crockford.EncodeToString(h.Bytes()[:checkBytes]))
}

// Words writes the secret in 24 words of BIP-39.
func (p Page) Words() []string {
	keyed(p.secret)
	return wordsOf(p.secret.Bytes())
}

// grouped puts a dash after every four characters.
func grouped(s string) string {
	var g []string
	for len(s) > 4 {
		g, s = append(g, s[:4]), s[4:]
	}
	return strings.Join(append(g, s), "-")
}

// The faults of what was typed. They never quote it.
var (
	errNoPage  = errors.New("this is no page of a recovery kit")
	errDamaged = errors.New("the check value does not fit: something was misread or mistyped")
)

// maxTyped bounds what is looked at, in bytes: a page has less than 300.
const maxTyped = 4096

// ParsePage reads a page's line as people type it: in any case, with blanks anywhere,
// O for 0, I and L for 1. It also takes what kits from before there were shares hold.
func ParsePage(typed string) (Page, error) {
	if len(typed) > maxTyped {
		return Page{}, errNoPage
	}
	s := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	switch {
	case strings.HasPrefix(s, strings.ToUpper(identityPrefix)+"1"):
		seed, err := seedOf(s)
		return Page{Kind: PageIdentity, secret: seed}, err
	case len(s) == 64:
		b, err := hex.DecodeString(s)
		if err != nil {
			return Page{}, errNoPage
		}
		return newPage(Page{Kind: PageApp}, b)
	case strings.HasPrefix(looksAlike(s), looksAlike(pageMark)+":"):
		return parseLine(strings.Split(looksAlike(s), ":"))
	}
	return Page{}, errNoPage
}

func parseLine(f []string) (p Page, err error) {
	switch {
	case len(f) == 5 && f[1] == "K":
		p.Kind, f = PageApp, f[2:]
	case len(f) == 7 && f[1] == "R":
		p.Kind = PageShare
		if p.Sharing, err = ParseSharing(f[2]); err != nil {
			return Page{}, errDamaged
		}
		if p.Number, err = p.Sharing.number(f[3]); err != nil {
			return Page{}, errDamaged
		}
		f = f[4:]
	default:
		return Page{}, errNoPage
	}
	inst, err := hex.DecodeString(f[0])
	if err != nil || len(inst) != InstallationSize {
		return Page{}, errDamaged
	}
	p.Installation = Installation(inst)
	value, err := typed32(f[1], 32)
	if err != nil {
		return Page{}, errDamaged
	}
	return checked(p, value, f[2])
}

// number reads a share's number.
func (s Sharing) number(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > s.Of || strconv.Itoa(n) != text {
		return 0, fmt.Errorf("the shares have the numbers 1 to %d", s.Of)
	}
	return n, nil
}

// ParseWords reads a page of which the words were typed: p says which page it is meant
// to be, and check is the value printed under the words. Numbers before the words and
// commas between them are passed over; the first four letters of a word are enough.
func ParseWords(typed string, p Page, check string) (Page, error) {
	value, err := ReadWords(typed)
	if err != nil {
		return Page{}, err
	}
	return checked(p, value.Bytes(), check)
}

// ReadWords reads 24 words, with their own checksum of 8 bits alone.
func ReadWords(typed string) (seal.Secret, error) {
	if len(typed) > maxTyped {
		return seal.Secret{}, errNoPage
	}
	words, err := CheckWords(typed)
	if err != nil {
		return seal.Secret{}, err
	}
	if len(words) != wordCount {
		return seal.Secret{}, fmt.Errorf("there are %d words in a page, and %d were typed", wordCount, len(words))
	}
	b, err := valueOf(words)
	if err != nil {
		return seal.Secret{}, err
	}
	return seal.SecretOf(b)
}

// CheckWords returns the words that were typed, in full, without numbers, commas and full
// stops; or an error if one of them is not in the list.
func CheckWords(typed string) ([]string, error) {
	words := strings.FieldsFunc(strings.ToLower(typed), func(r rune) bool { return r < 'a' || r > 'z' })
	for i, w := range words {
		full, ok := fullWord(w)
		if !ok {
			return nil, fmt.Errorf("word %d is not in the list of words", i+1)
		}
		words[i] = full
	}
	return words, nil
}

func checked(p Page, value []byte, check string) (Page, error) {
	p, err := newPage(p, value)
	if err != nil {
		return Page{}, err
	}
	got, err := typed32(check, checkBytes)
	if err != nil || grouped(crockford.EncodeToString(got)) != p.Check() {
		return Page{}, errDamaged
	}
	return p, nil
}

func newPage(p Page, value []byte) (Page, error) {
	v, err := seal.SecretOf(value)
	if err != nil || v.IsZero() {
		return Page{}, errNoPage
	}
	p.secret = v
	return p, nil
}

// looksAlike writes a typed line with digits for the letters that look like them.
func looksAlike(s string) string { return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s) }

// typed32 reads n bytes of base32 as people type it. There is one reading of each
// writing: bits that are left over must be zero.
func typed32(s string, n int) ([]byte, error) {
	s = looksAlike(strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(s)))
	b, err := crockford.DecodeString(s)
	if err != nil || len(b) != n || crockford.EncodeToString(b) != s {
		return nil, errDamaged
	}
	return b, nil
}
