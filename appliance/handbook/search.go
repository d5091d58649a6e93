package handbook

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a search. A question is cut at the first, in characters, and at so many words;
// what is said of each hit is about so many characters of the chapter.
const (
	MaxQuery = 100
	maxWords = 8
	excerpt  = 180
)

// What a word weighs in a title, against one in the text, of which so many are counted: a
// common word said often must not outweigh a rare one.
const (
	inTitle  = 20
	maxCount = 5
)

// Hit is a chapter that has all words, with a piece of what it says.
type Hit struct {
	*Chapter
	Excerpt []Piece
}

// Piece is a stretch of an excerpt; Found if it is a word that was looked for.
type Piece struct {
	Text  string
	Found bool
}

// Find returns the chapters that have every word of a question, best first. A word is worth
// more in a title, in the book that is the reader's own ("" for none), and the fewer chapters
// have it. It is found within a longer one too,
// since Swedish writes them together, and without its dots and rings; capitals are as small
// letters.
func (e *Edition) Find(question, own string) (hits []Hit) {
	words := wordsOf(question)
	if len(words) == 0 {
		return nil
	}
	worth := make([][]int, len(e.Chapters)) // of each chapter by each word
	said := make([][]rune, len(e.Chapters)) // what it says, folded: strangers search, too, and each search costs this once
	having := make([]int, len(words))       // how many chapters have it
	for i, c := range e.Chapters {
		title := fold(c.Title)
		said[i] = fold(c.text)
		for j, w := range words {
			n := count(said[i], w) + min(count(title, w), 1)*inTitle
			if worth[i] = append(worth[i], n); n > 0 {
				having[j]++
			}
		}
	}
	scores := map[*Chapter]int{}
	for i, c := range e.Chapters {
		if slices.Contains(worth[i], 0) {
			continue
		}
		for j, n := range worth[i] {
			scores[c] += 1000 * n / having[j]
		}
		if c.Book == own {
			scores[c] *= 2
		}
		hits = append(hits, Hit{c, around([]rune(c.text), said[i], words)})
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return scores[b.Chapter] - scores[a.Chapter] })
	return hits
}

func wordsOf(question string) (words [][]rune) {
	q := []rune(norm.NFC.String(strings.ToValidUTF8(question, " ")))
	for _, w := range strings.Fields(string(q[:min(len(q), MaxQuery)])) {
		if len(words) < maxWords {
			words = append(words, fold(w))
		}
	}
	return words
}

// fold returns a text for comparing, a rune for each of its runes.
func fold(s string) []rune {
	out := []rune(s)
	var b [utf8.UTFMax]byte
	for i, r := range out {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				out[i] += 'a' - 'A'
			}
			continue
		}
		if apart := norm.NFD.Properties(utf8.AppendRune(b[:0], r)).Decomposition(); apart != nil {
			r, _ = utf8.DecodeRune(apart)
		}
		out[i] = unicode.ToLower(r)
	}
	return out
}

// index returns where a word first stands in a text, and how many runes it takes there; n is 0
// if it does not. Who types "smset" means "sms:et": a colon within a word is passed over.
func index(s, word []rune) (at, n int) {
	for at = range s {
		if s[at] != word[0] {
			continue
		}
		if n = begins(s[at:], word); n > 0 {
			return at, n
		}
	}
	return 0, 0
}

func begins(s, word []rune) int {
	found := 0
	for i, r := range s {
		switch {
		case r == word[found]:
			if found++; found == len(word) {
				return i + 1
			}
		case r != ':' || found == 0:
			return 0
		}
	}
	return 0
}

// count is how often a word stands in a text; no more than maxCount are counted.
func count(s, word []rune) (times int) {
	for times < maxCount {
		at, n := index(s, word)
		if n == 0 {
			break
		}
		times, s = times+1, s[at+n:]
	}
	return times
}

// around returns the stretch of a text in which the first of the words stands, whole words
// only, with all of them marked. Where none does, it is how the text begins.
func around(text, folded []rune, words [][]rune) (list []Piece) {
	first := len(folded)
	for _, w := range words {
		if at, n := index(folded, w); n > 0 {
			first = min(first, at)
		}
	}
	if first == len(folded) {
		first = 0
	}
	from, to := max(0, first-excerpt/3), min(len(text), first+2*excerpt/3)
	for from > 0 && from < first && text[from-1] != ' ' {
		from++
	}
	for to < len(text) && text[to] != ' ' {
		to++
	}
	say := func(s string, found bool) {
		if s != "" {
			list = append(list, Piece{s, found})
		}
	}
	lead := ""
	if from > 0 {
		lead = "… "
	}
	at := from
	for at < to {
		i, n := next(folded[at:to], words)
		if n == 0 {
			break
		}
		say(lead+string(text[at:at+i]), false)
		say(string(text[at+i:at+i+n]), true)
		lead, at = "", at+i+n
	}
	rest := lead + string(text[at:to])
	if to < len(text) {
		rest += " …"
	}
	say(rest, false)
	return list
}

// next returns where the first of some words stands, and how long it is; the longest of
// those that begin there.
func next(s []rune, words [][]rune) (at, n int) {
	for _, w := range words {
		if i, long := index(s, w); long > 0 && (n == 0 || i < at || i == at && long > n) {
			at, n = i, long
		}
	}
	return at, n
}
