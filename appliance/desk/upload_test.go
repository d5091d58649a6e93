package desk_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/mail"
	"sigill/appliance/vault"
)

// arriving is a file that is sent in pieces.
type arriving struct {
	h     *house
	t     *testing.T
	r     desk.Reader
	draft mail.ID
	n     uint32
	data  []byte
	at    int64
	sum   [32]byte
}

func (h *house) begins(t *testing.T, r desk.Reader, draft mail.ID, name string, data []byte) *arriving {
	t.Helper()
	u, err := h.BeginUpload(ctx, r, draft, desk.NewUpload{Key: name, Name: name, Type: "text/plain", Size: int64(len(data))})
	fine(t, err)
	return &arriving{h: h, t: t, r: r, draft: draft, n: u.N, data: data}
}

// piece says what comes next.
func (a *arriving) piece(size int) (desk.Piece, io.Reader) {
	return desk.Piece{At: a.at, Before: a.sum, Size: int64(size)}, bytes.NewReader(a.data[a.at:])
}

func (a *arriving) try(size int) (desk.Half, error) {
	p, in := a.piece(size)
	return a.h.Append(ctx, a.r, a.draft, a.n, p, in)
}

// sends sends the next bytes, and counts as the sender does.
func (a *arriving) sends(size int) *arriving {
	a.t.Helper()
	h, err := a.try(size)
	fine(a.t, err)
	a.sum = sha256.Sum256(slices.Concat(a.sum[:], a.data[a.at:a.at+int64(size)]))
	a.at += int64(size)
	if h.Done != a.at || !h.Whole && h.Sum != a.sum {
		a.t.Fatalf("%+v after %d bytes", h, a.at)
	}
	return a
}

