package admin

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"sigill/appliance/mail"
)

func photo(t *testing.T) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 300, 100))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{uint8(rand.N(256))}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDrawing(t *testing.T) {
	var d drawing
	first, err := d.read(t.Context(), bytes.NewReader(photo(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what it has made comes back as it is", func(t *testing.T) {
		again, err := d.read(t.Context(), bytes.NewReader(first.Data))
		if err != nil || !bytes.Equal(again.Data, first.Data) || again.Type != "image/jpeg" || again.Width != first.Width || again.Height != first.Height {
			t.Errorf("%d bytes of %q, not %d; %v", len(again.Data), again.Type, len(first.Data), err)
		}
	})
	t.Run("somebody else's picture is made anew", func(t *testing.T) {
		var other drawing
		again, err := other.read(t.Context(), bytes.NewReader(first.Data))
		if err != nil || bytes.Equal(again.Data, first.Data) {
			t.Errorf("it was taken as it is; %v", err)
		}
	})
	t.Run("it knows a bounded number again", func(t *testing.T) {
		for range mostDrawn {
			d.keep(mail.Logo{Name: "other"})
		}
		if _, known := d.again(first.Data); known || len(d.made) != mostDrawn {
			t.Errorf("%d are known", len(d.made))
		}
	})
	t.Run("while one is made so many wait, and the next is told to come again", func(t *testing.T) {
		file, done := photo(t), make(chan error)
		d.one.Lock()
		for range mostWaiters + 1 {
			go func() {
				_, err := d.read(t.Context(), bytes.NewReader(file))
				done <- err
			}()
		}
		if err := <-done; mail.KindOf(err) != mail.Invalid {
			t.Errorf("%v", err)
		}
		d.one.Unlock()
		for range mostWaiters {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if d.waiting != 0 {
			t.Errorf("%d still wait", d.waiting)
		}
	})
}
