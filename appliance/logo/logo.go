// Package logo reads the picture that a unit shows above its pages.
//
// It never keeps what came: the picture is decoded, made small and encoded anew, so that
// nothing of the file is left but what is seen. SVG is not taken: it is a document that
// can hold scripts and fetch from elsewhere, and there is no part of it so small that one
// could be sure.
//
// On the wire is PNG (W3C, third edition) or JPEG (ITU-T T.81) of at most MaxBytes, and
// comes out as the same of at most the bytes that the caller allows.
//
// What holds always: a picture is bounded in bytes and in pixels before it is decoded.
package logo

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"sigill/appliance/mail"
)

// Bounds of what is taken.
const (
	MaxBytes  = 2 << 20 // of the file
	maxPixels = 6 << 20 // in all: decoded, 24 MB
	maxSide   = 8000
	minSide   = 8
	maxRatio  = 12 // a longer strip is no logo; a pixel is left for what rounding takes, or what was made small would not be taken again
	maxTall   = 4
)

// What it is made as large as: sharp on a good screen and in print.
const (
	wide = 480
	high = 144
)

// Read reads a picture and returns it in at most n bytes. The errors are Invalid, for
// people, TooLarge, and what the reader says.
func Read(r io.Reader, n int) (mail.Logo, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return mail.Logo{}, err
	}
	if len(b) > MaxBytes {
		return mail.Logo{}, mail.E(mail.Invalid, "error.logo.large", nil)
	}
	decode, shape := decoder(b)
	if decode == nil {
		return mail.Logo{}, mail.E(mail.Invalid, "error.logo.type", nil)
	}
	c, err := shape(bytes.NewReader(b))
	if err != nil {
		return mail.Logo{}, mail.E(mail.Invalid, "error.logo.broken", err)
	}
	w, h := c.Width, c.Height
	if w < minSide || h < minSide || w > maxSide || h > maxSide || w*h > maxPixels || w > (h+1)*maxRatio || h > (w+1)*maxTall {
		return mail.Logo{}, mail.E(mail.Invalid, "error.logo.pixels", nil)
	}
	m, err := decode(bytes.NewReader(b))
	if err != nil {
		return mail.Logo{}, mail.E(mail.Invalid, "error.logo.broken", err)
	}
	return write(m, b[0] == 0xff, n)
}

// decoder tells by the first bytes which of the two a picture is.
func decoder(b []byte) (func(io.Reader) (image.Image, error), func(io.Reader) (image.Config, error)) {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return png.Decode, png.DecodeConfig
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return jpeg.Decode, jpeg.DecodeConfig
	}
	return nil, nil
}

// write makes a picture as small as it takes for n bytes.
func write(m image.Image, photo bool, n int) (mail.Logo, error) {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	scale := math.Min(1, math.Min(float64(wide)/float64(w), float64(high)/float64(h)))
	for range 16 {
		tw, th := max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
		small := shrink(m, tw, th)
		var out bytes.Buffer
		l := mail.Logo{Type: "image/png", Width: tw, Height: th}
		var err error
		if photo {
			l.Type, err = "image/jpeg", jpeg.Encode(&out, small, &jpeg.Options{Quality: 85})
		} else {
			err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, palettedIfSame(small))
		}
		if err != nil {
			return l, mail.E(mail.Internal, "error.internal", err)
		}
		if out.Len() <= n {
			l.Data = out.Bytes()
			return l, nil
		}
		scale *= 0.85
	}
	return mail.Logo{}, mail.E(mail.Invalid, "error.logo.busy", errors.New("it does not get small enough"))
}

// shrink makes a picture smaller: each pixel is the mean of those in its place, by how
// much they cover.
func shrink(m image.Image, w, h int) *image.NRGBA {
	b := m.Bounds()
	src := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy())) // alpha is multiplied in, so that what is not seen has no colour
	draw.Draw(src, src.Bounds(), m, b.Min, draw.Src)
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	across, down := shares(b.Dx(), w), shares(b.Dy(), h)
	for y, rows := range down {
		for x, columns := range across {
			var sum [4]float64
			for _, r := range rows {
				line := src.Pix[r.at*src.Stride:]
				for _, c := range columns {
					for i := range sum {
						sum[i] += r.share * c.share * float64(line[4*c.at+i])
					}
				}
			}
			out.Set(x, y, color.RGBA{near(sum[0]), near(sum[1]), near(sum[2]), near(sum[3])})
		}
	}
	return out
}

func near(x float64) uint8 { return uint8(math.Min(255, math.Round(x))) }

// share is how much of a line of pixels goes into one of the smaller picture.
type share struct {
	at    int
	share float64
}

// shares are what goes into each of n lines that are made of from.
func shares(from, n int) [][]share {
	out := make([][]share, n)
	each := float64(from) / float64(n)
	for i := range out {
		start, end := float64(i)*each, float64(i+1)*each
		for at := int(start); at < from && float64(at) < end; at++ {
			covers := math.Min(end, float64(at+1)) - math.Max(start, float64(at))
			if covers > 1e-9 {
				out[i] = append(out[i], share{at, covers / each})
			}
		}
	}
	return out
}

// palettedIfSame is a picture of few colours written with fewer bits; any other as it is.
func palettedIfSame(m *image.NRGBA) image.Image {
	index := map[color.NRGBA]uint8{}
	var palette color.Palette
	out := image.NewPaletted(m.Bounds(), nil)
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			c := m.NRGBAAt(x, y)
			i, known := index[c]
			if !known {
				if len(palette) == 256 {
					return m
				}
				i = uint8(len(palette))
				index[c], palette = i, append(palette, c)
			}
			out.Pix[y*out.Stride+x] = i
		}
	}
	out.Palette = palette
	return out
}
