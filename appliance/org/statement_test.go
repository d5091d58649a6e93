package org_test

import (
	"strings"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

func TestStatement(t *testing.T) {
	for what, c := range map[string]struct {
		in  org.Statement
		say string
	}{
		"nothing said":                  {in: org.Statement{}},
		"partly":                        {in: org.Statement{Meets: org.MeetsPartly, Lacks: "Kartan.\r\nRing."}},
		"fully, with what is outside":   {in: org.Statement{Meets: org.MeetsFully, Outside: "Gamla dokument."}},
		"fully, though something lacks": {org.Statement{Meets: org.MeetsFully, Lacks: "Kartan."}, "error.statement.fully"},
		"fully, though it is a burden":  {org.Statement{Meets: org.MeetsFully, Burden: "Filmer."}, "error.statement.fully"},
		"no such word":                  {org.Statement{Meets: "perhaps"}, "error.statement.meets"},
		"as long as it may be":          {in: org.Statement{Lacks: strings.Repeat("å", org.MaxStatement)}},
		"too long":                      {org.Statement{Lacks: strings.Repeat("å", org.MaxStatement+1)}, "error.statement.long"},
		"a sign that no page shows":     {org.Statement{Tested: "a\x00b"}, "error.statement.long"},
		"not UTF-8":                     {org.Statement{Body: "\xff"}, "error.statement.long"},
		"an address":                    {in: org.Statement{Official: " https://was.digst.dk/kommune-dk "}},
		"a script as an address":        {org.Statement{Official: "javascript:alert(1)"}, "error.statement.url"},
		"an address in clear":           {org.Statement{BodyURL: "http://example.org"}, "error.statement.url"},
		"an address with a name in it":  {org.Statement{BodyURL: "https://a:b@example.org"}, "error.statement.url"},
		"an address without end":        {org.Statement{BodyURL: "https://example.org/" + strings.Repeat("a", 300)}, "error.statement.url"},
	} {
		t.Run(what, func(t *testing.T) {
			out, err := c.in.Clean()
			if c.say == "" {
				if err != nil || out.Meets == "" || strings.ContainsAny(out.Lacks+out.Official, "\r ") && what != "partly" {
					t.Errorf("%+v, %v", out, err)
				}
				return
			}
			if e, ok := err.(*mail.Error); !ok || e.Kind != mail.Invalid || e.Say != c.say {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestLinkFree(t *testing.T) {
	tree := org.New("Kommunen")
	unit := func(name string, parent mail.ID, links mail.Links) mail.ID {
		u := org.Unit{ID: mail.NewID(), Parent: parent, Kind: mail.Department, Label: org.Label{Name: name}, Links: links}
		tree.PutUnit(u)
		return u.ID
	}
	social := unit("Social", mail.RootUnit, mail.LinksAbove)
	help := unit("Bistånd", social, mail.LinksLeftOut)
	young := unit("Barn", help, mail.LinksAbove)
	shown := unit("Öppet", help, mail.LinksGiven)
	person := func(home mail.ID) mail.ID {
		p := org.Person{ID: mail.NewID(), Address: mail.Address(mail.NewID().String() + "@example.se")}
		tree.PutPerson(p)
		if !home.IsZero() {
			tree.Place(p.ID, home, true)
		}
		return p.ID
	}
	box := org.Mailbox{ID: mail.NewID(), Unit: young, Address: "barn@example.se", Name: "Barn"}
	tree.PutMailbox(box)
	want := func(who string, owner mail.ID, free bool) {
		t.Helper()
		if tree.LinkFree(owner) != free {
			t.Errorf("%s: %t", who, !free)
		}
	}
	want("of a department that says nothing, in a house that does not either", person(social), false)
	want("of one that leaves links out", person(help), true)
	want("of one below it", person(young), true)
	want("of one below it that wants them", person(shown), false)
	want("of a function mailbox there", box.ID, true)
	want("of somebody without a home", person(mail.ID{}), false)
	want("of nobody", mail.ID{}, false)
	root, _ := tree.Unit(mail.RootUnit)
	root.Links = mail.LinksLeftOut
	tree.PutUnit(root)
	want("of nobody, when the house leaves links out", mail.ID{}, true)
	want("of a department that says nothing then", person(social), true)
}
