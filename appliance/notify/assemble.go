package notify

import (
	"bytes"
	"fmt"
	"io"

	"github.com/emersion/go-message"

	"sigill/appliance/mail"
)

// body is what a mail holds behind its header.
type body struct {
	text, html string
	logo       mail.Logo // in the HTML; may be none
	contentID  string    // by which the HTML names it
}

// assemble puts header and parts together: the text, and the same in HTML. A logo stands
// within the mail, beside the HTML (RFC 2387), so that nothing is fetched from anywhere.
func assemble(head []byte, id mail.ID, b body) ([]byte, error) {
	var m message.Header
	// The library takes the lines as they are. It writes the last added first.
	lines := splitFields(head)
	for i := len(lines) - 1; i >= 0; i-- {
		m.AddRaw(lines[i])
	}
	// Made of the id and not by chance: a mail sent twice is the same bytes.
	m.SetContentType("multipart/alternative", map[string]string{"boundary": "=_" + id.String()})
	var out bytes.Buffer
	w, err := message.CreateWriter(&out, m)
	if err == nil {
		err = part(w, textHeader("text/plain"), b.text)
	}
	if err == nil {
		err = b.writeHTML(w, id)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return out.Bytes(), nil
}

// writeHTML writes the page, together with its picture if it has one.
func (b body) writeHTML(w *message.Writer, id mail.ID) error {
	if b.logo.IsZero() {
		return part(w, textHeader("text/html"), b.html)
	}
	var h message.Header
	h.SetContentType("multipart/related", map[string]string{"boundary": "=_r" + id.String(), "type": "text/html"})
	related, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if err := part(related, textHeader("text/html"), b.html); err != nil {
		return err
	}
	var p message.Header
	p.SetContentType(b.logo.Type, nil)
	p.Set("Content-Transfer-Encoding", "base64")
	p.Set("Content-ID", "<"+b.contentID+">")
	p.Set("Content-Disposition", "inline")
	if err := part(related, p, string(b.logo.Data)); err != nil {
		return err
	}
	return related.Close()
}

func textHeader(media string) (h message.Header) {
	h.SetContentType(media, map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	return h
}

func part(w *message.Writer, h message.Header, content string) error {
	p, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(p, content); err != nil {
		return err
	}
	return p.Close()
}

// splitFields cuts a header into fields, each with its folded lines.
func splitFields(head []byte) [][]byte {
	var out [][]byte
	for line := range bytes.SplitAfterSeq(head, []byte("\r\n")) {
		if len(line) == 0 {
			continue
		}
		if line[0] == ' ' && len(out) > 0 {
			out[len(out)-1] = append(out[len(out)-1], line...)
			continue
		}
		out = append(out, append([]byte(nil), line...))
	}
	return out
}
