package web

import "errors"

var errChunk = errors.New("chunked body is not as RFC 9112, 7.1 has it")

// chunks follows a chunked body byte by byte and lets only one way of writing it
// pass: size in 1 to 15 hex digits, CRLF, data, CRLF, and at the end "0", CRLF,
// CRLF. It changes nothing; it only says where the body ends.
//
// No extension and no trailer is taken. Neither has a use here, no browser sends
// them, and nearly every disagreement on chunks between two servers sat there.
// RFC 9112, 7.1.1 leaves the tolerated length of extensions to the server: ours
// is 0.
type chunks struct {
	state  chunkState
	size   int64 // what is left of this chunk's data
	digits int
}

type chunkState uint8

const (
	chunkSize chunkState = iota
	chunkSizeLF
	chunkData
	chunkDataCR
	chunkDataLF
	chunkLastCR
	chunkLastLF
	chunkDone
)

// feed follows b and returns how many bytes of it belong to the body.
func (c *chunks) feed(b []byte) (int, error) {
	for i := 0; i < len(b); {
		if c.state == chunkDone {
			return i, nil
		}
		if c.state == chunkData {
			n := min(c.size, int64(len(b)-i))
			c.size -= n
			i += int(n)
			if c.size == 0 {
				c.state = chunkDataCR
			}
			continue
		}
		if !c.step(b[i]) {
			return i, errChunk
		}
		i++
	}
	return len(b), nil
}

// step takes one byte of framing.
func (c *chunks) step(x byte) bool {
	switch c.state {
	case chunkSize:
		if v, ok := hexDigit(x); ok {
			c.size = c.size<<4 | int64(v)
			c.digits++
			return c.digits <= 15 // 60 bits: it cannot overflow
		}
		c.state = chunkSizeLF
		return x == '\r' && c.digits > 0
	case chunkSizeLF:
		c.state, c.digits = chunkData, 0
		if c.size == 0 {
			c.state = chunkLastCR
		}
		return x == '\n'
	case chunkDataCR:
		c.state = chunkDataLF
		return x == '\r'
	case chunkDataLF:
		c.state = chunkSize
		return x == '\n'
	case chunkLastCR:
		c.state = chunkLastLF
		return x == '\r'
	case chunkLastLF:
		c.state = chunkDone
		return x == '\n'
	}
	return false
}

func hexDigit(x byte) (byte, bool) {
	switch {
	case '0' <= x && x <= '9':
		return x - '0', true
	case 'a' <= x && x <= 'f':
		return x - 'a' + 10, true
	case 'A' <= x && x <= 'F':
		return x - 'A' + 10, true
	}
	return 0, false
}
