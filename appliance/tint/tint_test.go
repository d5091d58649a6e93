package tint_test

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance/tint"
	"sigill/embed"
)

// variables reads what a style sheet says of light and of dark pages.
func variables(t *testing.T, css string) (light, dark map[string]tint.Colour) {
	t.Helper()
	blocks := regexp.MustCompile(`\{([^{}]*)\}`).FindAllStringSubmatch(css, -1)
	if len(blocks) != 3 || blocks[1][1] != blocks[2][1] {
		t.Fatalf("%d blocks", len(blocks))
	}
	read := func(block string) map[string]tint.Colour {
		out := map[string]tint.Colour{}
		for _, m := range regexp.MustCompile(`--(?:ds-color-accent|sigill)-([a-z-]+):(#[0-9a-f]{6})`).FindAllStringSubmatch(block, -1) {
			c, err := tint.Parse(m[2])
			if err != nil {
				t.Fatal(err)
			}
			out[m[1]] = c
		}
		return out
	}
	return read(blocks[0][1]), read(blocks[1][1])
}

// pairs are what must contrast, and how much. On each ground there are the greys of the
// design system, too.
func pairs() (list []struct {
	over, under string
	least       float64
}) {
	add := func(over, under string, least float64) {
		list = append(list, struct {
			over, under string
			least       float64
		}{over, under, least})
	}
	for _, ground := range []string{"background-default", "background-tinted", "surface-default", "surface-tinted"} {
		add("text-default", ground, 7)
		add("text-subtle", ground, 4.5)
		add("border-default", ground, 3)
		add("border-strong", ground, 4.5)
	}
	for _, ground := range []string{"surface-hover", "surface-active"} {
		add("text-default", ground, 4.5)
	}
	for _, base := range []string{"base-default", "base-hover", "base-active"} {
		add("base-contrast-default", base, 4.5)
		add("base-contrast-subtle", base, 4.5)
		add(base, "surface-default", 3)
		add(base, "background-default", 3)
	}
	for _, ground := range []string{"background-default", "background-tinted", "surface-default"} {
		add("line", ground, 3)
	}
	return list
}

func TestContrast(t *testing.T) {
	check := func(t *testing.T, main, line string) {
		t.Helper()
		p, ok := tint.Of(main, line)
		if !ok {
			t.Fatalf("%s and %s make no palette", main, line)
		}
		light, dark := variables(t, p.CSS())
		for page, v := range map[string]map[string]tint.Colour{"light": light, "dark": dark} {
			if len(v) != 17 {
				t.Fatalf("%s: %d variables", page, len(v))
			}
			for _, x := range pairs() {
				if got := tint.Contrast(v[x.over], v[x.under]); got < x.least {
					t.Errorf("%s and %s, %s: %s %s on %s %s has %.2f, not %.1f", main, line, page, x.over, v[x.over], x.under, v[x.under], got, x.least)
				}
			}
		}
	}
	t.Run("whatever two colours are chosen, all that must be told apart can be", func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for range 400 {
			check(t, fmt.Sprintf("#%06x", r.IntN(1<<24)), fmt.Sprintf("#%06x", r.IntN(1<<24)))
		}
	})
	t.Run("at the ends of what a screen shows, too", func(t *testing.T) {
		for _, c := range []string{"#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#ff00ff", "#808080", "#010101", "#fefefe", "#ffcc00"} {
			check(t, c, c)
			check(t, c, "")
			check(t, "", c)
		}
	})
}

func TestCorrections(t *testing.T) {
	t.Run("a colour that can be read is used as it is", func(t *testing.T) {
		p, _ := tint.Of("#0b4f8a", "#0b4f8a")
		if light, _ := p.Base(); light.String() != "#0b4f8a" || p.LineLight.String() != "#0b4f8a" {
			t.Error(light, p.LineLight)
		}
		for _, c := range p.Corrections() {
			if !c.Dark {
				t.Errorf("%+v", c)
			}
		}
	})
	t.Run("one that is too light is darkened in its own hue, and that is told", func(t *testing.T) {
		p, _ := tint.Of("#ffcc00", "#0b4f8a")
		light, _ := p.Base()
		told := p.Corrections()
		if len(told) == 0 || told[0].Of != "main" || told[0].Dark || told[0].Asked.String() != "#ffcc00" || told[0].Used != light {
			t.Fatalf("%+v", told)
		}
		if light.R <= light.G || light.G <= light.B { // still a yellow, if a brown one
			t.Error(light)
		}
	})
	t.Run("what is no colour makes no palette", func(t *testing.T) {
		for _, c := range []string{"", "red", "#fff", "#12345g", "0b4f8a", "#0b4f8a;"} {
			if _, ok := tint.Of(c, ""); ok {
				t.Error(c)
			}
		}
		for _, n := range []string{"", "-", "0b4f8a", "0b4f8a-", "0B4F8A-0b4f8a", "0b4f8a-0b4f8a-0", "../../-000000", "+b4f8a-000000"} {
			if _, ok := tint.ByName(n); ok {
				t.Error(n)
			}
		}
	})
	t.Run("a palette is found by its name", func(t *testing.T) {
		p, _ := tint.Of("#ffcc00", "#0b4f8a")
		q, ok := tint.ByName(p.Name())
		if !ok || q.CSS() != p.CSS() || q.Path() != p.Path() {
			t.Error(p.Path(), q.Path())
		}
	})
}

// The luminances of our scales are those of the design system's accent.
func TestModel(t *testing.T) {
	theme, err := fs.ReadFile(embed.Static, "static/designsystemet/theme.css")
	if err != nil {
		t.Fatal(err)
	}
	// A palette whose colour is the design system's own is the design system's own.
	p, _ := tint.Of("#0062ba", "#0062ba")
	light, dark := variables(t, p.CSS())
	for page, v := range map[string]map[string]tint.Colour{"light": light, "dark": dark} {
		_, block, _ := strings.Cut(string(theme), "@layer ds.theme.color-scheme."+page)
		for _, m := range regexp.MustCompile(`--ds-color-accent-([a-z-]+):(#[0-9a-f]{3,6})`).FindAllStringSubmatch(block, 16) {
			if len(m[2]) == 4 {
				m[2] = "#" + strings.Repeat(m[2][1:2], 2) + strings.Repeat(m[2][2:3], 2) + strings.Repeat(m[2][3:4], 2)
			}
			theirs, err := tint.Parse(m[2])
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(m[1], "base") {
				continue // the colour that was chosen, and what follows from it
			}
			if d := v[m[1]].Luminance() - theirs.Luminance(); d > 0.01 || d < -0.01 {
				t.Errorf("%s, %s: %s is not as bright as %s", page, m[1], v[m[1]], theirs)
			}
		}
	}
}
