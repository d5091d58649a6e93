package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"sigill/appliance/mail"
)

// Stream sends a file as a download, never to be shown in our origin: attachment,
// nosniff, a sandbox of its own, stored nowhere. It answers HEAD, one range (206),
// and a range that cannot be (416); several ranges get the whole (RFC 9110, 14.2
// allows it, and parts of an encrypted file in one multipart are worth nothing).
//
// content is read after the handler has returned, block by block, and is closed
// if it is an io.Closer. name may hold anything. A zero modified sends no date, and
// an interrupted download then begins again.
func (r *Request) Stream(name, mediaType string, size int64, content io.ReaderAt, modified time.Time) error {
	h := &r.ctx.Response().Header
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Disposition", attachment(name))
	h.Set("Accept-Ranges", "bytes")
	stamp := ""
	if !modified.IsZero() {
		stamp = modified.UTC().Format(http.TimeFormat)
		h.Set("Last-Modified", stamp)
	}

	from, length, verdict := int64(0), size, rangeNone
	// 13.1.5: another If-Range than our own stamp means that the client's
	// half is of another file.
	again := r.Header("If-Range")
	if r.method == http.MethodGet && (again == "" || again == stamp) { // 14.2: of other methods a Range is ignored
		from, length, verdict = readRange(r.Header("Range"), size)
	}
	status := http.StatusOK
	switch verdict {
	case rangeOne:
		status = http.StatusPartialContent
		h.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(from+length-1, 10)+"/"+strconv.FormatInt(size, 10))
	case rangeBad:
		h.Set("Content-Range", "bytes */"+strconv.FormatInt(size, 10))
		r.head(http.StatusRequestedRangeNotSatisfiable, "text/plain; charset=utf-8")
		return closeIf(content)
	}
	r.head(status, cleanType(mediaType))
	r.ctx.Response().SetBodyStream(&outflow{content: content, at: from, left: length}, int(length))
	return nil
}

// Picture shows a picture of others within a page or within Foreign: PNG, JPEG,
// GIF or WebP only. SVG is a document with scripts, and everything else is a
// download.
//
// A sandboxed frame has no cookie and an origin of its own, so the path must be
// a secret that works once, and any origin may show it.
func (r *Request) Picture(mediaType string, size int64, content io.ReaderAt) error {
	switch mediaType {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
	default:
		return errors.Join(mail.E(mail.Absent, "error.absent", errors.New("no picture that is shown")), closeIf(content))
	}
	h := &r.ctx.Response().Header
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	r.head(http.StatusOK, mediaType)
	r.ctx.Response().SetBodyStream(&outflow{content: content, left: size}, int(size))
	return nil
}

// Lasting sends what its path tells in full, so that a browser may keep it for ever; see
// Assets.
func (r *Request) Lasting(mediaType string, content []byte) error {
	r.head(http.StatusOK, mediaType)
	r.ctx.Set("Cache-Control", "public, max-age=31536000, immutable")
	r.ctx.Response().SetBodyRaw(content)
	return nil
}

type rangeVerdict uint8

const (
	rangeNone rangeVerdict = iota
	rangeOne
	rangeBad
)

// readRange reads a Range header (RFC 9110, 14.1.2). What is malformed, of
// another unit or more than one range counts as absent.
func readRange(header string, size int64) (from, length int64, v rangeVerdict) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok || strings.Contains(spec, ",") {
		return 0, size, rangeNone
	}
	first, last, ok := strings.Cut(strings.Trim(spec, " \t"), "-")
	if !ok {
		return 0, size, rangeNone
	}
	if first == "" { // the last n bytes
		n, ok := digits([]byte(last))
		if !ok {
			return 0, size, rangeNone
		}
		if n == 0 || size == 0 {
			return 0, 0, rangeBad
		}
		n = min(n, size)
		return size - n, n, rangeOne
	}
	a, ok := digits([]byte(first))
	if !ok {
		return 0, size, rangeNone
	}
	b := size - 1
	if last != "" {
		if b, ok = digits([]byte(last)); !ok || b < a {
			return 0, size, rangeNone
		}
	}
	if a >= size {
		return 0, 0, rangeBad
	}
	return a, min(b, size-1) - a + 1, rangeOne
}

// outBlock is how much is read at once. Reading at random places from an age file
// makes 64 KiB of garbage each time, whatever is asked for.
const outBlock = 256 << 10

// outBlocks keeps blocks for the next answer; what was in them is written over or lies
// there until then, in memory only.
var outBlocks = sync.Pool{New: func() any { return new([outBlock]byte) }}

// outflow hands a piece of content to the socket block by block.
type outflow struct {
	content io.ReaderAt
	at      int64
	left    int64
}

// Read is what io.Reader wants; fasthttp uses WriteTo.
func (o *outflow) Read(p []byte) (int, error) {
	if o.left <= 0 {
		return 0, io.EOF
	}
	n, err := o.content.ReadAt(p[:min(int64(len(p)), o.left)], o.at)
	o.at += int64(n)
	o.left -= int64(n)
	if n > 0 {
		err = nil // ReadAt says EOF with the last bytes; the next Read will say so again
	}
	return n, err
}

// WriteTo writes all that is left. If the content ends early or breaks, the
// connection is closed within the promised length: the client sees that it is not
// whole.
func (o *outflow) WriteTo(w io.Writer) (done int64, err error) {
	buf := outBlocks.Get().(*[outBlock]byte)
	defer outBlocks.Put(buf)
	for o.left > 0 {
		n, err := o.Read(buf[:])
		if n == 0 {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return done, err
		}
		m, err := w.Write(buf[:n])
		done += int64(m)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// Close closes the content; fasthttp calls it when the answer is out or broken.
func (o *outflow) Close() error { return closeIf(o.content) }

func closeIf(content io.ReaderAt) error {
	if c, ok := content.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// cleanType lets a media type through only if it is one: it came with the file.
func cleanType(s string) string {
	kind, sub, ok := strings.Cut(s, "/")
	if !ok || len(s) > 100 || !token([]byte(kind)) || !token([]byte(sub)) {
		return "application/octet-stream"
	}
	return s
}

// attachment is a Content-Disposition (RFC 6266, 4) with the name twice: in ASCII
// for the old, in UTF-8 (RFC 8187) for all others. Only bytes from two short lists
// are written, so no name can end the header or the parameter.
func attachment(name string) string {
	name = cleanName(name)
	var plain, coded strings.Builder
	for _, r := range name {
		if r < 0x80 && (letter(byte(r)) || strings.ContainsRune(" !#$&'()+,-.;=@[]^_`{}~", r)) {
			plain.WriteRune(r)
		} else {
			plain.WriteByte('_')
		}
	}
	for i := range len(name) {
		if x := name[i]; letter(x) || strings.IndexByte("!#$&+-.^_`|~", x) >= 0 { // RFC 8187, 3.2.1: attr-char
			coded.WriteByte(x)
		} else {
			const hex = "0123456789ABCDEF"
			coded.WriteString("%" + string(hex[x>>4]) + string(hex[x&15]))
		}
	}
	return `attachment; filename="` + plain.String() + `"; filename*=UTF-8''` + coded.String()
}

func letter(x byte) bool {
	l := x | 0x20
	return 'a' <= l && l <= 'z' || '0' <= x && x <= '9'
}
