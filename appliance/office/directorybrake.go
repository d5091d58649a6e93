package office

import (
	"encoding/hex"
	"slices"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// DirectoryHeld is whom a braked reading would have come to, as somebody must see them before saying
// yes: heldShown at most.
type DirectoryHeld struct {
	Suspended []DirectoryWho `json:"suspended,omitempty"`
	Moved     []DirectoryWho `json:"moved,omitempty"`
	New       []DirectoryWho `json:"new,omitempty"`
	More      int            `json:"more,omitempty"` // who are not among those
}

// DirectoryWho is one of the people whom the brake holds.
type DirectoryWho struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
	To      string `json:"to,omitempty"` // the unit, from the top; "" for who is suspended
}

// heldShown is how many people a braked reading names: more than anybody looks through.
const heldShown = 200

// brake reports whether a reading comes to more people at once than it may, and not to those
// whom somebody has said yes to. Then it writes into the run who they are.
func (p *directoryPlan) brake(run *DirectoryRun, allow string) bool {
	moved, made := slices.Concat(p.plan.Moved, p.plan.Joined), p.plan.New
	if !p.begun {
		made = nil // the first time everybody is, and somebody looks
	}
	n := len(p.suspend) + len(moved) + len(made)
	if n <= max(brakeLeast, p.in*p.o.Directory.Brake/100) {
		return false
	}
	yes := p.yes(moved, made)
	if allow == yes {
		return false
	}
	run.Braked, run.Allow, run.Held = n, yes, DirectoryHeld{More: n}
	leave := slices.SortedFunc(slices.Values(p.suspend), func(a, b leaving) int { return strings.Compare(string(a.who.Address), string(b.who.Address)) })
	run.Held.add(&run.Held.Suspended, len(leave), func(i int) DirectoryWho {
		who := leave[i].who
		return DirectoryWho{Name: who.Name, Address: string(who.Address)}
	})
	run.Held.add(&run.Held.Moved, len(moved), func(i int) DirectoryWho { return whoTo(moved[i]) })
	run.Held.add(&run.Held.New, len(made), func(i int) DirectoryWho { return whoTo(made[i]) })
	return true
}

func (h *DirectoryHeld) add(list *[]DirectoryWho, n int, who func(int) DirectoryWho) {
	for i := range min(n, heldShown-len(h.Suspended)-len(h.Moved)-len(h.New)) {
		*list = append(*list, who(i))
	}
	h.More -= len(*list)
}

func whoTo(s org.Seat) DirectoryWho {
	return DirectoryWho{Name: s.Row.Name, Address: string(s.Row.Address), To: strings.Join(s.Row.Path, " / ")}
}

// yes is what stands for exactly these people and what would be done to each, in any order:
// a keyed hash, which nobody who has not seen them has.
func (p *directoryPlan) yes(moved, made []org.Seat) string {
	var list []string
	add := func(what string, d mail.DirectoryPerson) {
		list = append(list, what+string(d.ID[:])+string(d.Name[:])+string(d.Units[:])+string(d.Person[:]))
	}
	for _, d := range p.suspend {
		add("suspend", d.DirectoryPerson)
	}
	for _, s := range moved {
		add("move", p.read.lines[s.Row.Line])
	}
	for _, s := range made {
		add("make", p.read.lines[s.Row.Line])
	}
	slices.Sort(list)
	return hex.EncodeToString(p.o.App.Tag("directory.yes", strings.Join(list, "")))
}
