package intake

import "strings"

// unflow puts the lines of format=flowed together again (RFC 3676, 4). Lines are
// separated by LF. delsp says that the blank at a line's end was added.
func unflow(s string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(s))
	depth, open := 0, false // open: the last line wants to go on
	for i, l := range strings.Split(s, "\n") {
		d := len(l) - len(strings.TrimLeft(l, ">"))
		l = strings.TrimPrefix(l[d:], " ") // space-stuffing, 4.4
		signature := l == "-- "
		switch {
		case open && d == depth && !signature:
		case i == 0:
			writeQuote(&out, d)
		default:
			out.WriteByte('\n')
			writeQuote(&out, d)
		}
		depth, open = d, strings.HasSuffix(l, " ") && !signature
		if open && delsp {
			l = l[:len(l)-1]
		}
		out.WriteString(l)
	}
	return out.String()
}

func writeQuote(out *strings.Builder, depth int) {
	if depth > 0 {
		out.WriteString(strings.Repeat(">", min(depth, 20)) + " ")
	}
}
