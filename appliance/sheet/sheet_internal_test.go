package sheet

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"sigill/embed"
)

func TestTrim(t *testing.T) {
	for _, c := range []struct{ name, css, want string }{
		{"comments and indentation go", "/* a */\n.a {\n  color: red; /* b */\n}\n/* unended", ".a {\ncolor: red;\n}\n"},
		{"a property that nobody asks for goes", ":root{--a:1px;--b:2px}.x{margin:var(--b)}", ":root{--b:2px}.x{margin:var(--b)}\n"},
		{"and what only it had asked for", ":root{--a:var( --b );--b:var(--c);--c:1px;color:red}", ":root{color:red}\n"},
		{"in every block that sets it", ".a{--a:1}.b{color:red;--a:2;}", ".a{}.b{color:red;}\n"},
		{"its value ends where its block does, whatever stands in brackets and strings", `.a{--a:url(data:x;{});--b:"};\"";--c:3}.b{color:red}`, ".a{}.b{color:red}\n"},
		{"a name within a class or a condition asks for nothing and is left", "@supports (--a:0){.b--c:hover{color:red}}", "@supports (--a:0){.b--c:hover{color:red}}\n"},
		{"one that is registered stays", "@property --a{syntax:'*'}.a{--a:1}", "@property --a{syntax:'*'}.a{--a:1}\n"},
		{"a block that never ends is kept", ".a{color:red;--a:1", ".a{color:red;\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := trim(c.css); strings.TrimSpace(got) != strings.TrimSpace(c.want) {
				t.Errorf("%q", got)
			}
		})
	}
}

func TestSheets(t *testing.T) {
	static, err := fs.Sub(embed.Static, "static")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what our own style sheets ask for is declared", func(t *testing.T) {
		ours, err := fs.Glob(static, "*.css")
		if err != nil || len(ours) < 2 {
			t.Fatal(ours, err)
		}
		for _, list := range []string{"narrow.bundle", "wide.bundle", "trap.bundle"} {
			css, made, err := Read(static, list)
			if err != nil {
				t.Fatal(err)
			}
			declared := map[string]bool{"--sigill-line": true, "--in": true} // of a unit's own colours; of a line that stands further in
			for _, p := range properties(css) {
				if p.declared {
					declared[p.name] = true
				}
			}
			for _, name := range ours {
				if !slices.Contains(made, name) {
					continue
				}
				text, err := fs.ReadFile(static, name)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range properties(uncommented(string(text))) {
					if !declared[p.name] && !p.declared {
						t.Errorf("%s in %s: %s asks for what nobody declares", p.name, list, name)
					}
				}
			}
		}
	})
	t.Run("a wide page has all that a narrow one has, in the same order", func(t *testing.T) {
		_, narrow, err := Read(static, "narrow.bundle")
		if err != nil {
			t.Fatal(err)
		}
		_, wide, err := Read(static, "wide.bundle")
		if err != nil {
			t.Fatal(err)
		}
		wide = slices.DeleteFunc(wide, func(name string) bool { return !slices.Contains(narrow, name) })
		if !slices.Equal(narrow, wide) {
			t.Error(narrow, wide)
		}
	})
}
