package tint

import "strings"

// step is one of Designsystemet's sixteen colours of a scale.
type step int

// The steps, in the design system's order.
const (
	backgroundDefault step = iota
	backgroundTinted
	surfaceDefault
	surfaceTinted
	surfaceHover
	surfaceActive
	borderSubtle
	borderDefault
	borderStrong
	textSubtle
	textDefault
	baseDefault
	baseHover
	baseActive
	baseContrastSubtle
	baseContrastDefault
	steps
)

var names = [steps]string{
	"background-default", "background-tinted", "surface-default", "surface-tinted", "surface-hover", "surface-active",
	"border-subtle", "border-default", "border-strong", "text-subtle", "text-default",
	"base-default", "base-hover", "base-active", "base-contrast-subtle", "base-contrast-default",
}

// Scale is one colour in sixteen steps, on a light or on a dark page.
type Scale [steps]Colour

// model are the accent colours as Designsystemet comes. Its surfaces, borders and texts
// are as bright as they must be, beside each other and beside its greys; a scale of ours
// has the same luminances, and so the same contrasts, in another hue.
var model = struct{ light, dark [steps]string }{
	light: [steps]string{"#ffffff", "#eef4fa", "#ffffff", "#ddeaf6", "#c7ddf0", "#afcee9", "#99c0e3", "#2a7cc5", "#005db1", "#005db1", "#002c54", "#0062ba", "#004f96", "#003d75", "#dbe9f5", "#ffffff"},
	dark:  [steps]string{"#0c1927", "#102033", "#142941", "#172f4b", "#1a3757", "#21446d", "#285182", "#5a84b4", "#8eaacb", "#8eaacb", "#e7edf4", "#4c91cf", "#6fa6d8", "#92bce1", "#0d1924", "#000000"},
}

var (
	white = Colour{255, 255, 255}
	black = Colour{}
)

// What WCAG 2.2 asks for.
const (
	readable = 4.5 // 1.4.3: text
	visible  = 3.0 // 1.4.11: what shows that something is there
)

// light is the scale of a colour on a light page. The colour itself is the base, darkened
// until white text on it can be read.
func light(main Colour) Scale {
	return scale(main, model.light, +1, func(x hued) (base, hover, active Colour) {
		base = x.until(-1, func(c Colour) bool { return Contrast(c, white) >= readable })
		y := base.hued()
		if y.l < 0.35 { // there is no darker to be seen
			return base, y.moved(0.07), y.moved(0.13)
		}
		return base, y.moved(-0.06), y.moved(-0.12)
	}, white)
}

// dark is the scale on a dark page. The base is lightened until black text on it can be
// read, and it is seen on the page.
func dark(main Colour) Scale {
	return scale(main, model.dark, -1, func(x hued) (base, hover, active Colour) {
		surface, _ := Parse(model.dark[surfaceActive])
		base = x.until(+1, func(c Colour) bool {
			return Contrast(c, black) >= readable && Contrast(c, surface) >= visible
		})
		y := base.hued()
		if y.l > 0.88 {
			return base, y.moved(-0.06), y.moved(-0.1)
		}
		return base, y.moved(0.05), y.moved(0.1)
	}, black)
}

// scale makes the sixteen. page is +1 for a light page, whose grounds may be lighter than
// the model's and whose inks darker, and -1 for a dark one.
func scale(main Colour, model [steps]string, page int, bases func(hued) (base, hover, active Colour), ink Colour) Scale {
	var s Scale
	x := main.hued()
	pattern, _ := Parse(model[baseDefault])
	strength := x.c / pattern.hued().c
	for i := backgroundDefault; i <= textDefault; i++ {
		m, _ := Parse(model[i])
		if m == white {
			s[i] = white
			continue
		}
		side := page
		if i >= borderDefault {
			side = -page
		}
		s[i] = hued{l: 0.5, c: m.hued().c * min(strength, 1.25), h: x.h}.lit(m.Luminance(), side)
	}
	s[baseDefault], s[baseHover], s[baseActive] = bases(x)
	s[baseContrastDefault] = ink
	m, _ := Parse(model[baseContrastSubtle])
	soft := m.hued()
	soft.c, soft.h = soft.c*min(strength, 1.25), x.h
	s[baseContrastSubtle] = soft.until(page, func(c Colour) bool {
		return Contrast(c, s[baseDefault]) >= readable && Contrast(c, s[baseHover]) >= readable && Contrast(c, s[baseActive]) >= readable
	})
	return s
}

// until moves a colour towards black or white until it will do.
func (x hued) until(side int, good func(Colour) bool) Colour {
	for c := x.colour(); ; c = x.colour() {
		if good(c) {
			return c
		}
		if x.l <= 0 || x.l >= 1 {
			break
		}
		x.l = min(1, max(0, x.l+float64(side)*0.004))
	}
	if side < 0 {
		return black
	}
	return white
}

func (x hued) moved(by float64) Colour {
	x.l = min(1, max(0, x.l+by))
	return x.colour()
}

// css writes the scale as the design system's variables.
func (s Scale) css(b *strings.Builder) {
	for i, c := range s {
		b.WriteString("--ds-color-accent-" + names[i] + ":" + c.String() + ";")
	}
}
