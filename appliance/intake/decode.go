package intake

import (
	"bytes"
	"encoding/base64"
)

// decode undoes a leaf's Content-Transfer-Encoding (RFC 2045, 6). The result may
// share memory with body. chars is how long the lines of base64 are, if encoding the
// data again gives body, byte for byte; else 0. ok is false if the encoding is
// unknown, or the body is so far from its encoding that undoing it would lose content:
// it is then returned as it came.
func decode(body []byte, encoding string, f *faults) (data []byte, chars int, ok bool) {
	switch encoding {
	case "", "7bit", "8bit", "binary":
		return body, 0, true
	case "base64":
		return fromBase64(body, f)
	case "quoted-printable":
		return fromQuotedPrintable(body, f), 0, true
	}
	f.add(FaultPart)
	return body, 0, false
}

// strict does not take bits behind the end, which would come out as zeros when they
// are encoded again.
var strict = base64.StdEncoding.Strict()

// fromBase64 decodes line by line, which is what all mail programs write and
// what encoding/base64 does fastest; anything else goes to the slow way.
func fromBase64(body []byte, f *faults) (data []byte, chars int, ok bool) {
	dst := make([]byte, base64.StdEncoding.DecodedLen(len(body))+4)
	n := 0
	chars = -1 // not known yet
	for rest := body; len(rest) > 0; {
		line, end := rest, 0
		if i := lineEnd(rest, chars); i >= 0 {
			line, rest, end = rest[:i], rest[i+1:], 1
		} else {
			rest = nil
		}
		if len(line) > 0 && line[len(line)-1] == '\r' {
			line, end = line[:len(line)-1], end+1
		}
		m, err := strict.Decode(dst[n:], line)
		// A line that ends with padding must be the last one with content.
		if err != nil || len(line)%4 != 0 || m%3 != 0 && len(bytes.TrimSpace(rest)) > 0 {
			data, ok = fromDamagedBase64(body, dst[:0], f)
			return data, 0, ok
		}
		n += m
		chars = regular(chars, len(line), end, rest)
		if m != len(line)/4*3-padding(line) {
			chars = 0 // a line's end within it, which the decoder passes over
		}
	}
	return dst[:n], max(chars, 0), true
}

func padding(line []byte) int { return len(line) - len(bytes.TrimRight(line, "=")) }

// lineEnd finds the next line's LF. It looks first where that stands if the line has
// so many characters, as all before it.
func lineEnd(rest []byte, chars int) int {
	if chars > 0 && len(rest) > chars+1 && rest[chars] == '\r' && rest[chars+1] == '\n' {
		return chars + 1
	}
	return bytes.IndexByte(rest, '\n')
}

// regular holds a line against those before it, and returns how long all are: 0 once
// one is not. Only the last may be shorter; what stands behind it is no content.
func regular(chars, line, end int, rest []byte) int {
	last := end < 2 || len(rest) == 0 || rest[0] == '\r' || rest[0] == '\n'
	switch {
	case chars < 0 && line > 0:
		chars = line
	case chars < 0:
		return 0
	case line == 0:
		return chars // behind the last
	case line > chars || line < chars && !last:
		return 0
	}
	if last && len(bytes.TrimSpace(rest)) > 0 {
		return 0
	}
	return chars
}

// fromDamagedBase64 takes what is of the alphabet and leaves the rest, as RFC
// 2045, 6.8 wants it. dst has room for all.
func fromDamagedBase64(body, dst []byte, f *faults) ([]byte, bool) {
	var acc uint32
	bits, strange, padded := 0, 0, false
	for _, c := range body {
		v := base64Value(c)
		switch {
		case v >= 0:
			if padded { // more behind the padding: two encodings in a row
				f.add(FaultEncoding)
				acc, bits, padded = 0, 0, false
			}
			acc = acc<<6 | uint32(v)
			if bits += 6; bits >= 8 {
				bits -= 8
				dst = append(dst, byte(acc>>bits))
			}
		case c == '=':
			padded = true
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			strange++
		}
	}
	if strange > 0 || bits >= 6 {
		f.add(FaultEncoding)
	}
	if strange > 8 && strange > len(body)/16 {
		f.add(FaultPart)
		return body, false
	}
	return dst, true
}

func base64Value(c byte) int {
	switch {
	case 'A' <= c && c <= 'Z':
		return int(c - 'A')
	case 'a' <= c && c <= 'z':
		return int(c-'a') + 26
	case '0' <= c && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

// fromQuotedPrintable decodes RFC 2045, 6.7. What is no escape stays as it is.
func fromQuotedPrintable(body []byte, f *faults) []byte {
	dst := make([]byte, 0, len(body))
	for rest := body; len(rest) > 0; {
		line, end := rest, []byte(nil)
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, end, rest = bytes.TrimSuffix(rest[:i], []byte{'\r'}), crlf, rest[i+1:]
		} else {
			rest = nil
		}
		line = bytes.TrimRight(line, " \t") // 6.7 (3): blanks at the end came on the way
		if soft, ok := bytes.CutSuffix(line, []byte{'='}); ok {
			line, end = soft, nil
		}
		for {
			i := bytes.IndexByte(line, '=')
			if i < 0 {
				dst = append(dst, line...)
				break
			}
			dst = append(dst, line[:i]...)
			if i+2 < len(line) {
				if hi, lo := unhex(line[i+1]), unhex(line[i+2]); hi >= 0 && lo >= 0 {
					dst = append(dst, byte(hi<<4|lo))
					line = line[i+3:]
					continue
				}
			}
			f.add(FaultEncoding)
			dst = append(dst, '=')
			line = line[i+1:]
		}
		dst = append(dst, end...)
	}
	return dst
}

var crlf = []byte("\r\n")
