package web

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzHead: what readHead takes, net/http takes too and ends at the same byte.
// The strict one may refuse more, never read differently.
func FuzzHead(f *testing.F) {
	for _, a := range attacks("0000") {
		if i := strings.Index(a.raw, "\r\n\r\n"); i > 0 && i < 1000 {
			f.Add([]byte(a.raw[:i+4]))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		end := headEnd(raw, 0)
		if end == 0 {
			return
		}
		got, ok := readHead(raw[:end])
		if !ok {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw[:end])))
		if err != nil {
			// net/http refuses some targets and trailers that change nothing about
			// where the request ends.
			for _, why := range []string{"invalid URI", "invalid URL", "Trailer", "trailer", "malformed Host", "first path segment", "net/url", "parse"} {
				if strings.Contains(err.Error(), why) {
					return
				}
			}
			t.Fatalf("taken here, refused by net/http: %v\n%q", err, raw[:end])
		}
		chunked := len(r.TransferEncoding) > 0
		if chunked != got.chunked || !chunked && r.ContentLength != got.length {
			t.Fatalf("%+v here, %v %d there\n%q", got, chunked, r.ContentLength, raw[:end])
		}
		if r.Close && !got.last {
			t.Fatalf("kept here, closed there\n%q", raw[:end])
		}
	})
}

// FuzzChunks: a body that chunks takes is read by net/http to the same end, and
// it makes no difference in which pieces it comes.
func FuzzChunks(f *testing.F) {
	for _, s := range []string{"0\r\n\r\n", "2\r\nab\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\nGET", "2;a\r\nab\r\n0\r\n\r\n", "00\r\n\r\n", "fffffffffffffff\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var whole, single chunks
		n, err := whole.feed(raw)
		m := 0
		var bad error
		for i := range raw {
			k, e := single.feed(raw[i : i+1])
			if m += k; e != nil || single.state == chunkDone {
				bad = e
				break
			}
		}
		if n != m || (err == nil) != (bad == nil) {
			t.Fatalf("whole %d %v, in pieces %d %v", n, err, m, bad)
		}
		if err != nil || whole.state != chunkDone {
			return
		}
		src := bufio.NewReader(bytes.NewReader(raw[:n]))
		if _, err := io.Copy(io.Discard, httputil.NewChunkedReader(src)); err != nil {
			t.Fatalf("net/http: %v", err)
		}
		if rest, _ := io.ReadAll(src); string(rest) != "\r\n" { // it leaves the end of the trailers
			t.Fatalf("net/http ends elsewhere: %q is left", rest)
		}
	})
}

// FuzzAttachment: no name ends the header, and each comes back as cleaned.
func FuzzAttachment(f *testing.F) {
	for _, s := range []string{"beslut.pdf", "å\r\nX: y", `a";b`, "%0d%0a", "\xff", "../x", "a\u202eb", "*=UTF-8''x", `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		v := attachment(name)
		for i := range len(v) {
			if v[i] < ' ' || v[i] > '~' {
				t.Fatalf("%q", v)
			}
		}
		kind, params, err := mime.ParseMediaType(v)
		clean := cleanName(name)
		if err != nil || kind != "attachment" || params["filename"] != clean || !utf8.ValidString(clean) || strings.ContainsAny(clean, "/\\\r\n\x00") {
			t.Fatalf("%q: %v %q, not %q", v, err, params["filename"], clean)
		}
	})
}

// FuzzRange: whatever is asked for, what is sent lies within the file.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-0", "bytes=-1", "bytes=5-", "bytes=0-1,2-3", "bytes=999999999999999999-", "bytes=-", "bytes=1-0"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, header string, size int64) {
		size = max(size, 0)
		from, n, v := readRange(header, size)
		switch v {
		case rangeNone:
			if from != 0 || n != size {
				t.Fatal(from, n)
			}
		case rangeOne:
			if from < 0 || n < 1 || n > size || from > size-n {
				t.Fatal(from, n, size)
			}
		}
	})
}
