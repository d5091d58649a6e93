package desk_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"testing"

	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

// attached is a file as it stands in a mail.
type attached struct {
	data  []byte
	chars int    // of a line
	end   string // of lines
	tail  string // behind the last line
}

// rawMail writes a mail with files in base64.
func rawMail(files ...attached) []byte {
	var b bytes.Buffer
	b.WriteString("From: Ulla <ulla@kommun.example>\r\nTo: anna@example.se\r\nSubject: [sekretess] Beslut\r\nX-Odd:   kept as it   is\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_x\"\r\n\r\nNobody reads this [sekretess] line.\r\n" +
		"--=_x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHej\r\n")
	for i, f := range files {
		fmt.Fprintf(&b, "--=_x\r\nContent-Type: application/octet-stream; name=\"f%d.bin\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n", i)
		text := base64.StdEncoding.EncodeToString(f.data)
		for len(text) > f.chars {
			b.WriteString(text[:f.chars] + f.end)
			text = text[f.chars:]
		}
		b.WriteString(text + f.tail + "\r\n")
	}
	b.WriteString("--=_x--\r\nand an epilogue\r\n")
	return b.Bytes()
}

// came reads a raw mail as the door does and accepts it.
func (h *house) came(t *testing.T, raw []byte, change func(*mail.Draft)) letter {
	t.Helper()
	dr, err := intake.DefaultGrammar("SE").Draft(raw, caseworker, []string{"anna@example.se.0701234567.s"}, intake.DefaultLimits())
	fine(t, err)
	if change != nil {
		change(dr)
	}
	return h.letter(dr)
}

// keptOf is how many bytes of the raw mail are kept.
func (h *house) keptOf(l letter) (n int64) {
	for _, p := range h.parts(l.message) {
		if p.N == mail.PartRaw {
			n += p.Size
		}
	}
	return n
}

