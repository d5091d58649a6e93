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
	moves   []mail.ID // which letters were just moved, or marked
	did     deed
	finders map[mail.ID]*desk.Finder
}

// deed is what was done to letters of a list, as buttons and catalogue name it.
type deed string

// The deeds, and how each is undone.
const (
	toTrash  deed = "trash"
	restored deed = "restore"
	asRead   deed = "read"
	asUnread deed = "unread"
)

var undoes = map[deed]deed{toTrash: restored, restored: toTrash, asRead: asUnread, asUnread: asRead}

func asideOf(s *access.Session) *aside {
	return s.Aside(func() any { return &aside{finders: map[mail.ID]*desk.Finder{}} }).(*aside)
}

// movedView says what was just moved or marked, with the way back.
type movedView struct {
	IDs  []string
	Did  string
	Undo string
}

// tellMoved keeps for the next list what was done, or has it say that nothing was moved.
func tellMoved(r *web.Request, s *access.Session, ids []mail.ID, did deed) {
	if len(ids) == 0 && (did == toTrash || did == restored) {
		r.Flash("flash.unmoved")
	}
	a := asideOf(s)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.moves, a.did = ids, did
}

// moved returns what was just done, once; nil if nothing was.
func (p *Portal) moved(_ *web.Request, s *access.Session) *movedView {
	a := asideOf(s)
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.moves) == 0 {
		return nil
	}
	v := &movedView{Did: string(a.did), Undo: string(undoes[a.did])}
	for _, id := range a.moves {
		v.IDs = append(v.IDs, id.String())
	}
	a.moves = nil
	return v
}

func (p *Portal) moveOwn(r *web.Request, s *access.Session) error { return p.moveMany(r, s, ownBox()) }

// moveMany puts the letters that are chosen in a list into the trash, takes them out, or
// marks them as read or unread.
// Whose they are the desk finds out for each. The list that it came from is shown again,
// with the way back.
func (p *Portal) moveMany(r *web.Request, s *access.Session, b boxView) error {
	f := folderNamed(r.Form("folder"))
	at := placeOf(r.Form)
	ids, err := chosenOf(r)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return p.folder(r, s, b, f, at, &web.Alert{Tone: web.Danger, Text: r.T("page.mailbox.choose.none")})
	}
	did := deed(r.Form("do"))
	var moved []mail.ID
	switch did {
	case asRead, asUnread:
		moved, err = p.Desk.Mark(r.Context(), p.reader(r), ids, did == asUnread)
	case toTrash, restored:
		moved, err = p.Desk.Move(r.Context(), p.reader(r), ids, did == toTrash)
	default:
		err = mail.E(mail.Invalid, "error.invalid", nil)
	}
	if err != nil {
		return err
	}
	tellMoved(r, s, moved, did)
	return r.Redirect(b.folder(folderNames[f]) + at.query(""))
}

// chosenOf returns what is chosen in a list.
func chosenOf(r *web.Request) (ids []mail.ID, err error) {
	for _, text := range r.FormAll("id") {
		id, err := mail.ParseID(text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// folderNamed returns the folder that a form names; the inbox for none of them.
func folderNamed(name string) mail.Folder {
	return mail.Folder(max(slices.Index(folderNames[:], name), int(mail.Inbox)))
}
