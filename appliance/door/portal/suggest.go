package portal

import (
	"net/http"
	"slices"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// suggestAtOnce is how many people are suggested while an address is typed: as many as one
// looks through without moving the list.
const suggestAtOnce = 8

// suggestion is somebody who may be meant.
type suggestion struct {
	Name    string `json:"name,omitempty"` // "" if that is the address
	Address string `json:"address"`
	Phone   string `json:"phone,omitempty"` // of who stands in a contact list with one
	Where   string `json:"where"`           // in words: whose list, or that they were written to
}

// suggest answers the write page's script with those who may be meant by what is typed:
// people in contact lists, and those whom the mailbox has written to. What is typed is a
// part of a name, so it comes in a form and stands in no address and no log.
func (p *Portal) suggest(r *web.Request) error {
	text := strings.TrimSpace(r.Form("q"))
	if n := len([]rune(text)); n < minSearch || n > mail.MaxAddress {
		return r.JSON(http.StatusOK, []suggestion{})
	}
	list, err := p.suggestions(r, text)
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, list)
}

func (p *Portal) suggestions(r *web.Request, text string) ([]suggestion, error) {
	who, box := p.reader(r), mail.ID{}
	if s := r.Form("box"); s != "" {
		var err error
		if box, err = mail.ParseID(s); err != nil {
			return nil, err
		}
	}
	list := []suggestion{}
	written, err := p.Desk.WrittenTo(r.Context(), who, box, text, suggestAtOnce)
	if err != nil {
		return nil, err
	}
	found, _, err := p.Office.FindContacts(r.Context(), who.ID, text, suggestAtOnce)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		list = append(list, suggestion{Name: nameBeside(c.Name, c.Address), Address: string(c.Address), Phone: string(c.Phone), Where: c.Unit.Name})
	}
	for _, w := range written {
		there := slices.ContainsFunc(list, func(s suggestion) bool { return mail.Address(s.Address).Key() == w.Address.Key() })
		if !there {
			list = append(list, suggestion{Name: nameBeside(w.Name, w.Address), Address: string(w.Address), Where: r.T("page.write.lookup.before")})
		}
	}
	return list[:min(suggestAtOnce, len(list))], nil
}

// nameBeside is a name that says more than the address; else "".
func nameBeside(name string, a mail.Address) string {
	if name == string(a) {
		return ""
	}
	return name
}
