package logo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"sigill/appliance/logo"
	"sigill/appliance/mail"
)

const most = 6 << 10

// arms is a shield in two colours, on nothing.
func arms(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			switch {
			case x < w/8 || y < h/8:
			case (x/8+y/8)%2 == 0:
				m.SetNRGBA(x, y, color.NRGBA{11, 79, 138, 255})
			default:
				m.SetNRGBA(x, y, color.NRGBA{255, 204, 0, 255})
			}
		}
	}
	return m
}

func noise(w, h int) image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(r.IntN(256))
	}
	return m
}

func asPNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// chunk puts a chunk behind a PNG's header.
func chunk(p []byte, kind, text string) []byte {
	var c bytes.Buffer
	binary.Write(&c, binary.BigEndian, uint32(len(text)))
	c.WriteString(kind + text)
	binary.Write(&c, binary.BigEndian, crc32.ChecksumIEEE([]byte(kind+text)))
	const header = 8 + 25
	return bytes.Join([][]byte{p[:header], c.Bytes(), p[header:]}, nil)
}

func say(err error) string {
	var e *mail.Error
	if errors.As(err, &e) {
		return e.Say
	}
	return ""
}

func TestRead(t *testing.T) {
	t.Run("a large picture comes out small, in its own shape, and can be seen through where it could", func(t *testing.T) {
		l, err := logo.Read(bytes.NewReader(asPNG(t, arms(1600, 800))), most)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(l.Data))
		if err != nil || l.Type != "image/png" || len(l.Data) > most || l.Height > 144 || l.Width != 2*l.Height || m.Bounds().Dx() != l.Width {
			t.Fatal(err, l.Type, len(l.Data), l.Width, l.Height)
		}
		if _, _, _, a := m.At(0, 0).RGBA(); a != 0 {
			t.Errorf("the corner is covered: %d", a)
		}
		if _, _, _, a := m.At(l.Width/2, l.Height/2).RGBA(); a != 0xffff {
			t.Errorf("the middle is not: %d", a)
		}
	})
	t.Run("a small one keeps its size", func(t *testing.T) {
		l, err := logo.Read(bytes.NewReader(asPNG(t, arms(64, 64))), most)
		if err != nil || l.Width != 64 || l.Height != 64 {
			t.Fatal(err, l.Width, l.Height)
		}
	})
	t.Run("a photograph stays one", func(t *testing.T) {
		l, err := logo.Read(bytes.NewReader(asJPEG(t, arms(900, 300))), most)
		if err != nil || l.Type != "image/jpeg" || len(l.Data) > most || l.Width <= 2*l.Height {
			t.Fatal(err, l.Type, len(l.Data))
		}
	})
	t.Run("however little there is in it to be left out, it is small enough", func(t *testing.T) {
		for _, b := range [][]byte{asPNG(t, noise(800, 400)), asJPEG(t, noise(800, 400))} {
			l, err := logo.Read(bytes.NewReader(b), most)
			if err != nil || len(l.Data) > most {
				t.Fatal(err, len(l.Data))
			}
		}
	})
	t.Run("what else stands in the file is gone", func(t *testing.T) {
		p := chunk(asPNG(t, arms(200, 100)), "tEXt", "Author\x00Maria Ek, at home")
		p = append(p, "PK\x03\x04 and more behind the end"...)
		j := asJPEG(t, arms(200, 100))
		j = append(append(bytes.Clone(j[:2]), "\xff\xe1\x00\x14Exif\x00\x00 Maria Ek..."...), j[2:]...)
		for _, b := range [][]byte{p, j} {
			l, err := logo.Read(bytes.NewReader(b), most)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range []string{"Maria", "Exif", "PK\x03\x04", "tEXt"} {
				if bytes.Contains(l.Data, []byte(word)) {
					t.Errorf("%q is still there", word)
				}
			}
		}
	})
	t.Run("what was read once is read again as it is, also a strip of which rounding has made a longer one", func(t *testing.T) {
		strip := noise(1200, 100).(*image.NRGBA)
		for i := 3; i < len(strip.Pix); i += 4 {
			strip.Pix[i] = 255
		}
		for _, m := range []image.Image{arms(1600, 800), strip} {
			l, err := logo.Read(bytes.NewReader(asPNG(t, m)), most)
			if err != nil {
				t.Fatal(err)
			}
			again, err := logo.Read(bytes.NewReader(l.Data), most)
			if err != nil || !bytes.Equal(again.Data, l.Data) {
				t.Error(err, len(again.Data), len(l.Data))
			}
		}
	})
}

func TestRefused(t *testing.T) {
	// A header that promises a square of 30,000 pixels, and nothing behind it.
	bomb := asPNG(t, arms(32, 32))
	binary.BigEndian.PutUint32(bomb[16:], 30_000)
	binary.BigEndian.PutUint32(bomb[20:], 30_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	for name, c := range map[string]struct {
		b   []byte
		say string
	}{
		"nothing":                      {nil, "error.logo.type"},
		"a drawing that can run":       {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`), "error.logo.type"},
		"a picture of another kind":    {[]byte("GIF89a\x01\x00\x01\x00"), "error.logo.type"},
		"a page with a picture's name": {[]byte("<html>"), "error.logo.type"},
		"half a PNG":                   {asPNG(t, arms(200, 100))[:300], "error.logo.broken"},
		"half a JPEG":                  {asJPEG(t, arms(200, 100))[:100], "error.logo.broken"},
		"more pixels than it has":      {bomb, "error.logo.pixels"},
		"a dot":                        {asPNG(t, arms(4, 4)), "error.logo.pixels"},
		"a strip":                      {asPNG(t, arms(1600, 20)), "error.logo.pixels"},
		"more than anybody's logo":     {append(asPNG(t, arms(64, 64)), make([]byte, logo.MaxBytes)...), "error.logo.large"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := logo.Read(bytes.NewReader(c.b), most); say(err) != c.say {
				t.Errorf("%v, not %s", err, c.say)
			}
		})
	}
	t.Run("a picture that breaks off on its way", func(t *testing.T) {
		cut := errors.New("cut")
		if _, err := logo.Read(iotest.ErrReader(cut), most); !errors.Is(err, cut) {
			t.Error(err)
		}
	})
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/seed/*")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := logo.Read(bytes.NewReader(b), most)
		if err != nil {
			if s := say(err); !strings.HasPrefix(s, "error.logo.") {
				t.Fatalf("an error without a sentence: %v", err)
			}
			return
		}
		if len(l.Data) > most || l.Width < 1 || l.Height < 1 {
			t.Fatal(len(l.Data), l.Width, l.Height)
		}
		if again, err := logo.Read(bytes.NewReader(l.Data), most); err != nil && min(l.Width, l.Height) >= 8 || err == nil && len(again.Data) > most {
			t.Fatalf("what we wrote is not read: %v", err)
		}
	})
}
