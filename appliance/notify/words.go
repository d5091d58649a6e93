package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-message"

	"sigill/appliance/mail"
)

// House is how the organisation shows itself.
type House struct {
	Name string // "Exempelkommun"; must not be empty
	// Department stands before Name as the sender of what goes to the house's own
	// people, such as "Säker post". Default: Name alone. Of a letter, the notice
	// itself says who is named.
	Department string
	Phone      string // where people may ask; as it is to be read. Default: none is shown
	// Web is where people go by themselves: "exempelkommun.se/brev". Default: the host of BaseURL
	// and /m, in words: whoever has no page of their own must be found all the same.
	Web     string
	BaseURL string         // "https://brev.exempelkommun.se", without a path
	From    mail.Address   // "sakerpost@brev.exempelkommun.se"
	Zone    *time.Location // Default: UTC
	Lang    string         // of who has none, or one that we do not speak; must be a folder of the texts
}

// Config is what New needs.
type Config struct {
	House House
	Texts fs.FS // embed.Notices, from its folder "notice" on
}

// Words puts notices into words.
type Words struct {
	house  House
	langs  map[string]*language
	layout *template.Template
}

// kinds are the texts that every language has.
var kinds = []string{
	string(mail.NoticeLetter), string(mail.NoticeInternal), string(mail.NoticeInvitation), string(mail.NoticeReport),
	string(mail.NoticeHold), string(mail.NoticeBounce), string(mail.NoticeRead), string(mail.NoticeAnswer),
	string(mail.NoticeWrong), string(mail.NoticeLocked), string(mail.NoticeNeverRead), string(mail.NoticeNumber), string(mail.NoticeDevice),
	string(mail.NoticeSecondLocked), string(mail.NoticeFactor), string(mail.NoticeFactorOff), string(mail.NoticeFactorReset), string(mail.NoticeResumed), string(mail.NoticePassword), string(mail.NoticeAppPassword), string(mail.NoticePasskey), string(mail.NoticePasskeyOff), string(mail.NoticeHelpAsked), string(mail.NoticeHelpWanted), string(mail.NoticeHelpGiven), string(mail.NoticeHelped), string(mail.NoticeHelpRefused), string(mail.NoticeRecovered), string(mail.NoticePaperCode),
	string(mail.NoticeExported),
	string(mail.NoticeShared), string(mail.NoticeUnread), string(mail.NoticeJoined), string(mail.NoticeAsked), string(mail.NoticeGiven), string(mail.NoticeOpened), string(mail.NoticeHandedOver), string(mail.NoticeHandedOff), string(mail.NoticeClosing), string(mail.NoticeLeft), string(mail.NoticeSubstitute), string(mail.NoticeRestored), string(mail.NoticeRecipient), string(mail.NoticeAccount), string(mail.NoticeClosed), string(mail.NoticeInvited), string(mail.NoticeOut), string(mail.NoticeJoin), string(mail.NoticeAdopted), "pin", "ownpin",
}

// New reads all texts, so that a slip in one is found at start.
func New(c Config) (*Words, error) {
	langs, err := loadLanguages(c.Texts)
	if err != nil {
		return nil, err
	}
	layout, err := template.ParseFS(c.Texts, "layout.html")
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	h := c.House
	u, err := url.Parse(h.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("notify: malformed base URL")
	}
	h.BaseURL = strings.TrimRight(h.BaseURL, "/")
	if _, err := mail.ParseAddress(string(h.From)); err != nil {
		return nil, fmt.Errorf("notify: sender: %w", err)
	}
	h.Name, h.Department, h.Phone, h.Web = clean(h.Name), clean(h.Department), clean(h.Phone), clean(h.Web)
	if h.Name == "" {
		return nil, errors.New("notify: the house has no name")
	}
	if h.Web == "" {
		h.Web = u.Host + u.Path + "/m"
	}
	if h.Zone == nil {
		h.Zone = time.UTC
	}
	if langs[h.Lang] == nil {
		return nil, fmt.Errorf("notify: no texts in the language %q", h.Lang)
	}
	return &Words{h, langs, layout}, nil
}

// language returns the texts for a tag such as "sv" or "sv-FI".
func (w *Words) language(tag string) *language {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if l := w.langs[base]; l != nil {
		return l
	}
	return w.langs[w.house.Lang]
}

// Mail writes the notice as a complete mail.
func (w *Words) Mail(_ context.Context, n mail.Notice, p mail.Posting) ([]byte, error) {
	l := w.language(n.Lang)
	if n.Kind == "pin" || n.Kind == "ownpin" {
		return nil, fmt.Errorf("notify: no text for a notice of kind %.20q", string(n.Kind))
	}
	t, err := l.text(string(n.Kind))
	if err != nil {
		return nil, err
	}
	v := w.view(l, n, p)
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, fmt.Errorf("notify: %s in %s: %w", n.Kind, l.name, err)
	}
	subject, blocks, err := parseText(out.String())
	if err != nil {
		return nil, fmt.Errorf("notify: %s in %s: %w", n.Kind, l.name, err)
	}
	var page bytes.Buffer
	name := w.name(n, v)
	err = w.layout.Execute(&page, layout{l.name, name, subject, blocks})
	if err != nil {
		return nil, fmt.Errorf("notify: layout: %w", err)
	}
	head, err := w.header(n, p, name, subject)
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return assemble(head, p.ID, plain(blocks), page.String())
}

// layout is what layout.html shows.
type layout struct {
	Lang, House, Subject string
	Blocks               []block
}

// name is under which name the notice goes out.
func (w *Words) name(n mail.Notice, v view) string {
	if n.Kind == mail.NoticeLetter || n.Kind == mail.NoticeNumber || n.Kind == mail.NoticeRecipient || n.Kind == mail.NoticeInvited {
		return v.Sender
	}
	return sender(w.house.Department, w.house.Name)
}

// header writes the lines that are ours; MIME's are added by the writer of parts.
func (w *Words) header(n mail.Notice, p mail.Posting, name, subject string) ([]byte, error) {
	to := p.To
	if to == "" {
		to = n.To
	}
	var h header
	h.mailbox("From", name, w.house.From)
	h.mailbox("To", clean(n.ToName), to)
	if p.ReplyTo != "" {
		h.mailbox("Reply-To", "", p.ReplyTo)
	}
	h.text("Subject", subject)
	h.date("Date", p.At.In(w.house.Zone))
	h.id("Message-ID", messageID("<"+p.ID.String()+"@"+w.house.From.Domain()+">"))
	if id, ok := parseMessageID(n.InReplyTo); ok {
		h.id("In-Reply-To", id)
		h.id("References", id)
	}
	h.word("Auto-Submitted", "auto-generated")           // RFC 3834, 5
	h.word("X-Auto-Response-Suppress", "OOF, AutoReply") // the same for Exchange
	return h.bytes()
}

// assemble puts header and the two parts together.
func assemble(head []byte, id mail.ID, text, html string) ([]byte, error) {
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
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	for _, part := range []struct{ media, body string }{{"text/plain", text}, {"text/html", html}} {
		var ph message.Header
		ph.SetContentType(part.media, map[string]string{"charset": "utf-8"})
		ph.Set("Content-Transfer-Encoding", "quoted-printable")
		pw, err := w.CreatePart(ph)
		if err != nil {
			return nil, fmt.Errorf("notify: %w", err)
		}
		if _, err := pw.Write([]byte(part.body)); err != nil {
			return nil, fmt.Errorf("notify: %w", err)
		}
		if err := pw.Close(); err != nil {
			return nil, fmt.Errorf("notify: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return out.Bytes(), nil
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
