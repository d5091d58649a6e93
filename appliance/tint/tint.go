// Package tint makes the colours of all pages and notices from the two that a unit
// chooses.
//
// It never lets through what cannot be read: what is too light or too dark is moved, in
// its own hue, until it has the contrasts of WCAG 2.2, and it says so.
//
// On the wire is a style sheet of variables, a few hundred bytes when compressed, whose
// path tells all that is in it.
//
// What holds always: the same two colours give the same bytes; each pair that must
// contrast does, on light pages and on dark ones.
package tint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Palette are the colours of a unit.
type Palette struct {
	Light, Dark         Scale
	LineLight, LineDark Colour // below the header, and on what is printed
	main, line          Colour
}

// Of makes the colours from those that were chosen, as Parse reads them. Either may be
// empty: without the second the line has the first's colour; without the first the
// scales are the design system's own. Neither is no palette; ok is false.
func Of(main, line string) (p Palette, ok bool) {
	m, errMain := Parse(main)
	l, errLine := Parse(line)
	switch {
	case errMain != nil && errLine != nil:
		return p, false
	case errMain != nil:
		m, _ = Parse(model.light[baseDefault])
	case errLine != nil:
		l = m
	}
	p = Palette{main: m, line: l, Light: light(m), Dark: dark(m)}
	x := l.hued()
	seen := func(s Scale) func(Colour) bool {
		return func(c Colour) bool {
			return Contrast(c, s[backgroundDefault]) >= visible && Contrast(c, s[surfaceDefault]) >= visible && Contrast(c, s[backgroundTinted]) >= visible
		}
	}
	p.LineLight, p.LineDark = x.until(-1, seen(p.Light)), x.until(+1, seen(p.Dark))
	return p, true
}

// Base is the colour of buttons on light and on dark pages, Ink that of the text on them,
// and Text that of links.
func (p Palette) Base() (light, dark Colour) { return p.Light[baseDefault], p.Dark[baseDefault] }

// Ink is the colour of the text on Base.
func (p Palette) Ink() (light, dark Colour) {
	return p.Light[baseContrastDefault], p.Dark[baseContrastDefault]
}

// Text is the colour of links.
func (p Palette) Text() (light, dark Colour) { return p.Light[textSubtle], p.Dark[textSubtle] }

// Correction tells of a colour that could not be used as it was chosen.
type Correction struct {
	Of    string // "main" or "line"
	Dark  bool   // on dark pages
	Asked Colour
	Used  Colour
}

// Corrections tells what is shown otherwise than it was chosen.
func (p Palette) Corrections() (list []Correction) {
	for _, c := range []Correction{
		{"main", false, p.main, p.Light[baseDefault]}, {"main", true, p.main, p.Dark[baseDefault]},
		{"line", false, p.line, p.LineLight}, {"line", true, p.line, p.LineDark},
	} {
		if c.Asked != c.Used {
			list = append(list, c)
		}
	}
	return list
}

// Name tells the colours apart from all others: "0b4f8a-c2410c". It stands in the page,
// and in the style sheet's path.
func (p Palette) Name() string { return p.main.String()[1:] + "-" + p.line.String()[1:] }

// ByName reads what Name wrote.
func ByName(name string) (Palette, bool) {
	main, line, ok := strings.Cut(name, "-")
	if !ok || len(main) != 6 || len(line) != 6 {
		return Palette{}, false
	}
	p, ok := Of("#"+main, "#"+line)
	return p, ok && p.Name() == name
}

// CSS is the style sheet. It holds for every part of a page that has the attribute
// data-tint with Name in it.
func (p Palette) CSS() string {
	var b strings.Builder
	at := `[data-tint="` + p.Name() + `"]`
	lit := func(s Scale, line Colour) {
		b.WriteString("{")
		s.css(&b)
		fmt.Fprintf(&b, "--sigill-line:%s}", line)
	}
	b.WriteString(at)
	lit(p.Light, p.LineLight)
	b.WriteString(at + "[data-color-scheme=dark]")
	lit(p.Dark, p.LineDark)
	b.WriteString("@media (prefers-color-scheme:dark){" + at + "[data-color-scheme=auto]")
	lit(p.Dark, p.LineDark)
	b.WriteString("}\n")
	return b.String()
}

// Path is where the style sheet is served: what it was made from, and what came of that,
// so that a browser may keep it for ever and no release shows another's.
func (p Palette) Path() string { return "/tint/" + p.Name() + "/" + p.Sum() }

// Sum is the last part of Path.
func (p Palette) Sum() string {
	sum := sha256.Sum256([]byte(p.CSS()))
	return hex.EncodeToString(sum[:8])
}
