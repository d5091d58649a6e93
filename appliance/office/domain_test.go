package office_test

import (
	"context"
	"slices"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/office"
)

func TestDomains(t *testing.T) {
	h := newHouseOf(t)
	d, err := h.AddDomain(ctx, h.actor["it"], "Vard.Example")
	fine(t, err)
	host, value := office.Challenge(d)
	var answer []string
	h.LookupTXT = func(_ context.Context, name string) ([]string, error) {
		if name != host+"." {
			t.Errorf("asked for %s", name)
		}
		return answer, nil
	}
	t.Run("only an administrator has to do with domains", func(t *testing.T) {
		_, err := h.AddDomain(ctx, h.actor["karin"], "annan.example")
		want(t, err, mail.Absent)
		want(t, h.ProveDomain(ctx, h.actor["karin"], d.Name), mail.Absent)
		want(t, h.VouchDomain(ctx, h.actor["karin"], d.Name, d.Name), mail.Absent)
		want(t, h.RemoveDomain(ctx, h.actor["karin"], d.Name), mail.Absent)
	})
	t.Run("one that is not proven is nobody's", func(t *testing.T) {
		want(t, h.ProveDomain(ctx, h.actor["it"], d.Name), mail.Invalid)
		if _, ok, err := h.Resident(ctx, "eva@vard.example", ""); ok || err != nil || slices.Contains(h.OurDomains(), d.Name) {
			t.Error(ok, err, h.OurDomains())
		}
	})
	t.Run("proven once, it stays so, also in the next process", func(t *testing.T) {
		answer = []string{"something", value}
		fine(t, h.ProveDomain(ctx, h.actor["it"], d.Name))
		answer = nil
		fine(t, h.VouchDomain(ctx, h.actor["it"], d.Name, "VARD.example"))
		list, err := h.AddedDomains(ctx)
		fine(t, err)
		if len(list) != 1 || list[0].Proof != mail.ProvenByDNS {
			t.Errorf("%+v", list)
		}
		if !slices.Contains(h.another().OurDomains(), d.Name) {
			t.Error(h.another().OurDomains())
		}
		if _, ok, err := h.Resident(ctx, "eva@vard.example", "Eva"); !ok || err != nil {
			t.Error(ok, err)
		}
	})
	t.Run("it is kept when somebody has been here with an address there; one that is not proven goes in any case", func(t *testing.T) {
		h.comes("eva@vard.example")
		want(t, h.RemoveDomain(ctx, h.actor["it"], d.Name), mail.Invalid)
		e, err := h.AddDomain(ctx, h.actor["it"], "tom.example")
		fine(t, err)
		fine(t, h.RemoveDomain(ctx, h.actor["it"], e.Name))
		want(t, h.RemoveDomain(ctx, h.actor["it"], e.Name), mail.Absent)
	})
	t.Run("a domain that is there in another spelling is known", func(t *testing.T) {
		_, err := h.AddDomain(ctx, h.actor["it"], "ÅR.example")
		fine(t, err)
		_, err = h.AddDomain(ctx, h.actor["it"], "xn--r-1fa.example")
		want(t, err, mail.Invalid)
		_, err = h.AddDomain(ctx, h.actor["it"], "kommun.example")
		want(t, err, mail.Invalid)
		_, err = h.AddDomain(ctx, h.actor["it"], "co.uk")
		want(t, err, mail.Invalid)
	})
	t.Run("a slip is taken back while only a letter has come there", func(t *testing.T) {
		e, err := h.AddDomain(ctx, h.actor["it"], "fel.example")
		fine(t, err)
		fine(t, h.VouchDomain(ctx, h.actor["it"], e.Name, e.Name))
		if _, ok, err := h.Resident(ctx, "bo@fel.example", "Bo"); !ok || err != nil {
			t.Fatal(ok, err)
		}
		fine(t, h.RemoveDomain(ctx, h.actor["it"], e.Name))
		if _, ok, err := h.Resident(ctx, "bo@fel.example", "Bo"); ok || err != nil {
			t.Error("is one of the house still: ", ok, err)
		}
	})
	t.Run("both spellings of a domain are the house's", func(t *testing.T) {
		fine(t, h.VouchDomain(ctx, h.actor["it"], "år.example", "år.example"))
		if _, ok, err := h.Resident(ctx, "eva@xn--r-1fa.example", "Eva"); !ok || err != nil {
			t.Error(ok, err)
		}
	})
}
