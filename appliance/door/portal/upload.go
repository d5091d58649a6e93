package portal

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// halfView is a file of which not all is there yet. The zero value is one that is not begun.
type halfView struct {
	N          uint32
	Name       string
	Size, Done int64
	Until      time.Time
}

// Percent is how much of it is there.
func (h halfView) Percent() int64 { return 100 * h.Done / max(h.Size, 1) }

// halves shows what a draft has of files.
func halves(list []desk.Half) (views []halfView) {
	for _, h := range list {
		views = append(views, halfView{N: h.N, Name: h.Name, Size: h.Size, Done: h.Done, Until: h.Until})
	}
	return views
}

// sending is what the write page's script is told of a file that comes in pieces.
type sending struct {
	Path   string  `json:"path"`   // where its pieces go
	Remove string  `json:"remove"` // where a form takes it out again
	Done   int64   `json:"done"`
	Sum    string  `json:"sum"`              // over what is there, in hexadecimal digits
	Pieces []int64 `json:"pieces,omitempty"` // their bytes, by which a script finds the sum
	Whole  bool    `json:"whole"`
}

func sendingOf(draft mail.ID, h desk.Half, pieces []int64) sending {
	at, n := "/write/"+draft.String(), strconv.FormatUint(uint64(h.N), 10)
	return sending{Path: at + "/upload/" + n, Remove: at + "/remove/" + n, Done: h.Done, Sum: hex.EncodeToString(h.Sum[:]), Pieces: pieces, Whole: h.Whole}
}

func arrived(h desk.Half) web.Arrived {
	return web.Arrived{Offset: h.Done, Length: h.Size, Sum: h.Sum, Whole: h.Whole}
}

// beginUpload begins a file that comes in pieces; see web.Arrived.
func (p *Portal) beginUpload(r *web.Request, who desk.Reader, id mail.ID) error {
	f := desk.NewUpload{Key: r.Form("key"), Name: web.FileName(r.Form("name")), Type: r.Form("type")}
	var err error
	if f.Size, err = strconv.ParseInt(r.Form("size"), 10, 64); err != nil || len(f.Key) < 16 || len(f.Key) > 64 || len(f.Type) > 200 {
		return mail.E(mail.Invalid, "error.form", errors.Join(errors.New("no file to begin"), err))
	}
	h, err := p.Desk.BeginUpload(r.Context(), who, id, f)
	if err != nil {
		return err
	}
	s := sendingOf(id, h, nil)
	return r.Begun(s.Path, arrived(h), web.Limits{Size: desk.MaxUpload, Least: desk.UploadUnit, Piece: mail.MaxPiece, Age: desk.UploadLife}, s)
}

// upload tells how much of it is there.
func (p *Portal) upload(r *web.Request, who desk.Reader, id mail.ID) error {
	n, err := fileNumber(r)
	if err != nil {
		return err
	}
	h, pieces, err := p.Desk.Upload(r.Context(), who, id, n)
	if err != nil {
		return err
	}
	return r.Arrived(http.StatusOK, arrived(h), sendingOf(id, h, pieces))
}

// appendUpload puts a piece behind what is there.
func (p *Portal) appendUpload(r *web.Request, who desk.Reader, id mail.ID) error {
	n, err := fileNumber(r)
	if err != nil {
		return err
	}
	a, err := r.Appending()
	if err != nil {
		return err
	}
	h, err := p.Desk.Append(r.Context(), who, id, n, desk.Piece{At: a.Offset, Before: a.Before, Size: a.Size}, r.RawBody())
	switch {
	case errors.Is(err, desk.ErrOffset):
		return r.Misplaced(arrived(h), a.Offset)
	case errors.Is(err, desk.ErrOtherFile):
		return r.Unlike(arrived(h))
	case err != nil:
		return err
	}
	return r.Arrived(http.StatusOK, arrived(h), sendingOf(id, h, nil))
}
