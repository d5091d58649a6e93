package intake

import (
	"bytes"
	"fmt"

	"sigill/appliance/mail"
)

// scan looks at every byte once, before anything is parsed. What it refuses is
// what mail servers and mail programs read in different ways, so that one of them can be
// made to see a mail that another did not check: NUL, CR and LF that do not
// stand together (RFC 5321, 2.3.8), and what makes parsers slow.
func scan(raw []byte, lim Limits, f *faults) error {
	if int64(len(raw)) > lim.Bytes {
		return mail.E(mail.TooLarge, "error.toolarge", fmt.Errorf("intake: %d bytes", len(raw))).Tell("limit", size(lim.Bytes))
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return mail.E(mail.Invalid, "error.mail.nul", fmt.Errorf("intake: NUL in the mail"))
	}
	lines, dashes, long := 0, 0, false
	for rest := raw; len(rest) > 0; {
		n := bytes.IndexByte(rest, '\n')
		if rest[0] == '-' && len(rest) > 1 && rest[1] == '-' {
			dashes++
		}
		if n < 0 {
			long = long || len(rest) > maxLine
			break
		}
		if n == 0 || rest[n-1] != '\r' {
			return mail.E(mail.Invalid, "error.mail.lineend", fmt.Errorf("intake: bare LF"))
		}
		long = long || n-1 > maxLine
		lines++
		rest = rest[n+1:]
	}
	// Each LF has its CR; if there are more CR than LF, one stands alone.
	if bytes.Count(raw, []byte{'\r'}) != lines {
		return mail.E(mail.Invalid, "error.mail.lineend", fmt.Errorf("intake: bare CR"))
	}
	if dashes > maxDashes {
		return tooManyParts(lim)
	}
	if long {
		f.add(FaultLine)
	}
	return nil
}

func tooManyParts(lim Limits) error {
	return mail.E(mail.TooLarge, "error.mail.parts", fmt.Errorf("intake: more than %d parts", lim.Parts)).Tell("limit", fmt.Sprint(lim.Parts))
}

func tooDeep(lim Limits) error {
	return mail.E(mail.TooLarge, "error.mail.depth", fmt.Errorf("intake: deeper than %d", lim.Depth)).Tell("limit", fmt.Sprint(lim.Depth))
}

func ambiguous(field string) error {
	return mail.E(mail.Invalid, "error.mail.ambiguous", fmt.Errorf("intake: ambiguous %s", field)).Tell("field", field)
}

// size says a limit as people do: "100 MB".
func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d kB", n>>10)
}
