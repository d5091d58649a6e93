package tint

import (
	"fmt"
	"math"
	"strconv"
)

// Colour is a colour of screens: sRGB, eight bits a part.
type Colour struct{ R, G, B uint8 }

// Parse reads "#0b4f8a".
func Parse(s string) (Colour, error) {
	if len(s) != 7 || s[0] != '#' {
		return Colour{}, fmt.Errorf("colour: not of the form #rrggbb")
	}
	n, err := strconv.ParseUint(s[1:], 16, 24)
	if err != nil {
		return Colour{}, fmt.Errorf("colour: not of the form #rrggbb")
	}
	return Colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// String writes what Parse reads.
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Contrast is the ratio of WCAG 2.2, from 1 to 21.
func Contrast(a, b Colour) float64 {
	x, y := a.Luminance(), b.Luminance()
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// Luminance is the relative luminance of WCAG 2.2, from 0 to 1.
func (c Colour) Luminance() float64 {
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func linear(v uint8) float64 {
	x := float64(v) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

func encoded(x float64) float64 {
	if x <= 0.0031308 {
		return 12.92 * x
	}
	return 1.055*math.Pow(x, 1/2.4) - 0.055
}

// hued is a colour by lightness, chroma and hue, as people see them (OKLab, B. Ottosson
// 2020): with another lightness it stays the same blue.
type hued struct{ l, c, h float64 }

func (c Colour) hued() hued {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	bb := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return hued{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, bb), math.Atan2(bb, a)}
}

// colour is the nearest colour that a screen has: of what is too strong the chroma is
// taken back, and lightness and hue stay.
func (x hued) colour() Colour {
	r, g, b := x.linear()
	if !shown(r, g, b) {
		low, high := 0.0, x.c
		for range 16 {
			x.c = (low + high) / 2
			if r, g, b = x.linear(); shown(r, g, b) {
				low = x.c
			} else {
				high = x.c
			}
		}
		x.c = low
		r, g, b = x.linear()
	}
	return Colour{byteOf(r), byteOf(g), byteOf(b)}
}

func (x hued) linear() (r, g, b float64) {
	a, bb := x.c*math.Cos(x.h), x.c*math.Sin(x.h)
	l := cube(x.l + 0.3963377774*a + 0.2158037573*bb)
	m := cube(x.l - 0.1055613458*a - 0.0638541728*bb)
	s := cube(x.l - 0.0894841775*a - 1.2914855480*bb)
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

func cube(x float64) float64 { return x * x * x }

func shown(parts ...float64) bool {
	for _, p := range parts {
		if p < -1e-4 || p > 1+1e-4 {
			return false
		}
	}
	return true
}

func byteOf(x float64) uint8 {
	return uint8(math.Round(255 * encoded(math.Min(1, math.Max(0, x)))))
}

// lit returns a colour of a hue and chroma that is as bright as a luminance, or on the
// far side of it: darker for -1, lighter for 1.
func (x hued) lit(luminance float64, side int) Colour {
	low, high := 0.0, 1.0
	for range 24 {
		x.l = (low + high) / 2
		if x.colour().Luminance() < luminance {
			low = x.l
		} else {
			high = x.l
		}
	}
	for range 64 { // eight bits are coarse
		c := x.colour()
		if y := c.Luminance(); side < 0 && y <= luminance || side > 0 && y >= luminance {
			return c
		}
		x.l = math.Min(1, math.Max(0, x.l+float64(side)*0.002))
	}
	return x.colour()
}
