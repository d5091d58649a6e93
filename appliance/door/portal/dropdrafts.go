package portal

import (
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

func (p *Portal) dropOwnDrafts(r *web.Request, s *access.Session) error {
	return p.dropDrafts(r, s, ownBox())
}

// dropDrafts destroys the drafts that are chosen in a list. It cannot be undone, so the list
// asks first, with how many they are.
func (p *Portal) dropDrafts(r *web.Request, s *access.Session, b boxView) error {
	ids, err := chosenOf(r)
	if err != nil {
		return err
	}
	if len(ids) == 0 || r.Form("sure") != "yes" {
		return p.askToDrop(r, s, b, ids)
	}
	dropped, err := p.Desk.DropDrafts(r.Context(), p.reader(r), ids)
	if err != nil {
		return err
	}
	switch len(dropped) {
	case 0:
		r.Flash("flash.dropped.none")
	case 1:
		r.Flash("flash.dropped")
	default:
		r.Flash("flash.dropped.many")
	}
	return r.Redirect(b.folder(folderNames[mail.Drafts]) + placeOf(r.Form).query(""))
}

// askToDrop shows those that are chosen and no others, and says what will become of them.
func (p *Portal) askToDrop(r *web.Request, s *access.Session, b boxView, ids []mail.ID) error {
	at := placeOf(r.Form)
	if len(ids) == 0 {
		return p.folder(r, s, b, mail.Drafts, at, &web.Alert{Tone: web.Danger, Text: r.T("page.mailbox.choose.none.drafts")})
	}
	page := &mailboxPage{Box: b, Folder: folderNames[mail.Drafts], At: at}
	if err := p.fillFolder(r, s, page, mail.Drafts); err != nil {
		return err
	}
	chosen := map[string]bool{}
	for _, id := range ids {
		chosen[id.String()] = true
	}
	page.Next, page.Lines = "", slices.DeleteFunc(page.Lines, func(l mailboxLine) bool { return !chosen[l.ID] })
	for _, l := range page.Lines {
		page.Drops = append(page.Drops, l.ID)
	}
	if len(page.Drops) == 0 {
		r.Flash("flash.dropped.none")
		return r.Redirect(b.Path + "/drafts")
	}
	return r.Page("portal/mailbox", page)
}
