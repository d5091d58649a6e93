package portal

import (
	"io"
	"strings"

	"sigill/appliance/desk"
	"sigill/appliance/door/web"
)

// maxText bounds a text that somebody writes in the portal, in bytes. maxTyped is what
// a field takes, so that nobody writes in vain: browsers count in UTF-16, of which a
// unit is at most three bytes.
const (
	maxText  = 256 << 10
	maxTyped = maxText / 3
)

// maxSubject is how many characters a subject has at most.
const maxSubject = 500

// typed is an answer, or a letter to the house, as it was typed; an answer has no subject.
type typed struct {
	subject, text string
	files         int
}

func (t typed) empty() bool { return strings.TrimSpace(t.text) == "" && t.files == 0 }

// read reads the fields "subject" and "text" and the files "files" of an upload, each
// sealed as it arrives. An empty file field, as browsers send it when nothing was picked,
// is none.
func (t *typed) read(r *web.Request, w *desk.Writing) error {
	parts := r.Upload()
	for {
		part, err := parts.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case part.Name == "subject":
			if t.subject, err = part.Text(4 * maxSubject); err != nil {
				return err
			}
			t.subject = strings.Join(strings.Fields(t.subject), " ") // one line
		case part.Name == "text":
			if t.text, err = part.Text(maxText); err != nil {
				return err
			}
			t.text = strings.ReplaceAll(t.text, "\r\n", "\n")
		case part.Name == "files" && part.File != "":
			if err := w.Attach(r.Context(), part.File, part.Type, part); err != nil {
				return err
			}
			t.files++
		}
	}
}
