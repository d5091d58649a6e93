package web

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/mail"
)

// Uploads that go on after a lost connection speak as the IETF's "Resumable Uploads for HTTP"
// (draft-ietf-httpbis-resumable-upload) has it: HEAD or GET of the upload tells Upload-Offset,
// PATCH of application/partial-upload with the same Upload-Offset puts a piece behind it, 409
// says that it is another. Five things are ours:
//
//   - It is begun by a form, not by its first bytes: a file's name belongs in no header, and
//     the token of a page of ours comes along. The answer is 201 with its Location.
//   - Its length is known from the beginning, so Upload-Complete is told and not asked for.
//   - PATCH names by If-Match what is there already (RFC 9110, 13.1.1): 412 says that it is of
//     another file. So what is half there of one never becomes half of another.
//   - A piece is whole or not there. It has a Content-Length, and its size is as Upload-Limit
//     of the 201 says.
//   - A button of a form gives it up, not DELETE; and nothing is told while a piece still comes
//     (104), because the library has no interim answers.

const partialUpload = "application/partial-upload"

// Arrived is how much of a file is there.
type Arrived struct {
	Offset int64 // bytes
	Length int64 // bytes of the whole
	Sum    [32]byte
	Whole  bool // it needs no more
}

// Limits are what an upload may have.
type Limits struct {
	Size         int64         // bytes of the whole
	Least, Piece int64         // bytes of a piece; the last may have less
	Age          time.Duration // since the last piece
}

// Appended is what a PATCH wants to put where.
type Appended struct {
	Offset int64    // where it believes that the end is
	Before [32]byte // Arrived.Sum there
	Size   int64    // bytes of the piece
}

// Appending reads what a PATCH says of its body.
func (r *Request) Appending() (Appended, error) {
	return readAppended(r.Header("Content-Type"), r.Header("Upload-Offset"), r.Header("If-Match"), r.BodySize())
}

// readAppended takes one spelling of each: an Integer of RFC 9651, 3.3.1, without sign, and
// one strong entity-tag of RFC 9110, 8.8.3.
func readAppended(kind, offset, match string, size int64) (a Appended, err error) {
	if kind != partialUpload {
		return a, mediaError(nil)
	}
	bad := func(what string) error { return mail.E(mail.Invalid, "error.form", errors.New(what)) }
	var ok bool
	if a.Offset, ok = digits([]byte(offset)); !ok || len(offset) > 15 || strconv.FormatInt(a.Offset, 10) != offset {
		return a, bad("Upload-Offset")
	}
	sum, err := hex.DecodeString(strings.Trim(match, `"`))
	if err != nil || len(sum) != len(a.Before) || entityTag([32]byte(sum)) != match {
		return a, bad("If-Match")
	}
	if size < 0 {
		return a, bad("a piece without its length")
	}
	a.Before, a.Size = [32]byte(sum), size
	return a, nil
}

func entityTag(sum [32]byte) string { return `"` + hex.EncodeToString(sum[:]) + `"` }

// Begun answers that an upload is at a path from now on.
func (r *Request) Begun(path string, a Arrived, l Limits, v any) error {
	r.ctx.Set("Location", path)
	r.ctx.Set("Upload-Limit", fmt.Sprintf("max-size=%d, min-append-size=%d, max-append-size=%d, max-age=%d", l.Size, l.Least, l.Piece, int64(l.Age/time.Second)))
	return r.Arrived(http.StatusCreated, a, v)
}

// Arrived answers how much is there, and v to a script.
func (r *Request) Arrived(status int, a Arrived, v any) error {
	r.tell(a)
	return r.JSON(status, v)
}

func (r *Request) tell(a Arrived) {
	complete := "?0"
	if a.Whole {
		complete = "?1"
	} else {
		r.ctx.Set("ETag", entityTag(a.Sum))
	}
	r.ctx.Set("Upload-Offset", strconv.FormatInt(a.Offset, 10))
	r.ctx.Set("Upload-Length", strconv.FormatInt(a.Length, 10))
	r.ctx.Set("Upload-Complete", complete)
}

// Misplaced answers a piece that begins elsewhere than what is there ends: 409, as the draft
// words it for programs (RFC 9457).
func (r *Request) Misplaced(a Arrived, given int64) error {
	r.tell(a)
	err := r.JSON(http.StatusConflict, map[string]any{
		"type": "https://iana.org/assignments/http-problem-types#mismatching-upload-offset", "title": r.T("error.upload.elsewhere"),
		"expected-offset": a.Offset, "provided-offset": given,
	})
	r.ctx.Response().Header.SetContentType("application/problem+json")
	return err
}

// Unlike answers a piece of another file than the one of which something is there: 412.
func (r *Request) Unlike(a Arrived) error {
	r.tell(a)
	return r.JSON(http.StatusPreconditionFailed, map[string]string{"say": r.T("error.upload.other")})
}
