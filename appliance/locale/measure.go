package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date returns the day of t: "3 maj", with the year if it is not now's.
func (p Printer) Date(t, now time.Time) string {
	t, now = t.In(p.zone), now.In(p.zone)
	month := p.T(fmt.Sprintf("date.month.%02d", int(t.Month())))
	if t.Year() == now.Year() {
		return p.T("date.day", "Day", t.Day(), "Month", month)
	}
	return p.T("date.dayyear", "Day", t.Day(), "Month", month, "Year", t.Year())
}

// Moment returns day and time of t: "26 april 10:14".
func (p Printer) Moment(t, now time.Time) string {
	return p.T("date.moment", "Date", p.Date(t, now), "Clock", p.Clock(t))
}

// Clock returns the time of day of t: "10:14".
func (p Printer) Clock(t time.Time) string {
	local := t.In(p.zone)
	return p.T("date.clock", "Hour", fmt.Sprintf("%02d", local.Hour()), "Minute", fmt.Sprintf("%02d", local.Minute()))
}

// Stamp returns t in RFC 3339 and in the printer's zone, for the datetime
// attribute of HTML.
func (p Printer) Stamp(t time.Time) string { return t.In(p.zone).Format(time.RFC3339) }

// Size returns a number of bytes as people read it: "182 kB", "1,4 MB". Units
// are powers of ten, as phones and mail programs show them.
func (p Printer) Size(bytes int64) string {
	if bytes < 1000 {
		return p.N("size.bytes", int(max(bytes, 0)))
	}
	value, unit := float64(bytes)/1e3, "size.kb"
	switch {
	case bytes >= 999_950_000:
		value, unit = float64(bytes)/1e9, "size.gb"
	case bytes >= 999_500:
		value, unit = float64(bytes)/1e6, "size.mb"
	}
	digits := 0
	if unit != "size.kb" && value < 99.95 {
		digits = 1
	}
	text := strconv.FormatFloat(value, 'f', digits, 64)
	text = strings.TrimSuffix(text, ".0")
	return p.T(unit, "Number", strings.Replace(text, ".", p.T("size.decimal"), 1))
}

// Whole returns a whole number, an int or int64, as people read it: from ten thousand on in
// groups of three digits, "12 000".
func (p Printer) Whole(n any) string { return p.group(fmt.Sprint(n)) }

// group parts the digits of a whole number.
func (p Printer) group(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if len(digits) < 5 {
		return sign + digits
	}
	first := (len(digits)-1)%3 + 1
	text := digits[:first]
	for i := first; i < len(digits); i += 3 {
		text = p.T("number.group", "More", text, "Three", digits[i:i+3])
	}
	return sign + text
}

// Money returns an amount of a currency as people read it, to the hundredth: "12,34 SEK", "12 345,67 SEK".
// It is given in millionths.
func (p Printer) Money(millionths int64, currency string) string {
	whole, rest, _ := strings.Cut(p.Amount(millionths, 2), p.T("size.decimal"))
	return p.T("money.amount", "Number", p.group(whole)+p.T("size.decimal")+rest, "Currency", currency)
}

// Amount returns a number that is given in millionths, with so many decimals, at most six:
// "12,34". It is rounded, halves away from zero.
func (p Printer) Amount(millionths int64, decimals int) string {
	unit := int64(1)
	for range 6 - decimals {
		unit *= 10
	}
	n, sign := millionths, ""
	if n < 0 {
		n, sign = -n, "-"
	}
	n = (n + unit/2) / unit
	scale := 1_000_000 / unit
	if scale == 1 {
		return sign + strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s%d%s%0*d", sign, n/scale, p.T("size.decimal"), decimals, n%scale)
}
