package journal

import (
	"bufio"
	"errors"
	"io"
)

// errTorn says that a checkpoint file ends in a note that was not written whole.
var errTorn = errors.New("journal: the last checkpoint is torn")

// noteReader cuts a checkpoint file into notes.
type noteReader struct {
	r *bufio.Reader
	// end is the offset behind the last whole note and its empty line. bare: the file
	// ends right behind a note, and the empty line is missing.
	end  int64
	bare bool
}

func newNoteReader(r io.Reader) *noteReader {
	return &noteReader{r: bufio.NewReaderSize(r, maxNote+1)}
}

// next returns the next note, or io.EOF. At an unfinished end it is errTorn: power
// may have been lost while the note was written, and then nobody was told of it. A
// note that is too long is errMalformed; nothing can be read behind it.
func (n *noteReader) next() ([]byte, error) {
	var note []byte
	signed := false // behind the empty line within the note
	for {
		line, err := n.r.ReadSlice('\n')
		switch {
		case err == io.EOF && len(line) == 0 && len(note) == 0:
			return nil, io.EOF
		case err == io.EOF && len(line) == 0 && signed && len(note) > 1 && note[len(note)-2] != '\n':
			n.end, n.bare = n.end+int64(len(note)), true
			return note, nil
		case err == io.EOF:
			return nil, errTorn
		case err == bufio.ErrBufferFull || err == nil && len(note)+len(line) > maxNote+1:
			return nil, errMalformed
		case err != nil:
			return nil, err
		}
		if len(line) == 1 && signed {
			n.end += int64(len(note) + 1)
			return note, nil
		}
		note = append(note, line...)
		signed = signed || len(line) == 1
	}
}
