package portal

import (
	"io"
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// incoming is one upload of the form.
type incoming struct {
	p     *Portal
	r     *web.Request
	who   desk.Reader
	box   mail.ID // in whose name a draft is begun; zero: the person's own
	id    mail.ID // of the draft; zero before it is first kept
	form  mail.Form
	dirty bool // the form says more than the draft
	do    string

	template string // that is chosen
	version  string // of the draft that the form was filled in over; "" if it does not say
}

func (in *incoming) read() error {
	parts := in.r.Upload()
	for {
		part, err := parts.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if part.Name == "files" {
			if err := in.file(part); err != nil {
				return err
			}
			continue
		}
		if err := in.field(part); err != nil {
			return err
		}
	}
}

// file seals a file as it arrives. What was typed comes before the files and is kept
// before the first, so that a connection that breaks off costs no word of it.
func (in *incoming) file(part *web.Part) error {
	if part.File == "" {
		return nil // browsers send an empty field when nothing was picked
	}
	if err := in.keep(); err != nil {
		return err
	}
	return in.p.Desk.AttachDraft(in.r.Context(), in.who, in.id, part.File, part.Type, part)
}

func (in *incoming) field(part *web.Part) error {
	value, err := part.Text(maxText)
	if err != nil {
		return err
	}
	switch part.Name {
	case "do":
		in.do = value
		return nil
	case "template":
		in.template = value
		return nil
	case "version":
		in.version = value
		return nil
	}
	in.dirty = true
	switch part.Name {
	case "to":
		if len(in.form.To) < maxTo {
			in.form.To = append(in.form.To, mail.FormTo{Address: strings.TrimSpace(value)})
		}
	case "phone":
		if n := len(in.form.To); n > 0 {
			in.form.To[n-1].Phone = strings.TrimSpace(value)
		}
	case "level":
		in.form.Level = value
	case "subject":
		in.form.Subject = strings.Join(strings.Fields(value), " ")
	case "text":
		in.form.Text = strings.ReplaceAll(value, "\r\n", "\n")
	case "days":
		in.form.Days = strings.TrimSpace(value)
	case "until":
		in.form.Until = strings.TrimSpace(value)
	case "receipt":
		in.form.Receipt, _ = mail.ParseReadReceipt(value)
	case "lang":
		in.form.Lang = spoken(in.r, value)
	}
	return nil
}

// keep puts the form into the draft, which it makes if there is none yet, unless the
// draft has it.
func (in *incoming) keep() (err error) {
	if !in.dirty && !in.id.IsZero() {
		return nil
	}
	form := in.filled()
	if in.id.IsZero() {
		in.id, err = in.p.Desk.Write(in.r.Context(), in.who, in.box, form)
	} else {
		err = in.p.Desk.SaveDraft(in.r.Context(), in.who, in.id, form, in.version)
	}
	if err == nil {
		in.dirty, in.version = false, desk.Version(form)
	}
	return err
}

// filled is the form without empty lines for recipients.
func (in *incoming) filled() mail.Form {
	form := in.form
	form.To = nil
	for _, to := range in.form.To {
		if to.Address != "" || to.Phone != "" {
			form.To = append(form.To, to)
		}
	}
	return form
}
