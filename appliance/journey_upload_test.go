package appliance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// incoming is a file that a browser sends in pieces.
type incoming struct {
	b    *browser
	name string
	data []byte
	at   int
	sum  [32]byte

	Path, Remove string
	Done         int
	Sum          string
	Pieces       []int
	Whole        bool
}

// begins begins a file of the draft that is open.
func (b *browser) begins(name string, data []byte) *incoming {
	b.j.Helper()
	f := &incoming{b: b, name: name, data: data}
	page, at := b.page, b.at
	b.Post(at+"/upload", "key", "0123456789abcdef"+strconv.Itoa(len(name))+strconv.Itoa(len(data)), "name", name, "type", "text/plain", "size", strconv.Itoa(len(data)))
	if b.code != http.StatusCreated || json.Unmarshal([]byte(b.page), f) != nil || b.head.Get("Location") != f.Path {
		b.j.Fatalf("%d %s", b.code, b.page)
	}
	b.page, b.at = page, at
	return f
}

// request is a PATCH of bytes at an offset.
func (f *incoming) request(offset int, sum [32]byte, piece []byte) *http.Request {
	f.b.j.Helper()
	r, err := http.NewRequest("PATCH", f.b.j.info.Portal+f.Path, bytes.NewReader(piece))
	if err != nil {
		f.b.j.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/partial-upload")
	r.Header.Set("Upload-Offset", strconv.Itoa(offset))
	r.Header.Set("If-Match", `"`+hex.EncodeToString(sum[:])+`"`)
	r.Header.Set("X-Sigill-Form", html.UnescapeString(formToken.FindStringSubmatch(f.b.page)[1]))
	r.Header.Set("Origin", f.b.j.info.Portal)
	r.Header.Set("Accept", "application/json")
	return r
}

// answered is what the house says to it, while the browser's page stays.
func (f *incoming) answered(r *http.Request) (code int, head http.Header, page string) {
	f.b.j.Helper()
	b := *f.b
	b.do(r)
	return b.code, b.head, b.page
}

// sends sends so many of the next bytes.
func (f *incoming) sends(n int) *incoming {
	f.b.j.Helper()
	piece := f.data[f.at : f.at+n]
	code, head, page := f.answered(f.request(f.at, f.sum, piece))
	f.at, f.sum = f.at+n, sha256.Sum256(slices.Concat(f.sum[:], piece))
	if code != http.StatusOK || head.Get("Upload-Offset") != strconv.Itoa(f.at) {
		f.b.j.Fatalf("%d %v %s", code, head, page)
	}
	return f
}

// asks asks how much is there.
func (f *incoming) asks() http.Header {
	f.b.j.Helper()
	r, err := http.NewRequest("GET", f.b.j.info.Portal+f.Path, nil)
	if err != nil {
		f.b.j.Fatal(err)
	}
	code, head, page := f.answered(r)
	f.Pieces = nil
	if code != http.StatusOK || json.Unmarshal([]byte(page), f) != nil {
		f.b.j.Fatalf("%d %s", code, page)
	}
	return head
}

func TestAFileComesInPieces(t *testing.T) {
	const mib = 1 << 20
	j := newJourney(t)
	data := make([]byte, 3*mib+123_456)
	rand.NewChaCha8([32]byte{}).Read(data)
	b := j.Browser().SignsIn(caseworker).Get("/write")
	b.SendForm("/write", []fill{{"to", anna}, {"phone", annaPhone}, {"subject", "I bitar"}, {"text", "Se bilagan."}, {"do", "save"}}, nil)
	draft := b.at
	f := b.begins("stor fil.bin", data).sends(mib)

	t.Run("what breaks off in the middle costs that piece alone", func(t *testing.T) {
		r := f.request(mib, f.sum, data[mib:2*mib])
		base, err := url.Parse(j.info.Portal)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range b.c.Jar.Cookies(base) {
			r.AddCookie(c)
		}
		var raw bytes.Buffer
		if err := r.Write(&raw); err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", base.Host)
		if err != nil {
			t.Fatal(err)
		}
		conn.Write(raw.Bytes()[:raw.Len()-mib/2])
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn) // until the house has given it up
		conn.Close()
		if h := f.asks(); f.Done != mib || h.Get("Upload-Offset") != strconv.Itoa(mib) || h.Get("Upload-Complete") != "?0" || h.Get("ETag") != fmt.Sprintf(`"%x"`, f.sum) {
			t.Errorf("%+v %v", f.Done, h)
		}
	})
	t.Run("the page says what is there, and for how long", func(t *testing.T) {
		b.Get(draft).Sees("stor fil.bin", "1 MB av 3,3 MB är framme. Välj samma fil igen")
	})
	t.Run("a piece at another place is refused, and told where the end is", func(t *testing.T) {
		code, head, page := f.answered(f.request(0, [32]byte{}, data[:mib]))
		if code != http.StatusConflict || head.Get("Content-Type") != "application/problem+json" || head.Get("Upload-Offset") != strconv.Itoa(mib) || !strings.Contains(page, `"expected-offset":1048576`) || !strings.Contains(page, "mismatching-upload-offset") {
			t.Errorf("%d %v %s", code, head, page)
		}
	})
	t.Run("what is half there of one file never becomes half of another", func(t *testing.T) {
		other := sha256.Sum256([]byte("en annan fil"))
		if code, _, page := f.answered(f.request(mib, other, data[mib:2*mib])); code != http.StatusPreconditionFailed || !strings.Contains(page, "inte den som delvis är framme") {
			t.Errorf("%d %s", code, page)
		}
	})
	t.Run("too much, and a piece of an odd size, are refused", func(t *testing.T) {
		for _, c := range []struct{ size, code int }{{8*mib + 1, http.StatusRequestEntityTooLarge}, {4 * mib, http.StatusRequestEntityTooLarge}, {1000, http.StatusBadRequest}, {0, http.StatusBadRequest}} {
			if code, _, page := f.answered(f.request(mib, f.sum, make([]byte, c.size))); code != c.code {
				t.Errorf("%d bytes: %d %s", c.size, code, page)
			}
		}
		o := *b
		if o.Post(draft+"/upload", "key", "0123456789abcdef", "name", "x", "size", "4000000001"); o.code != http.StatusRequestEntityTooLarge {
			t.Errorf("%d", o.code)
		}
		for _, bad := range [][]string{{"key", "kort"}, {"size", "-"}, {"size", ""}, {"type", strings.Repeat("x", 201)}} {
			o := *b
			if o.Post(draft+"/upload", append(bad, "key", "0123456789abcdef", "name", "x", "size", "1")...); o.code != http.StatusBadRequest {
				t.Errorf("%v: %d", bad, o.code)
			}
		}
	})
	t.Run("nobody else finds it", func(t *testing.T) {
		o := j.Browser().SignsIn(johanAt).Get("/write")
		his := *f
		his.b = o
		if code, _, _ := his.answered(his.request(mib, f.sum, data[mib:2*mib])); code != http.StatusNotFound {
			t.Errorf("a piece: %d", code)
		}
		page := o.page
		if o.Get(f.Path); o.code != http.StatusNotFound {
			t.Errorf("how much is there: %d", o.code)
		}
		o.page = page
		if o.Post(draft+"/upload", "key", "0123456789abcdef", "name", "x", "size", "1"); o.code != http.StatusNotFound {
			t.Errorf("a new one: %d", o.code)
		}
	})
	t.Run("a letter is not sent while a file of it is half there", func(t *testing.T) {
		b.Get(draft).SendForm(draft, []fill{{"to", anna}, {"phone", annaPhone}, {"text", "Se bilagan."}, {"do", "send"}}, nil).Sees("inte helt framme")
		b.Get(draft).Post(draft + "/send").Sees("inte helt framme")
	})
	t.Run("another window goes on where the first stopped", func(t *testing.T) {
		two := *f
		two.b = j.Browser().SignsIn(caseworker).Get(draft)
		two.asks()
		if !slices.Equal(two.Pieces, []int{mib}) || two.Sum != hex.EncodeToString(f.sum[:]) {
			t.Fatalf("%v", two.Pieces)
		}
		two.sends(2 * mib)
		if code, head, _ := f.answered(f.request(mib, f.sum, data[mib:2*mib])); code != http.StatusConflict || head.Get("Upload-Offset") != strconv.Itoa(3*mib) {
			t.Errorf("the first: %d %v", code, head)
		}
		*f = two
	})
	t.Run("with the last piece it is a file of the letter, and arrives whole", func(t *testing.T) {
		f.sends(123_456)
		if h := f.asks(); !f.Whole || h.Get("Upload-Complete") != "?1" {
			t.Errorf("%v", h)
		}
		f.b.Get(draft).Sees("stor fil.bin").SeesNot("Välj samma fil igen")
		f.b.SendForm(draft, []fill{{"to", anna}, {"phone", annaPhone}, {"text", "Se bilagan."}, {"do", "send"}}, nil).At(draft + "/check").Post(draft + "/send").Sees("Brevet är skickat")
		guest := j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Follow("/m/letter/file/16")
		if guest.page != string(data) {
			t.Errorf("%d bytes, or others", len(guest.page))
		}
		if code, _, _ := f.answered(f.request(len(data), f.sum, nil)); code != http.StatusNotFound {
			t.Errorf("a letter that was sent takes a piece: %d", code)
		}
	})
	t.Run("after a day without a piece what is there is gone, and the draft is not", func(t *testing.T) {
		b := j.Browser().SignsIn(caseworker).Get("/write")
		b.SendForm("/write", []fill{{"text", "Kvar."}, {"do", "save"}}, nil)
		b.begins("glömd.bin", data).sends(mib)
		j.Turn(23 * time.Hour)
		b = j.Browser().SignsIn(caseworker).Get(b.at).Sees("glömd.bin")
		j.Turn(2 * time.Hour)
		j.Browser().SignsIn(caseworker).Get(b.at).Sees("Kvar.").SeesNot("glömd.bin")
	})
}

