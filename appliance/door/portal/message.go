package portal

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// messagePage is one message in a person's mailbox; of a sent one, each recipient
// with what happened.
type messagePage struct {
	web.Frame
	ID         string
	Letter     letterView
	Colleagues colleaguesView
	Thread     []threadView // the conversation's other letters
	Sent       bool
	In         bool
	Trashed    bool
	Answer     bool   // it came from somebody to whom one can write
	Lies       bool   // in an inbox
	List       string // that it lies in
	To         string
	Recipients []recipientView // first those who need something; not more than maxRecipients, unless all are asked for
	Count      int             // of all of them
	All        string          // query by which all of them are shown; "" if not all were asked for
	Read       int             // of whom have read
	Faulty     int             // of whom something is wrong with
	Open       bool            // something can still be recalled
	Ends       []string        // if it is
}

type recipientView struct {
	ID      string
	Who     string // name or address; the tombstone's word after the end
	Address string
	Tail    string
	Status  web.Badge
	Steps   []web.Step
	Until   time.Time
	Guest   bool
	Live    bool
	Locked  bool
	Held    bool
	Read    bool
	Answers int    // that have come
	Mend    string // what goes wrong here, and is mended by one form: "number", "code", "unlock", "held"; "" if nothing does
	Fault   string // in words; it may be one that nothing mends
	Account bool   // it waits, and could go to an account that the recipient has
	Choice  string // what that is about
	Wrong   bool   // what was typed for this recipient needs mending; shown open
	Days    web.Field
	Guessed bool      // it waits, and the address is to be confirmed as well
	To      web.Field // that address
	Phone   web.Field
	Repeat  web.Field
}

// mine is a route to one thing of a signed-in person's, by the id in its path. Whether
// it is his the desk finds out by the keys.
func (p *Portal) mine(param string, h func(r *web.Request, who desk.Reader, id mail.ID) error) func(*web.Request) error {
	return func(r *web.Request) error {
		id, err := mail.ParseID(r.Param(param))
		if err != nil {
			return err
		}
		if id.IsZero() { // nothing has it; a draft that is not kept yet does, in memory
			return mail.E(mail.Absent, "error.absent", nil)
		}
		return h(r, p.reader(r), id)
	}
}

func (p *Portal) message(r *web.Request, who desk.Reader, id mail.ID) error {
	if r.Viewer().Recipient {
		return p.received(r, who, id)
	}
	return p.showMessage(r, who, id, http.StatusOK, fault{})
}

// fault is what was wrong with what was typed on a message's page. The zero value is
// nothing.
type fault struct {
	at     mail.ID // a recipient
	of     error   // with what was typed for that recipient
	beside error   // with what was done among colleagues
}

// showMessage shows a message, with what was wrong.
func (p *Portal) showMessage(r *web.Request, who desk.Reader, id mail.ID, status int, f fault) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	colleagues, err := p.colleagues(r, who, id, f.beside)
	if err != nil {
		return err
	}
	page := &messagePage{
		ID: id.String(), Letter: p.view(r, o, "/mail/"+id.String()), Colleagues: colleagues,
		Sent: sentByHim(o), Answer: answerable(o), In: o.Message.Way == mail.In,
		Trashed: o.Holder.Folder == mail.Trash, To: people(o.Head.To),
		Lies: o.Holder.Folder == mail.Inbox, List: ownBox().Path,
	}
	page.Letter.Own = page.Sent
	if colleagues.Box.Shared() {
		page.List = colleagues.Box.Path
	}
	if page.Thread, err = p.conversation(r, who, id); err != nil {
		return err
	}
	if page.Sent {
		list, err := p.Desk.Progress(r.Context(), who, o.Message.ID)
		if err != nil {
			return err
		}
		for _, rec := range list {
			v := p.recipientView(r, rec)
			if f.of != nil && rec.Holder.ID == f.at {
				v.correct(r, f.of)
			}
			page.Open = page.Open || v.Live
			page.Recipients = append(page.Recipients, v)
		}
		page.Ends = endsWithRecall(r, page.Recipients)
		if r.Query("recipients") == "all" {
			page.All = allRecipients
		}
		page.shorten()
	}
	return r.PageWith(status, "portal/message", page)
}

const allRecipients = "?recipients=all"

// maxRecipients is how many of a letter's recipients stand on its page at first.
const maxRecipients = 50

// shorten counts the recipients and puts first with whom something is wrong, then the others by name.
func (p *messagePage) shorten() {
	for _, v := range p.Recipients {
		p.Count++
		if v.Read {
			p.Read++
		}
		if v.Fault != "" {
			p.Faulty++
		}
	}
	slices.SortStableFunc(p.Recipients, func(a, b recipientView) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), strings.Compare(a.Who, b.Who))
	})
	if p.All == "" && p.Count > maxRecipients {
		p.Recipients = p.Recipients[:maxRecipients]
	}
}

