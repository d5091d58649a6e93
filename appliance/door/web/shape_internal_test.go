package web

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"sigill/embed"
)

func TestShapes(t *testing.T) {
	static, err := fs.Sub(embed.Static, "static")
	if err != nil {
		t.Fatal(err)
	}
	t.Run("every shape that a page may have is a style sheet", func(t *testing.T) {
		shape := regexp.MustCompile(`(?:define|block) "shape"[^}]*\}\}((?:\{\{[^}]*\}\}|[a-z])*)\{\{end\}\}`)
		files, err := fs.Glob(embed.Templates, "template/*/*.html")
		if err != nil {
			t.Fatal(err)
		}
		shapes := map[string]bool{}
		for _, f := range files {
			text, err := fs.ReadFile(embed.Templates, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range shape.FindAllStringSubmatch(string(text), -1) {
				for word := range strings.FieldsSeq(regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAllString(m[1], " ")) {
					shapes[word] = true
				}
			}
		}
		if len(shapes) != 2 {
			t.Error(shapes)
		}
		a, err := LoadAssets(static)
		if err != nil {
			t.Fatal(err)
		}
		for s := range shapes {
			if _, err := a.Path(s + ".css"); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("a list that names what is not there does not start", func(t *testing.T) {
		_, err := LoadAssets(fstest.MapFS{"a.bundle": {Data: []byte("- b.css\n")}})
		if err == nil {
			t.Error("started")
		}
	})
}
