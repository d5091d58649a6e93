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

	"sigill/appliance/mail"
)

// House is how the organisation shows itself.
type House struct {
	// Look is how the unit shows itself in whose name an owner writes, at this moment; of
	// nobody, the organisation. Its House must not be empty; without Web, it is BaseURL and /m.
	Look    func(owner mail.ID) mail.Look
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
	web    string // where people go by themselves, of who says nothing else
	langs  map[string]*language
	layout *template.Template
}

// kinds are the texts that every language has.
var kinds = []string{
	string(mail.NoticeLetter), string(mail.NoticeInternal), string(mail.NoticeInvitation), string(mail.NoticeReport),
	string(mail.NoticeHold), string(mail.NoticeBounce), string(mail.NoticeRead), string(mail.NoticeAnswer),
	string(mail.NoticeWrong), string(mail.NoticeLocked), string(mail.NoticeNeverRead), string(mail.NoticeNumber), string(mail.NoticeDevice),
	string(mail.NoticeSecondLocked), string(mail.NoticeFactor), string(mail.NoticeFactorOff), string(mail.NoticeCodesOff), string(mail.NoticeFactorReset), string(mail.NoticeResumed), string(mail.NoticePassword), string(mail.NoticeAppPassword), string(mail.NoticePasskey), string(mail.NoticePasskeyOff), string(mail.NoticeHelpAsked), string(mail.NoticeHelpWanted), string(mail.NoticeHelpGiven), string(mail.NoticeHelped), string(mail.NoticeHelpRefused), string(mail.NoticeRecovered), string(mail.NoticePaperCode),
	string(mail.NoticeExported), string(mail.NoticeRefused),
	string(mail.NoticeDaily), string(mail.NoticeShared), string(mail.NoticeUnread), string(mail.NoticeJoined), string(mail.NoticeAsked), string(mail.NoticeGiven), string(mail.NoticeOpened), string(mail.NoticeHandedOver), string(mail.NoticeHandedOff), string(mail.NoticeClosing), string(mail.NoticeLeft), string(mail.NoticeSubstitute), string(mail.NoticeRestored), string(mail.NoticeRecipient), string(mail.NoticeAccount), string(mail.NoticeClosed), string(mail.NoticeInvited), string(mail.NoticeOut), string(mail.NoticeJoin), string(mail.NoticeAdopted), string(mail.NoticeAlarm), "pin", "ownpin", kindReadSMS,
}

// kindReadSMS is the one SMS that holds no PIN.
const kindReadSMS = "readsms"

// New sees that every language has every text.
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
	if h.Look == nil || clean(h.Look(mail.ID{}).House) == "" {
		return nil, errors.New("notify: the house has no name")
	}
	if h.Zone == nil {
		h.Zone = time.UTC
	}
	if langs[h.Lang] == nil {
		return nil, fmt.Errorf("notify: no texts in the language %q", h.Lang)
	}
	return &Words{h, u.Host + u.Path + "/m", langs, layout}, nil
}

// Check reads every text in every language. What is in the binary is held to it by a test:
// nothing then fails when somebody must be told.
func (w *Words) Check() error {
	for _, l := range w.langs {
		for _, kind := range kinds {
			if _, err := l.text(kind); err != nil {
				return fmt.Errorf("notices in %s: %w", l.name, err)
			}
		}
	}
	return nil
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
	look := w.look(n)
	said, err := w.say(n, p, look)
	if err != nil {
		return nil, err
	}
	contentID := "logo." + p.ID.String() + "@" + w.house.From.Domain()
	var html bytes.Buffer
	if err := w.layout.Execute(&html, said.page(look, contentID)); err != nil {
		return nil, fmt.Errorf("notify: layout: %w", err)
	}
	head, err := w.header(n, p, look.Sign(), said.subject)
	if err != nil {
		return nil, fmt.Errorf("notify: %w", err)
	}
	return assemble(head, p.ID, body{plain(said.blocks, footer(look)), html.String(), look.Logo, contentID})
}

// said is a notice in words.
type said struct {
	lang    string
	subject string
	blocks  []block
}

// say puts a notice into words.
func (w *Words) say(n mail.Notice, p mail.Posting, look mail.Look) (s said, err error) {
	l := w.language(n.Lang)
	if n.Kind == "pin" || n.Kind == "ownpin" || n.Kind == kindReadSMS {
		return s, fmt.Errorf("notify: no text for a notice of kind %.20q", string(n.Kind))
	}
	t, err := l.text(string(n.Kind))
	if err != nil {
		return s, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, w.view(l, n, p, look)); err != nil {
		return s, fmt.Errorf("notify: %s in %s: %w", n.Kind, l.name, err)
	}
	s.lang = l.name
	if s.subject, s.blocks, err = parseText(out.String()); err != nil {
		return s, fmt.Errorf("notify: %s in %s: %w", n.Kind, l.name, err)
	}
	s.blocks = withExtra(s.blocks, look.Says(n.Kind, l.name))
	return s, nil
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