func (v recipientView) rank() int {
	switch {
	case v.Wrong:
		return 0
	case v.Fault != "":
		return 1
	}
	return 2
}

// sentByHim tells the copy of who sent a message from what came to him.
func sentByHim(o *mail.Opened) bool { return o.Holder.House && o.Message.Way != mail.In }

// move puts a message into the trash, or takes it out, as the button says that was pressed:
// another window, or a colleague, may have done it before.
func (p *Portal) move(r *web.Request, who desk.Reader, id mail.ID) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	b, err := p.boxOwned(who, o.Holder.Owner)
	if err != nil {
		return err
	}
	path := b.Path
	if sentByHim(o) || o.Holder.Channel == mail.ChannelRecipient && o.Message.Way == mail.In {
		path += "/sent"
	}
	trash := r.Form("do") != "restore"
	moved, err := p.Desk.Move(r.Context(), who, []mail.ID{id}, trash)
	if err != nil {
		return err
	}
	if s, ok := r.Viewer().Value.(*access.Session); ok {
		did := restored
		if trash {
			did = toTrash
		}
		tellMoved(r, s, moved, did)
	}
	return r.Redirect(path)
}

func (p *Portal) recall(r *web.Request, who desk.Reader, id mail.ID) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	if _, err := p.Desk.Recall(r.Context(), who, o.Message.ID); err != nil {
		return err
	}
	r.Flash("flash.recalled")
	return r.Redirect("/mail/" + id.String())
}

// recipient does what the sender wants for one recipient: the button's value says
// what.
func (p *Portal) recipient(r *web.Request, who desk.Reader, id mail.ID) error {
	to, err := mail.ParseID(r.Param("recipient"))
	if err != nil {
		return err
	}
	if err := p.among(r, who, id, to); err != nil {
		return err
	}
	flash, err := p.actOn(r, who, to)
	if mail.KindOf(err) == mail.Invalid {
		return p.showMessage(r, who, id, http.StatusUnprocessableEntity, fault{at: to, of: err})
	}
	if err != nil {
		return err
	}
	r.Flash(flash)
	if r.Form("back") == "held" {
		b, err := p.boxOf(r.Context(), who, id)
		if err != nil {
			return err
		}
		return r.Redirect(b.Path + "/held")
	}
	path := "/mail/" + id.String()
	if r.Query("recipients") == "all" {
		path += allRecipients
	}
	return r.Redirect(path)
}

// among is nil if to is a recipient of the message that the path names, and Absent if
// not, though both may be who's: nobody changes one letter on the page of another.
func (p *Portal) among(r *web.Request, who desk.Reader, id, to mail.ID) error {
	o, err := p.Desk.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	if sentByHim(o) {
		list, err := p.Desk.Progress(r.Context(), who, o.Message.ID)
		if err != nil {
			return err
		}
		for _, rec := range list {
			if rec.Holder.ID == to {
				return nil
			}
		}
	}
	return mail.E(mail.Absent, "error.absent", nil)
}

func (p *Portal) actOn(r *web.Request, who desk.Reader, to mail.ID) (flash string, err error) {
	ctx := r.Context()
	switch r.Form("do") {
	case "end":
		days, err := strconv.Atoi(r.Form("days"))
		if err != nil {
			return "", mail.E(mail.Invalid, "error.days", nil)
		}
		_, err = p.Desk.SetEnd(ctx, who, to, days)
		return "flash.end", err
	case "code":
		return "flash.code", p.Desk.NewCode(ctx, who, to)
	case "unlock":
		return "flash.unlocked", p.Desk.Unlock(ctx, who, to)
	case "account":
		return "flash.mended", p.Desk.Mend(ctx, who, mail.ID{}, to, "", "")
	case "number", "mend":
		phone, err := p.twice(r)
		if err != nil {
			return "", err
		}
		if r.Form("do") == "mend" {
			return "flash.mended", p.mendNow(ctx, who, to, r.Form("address"), phone)
		}
		return "flash.number", p.Desk.SetNumber(ctx, who, to, phone)
	}
	return "", mail.E(mail.Absent, "error.absent", nil)
}

// mendNow gives a recipient that waits the number, and the address if one is given.
func (p *Portal) mendNow(ctx context.Context, who desk.Reader, to mail.ID, address string, phone mail.Phone) (err error) {
	var a mail.Address
	if address != "" {
		if a, err = mail.ParseAddress(address); err != nil {
			return err
		}
	}
	return p.Desk.Mend(ctx, who, mail.ID{}, to, a, phone)
}

// twice reads a number that was typed twice.
func (p *Portal) twice(r *web.Request) (mail.Phone, error) {
	phone, err := p.Phone(r.Form("phone"))
	if err != nil {
		return "", err
	}
	if again, err := p.Phone(r.Form("repeat")); err != nil || again != phone {
		return "", mail.E(mail.Invalid, "page.mend.differs", nil)
	}
	return phone, nil
}
