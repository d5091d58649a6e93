package portal

import (
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// guest is a handler for a visit; the visit fits the route.
type guest func(r *web.Request, v *visit) error

// What a visit is good for, by the code that was shown and by the proof.

func (v *visit) waits() bool   { return v.letter.Kind == mail.CodeGuest && !v.proven() }
func (v *visit) reads() bool   { return v.letter.Kind == mail.CodeGuest && v.proven() }
func (v *visit) mends() bool   { return v.letter.Kind == mail.CodeRepair && v.proven() }
func (v *visit) invited() bool { return v.letter.Kind == mail.CodeInvitation }

// on is a route for visits that are good for it. Whoever has none begins at the code.
func on(good func(*visit) bool, h guest) func(*web.Request) error {
	return func(r *web.Request) error {
		v, ok := r.Viewer().Value.(*visit)
		if !ok || !good(v) {
			return r.Redirect("/m")
		}
		return h(r, v)
	}
}

// lasting tells the truth to whose letter has ended since the code was shown.
func (p *Portal) lasting(h guest) guest {
	return func(r *web.Request, v *visit) error {
		err := h(r, v)
		if mail.KindOf(err) == mail.Gone {
			return p.ended(r, err)
		}
		return err
	}
}

// reading is a route to the letter itself, for who was let in to it.
func (p *Portal) reading(h guest) func(*web.Request) error { return on((*visit).reads, p.lasting(h)) }