func TestUpload(t *testing.T) {
	const mib = desk.UploadUnit
	h := newHouse(t)
	staff, kim := h.staff(caseworker), h.staff(colleague)
	d := h.draft(t, staff, form)
	data := random(3*mib + 100_000)
	files := func(t *testing.T) desk.Unfinished {
		t.Helper()
		u, err := h.Draft(ctx, staff, d)
		fine(t, err)
		return u
	}

	a := h.begins(t, staff, d, "stor.bin", data)
	t.Run("while it comes it is no file of the draft, and what is there is known", func(t *testing.T) {
		a.t = t
		a.sends(mib).sends(2 * mib)
		u := files(t)
		if len(u.Files) != 0 || len(u.Halves) != 1 || u.Halves[0].Name != "stor.bin" || u.Halves[0].Done != 3*mib || u.Halves[0].Size != int64(len(data)) {
			t.Fatalf("%+v", u)
		}
		_, err := h.File(ctx, staff, d, a.n)
		want(t, err, mail.Absent)
		half, sizes, err := h.Upload(ctx, staff, d, a.n)
		fine(t, err)
		if half.Sum != a.sum || half.Whole || !slices.Equal(sizes, []int64{mib, 2 * mib}) || !half.Until.Equal(h.clock.Now().Add(desk.UploadLife)) {
			t.Errorf("%+v %v", half, sizes)
		}
	})
	t.Run("begun again with the same key it is the same", func(t *testing.T) {
		again, err := h.BeginUpload(ctx, staff, d, desk.NewUpload{Key: "stor.bin", Name: "stor.bin", Size: int64(len(data))})
		if err != nil || again.N != a.n || again.Done != 3*mib || len(files(t).Halves) != 1 {
			t.Errorf("%+v %v", again, err)
		}
	})
	t.Run("a letter of which a file is half there is not sent", func(t *testing.T) {
		want(t, h.SendDraft(ctx, staff, d, letterTo(toAnna()), ""), mail.Invalid)
	})
	t.Run("nobody else's is it", func(t *testing.T) {
		b := *a
		b.r = kim
		_, err := b.try(100_000)
		want(t, err, mail.Absent)
		_, err = h.BeginUpload(ctx, kim, d, desk.NewUpload{Key: "x", Name: "x", Size: 1})
		want(t, err, mail.Absent)
		_, _, err = h.Upload(ctx, kim, d, a.n)
		want(t, err, mail.Absent)
		want(t, h.DetachDraft(ctx, kim, d, a.n), mail.Absent)
		_, _, err = h.Upload(ctx, staff, d, a.n+1)
		want(t, err, mail.Absent)
	})
	t.Run("a piece that does not fit behind what is there is refused, and told what is", func(t *testing.T) {
		p, in := a.piece(100_000)
		p.At -= mib
		half, err := h.Append(ctx, staff, d, a.n, p, in)
		if !errors.Is(err, desk.ErrOffset) || half.Done != 3*mib {
			t.Error(half, err)
		}
		p, in = a.piece(100_000)
		p.Before[0]++
		if _, err := h.Append(ctx, staff, d, a.n, p, in); !errors.Is(err, desk.ErrOtherFile) {
			t.Error(err)
		}
		for _, size := range []int64{-1, 0, 99_999, 100_001, mib, mail.MaxPiece + 1} {
			p, in := a.piece(0)
			p.Size = size
			if _, err := h.Append(ctx, staff, d, a.n, p, in); err == nil {
				t.Errorf("%d bytes are taken", size)
			}
		}
		if n := len(h.blobFiles()); n != 2 {
			t.Errorf("%d blobs", n)
		}
	})
	t.Run("a piece that breaks off, or that the store refuses, leaves nothing behind", func(t *testing.T) {
		for _, in := range []io.Reader{io.MultiReader(bytes.NewReader(data[:1000]), bad{}), strings.NewReader("för kort")} {
			p, _ := a.piece(100_000)
			if _, err := h.Append(ctx, staff, d, a.n, p, in); err == nil {
				t.Error("taken")
			}
		}
		h.store.inside = errCrash
		if _, err := a.try(100_000); err == nil {
			t.Error("taken")
		}
		h.store.whole()
		if half, _, err := h.Upload(ctx, staff, d, a.n); err != nil || half.Done != 3*mib || len(h.blobFiles()) != 2 {
			t.Errorf("%+v %v, %d blobs", half, err, len(h.blobFiles()))
		}
	})
	t.Run("of two windows that send the same piece one is told how far the other is", func(t *testing.T) {
		p, in := a.piece(100_000)
		half, err := h.Append(ctx, staff, d, a.n, p, io.MultiReader(&meeting{Reader: strings.NewReader(""), do: func() { a.sends(100_000) }}, in))
		if !errors.Is(err, desk.ErrOffset) || !half.Whole || len(h.blobFiles()) != 3 {
			t.Errorf("%+v %v, %d blobs", half, err, len(h.blobFiles()))
		}
	})
	t.Run("with its last piece it is a file of the draft, every byte in its place", func(t *testing.T) {
		u := files(t)
		if len(u.Files) != 1 || len(u.Halves) != 0 || u.Files[0].N != a.n || u.Files[0].Type != "text/plain" {
			t.Fatalf("%+v", u)
		}
		f, err := h.File(ctx, staff, d, a.n)
		if !bytes.Equal(all(t, f, err), data) {
			t.Error("other bytes")
		}
		half, _, err := h.Upload(ctx, staff, d, a.n)
		if err != nil || !half.Whole || half.Done != int64(len(data)) {
			t.Errorf("%+v %v", half, err)
		}
		if m := h.message(h.holder(d).Message); m.Size != int64(len(data)+len(form.Text)) {
			t.Errorf("%d bytes", m.Size)
		}
	})
	t.Run("small and empty ones too, in the order in which they were begun", func(t *testing.T) {
		empty, small := h.begins(t, staff, d, "tom", nil), h.begins(t, staff, d, "liten", []byte("abc"))
		h.attach(t, staff, d, "på en gång", []byte("hej"))
		small.sends(3)
		empty.sends(0)
		var names []string
		for _, f := range files(t).Files {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, ", "); got != "stor.bin, tom, liten, på en gång" {
			t.Error(got)
		}
		f, err := h.File(ctx, staff, d, small.n)
		if got := all(t, f, err); string(got) != "abc" {
			t.Errorf("%q", got)
		}
	})
	t.Run("one that is taken out half there is overwritten", func(t *testing.T) {
		b := h.begins(t, staff, d, "ångrad", data).sends(mib)
		fine(t, h.DetachDraft(ctx, staff, d, b.n))
		want(t, h.DetachDraft(ctx, staff, d, b.n), mail.Absent)
		_, err := b.try(mib)
		want(t, err, mail.Absent)
		if u := files(t); len(u.Halves) != 0 || len(h.blobFiles()) != 3 {
			t.Errorf("%+v, %d blobs", u.Halves, len(h.blobFiles()))
		}
	})
	t.Run("one that is taken out while a piece comes leaves that piece to no other with its number", func(t *testing.T) {
		b := h.begins(t, staff, d, "ångrad", data)
		p, in := b.piece(mib)
		var other *arriving
		change := func() {
			fine(t, h.DetachDraft(ctx, staff, d, b.n))
			other = h.begins(t, staff, d, "en annan", data)
		}
		_, err := h.Append(ctx, staff, d, b.n, p, io.MultiReader(&meeting{Reader: strings.NewReader(""), do: change}, in))
		want(t, err, mail.Absent)
		half, _, err := h.Upload(ctx, staff, d, other.n)
		if other.n != b.n || half.Done != 0 || err != nil || len(h.blobFiles()) != 3 {
			t.Errorf("%d and %d, %+v %v, %d blobs", b.n, other.n, half, err, len(h.blobFiles()))
		}
		fine(t, h.DetachDraft(ctx, staff, d, other.n))
	})
	t.Run("a day after its last piece it is swept, and no other is", func(t *testing.T) {
		old := h.begins(t, staff, d, "glömd", data).sends(mib)
		h.clock.goes(desk.UploadLife - time.Minute)
		late := h.begins(t, staff, d, "sen", data).sends(mib)
		for _, want := range []int{0, 1, 0} {
			if n, err := h.SweepUploads(ctx); n != want || err != nil {
				t.Errorf("%d, not %d: %v", n, want, err)
			}
			h.clock.goes(2 * time.Minute)
		}
		_, err := old.try(mib)
		want(t, err, mail.Absent)
		late.t = t
		late.sends(mib)
		if n := len(h.blobFiles()); n != 5 {
			t.Errorf("%d blobs", n)
		}
	})
	t.Run("with its draft it is gone, key, bytes and name", func(t *testing.T) {
		m := h.holder(d).Message
		fine(t, h.DropDraft(ctx, staff, d))
		_, err := h.Purge(ctx)
		fine(t, err)
		h.holdsNoMore(t, m)
		if n := len(h.blobFiles()); n != 0 || len(h.uploads(m)) != 0 {
			t.Errorf("%d blobs, %d uploads", n, len(h.uploads(m)))
		}
	})
}

