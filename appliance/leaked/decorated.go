package leaked

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sigill/embed"
)

const (
	minWord     = 4 // characters; the lists have none shorter
	maxOrnament = 3 // numbers and signs around a word
	maxNumber   = 4 // digits of any number, such as a year
	maxSigns    = 2 // of any kind
)

// isDecorated reports whether a password in lower case is one known word with what people
// put around it because they were told to.
func isDecorated(low string) bool {
	begin := strings.IndexFunc(low, isLetter)
	if begin < 0 {
		return false
	}
	end := strings.LastIndexFunc(low, isLetter)
	_, n := utf8.DecodeRuneInString(low[end:])
	end += n
	before, ok := ornaments(low[:begin])
	if !ok {
		return false
	}
	behind, ok := ornaments(low[end:])
	return ok && before+behind <= maxOrnament && isWord(low[begin:end])
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// isWord reports whether s is a known word, or one said twice.
func isWord(s string) bool {
	if utf8.RuneCountInString(s) < minWord {
		return false
	}
	if half := s[:len(s)/2]; half+half == s && utf8.RuneCountInString(half) >= minWord && isWord(half) {
		return true
	}
	return has(embed.LeakedWords, s) || has(embed.SwedishWords, s)
}

// ornaments counts the numbers and the groups of signs in what stands at one end of a
// word. It is not ok if one of them is more than an ornament.
func ornaments(s string) (count int, ok bool) {
	runes := []rune(s)
	for len(runes) > 0 {
		digits, n := unicode.IsDigit(runes[0]), 1
		for n < len(runes) && unicode.IsDigit(runes[n]) == digits {
			n++
		}
		group := runes[:n]
		if digits && n > maxNumber && !isRow(group) && !repeats(group, maxNumber) || !digits && n > maxSigns && !repeats(group, 1) {
			return 0, false
		}
		count, runes = count+1, runes[n:]
	}
	return count, true
}

// isRow reports whether digits follow each other up or down, as on a keyboard.
func isRow(digits []rune) bool {
	step := digits[1] - digits[0]
	for i := 1; i < len(digits); i++ {
		// Behind 9 stands 0, and before it.
		if d := digits[i] - digits[i-1]; d != step && d+9*step != 0 {
			return false
		}
	}
	return step == 1 || step == -1
}

// repeats reports whether all are a piece of at most n characters, said over and over.
func repeats(all []rune, n int) bool {
	for piece := 1; piece <= n; piece++ {
		same := true
		for i := piece; i < len(all) && same; i++ {
			same = all[i] == all[i-piece]
		}
		if same {
			return true
		}
	}
	return false
}
