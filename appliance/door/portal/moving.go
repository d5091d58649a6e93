package portal

import (
	"slices"
	"sync"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// aside is what the portal keeps in memory beside a session, and nowhere else.
type aside struct {
	mu      sync.Mutex
	moves   []mail.ID // which letters were just moved
	trashed bool      // into the trash; else out of it
	finders map[mail.ID]*desk.Finder
}

func asideOf(s *access.Session) *aside {
	return s.Aside(func() any { return &aside{finders: map[mail.ID]*desk.Finder{}} }).(*aside)
}

// movedView says what was just moved, with the way back.
type movedView struct {
	IDs   []string
	Trash bool // it lies in the trash now
}

// tellMoved keeps for the next list what was moved, or has it say that nothing was.
func tellMoved(r *web.Request, s *access.Session, ids []mail.ID, trash bool) {
	if len(ids) == 0 {
		r.Flash("flash.unmoved")
	}
	a := asideOf(s)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.moves, a.trashed = ids, trash
}

// moved returns what was just moved, once; nil if nothing was.
func (p *Portal) moved(_ *web.Request, s *access.Session) *movedView {
	a := asideOf(s)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.moves) == 0 {
		return nil
	}
	v := &movedView{Trash: a.trashed}
	for _, id := range a.moves {
		v.IDs = append(v.IDs, id.String())
	}
	a.moves = nil
	return v
}

func (p *Portal) moveOwn(r *web.Request, s *access.Session) error { return p.moveMany(r, s, ownBox()) }

// moveMany puts the letters that are chosen in a list into the trash, or takes them out.
// Whose they are the desk finds out for each. The list that it came from is shown again,
// with the way back.
func (p *Portal) moveMany(r *web.Request, s *access.Session, b boxView) error {
	f := folderNamed(r.Form("folder"))
	at := placeOf(r.Form)
	var ids []mail.ID
	for _, text := range r.FormAll("id") {
		id, err := mail.ParseID(text)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return p.folder(r, s, b, f, at, &web.Alert{Tone: web.Danger, Text: r.T("page.mailbox.choose.none")})
	}
	trash := r.Form("do") != "restore"
	moved, err := p.Desk.Move(r.Context(), p.reader(r), ids, trash)
	if err != nil {
		return err
	}
	tellMoved(r, s, moved, trash)
	return r.Redirect(b.folder(folderNames[f]) + at.query(""))
}

// folderNamed returns the folder that a form names; the inbox for none of them.
func folderNamed(name string) mail.Folder {
	return mail.Folder(max(slices.Index(folderNames[:], name), int(mail.Inbox)))
}