func (h *house) uploads(m mail.ID) (list []mail.Upload) {
	h.view(func(tx *vault.ReadTx) (err error) { list, err = tx.Uploads(m); return err })
	return list
}

func TestUploadIsBounded(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	d := h.draft(t, staff, form)
	begin := func(d mail.ID, key string, size int64) error {
		_, err := h.BeginUpload(ctx, staff, d, desk.NewUpload{Key: key, Name: key, Size: size})
		return err
	}
	t.Run("a file, and all of a draft's", func(t *testing.T) {
		want(t, begin(d, "a", desk.MaxUpload+1), mail.TooLarge)
		want(t, begin(d, "a", -1), mail.TooLarge)
		h.attach(t, staff, d, "liten", []byte("abc"))
		want(t, begin(d, "a", desk.MaxUpload-2), mail.TooLarge)
		fine(t, begin(d, "a", desk.MaxUpload-10))
		want(t, begin(d, "b", 8), mail.TooLarge)
		fine(t, begin(d, "b", 7))
	})
	t.Run("a person's at once, in all drafts", func(t *testing.T) {
		e := h.draft(t, staff, form)
		for i := range desk.MaxUploads - 2 {
			fine(t, begin(e, fmt.Sprint(i), 1))
		}
		want(t, begin(e, "en till", 1), mail.TooLarge)
		fine(t, begin(e, "0", 1)) // which is begun already
	})
}
