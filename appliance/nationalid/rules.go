package nationalid

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// swedish reports whether ten or twelve digits are a personnummer or a samordningsnummer.
func swedish(d string) bool {
	year := -1
	if len(d) == 12 {
		if year = number(d[:4]); year < 1840 || year > 2099 {
			return false
		}
		d = d[2:]
	}
	day := number(d[4:6])
	if day > 60 {
		day -= 60
	}
	if year < 0 {
		return dayOfSome(number(d[:2]), number(d[2:4]), day) && luhn(d)
	}
	return dayOf(year, number(d[2:4]), day) && luhn(d)
}

// danish reports whether ten digits begin with a day.
func danish(d string) bool { return dayOfSome(number(d[4:6]), number(d[2:4]), number(d[:2])) }

// modulus11 reports whether ten digits have the check digit of CPR numbers.
func modulus11(d string) bool { return weighed(d, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) == 0 }

// norwegian reports whether eleven digits are a fødselsnummer or a D-number.
func norwegian(d string) bool {
	day := number(d[:2])
	if day > 40 {
		day -= 40
	}
	return dayOfSome(number(d[4:6]), number(d[2:4]), day) &&
		weighed(d[:10], 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) == 0 &&
		weighed(d, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1) == 0
}

// finnishChecks are the check characters by the remainder of 31.
const finnishChecks = "0123456789ABCDEFHJKLMNPRSTUVWXY"

// finnish reports whether six digits, a sign and what follows are a henkilötunnus.
func finnish(d string, sign rune, rest string) bool {
	century := 0
	switch sign = unicode.ToUpper(sign); {
	case sign == '+':
		century = 1800
	case hyphen(sign) || strings.ContainsRune("YXWVU", sign):
		century = 1900
	case strings.ContainsRune("ABCDEF", sign):
		century = 2000
	default:
		return false
	}
	if len(rest) < 4 || digitsEnd(rest[:3], 0) != 3 || !ends(rest[4:]) {
		return false
	}
	serial := number(rest[:3])
	if serial < 2 || !dayOf(century+number(d[4:6]), number(d[2:4]), number(d[:2])) {
		return false
	}
	check, _ := utf8.DecodeRuneInString(rest[3:])
	return unicode.ToUpper(check) == rune(finnishChecks[(number(d)*1000+serial)%31])
}

// luhn reports whether the last digit checks those before it.
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// weighed is the remainder of 11 of digits that count so much each.
func weighed(d string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += w * int(d[i]-'0')
	}
	return sum % 11
}

// number is what digits stand for; they are nine at most.
func number(d string) int {
	n := 0
	for i := range len(d) {
		n = 10*n + int(d[i]-'0')
	}
	return n
}

// dayOf reports whether there is such a day.
func dayOf(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days++
	}
	return day <= days
}

// dayOfSome reports whether there is such a day in a year that ends in those two digits.
// Which century it is would need more of the number than is sure: 2000 had a 29 February.
func dayOfSome(year, month, day int) bool { return dayOf(2000+year, month, day) }
