// Package records writes messages out for keeping: the mail that a reader saves, and the
// archive of a mailbox.
//
// It never stores anything and never changes a content; what it gives out is read
// from the message as somebody asks for it.
//
// On the wire is an RFC 5322 mail with MIME parts (RFC 2045 to 2047, 2183, 2231). An
// archive is a tar (POSIX.1-2001, ustar with pax records where they are needed), in clear:
// who writes it seals it. All of it stands in one folder: README.txt first, letters as
// FOLDER/DATE_NUMBER.eml, then report.txt and the tables.
//
// What holds always: no value of a message can add a header line; a file of any size
// costs no memory.
package records

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/textproto"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sigill/appliance/mail"
)

// Attachment is one file of a mail, with its content at random access.
type Attachment struct {
	Head    mail.FileHead
	Content io.ReaderAt
}

// Mail is a message to be written out.
type Mail struct {
	ID    string // of the Message-ID, without brackets
	At    time.Time
	Head  mail.Head
	Body  mail.Body
	Files []Attachment
}

// EML returns the mail at random access and its size in bytes. The files are read
// when that part of the mail is.
func EML(m Mail) (io.ReaderAt, int64) {
	boundary := "=_sigill_" + strings.Map(alphanumeric, m.ID)
	var s Sections
	var b bytes.Buffer
	header(&b, "From", address(m.Head.FromName, m.Head.From))
	var to []string
	for _, n := range m.Head.To {
		to = append(to, address(n.Name, n.Address))
	}
	if len(to) > 0 {
		header(&b, "To", strings.Join(to, ",\r\n "))
	}
	header(&b, "Subject", word(m.Head.Subject))
	header(&b, "Date", m.At.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header(&b, "Message-ID", "<"+clean(m.ID)+">")
	header(&b, "MIME-Version", "1.0")
	header(&b, "Content-Type", mime.FormatMediaType("multipart/mixed", map[string]string{"boundary": boundary}))
	fmt.Fprintf(&b, "\r\n--%s\r\n", boundary)
	alternative(&b, boundary+"_a", m.Body)
	for _, f := range m.Files {
		fmt.Fprintf(&b, "\r\n--%s\r\n", boundary)
		fileHeader(&b, f.Head)
		s.Bytes(b.Bytes())
		s.Base64(f.Content, f.Head.Size, mailLine)
		s.Bytes([]byte("\r\n"))
		b = bytes.Buffer{}
	}
	fmt.Fprintf(&b, "\r\n--%s--\r\n", boundary)
	s.Bytes(b.Bytes())
	return &s, s.size
}

// alternative writes the text, and the HTML beside it if there is one.
func alternative(b *bytes.Buffer, boundary string, body mail.Body) {
	if body.HTML == "" {
		textPart(b, "text/plain", body.Text)
		return
	}
	header(b, "Content-Type", mime.FormatMediaType("multipart/alternative", map[string]string{"boundary": boundary}))
	fmt.Fprintf(b, "\r\n--%s\r\n", boundary)
	textPart(b, "text/plain", body.Text)
	fmt.Fprintf(b, "\r\n--%s\r\n", boundary)
	textPart(b, "text/html", body.HTML)
	fmt.Fprintf(b, "\r\n--%s--\r\n", boundary)
}

func textPart(b *bytes.Buffer, kind, text string) {
	header(b, "Content-Type", mime.FormatMediaType(kind, map[string]string{"charset": "utf-8"}))
	header(b, "Content-Transfer-Encoding", "base64")
	b.WriteString("\r\n")
	src := strings.NewReader(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
	e := base64Of{src, src.Size(), mailLine}
	out := make([]byte, e.length())
	e.ReadAt(out, 0) // reads from memory: there is no error
	b.Write(out)
}

func fileHeader(b *bytes.Buffer, f mail.FileHead) {
	kind, _, err := mime.ParseMediaType(f.Type)
	if err != nil || !strings.Contains(kind, "/") {
		kind = "application/octet-stream"
	}
	disposition := "attachment"
	if f.Inline {
		disposition = "inline"
	}
	header(b, "Content-Type", mime.FormatMediaType(kind, map[string]string{"name": cleanName(f.Name)}))
	header(b, "Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": cleanName(f.Name)}))
	header(b, "Content-Transfer-Encoding", "base64")
	if f.ContentID != "" {
		header(b, "Content-ID", "<"+clean(f.ContentID)+">")
	}
	b.WriteString("\r\n")
}

// header writes one line. Whatever value was made of, no byte of it but our own fold
// before a further address starts a new line.
func header(b *bytes.Buffer, name, value string) {
	value = strings.ReplaceAll(value, ",\r\n ", "\x00")
	value = strings.Map(func(r rune) rune {
		if r != 0 && (r < ' ' || r == 0x7f) {
			return -1
		}
		return r
	}, value)
	b.WriteString(textproto.CanonicalMIMEHeaderKey(name) + ": " + strings.ReplaceAll(value, "\x00", ",\r\n ") + "\r\n")
}

func address(name string, a mail.Address) string {
	if name == "" {
		return "<" + clean(string(a)) + ">"
	}
	return word(name) + " <" + clean(string(a)) + ">"
}

// word writes a text as encoded words (RFC 2047), folded where it is long. Plain
// text is encoded too if it could be taken for something else.
func word(s string) string {
	s = strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s), "\uFFFD")
	for _, r := range s {
		if r > 0x7e || strings.ContainsRune("\"(),.:;<>@[\\]=?", r) {
			return encode(s)
		}
	}
	return s
}

// encode writes encoded words of at most 75 characters, one a line. mime's own
// encoder leaves plain ASCII alone, which is not safe for a comma or a quote.
func encode(s string) string {
	var words []string
	for len(s) > 0 {
		n := 0
		for i, r := range s {
			if end := i + utf8.RuneLen(r); end <= 45 { // 45 bytes are 60 characters of base64
				n = end
			} else {
				break
			}
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// clean keeps what may stand between angle brackets.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == '<' || r == '>' {
			return -1
		}
		return r
	}, s)
}

func cleanName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, s)
}

func alphanumeric(r rune) rune {
	if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
		return r
	}
	return -1
}
