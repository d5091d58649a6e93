package spool

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"sigill/appliance/mail"
)

// Class says by which right a mail came in.
type Class string

// The classes.
const (
	House Class = "house" // from a proven sender of the house
	Peer  Class = "peer"  // handed in by a gateway
)

// Mail is one as it came, with what the door knows of it. It prints as [mail].
type Mail struct {
	Class Class        `json:"class"`
	From  mail.Address `json:"from"`
	Rcpts []string     `json:"rcpts"` // as given at RCPT TO
	Raw   []byte       `json:"-"`
}

// Format keeps people out of logs and errors, whatever the verb.
func (Mail) Format(f fmt.State, _ rune) { io.WriteString(f, "[mail]") }

// LogValue keeps people out of slog.
func (Mail) LogValue() slog.Value { return slog.StringValue("[mail]") }

const (
	mark = "sigill/spool/1\n"
	// maxEnvelope bounds the line of who and to whom, in bytes: 500 recipients as long as a
	// command, each byte of which JSON may write in six.
	maxEnvelope = 8 << 20
)

// errForm says nothing of what was read.
var errForm = errors.New("this is no mail of the spool")

func (m Mail) encode(w io.Writer) error {
	type plain Mail
	b, err := json.Marshal(plain(m))
	if err != nil {
		return err
	}
	for _, piece := range [][]byte{[]byte(mark), b, {'\n'}, m.Raw} {
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

// decode reads what encode wrote; size is more than it can be, in bytes.
func decode(r io.Reader, size int64) (m Mail, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head := make([]byte, len(mark))
	if _, err := io.ReadFull(in, head); err != nil || string(head) != mark {
		return m, errForm
	}
	line, err := readLine(in)
	if err != nil {
		return m, err
	}
	if json.Unmarshal(line, &m) != nil || m.Class != House && m.Class != Peer || len(m.Rcpts) == 0 {
		return m, errForm
	}
	raw := bytes.NewBuffer(make([]byte, 0, size))
	if _, err := io.Copy(raw, io.LimitReader(in, size)); err != nil {
		return m, errForm // a file that was cut, or of which a bit has turned
	}
	m.Raw = raw.Bytes()
	return m, nil
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		if len(line)+len(piece) > maxEnvelope {
			return nil, errForm
		}
		line = append(line, piece...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, errForm
		}
	}
}
