package portal

import (
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// mendPage lists the recipients that wait, for the sender who came by the hold mail.
type mendPage struct {
	web.Frame
	List []mendRow
}

type mendRow struct {
	desk.Waiting
	Reason  string // key of why it waits
	Guessed bool   // the address is to be confirmed as well
	Account bool   // it could go to an account that the recipient has
	Fault   string // why it could not
	Address web.Field
	Phone   web.Field
	Repeat  web.Field
}

func (p *Portal) mendPage(r *web.Request, v *visit) error {
	return p.showMend(r, v, http.StatusOK, mail.ID{}, nil)
}

func (p *Portal) showMend(r *web.Request, v *visit, status int, at mail.ID, fault *mendFault) error {
	_, list, err := p.Desk.Repair(r.Context(), v.letter)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b desk.Waiting) int { return strings.Compare(string(a.Address), string(b.Address)) })
	page := &mendPage{}
	for _, w := range list {
		row := mendRowOf(r, w)
		if fault != nil && w.Holder == at {
			row.Address.Value, row.Phone.Value = fault.address, fault.phone
			row.Address.Error, row.Phone.Error, row.Repeat.Error = fault.onAddress, fault.onPhone, fault.onRepeat
			row.Fault = fault.onAccount
		}
		page.List = append(page.List, row)
	}
	return r.PageWith(status, "portal/mend", page)
}

// mendRowOf is a recipient that waits, with the fields for what is missing.
func mendRowOf(r *web.Request, w desk.Waiting) mendRow {
	return mendRow{
		Waiting: w, Reason: holdReason(w), Account: w.Why == mail.HoldRegistered,
		Address: web.Field{Name: "address", Within: w.Holder.String(), Label: r.T("page.mend.address"), Value: string(w.Address), Type: "email", Required: true, Max: mail.MaxAddress},
		Phone:   web.Field{Name: "phone", Within: w.Holder.String(), Label: r.T("page.mend.phone"), Hint: r.T("page.mend.phone.hint"), Type: "tel", Mode: "tel", Required: true, Max: 25},
		Repeat:  web.Field{Name: "repeat", Within: w.Holder.String(), Label: r.T("page.mend.repeat"), Type: "tel", Mode: "tel", Required: true, Max: 25},
	}
}

// mendFault is what was typed and what is wrong with it.
type mendFault struct{ address, phone, onAddress, onPhone, onRepeat, onAccount string }

func (p *Portal) mend(r *web.Request, v *visit) error {
	holder, err := mail.ParseID(r.Param("holder"))
	if err != nil {
		return err
	}
	if r.Form("account") != "" {
		return p.mendToAccount(r, v, holder)
	}
	f := mendFault{address: r.Form("address"), phone: r.Form("phone")}
	a, err := mail.ParseAddress(f.address)
	if err != nil {
		f.onAddress = r.Sentence(err)
	}
	phone, err := p.Phone(f.phone)
	if err != nil {
		f.onPhone = r.Sentence(err)
	} else if again, err := p.Phone(r.Form("repeat")); err != nil || again != phone {
		// Typed twice: a letter that goes to a stranger's phone is the worst slip there is.
		f.onRepeat = r.T("page.mend.differs")
	}
	if f.onAddress+f.onPhone+f.onRepeat != "" {
		return p.showMend(r, v, http.StatusUnprocessableEntity, holder, &f)
	}
	if err := p.Desk.Mend(r.Context(), v.reader, v.letter.Holder, holder, a, phone); err != nil {
		return err
	}
	r.Flash("flash.mended")
	return r.Redirect("/m/mend")
}

// mendToAccount sends a letter that waits to the account that its recipient has.
func (p *Portal) mendToAccount(r *web.Request, v *visit, holder mail.ID) error {
	err := p.Desk.Mend(r.Context(), v.reader, v.letter.Holder, holder, "", "")
	if err != nil && mail.KindOf(err) == mail.Invalid {
		return p.showMend(r, v, http.StatusUnprocessableEntity, holder, &mendFault{onAccount: r.Sentence(err)})
	}
	if err != nil {
		return err
	}
	r.Flash("flash.mended")
	return r.Redirect("/m/mend")
}

// holdReason is the key of why somebody waits.
func holdReason(w desk.Waiting) string {
	if w.Why == mail.HoldRegistered && !w.Number {
		return "hold.elsewhere"
	}
	return holdReasons[w.Why]
}

var holdReasons = map[mail.Hold]string{
	mail.HoldNoNumber:   "hold.nonumber",
	mail.HoldNearMiss:   "hold.nearmiss",
	mail.HoldNumber:     "hold.number",
	mail.HoldStale:      "hold.stale",
	mail.HoldChanged:    "hold.changed",
	mail.HoldRegistered: "hold.registered",
}
