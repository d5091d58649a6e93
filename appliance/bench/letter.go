package bench

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// letter is one mail of a caseworker to a citizen. What differs from mail to mail
// stands in head, so that rest is made once.
type letter struct {
	from, to   string
	head, rest []byte
}

const (
	house   = "kommun.example"
	small   = 4 << 10
	large   = 1 << 20
	circle  = 1000 // citizens to whom is written, each with a number of their own
	notices = "sakerpost." + house
)

// letters makes mails of one size. The small one is text; the large one is a short
// text with an attachment, as large mails are.
type letters struct{ kind, body []byte }

func newLetters(size int) letters {
	line := "Hej! Här kommer beslutet om ditt stöd, med skälen och hur du kan överklaga det."
	if size <= 64<<10 {
		head := "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
		return letters{[]byte(head), []byte(strings.Repeat(line+"\r\n", max(1, (size-400)/(len(line)+2))))}
	}
	head := "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n"
	var b strings.Builder
	b.WriteString("--=_b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + line + "\r\n")
	b.WriteString("--=_b\r\nContent-Type: application/pdf; name=\"beslut.pdf\"\r\nContent-Disposition: attachment; filename=\"beslut.pdf\"\r\n")
	b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	file := make([]byte, (size-1000)/78*57)
	noise := rand.NewChaCha8([32]byte{1})
	noise.Read(file)
	for len(file) > 0 {
		n := min(57, len(file))
		b.WriteString(base64.StdEncoding.EncodeToString(file[:n]) + "\r\n")
		file = file[n:]
	}
	b.WriteString("--=_b--\r\n")
	return letters{[]byte(head), []byte(b.String())}
}

// next is mail n of one session.
func (l letters) next(session, n int) letter {
	citizen := (session*31 + n) % circle
	m := letter{
		from: fmt.Sprintf("handlaggare%d@%s", session, house),
		to:   fmt.Sprintf("medborgare%d@example.se.0701%06d.s", citizen, 234000+citizen), rest: l.body,
	}
	m.head = fmt.Appendf(nil, "From: Handläggare %d <%s>\r\nTo: <%s>\r\nSubject: Beslut %d\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\nMessage-ID: <%d.%d.%d@%s>\r\n%s\r\n",
		session, m.from, m.to, n, session, n, rand.Uint64(), house, l.kind)
	return m
}
