package appliance_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance/door/portal"
	"sigill/appliance/door/web"
	"sigill/appliance/handbook"
	"sigill/appliance/mail"
	"sigill/embed"
)

// editions are the handbook in all its languages.
func editions(t testing.TB) (list []*handbook.Edition) {
	t.Helper()
	tree, err := fs.Sub(embed.Handbook, "handbook")
	if err != nil {
		t.Fatal(err)
	}
	h, err := handbook.New(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range h.Languages() {
		e, err := h.In(lang)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// TestHandbook holds what the handbook says against the routes: what it leads to is there,
// and what leads to it is in it.
func TestHandbook(t *testing.T) {
	pages := map[string]bool{} // routes without a parameter
	all := map[string]bool{}
	for _, r := range routes(t) {
		if r.Method == "GET" {
			pages[r.Path] = !strings.Contains(r.Path, ":")
		}
		all[r.Path] = true
	}
	for _, e := range editions(t) {
		chapters := map[string]bool{"/handbook": true}
		for _, c := range e.Chapters {
			chapters[c.Path()] = true
		}
		t.Run(e.Lang+": every link leads to a chapter or a page", func(t *testing.T) {
			for _, c := range e.Chapters {
				for _, to := range c.Links {
					if !chapters[to] && !pages[to] {
						t.Errorf("%s leads to %s, which is neither", c.Path(), to)
					}
				}
			}
		})
		t.Run(e.Lang+": every page's help is a chapter", func(t *testing.T) {
			for route := range all {
				for _, v := range []web.Viewer{{}, {Kind: web.Person}, {Kind: web.Person, Recipient: true}, {Kind: web.Person, Roles: mail.RoleAdmin}} {
					if to := portal.HelpFor(route, v); !chapters[to] {
						t.Errorf("%s is helped by %s, which is no chapter", route, to)
					}
				}
			}
			for _, route := range portal.Helped() {
				if !all[route] {
					t.Errorf("there is help for %s, which is no route", route)
				}
			}
		})
		t.Run(e.Lang+": whoever runs the machine reads of its own matters at To do", func(t *testing.T) {
			organiser, admin := web.Viewer{Kind: web.Person, Roles: mail.RoleOrganiser}, web.Viewer{Kind: web.Person, Roles: mail.RoleAdmin}
			if o, a := portal.HelpFor("/todo", organiser), portal.HelpFor("/todo", admin); o != "/handbook/organiser/todo" || a != "/handbook/administrator/todo" {
				t.Errorf("an organiser is led to %s, an administrator to %s", o, a)
			}
		})
		t.Run(e.Lang+": every link in a template leads to a chapter", func(t *testing.T) {
			link := regexp.MustCompile(`href="(/handbook/[a-z-]+/[a-z-]+)"`)
			found := 0
			err := fs.WalkDir(embed.Templates, ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				for _, m := range link.FindAllStringSubmatch(string(readFile(t, "../embed/"+name)), -1) {
					if found++; !chapters[m[1]] {
						t.Errorf("%s leads to %s, which is no chapter", name, m[1])
					}
				}
				return nil
			})
			if err != nil || found < 5 {
				t.Errorf("%d links found, %v", found, err)
			}
		})
	}
}
