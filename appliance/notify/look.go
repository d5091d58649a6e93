package notify

import (
	"math"
	"slices"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/tint"
)

// Shown height and width of a logo in a mail, in pixels: mail programs scale by these
// attributes alone.
const (
	logoHigh = 48
	logoWide = 240
)

// layout is what layout.html shows.
type layout struct {
	Lang, Name, Sign, Subject string
	Blocks                    []block
	Footer                    []string // lines
	Logo                      picture
	Colours                   colours
}

// picture is the logo within the mail.
type picture struct {
	ContentID     string // "" for none
	Width, Height int
}

// colours are those of buttons and links, on light and on dark pages.
type colours struct {
	Button, Ink, DarkButton, DarkInk, DarkLink string
	Line, DarkLine                             string // "" for no line
}

// plainColours are those of a house that has chosen none.
var plainColours = colours{Button: "#0b4f8a", Ink: "#ffffff", DarkButton: "#9cc8ff", DarkInk: "#0b1a2b", DarkLink: "#9cc8ff"}

// toCitizens are the notices that look as the unit does in whose name a letter was sent.
// All others look as the house.
var toCitizens = mail.LetterNotices[:]

// look is how a notice looks. Every value is cleaned: those of the configuration have been
// looked at by nobody else.
func (w *Words) look(n mail.Notice) mail.Look {
	owner := n.Owner
	if !slices.Contains(toCitizens, n.Kind) {
		owner = mail.ID{}
	}
	return w.cleaned(w.house.Look(owner))
}

func (w *Words) cleaned(l mail.Look) mail.Look {
	for _, s := range []*string{&l.House, &l.Name, &l.Sender, &l.Phone, &l.Web} {
		*s = clean(*s)
	}
	if l.Web == "" {
		l.Web = w.web
	}
	return l
}

// page is the HTML's view of a notice.
func (s said) page(look mail.Look, contentID string) layout {
	p := layout{Lang: s.lang, Name: look.Name, Sign: look.Sign(), Subject: s.subject, Blocks: s.blocks, Footer: footer(look), Colours: coloursOf(look)}
	if !look.Logo.IsZero() {
		scale := math.Min(1, math.Min(float64(logoWide)/float64(look.Logo.Width), float64(logoHigh)/float64(look.Logo.Height)))
		p.Logo = picture{contentID, int(math.Round(scale * float64(look.Logo.Width))), int(math.Round(scale * float64(look.Logo.Height)))}
	}
	return p
}

func footer(look mail.Look) (lines []string) {
	for l := range strings.SplitSeq(look.Footer, "\n") {
		if l = clean(l); l != "" {
			lines = append(lines, l)
		}
	}
	return lines
}

func coloursOf(look mail.Look) colours {
	p, ok := tint.Of(look.Main, look.Line)
	if !ok {
		return plainColours
	}
	c := plainColours
	c.Line, c.DarkLine = p.LineLight.String(), p.LineDark.String()
	if look.Main == "" {
		return c
	}
	base, darkBase := p.Base()
	ink, darkInk := p.Ink()
	_, darkText := p.Text()
	c.Button, c.DarkButton, c.Ink, c.DarkInk, c.DarkLink = base.String(), darkBase.String(), ink.String(), darkInk.String(), darkText.String()
	return c
}

// withExtra puts what a unit says of its own behind what the notice says, and before what
// stands in small letters. It is a paragraph of one plain piece: nothing in it is a mark.
func withExtra(blocks []block, text string) []block {
	if text = clean(text); text == "" {
		return blocks
	}
	at := slices.IndexFunc(blocks, func(b block) bool { return b.Kind == "small" })
	if at < 0 {
		at = len(blocks)
	}
	return slices.Insert(blocks, at, block{Spans: []span{{Text: text}}})
}

// Samples words a notice of one of mail.LetterNotices or mail.AccountNotices, and the SMS, as a
// unit with this look would send them, with a code that opens nothing.
func (w *Words) Samples(look mail.Look, kind mail.NoticeKind, lang string, p mail.Posting) (mail.Samples, error) {
	look = w.cleaned(look)
	s, err := w.say(mail.Notice{Kind: kind, Lang: lang, Code: sampleCode, Tail: "67", At: p.At, Until: p.At.AddDate(0, 0, 14)}, p, look)
	if err != nil {
		return mail.Samples{}, err
	}
	sms, err := w.sms("pin", lang, "123456", look.Name)
	if err != nil {
		return mail.Samples{}, err
	}
	out := mail.Samples{From: look.Sign(), Subject: s.subject, SMS: string(sms)}
	for _, b := range s.blocks {
		text := b.Label
		for _, x := range b.Spans {
			text += x.Text
		}
		out.Pieces = append(out.Pieces, mail.Piece{Kind: b.Kind, Text: text})
	}
	return out, nil
}

const sampleCode = "K7FQ-2QDM-9XWT-4HBN-T6RC"
