package trap

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
)

// maxParts is how many parts of a mail are looked at.
const maxParts = 50

// parse reads what the page shows of a mail. What cannot be read is left empty;
// the raw mail is there in any case.
func parse(raw []byte) Message {
	m := Message{Kind: "email", Raw: string(raw)}
	r, err := gomail.CreateReader(bytes.NewReader(raw))
	if r == nil || err != nil && !message.IsUnknownCharset(err) {
		return m
	}
	m.Subject, _ = r.Header.Subject()
	if from, err := r.Header.AddressList("From"); err == nil && len(from) > 0 {
		m.From = from[0].Address
		if from[0].Name != "" {
			m.From = from[0].Name + " <" + from[0].Address + ">"
		}
	}
	for range maxParts {
		p, err := r.NextPart()
		if err != nil && !message.IsUnknownCharset(err) || p == nil {
			break // the end, or broken: then what was read so far is shown
		}
		h, ok := p.Header.(*gomail.InlineHeader)
		if !ok {
			continue
		}
		media, _, _ := h.ContentType()
		body, err := io.ReadAll(p.Body)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			continue
		}
		text := strings.ToValidUTF8(strings.ReplaceAll(string(body), "\r\n", "\n"), "\uFFFD")
		switch {
		case media == "text/plain" && m.Text == "":
			m.Text = text
		case media == "text/html" && m.HTML == "":
			m.HTML = text
		}
	}
	return m
}
