package office

import (
	"maps"
	"strings"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// costing is a unit and its cost centre there.
type costing struct {
	unit mail.ID
	code string
}

// agreed is the cost centre of each unit of which all people in the directory have the same
// one. A unit is one in however many spellings it is named.
func (p *directoryPlan) agreed(t *org.Tree) map[mail.ID]string {
	names, units, codes := t.Names(), map[string]org.Unit{}, map[mail.ID]string{}
	for _, r := range p.all {
		if len(r.Path) == 0 || p.plan.Refused[r.Line] || p.stays[r.Line] {
			continue
		}
		k := strings.Join(r.Path, "\n")
		u, ok := units[k]
		if !ok {
			u, _ = names.Unit(mail.RootUnit, r.Path)
			units[k] = u
		}
		if u.Kind != mail.Department || u.ID.IsZero() {
			continue
		}
		if had, ok := codes[u.ID]; ok && had != r.CostCentre {
			r.CostCentre = "" // they do not agree, so it is left alone
		}
		codes[u.ID] = r.CostCentre
	}
	maps.DeleteFunc(codes, func(_ mail.ID, code string) bool { return code == "" })
	return codes
}

// costCentres finds the units whose people have another cost centre in the directory than
// before, and than here. What was set here by hand since stays.
func (p *directoryPlan) costCentres(t *org.Tree) {
	for id, code := range p.agreed(t) {
		if u, err := t.Unit(id); err == nil && u.CostCentre != code && p.said[id.String()] != code {
			p.costs = append(p.costs, costing{id, code})
		}
	}
}

// nowSaid is what the directory has said of cost centres by now, also of units that were
// made meanwhile. Where its people do not agree any more, what they had before is kept.
func (p *directoryPlan) nowSaid() map[string]string {
	said := maps.Clone(p.said)
	if said == nil {
		said = map[string]string{}
	}
	p.o.Tree(func(t *org.Tree) {
		maps.DeleteFunc(said, func(id, _ string) bool {
			u, err := mail.ParseID(id)
			if err == nil {
				_, err = t.Unit(u)
			}
			return err != nil
		})
		for id, code := range p.agreed(t) {
			said[id.String()] = code
		}
	})
	return said
}