// TestKillLosesNoPiece kills the program while a piece is under way.
func TestKillLosesNoPiece(t *testing.T) {
	full(t, "it builds the program")
	const mib = 1 << 20
	bin, dir := buildProgram(t, ""), t.TempDir()
	j := &journey{TB: t, log: &safeBuffer{}}
	start := func() *child {
		c, err := startChild(bin, dir)
		if err != nil {
			t.Fatal(err)
		}
		j.readInfo(dir)
		return c
	}
	c := start()
	defer func() { c.kill() }()
	data := make([]byte, 5*mib)
	rand.NewChaCha8([32]byte{}).Read(data)
	b := j.Browser().SignsIn(caseworker).Get("/write")
	b.SendForm("/write", []fill{{"text", "Se bilagan."}, {"do", "save"}}, nil)
	f := b.begins("stor fil.bin", data).sends(2 * mib).sends(mib)
	r := f.request(3*mib, f.sum, data[3*mib:])
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data[3*mib:4*mib]), reading(func() error { c.kill(); return io.ErrUnexpectedEOF })))
	if _, err := b.c.Do(r); err == nil {
		t.Fatal("a program that was killed has answered")
	}
	c = start()
	f.b = j.Browser().SignsIn(caseworker).Get(b.at).Sees("3,1 MB av 5,2 MB är framme")
	f.asks()
	if f.Done != 3*mib || f.Sum != hex.EncodeToString(f.sum[:]) {
		t.Fatalf("%d bytes are there", f.Done)
	}
	f.sends(2 * mib)
	if f.asks(); !f.Whole {
		t.Error("it is not whole")
	}
}

// reading does something when more is asked for.
type reading func() error

func (f reading) Read([]byte) (int, error) { return 0, f() }
