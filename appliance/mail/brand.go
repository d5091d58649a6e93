package mail

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"time"
)

// Brand is what a unit of the house says of itself to those who get its letters. What is
// empty is said by the unit above.
type Brand struct {
	Name       string `json:"name,omitempty"`       // above pages, letters and notices, and in SMS: "Socialtjänsten"
	Sender     string `json:"sender,omitempty"`     // of notices, before the organisation's name; empty: Name, if the unit has one
	Main       string `json:"main,omitempty"`       // colour of buttons and links: "#0b4f8a"
	Line       string `json:"line,omitempty"`       // colour of the line below the header
	Logo       Logo   `json:"logo,omitzero"`        // instead of Name above pages, letters and notices
	Letterhead string `json:"letterhead,omitempty"` // lines on what is printed
	Footer     string `json:"footer,omitempty"`     // of pages and notices
	Phone      string `json:"phone,omitempty"`      // where people ask
	Web        string `json:"web,omitempty"`        // where people go by themselves: "exempelkommun.se/brev"
	// Extra is a text of the unit's own in a kind of notice, in a language; see ExtraKey.
	Extra map[string]string `json:"extra,omitempty"`
	// HouseOnly hides the unit and those below it: their letters show the organisation and
	// nothing more. It is for those whose name already tells too much.
	HouseOnly bool `json:"houseOnly,omitempty"`
}

// Logo is a picture that was decoded and encoded anew by us.
type Logo struct {
	Type   string `json:"type"` // "image/png" or "image/jpeg"
	Data   []byte `json:"data"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Name   string `json:"-"` // made of Data, by Named: tells it apart from all others
}

// Named returns the logo with its name.
func (l Logo) Named() Logo {
	if !l.IsZero() {
		sum := sha256.Sum256(l.Data)
		l.Name = hex.EncodeToString(sum[:16])
	}
	return l
}

// IsZero reports whether there is no picture.
func (l Logo) IsZero() bool { return len(l.Data) == 0 }

// IsZero reports whether a unit says nothing of itself.
func (b Brand) IsZero() bool {
	return b.Name == "" && b.Sender == "" && b.Main == "" && b.Line == "" && b.Logo.IsZero() && b.Letterhead == "" &&
		b.Footer == "" && b.Phone == "" && b.Web == "" && len(b.Extra) == 0 && !b.HouseOnly
}

// Version tells what a unit says apart from what it said before: 16 hexadecimal digits.
func (b Brand) Version() string {
	plain, err := json.Marshal(b)
	if err != nil {
		panic("mail: brand: " + err.Error()) // texts, numbers and bytes are always written
	}
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(sum[:8])
}

// Fields are what the unit says, by the names that JSON has; of the logo its name, and of
// its own texts each as "extra.letter.sv".
func (b Brand) Fields() map[string]string {
	f := map[string]string{
		"name": b.Name, "sender": b.Sender, "main": b.Main, "line": b.Line, "logo": b.Logo.Name,
		"letterhead": b.Letterhead, "footer": b.Footer, "phone": b.Phone, "web": b.Web,
	}
	for key, text := range b.Extra {
		f["extra."+key] = text
	}
	return f
}

// In these notices a unit may say something of its own: they go to citizens. Those of an
// account are the organisation's alone.
var (
	LetterNotices  = [...]NoticeKind{NoticeLetter, NoticeRecipient, NoticeNumber}
	AccountNotices = [...]NoticeKind{NoticeInvited, NoticeAccount, NoticeOut, NoticeClosed}
)

// ExtraKey names a text of Brand.Extra.
func ExtraKey(kind NoticeKind, lang string) string { return string(kind) + "." + lang }

// Over returns what a unit shows that says b, below one that shows up.
func (b Brand) Over(up Brand) Brand {
	out := up
	if b.Name != "" || b.Sender != "" { // a unit with a name of its own is no other's sender
		out.Sender = cmp.Or(b.Sender, b.Name)
	}
	out.Name, out.Main, out.Line = cmp.Or(b.Name, up.Name), cmp.Or(b.Main, up.Main), cmp.Or(b.Line, up.Line)
	out.Letterhead, out.Footer = cmp.Or(b.Letterhead, up.Letterhead), cmp.Or(b.Footer, up.Footer)
	out.Phone, out.Web = cmp.Or(b.Phone, up.Phone), cmp.Or(b.Web, up.Web)
	if !b.Logo.IsZero() {
		out.Logo = b.Logo
	}
	out.Extra = maps.Clone(up.Extra)
	if out.Extra == nil {
		out.Extra = map[string]string{}
	}
	maps.Copy(out.Extra, b.Extra)
	out.HouseOnly = false
	return out
}

// Look is how somebody of the house shows themself: a Brand in which nothing is left to
// inherit, and whose house it is.
type Look struct {
	Brand
	House string // the organisation's name, the last word of every sender
}

// Sign is what is published of a sender: "Socialtjänsten, Exempelkommun". With nothing
// published it is the house alone.
func (l Look) Sign() string {
	if l.Sender == "" || l.Sender == l.House {
		return l.House
	}
	return l.Sender + ", " + l.House
}

// Says returns what the unit says of its own in a notice; "" for nothing.
func (l Look) Says(kind NoticeKind, lang string) string { return l.Extra[ExtraKey(kind, lang)] }

// Samples are a notice and an SMS as a look words them, for who chooses one.
type Samples struct {
	From, Subject string
	Pieces        []Piece
	SMS           string
}

// Piece is a paragraph of a notice.
type Piece struct {
	Kind string // "" "title" "small" "item" "button"
	Text string
}

// BrandRow is a Brand as the rows know it.
type BrandRow struct {
	Unit    ID
	Columns Box // the Brand, sealed under K_meta
	At      time.Time
}

// LogValue keeps a brand out of slog: it is the house's to publish.
func (b Brand) LogValue() slog.Value { return slog.StringValue("brand") }
