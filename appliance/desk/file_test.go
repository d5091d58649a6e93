package desk_test

import (
	"bytes"
	"errors"
	"io"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// ranges reads a file at random places, most often across a border, and compares.
func ranges(t *testing.T, f *desk.File, whole []byte, borders ...int) {
	t.Helper()
	rnd := mrand.New(mrand.NewPCG(1, 2))
	for range 60 {
		from := rnd.IntN(len(whole))
		if len(borders) > 0 && rnd.IntN(2) == 0 {
			from = max(0, borders[rnd.IntN(len(borders))]-rnd.IntN(100_000))
		}
		to := min(len(whole), from+1+rnd.IntN(200_000))
		b := make([]byte, to-from)
		if n, err := f.ReadAt(b, int64(from)); n != len(b) || err != nil || !bytes.Equal(b, whole[from:to]) {
			t.Fatalf("bytes %d to %d: %d, %v", from, to, n, err)
		}
	}
	b := make([]byte, 10)
	if n, err := f.ReadAt(b, f.Size()-4); n != 4 || err != io.EOF || !bytes.Equal(b[:4], whole[len(whole)-4:]) {
		t.Errorf("over the end: %d, %v", n, err)
	}
	for _, at := range []int64{f.Size(), f.Size() + 1, 1 << 62, -1} {
		if n, err := f.ReadAt(b, at); n != 0 || err != io.EOF {
			t.Errorf("at %d: %d, %v", at, n, err)
		}
	}
}

func TestFile(t *testing.T) {
	h := newHouse(t)
	big := random(mail.MaxPiece + 1_234_567)
	dr := letterTo(toAnna())
	dr.Files = []mail.File{
		{Name: "tom.txt", Type: "text/plain"},
		{Name: "rad.bin", Type: "application/octet-stream", Data: big[:mail.InRow]},
		{Name: "blob.bin", Type: "application/octet-stream", Data: big[:mail.InRow+1]},
		{Name: "film.mp4", Type: "video/mp4", Data: big, ContentID: "film", Inline: true},
	}
	l := h.letter(dr)
	guest, _ := h.guest(l.code)
	t.Run("a small file stands in its row, a larger one in blobs of at most eight megabytes", func(t *testing.T) {
		rows := map[uint32]int{}
		for _, p := range h.parts(l.message) {
			if p.N >= mail.PartFile {
				rows[p.N]++
				if p.Blob.IsZero() != (p.N < mail.PartFile+2) || p.Size > mail.MaxPiece {
					t.Errorf("%+v", p)
				}
			}
		}
		if rows[mail.PartFile+3] != 2 || rows[mail.PartFile+2] != 1 || len(h.blobFiles()) != 3 {
			t.Errorf("%v, %d blobs", rows, len(h.blobFiles()))
		}
	})
	t.Run("every file is as it was, for the house and for the reader", func(t *testing.T) {
		for i, want := range dr.Files {
			for r, holder := range map[*desk.Reader]mail.ID{&guest: l.anna, new(h.staff(caseworker)): l.house} {
				f, err := h.File(ctx, *r, holder, mail.PartFile+uint32(i))
				if b := all(t, f, err); !bytes.Equal(b, want.Data) {
					t.Errorf("%s: other bytes", want.Name)
				}
				if x := f.Head; x.Name != want.Name || x.Type != want.Type || x.ContentID != want.ContentID || x.Inline != want.Inline || x.Size != int64(len(want.Data)) {
					t.Errorf("%+v", x)
				}
			}
		}
	})
	t.Run("a file of two pieces is read at any place", func(t *testing.T) {
		f, err := h.File(ctx, guest, l.anna, mail.PartFile+3)
		fine(t, err)
		defer f.Close()
		ranges(t, f, big, mail.MaxPiece)
	})
	t.Run("so is one that was sealed as it came in", func(t *testing.T) {
		staff := h.staff(caseworker)
		d := h.draft(t, staff, form)
		h.attach(t, staff, d, "film.mp4", big)
		f, err := h.File(ctx, staff, d, mail.PartFile)
		fine(t, err)
		defer f.Close()
		if f.Head.Pieces != 2 {
			t.Errorf("%d pieces", f.Head.Pieces)
		}
		ranges(t, f, big, mail.MaxPiece)
		if err := errors.Join(f.Close(), f.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a length at the border of a row or of a piece is no other", func(t *testing.T) {
		staff := h.staff(caseworker)
		d := h.draft(t, staff, form)
		for i, n := range []int{0, 1, mail.InRow - 1, mail.InRow, mail.InRow + 1, mail.MaxPiece, mail.MaxPiece + 1} {
			h.attach(t, staff, d, "f", big[:n])
			f, err := h.File(ctx, staff, d, mail.PartFile+uint32(i))
			if !bytes.Equal(all(t, f, err), big[:n]) {
				t.Errorf("%d: other bytes", n)
			}
			if want := max(1, (n+mail.MaxPiece-1)/mail.MaxPiece); int(f.Head.Pieces) != want {
				t.Errorf("%d: %d pieces", n, f.Head.Pieces)
			}
		}
	})
	t.Run("a number that no file has is absent, and so are text and raw mail", func(t *testing.T) {
		for _, n := range []uint32{0, mail.PartBody, mail.PartRaw, mail.PartFile + 4, 1 << 31} {
			_, err := h.File(ctx, guest, l.anna, n)
			want(t, err, mail.Absent)
		}
		other := h.letter(letterTo(toBo()))
		stranger, _ := h.guest(other.code)
		_, err := h.File(ctx, stranger, l.anna, mail.PartFile)
		want(t, err, mail.Absent)
	})
}

func TestDamage(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	content := random(300_000)
	for name, damage := range map[string]func(t *testing.T, path string, size int64){
		"is lost":            func(t *testing.T, path string, _ int64) { fine(t, os.Remove(path)) },
		"is empty":           func(t *testing.T, path string, _ int64) { fine(t, os.Truncate(path, 0)) },
		"has lost a byte":    func(t *testing.T, path string, n int64) { fine(t, os.Truncate(path, n-1)) },
		"has lost its end":   func(t *testing.T, path string, n int64) { fine(t, os.Truncate(path, n/2)) },
		"has lost its chunk": func(t *testing.T, path string, n int64) { fine(t, os.Truncate(path, n-lastChunk(n))) },
		"is longer by one": func(t *testing.T, path string, n int64) {
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			fine(t, err)
			_, err = f.Write([]byte{0})
			fine(t, errors.Join(err, f.Close()))
		},
		"has another bit":  flip(2),
		"has another head": flip(100),
		"is zeros": func(t *testing.T, path string, n int64) {
			fine(t, os.Truncate(path, 0))
			fine(t, os.Truncate(path, n))
		},
	} {
		t.Run("a file whose blob "+name+" is an error, never another file", func(t *testing.T) {
			d := h.draft(t, staff, form)
			h.attach(t, staff, d, "f", content)
			path := blobPath(t, h, h.pieces(d)[0].Blob)
			info, err := os.Stat(path)
			fine(t, err)
			damage(t, path, info.Size())
			f, err := h.File(ctx, staff, d, mail.PartFile)
			if err == nil {
				defer f.Close()
				_, err = io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
			}
			want(t, err, mail.Internal)
			if _, err := h.Draft(ctx, staff, d); err != nil {
				t.Errorf("and the text: %v", err)
			}
		})
	}
	t.Run("so is one whose second piece is lost, before the first byte is read", func(t *testing.T) {
		d := h.draft(t, staff, form)
		h.attach(t, staff, d, "f", random(mail.MaxPiece+1))
		fine(t, os.Remove(blobPath(t, h, h.pieces(d)[1].Blob)))
		_, err := h.File(ctx, staff, d, mail.PartFile)
		want(t, err, mail.Internal)
	})
	t.Run("a row that is lost is an error too", func(t *testing.T) {
		d := h.draft(t, staff, form)
		h.attach(t, staff, d, "f", []byte("abc"))
		fine(t, h.db.Update(ctx, func(tx *vault.Tx) error {
			_, err := tx.DeletePart(h.holder(d).Message, mail.PartFile)
			return err
		}))
		_, err := h.File(ctx, staff, d, mail.PartFile)
		want(t, err, mail.Internal)
	})
}

// pieces are the rows of a draft's first file.
func (h *house) pieces(draft mail.ID) (list []mail.Part) {
	for _, p := range h.parts(h.holder(draft).Message) {
		if p.N == mail.PartFile {
			list = append(list, p)
		}
	}
	return list
}

// lastChunk is how long the last chunk of an age file of n bytes is; its chunks have 64
// KiB and 16 bytes, and stand behind a head of a few hundred.
func lastChunk(n int64) int64 {
	const chunk = 64<<10 + 16
	return (n - 250) % chunk
}

// flip changes a bit at a part of the file.
func flip(part int64) func(*testing.T, string, int64) {
	return func(t *testing.T, path string, n int64) {
		b, err := os.ReadFile(path)
		fine(t, err)
		b[n/part] ^= 1
		fine(t, os.WriteFile(path, b, 0o600))
	}
}

func blobPath(t *testing.T, h *house, id mail.ID) string {
	t.Helper()
	for _, path := range h.blobFiles() {
		if filepath.Base(path) == id.String() {
			return path
		}
	}
	t.Fatal("no such blob")
	return ""
}
