package records

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/usage"
)

// Archive writes letters out as a tar, one file each, with tables of them. It reads and
// writes block by block, and keeps nothing but the rows of the table that is not written
// yet.
//
// The tables stand behind the letters of which they tell, since a tar says the size of a
// file before the file: index.csv, and for a very large mailbox index-2.csv and so on.
type Archive struct {
	tar     *tar.Writer
	root    string // folder in which all stands
	at      time.Time
	columns []string

	rows   [][]string
	held   int // bytes of rows
	tables int // that are written
	block  []byte
}

const (
	maxHeld      = 4 << 20   // bytes of rows; some 20,000 letters
	archiveBlock = 256 << 10 // reading at random places from an age file makes 64 KiB of garbage each time
)

// NewArchive returns an archive whose files stand in a folder of the name root; columns
// are the heads of the tables, and at is when the archive's own files were made.
func NewArchive(w io.Writer, root string, at time.Time, columns []string) *Archive {
	return &Archive{tar: tar.NewWriter(w), root: root, at: at, columns: columns, block: make([]byte, archiveBlock)}
}

// LetterName is the file of a letter in a folder: when it is from, and the end of its id,
// which is random. It has nothing in it of what the letter says.
func LetterName(folder string, at time.Time, id mail.ID) string {
	return folder + "/" + at.Format("2006-01-02") + "_" + ShortID(id) + ".eml"
}

// ShortID is the end of an id, for people: 53 bits, random whether or not the id begins
// with a time.
func ShortID(id mail.ID) string {
	s := id.String()
	return s[len(s)-11:]
}

// Text writes a text of ours.
func (a *Archive) Text(name, text string) error {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n") // as Windows reads it, too
	return a.file(name, a.at, strings.NewReader(text), int64(len(text)))
}

// Letter writes a letter. Content that ends before size is an error, and the archive is
// broken then.
func (a *Archive) Letter(name string, at time.Time, content io.ReaderAt, size int64) error {
	return a.file(name, at, content, size)
}

// Row adds a line to the table. It is written when it has become long.
func (a *Archive) Row(cells []string) error {
	a.rows = append(a.rows, cells)
	for _, c := range cells {
		a.held += len(c) + 16 // and the string's own head
	}
	if a.held < maxHeld {
		return nil
	}
	return a.table()
}

// Close writes the last table, and the end of the tar. What is behind it is not closed.
func (a *Archive) Close() error {
	if len(a.rows) > 0 || a.tables == 0 {
		if err := a.table(); err != nil {
			return err
		}
	}
	return a.tar.Close()
}

func (a *Archive) table() error {
	a.tables++
	name := "index.csv"
	if a.tables > 1 {
		name = "index-" + strconv.Itoa(a.tables) + ".csv"
	}
	var b bytes.Buffer
	if err := usage.WriteCSV(&b, append([][]string{a.columns}, a.rows...)); err != nil {
		return err
	}
	a.rows, a.held = nil, 0
	return a.file(name, a.at, bytes.NewReader(b.Bytes()), int64(b.Len()))
}

func (a *Archive) file(name string, at time.Time, content io.ReaderAt, size int64) error {
	h := &tar.Header{Typeflag: tar.TypeReg, Name: a.root + "/" + name, Mode: 0o600, Size: size, ModTime: at.Truncate(time.Second)}
	if err := a.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	for off := int64(0); off < size; {
		n, err := content.ReadAt(a.block[:min(size-off, archiveBlock)], off)
		if n == 0 {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("archive: %w", err)
		}
		if _, err := a.tar.Write(a.block[:n]); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
		off += int64(n)
	}
	return nil
}