func TestEML(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	some := random(100_000)
	for name, c := range map[string]struct {
		files []attached
		cut   int // how many are kept once
	}{
		"without files":                        {nil, 0},
		"with the usual lines of 76":           {[]attached{{some, 76, "\r\n", ""}}, 1},
		"with lines of 60, 64 and 72":          {[]attached{{some[:5000], 60, "\r\n", ""}, {some[:70_000], 64, "\r\n", ""}, {some[:9000], 72, "\r\n", ""}}, 3},
		"with lines of 4":                      {[]attached{{some[:999], 4, "\r\n", ""}}, 1},
		"in one line":                          {[]attached{{some[:600], 800, "\r\n", ""}}, 1},
		"with a full last line":                {[]attached{{some[:57*9], 76, "\r\n", ""}}, 1},
		"of one, two and three bytes":          {[]attached{{some[:1], 76, "\r\n", ""}, {some[:2], 76, "\r\n", ""}, {some[:3], 76, "\r\n", ""}}, 3},
		"with an empty file between others":    {[]attached{{some[:90_000], 76, "\r\n", ""}, {nil, 76, "\r\n", ""}, {some, 76, "\r\n", ""}}, 2},
		"with lines that are no multiple of 4": {[]attached{{some[:5000], 75, "\r\n", ""}, {some[:5000], 76, "\r\n", ""}}, 1},
		"with blanks at the ends of lines":     {[]attached{{some[:5000], 76, " \r\n", ""}}, 0},
		"with an empty line behind a file":     {[]attached{{some[:5000], 76, "\r\n", "\r\n"}}, 1},
		"with a word behind a file":            {[]attached{{some[:5000], 76, "\r\n", "\r\n*** scanned ***"}}, 0},
	} {
		raw := rawMail(c.files...)
		t.Run("the house's copy of a mail "+name+" is the mail, byte for byte", func(t *testing.T) {
			l := h.came(t, raw, nil)
			f, err := h.EML(ctx, staff, l.house)
			if got := all(t, f, err); !bytes.Equal(got, raw) {
				t.Fatalf("%d bytes, not %d; %d others at the front", len(got), len(raw), differ(got, raw))
			}
			f, err = h.EML(ctx, staff, l.house)
			fine(t, err)
			defer f.Close()
			ranges(t, f, raw)
			cut := h.cut(t, l)
			if len(cut) != c.cut {
				t.Errorf("%v are kept once, want %d", cut, c.cut)
			}
			want := int64(len(raw))
			for i, x := range c.files {
				if cut[fmt.Sprintf("f%d.bin", i)] {
					want -= mail.Span{Chars: x.chars}.Len(len(x.data))
				}
			}
			if got := h.keptOf(l); got != want {
				t.Errorf("%d bytes of the raw mail are kept, want %d", got, want)
			}
		})
		t.Run("and the reader's, "+name+", has nothing in its header that was meant for us", func(t *testing.T) {
			l := h.came(t, raw, nil)
			guest, _ := h.guest(l.code)
			f, err := h.EML(ctx, guest, l.anna)
			if got := all(t, f, err); !bytes.Equal(got, bytes.Replace(raw, []byte("[sekretess] "), nil, 1)) {
				t.Errorf("%q", got[:min(len(got), 400)])
			}
		})
	}
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// cut says which files of a letter are not in its raw part.
func (h *house) cut(t *testing.T, l letter) map[string]bool {
	t.Helper()
	o, err := h.Open(ctx, h.staff(caseworker), l.house)
	fine(t, err)
	list := map[string]bool{}
	for _, f := range o.Head.Files {
		if f.Raw.Len(int(f.Size)) > 0 {
			list[f.Name] = true
		}
	}
	return list
}

func TestEMLOfOtherKinds(t *testing.T) {
	h := newHouse(t)
	staff := h.staff(caseworker)
	some := random(100_000)
	raw := rawMail(attached{some, 76, "\r\n", ""}, attached{some[:500], 76, "\r\n", ""})
	t.Run("a mail whose files were not cut out, as heads without spans have it, is whole", func(t *testing.T) {
		l := h.came(t, raw, func(d *mail.Draft) {
			for i := range d.Files {
				d.Files[i].Raw = mail.Span{}
			}
		})
		f, err := h.EML(ctx, staff, l.house)
		if !bytes.Equal(all(t, f, err), raw) || h.keptOf(l) != int64(len(raw)) {
			t.Error("another mail")
		}
	})
	t.Run("spans that lie over one another cut out only the first", func(t *testing.T) {
		l := h.came(t, raw, func(d *mail.Draft) { d.Files[2].Raw = d.Files[1].Raw })
		f, err := h.EML(ctx, staff, l.house)
		if !bytes.Equal(all(t, f, err), raw) {
			t.Error("another mail")
		}
	})
	t.Run("a mail with a file of two pieces is whole, and read at any place", func(t *testing.T) {
		raw := rawMail(attached{random(mail.MaxPiece + 1000), 76, "\r\n", ""})
		l := h.came(t, raw, nil)
		f, err := h.EML(ctx, staff, l.house)
		fine(t, err)
		defer f.Close()
		if int64(len(raw)) != f.Size() || h.keptOf(l) > 2000 {
			t.Errorf("%d bytes of %d, %d kept", f.Size(), len(raw), h.keptOf(l))
		}
		ranges(t, f, raw, (mail.MaxPiece+2)/3*4)
	})
	t.Run("a mail of which a blob is lost is an error, never a shorter mail", func(t *testing.T) {
		l := h.came(t, raw, nil)
		for _, p := range h.parts(l.message) {
			if p.N >= mail.PartFile && !p.Blob.IsZero() {
				fine(t, h.db.EraseBlob(ctx, p.Blob))
			}
		}
		_, err := h.EML(ctx, staff, l.house)
		want(t, err, mail.Internal)
	})
	t.Run("what cannot be cleaned is put together for the reader from its parts", func(t *testing.T) {
		l := h.came(t, raw, nil)
		guest, _ := h.guest(l.code)
		clean := h.Faithful
		h.Faithful = nil
		defer func() { h.Faithful = clean }()
		f, err := h.EML(ctx, guest, l.anna)
		got := all(t, f, err)
		if bytes.Contains(got, []byte("sekretess")) || bytes.Contains(got, []byte("epilogue")) || !bytes.Contains(got, []byte("f1.bin")) {
			t.Errorf("%q", got[:400])
		}
		f, err = h.EML(ctx, staff, l.house)
		if !bytes.Equal(all(t, f, err), raw) {
			t.Error("the house's copy is another mail")
		}
	})
	t.Run("a letter from the portal is a mail that tells no reader of the others", func(t *testing.T) {
		d := h.draft(t, staff, form)
		h.attach(t, staff, d, "f.bin", some)
		fine(t, h.SendDraft(ctx, staff, d, &mail.Draft{To: []mail.Request{toAnna(), toBo()}, Subject: "Beslut"}, ""))
		for _, n := range h.news() {
			guest, l := h.guest(h.code(n))
			f, err := h.EML(ctx, guest, l.Holder)
			m := parsed(t, all(t, f, err))
			if to := m.Header.Get("To"); !strings.Contains(to, string(n.Notice.To)) || strings.Count(to, "@") != 1 {
				t.Errorf("to %s", to)
			}
		}
		f, err := h.EML(ctx, staff, d)
		m := parsed(t, all(t, f, err))
		if to := m.Header.Get("To"); !strings.Contains(to, string(anna)) || !strings.Contains(to, string(bo)) || m.Header.Get("Subject") != "Beslut" {
			t.Errorf("%v", m.Header)
		}
		body, err := io.ReadAll(m.Body)
		if err != nil || !strings.Contains(strings.ReplaceAll(string(body), "\r\n", ""), base64.StdEncoding.EncodeToString(some)[:1000]) {
			t.Error("without its file", err)
		}
	})
	t.Run("it is nobody else's, and of no letter that has ended", func(t *testing.T) {
		l := h.came(t, raw, nil)
		guest, _ := h.guest(l.code)
		for _, holder := range []mail.ID{l.house, mail.NewID()} {
			_, err := h.EML(ctx, guest, holder)
			want(t, err, mail.Absent)
		}
		h.clock.days(40)
		_, err := h.EML(ctx, guest, l.anna)
		want(t, err, mail.Gone)
	})
}

func parsed(t *testing.T, b []byte) *netmail.Message {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(b))
	fine(t, err)
	return m
}
