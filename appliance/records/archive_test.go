package records_test

import (
	"archive/tar"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/mail"
	"sigill/appliance/records"
)

var (
	made    = time.Date(2026, 11, 22, 9, 30, 0, 5e8, time.UTC)
	columns = []string{"Folder", "Subject", "File"}
)

// unpacked reads a tar to its end: the names in their order, and what is in each.
func unpacked(t *testing.T, b []byte) (names []string, files map[string]string) {
	t.Helper()
	files = map[string]string{}
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return names, files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg || h.Mode != 0o600 {
			t.Errorf("%s: type %c, mode %o", h.Name, h.Typeflag, h.Mode)
		}
		names = append(names, h.Name)
		files[h.Name] = string(content)
	}
}

func table(t *testing.T, s string) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestArchive(t *testing.T) {
	var b bytes.Buffer
	a := records.NewArchive(&b, "export-2026-11-22", made, columns)
	long := strings.Repeat("0123456789abcde\r\n", 40_000)
	id := mail.NewIDAt(made)
	name := records.LetterName("inbox", made, id)
	for _, err := range []error{
		a.Text("README.txt", "Hej\nigen\r\n"),
		a.Letter(name, made, strings.NewReader(long), int64(len(long))),
		a.Row([]string{"inbox", `=HYPERLINK("http://x")`, name}),
		a.Letter("sent/empty.eml", made, strings.NewReader(""), 0),
		a.Row([]string{"sent", "Åäö; \"så\"", "sent/empty.eml"}),
		a.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	names, files := unpacked(t, b.Bytes())
	t.Run("all stands in one folder, the table behind what it tells of", func(t *testing.T) {
		want := []string{"README.txt", name, "sent/empty.eml", "index.csv"}
		for i, n := range want {
			if len(names) != len(want) || names[i] != "export-2026-11-22/"+n {
				t.Fatalf("%q", names)
			}
		}
	})
	t.Run("files are what was given, byte for byte", func(t *testing.T) {
		if files[names[1]] != long || files[names[2]] != "" || files[names[0]] != "Hej\r\nigen\r\n" {
			t.Errorf("%d bytes, %q", len(files[names[1]]), files[names[0]])
		}
	})
	t.Run("a name says when and which, and nothing else", func(t *testing.T) {
		if !regexp.MustCompile(`^inbox/2026-11-22_[0-9a-z]{11}\.eml$`).MatchString(name) || !strings.Contains(name, records.ShortID(id)) {
			t.Error(name)
		}
		if records.ShortID(mail.NewIDAt(made)) == records.ShortID(id) {
			t.Error("two letters of one moment have one name")
		}
	})
	t.Run("no cell of the table is a formula", func(t *testing.T) {
		rows := table(t, files[names[3]])
		if len(rows) != 3 || rows[0][1] != "Subject" || rows[1][1] != `'=HYPERLINK("http://x")` || rows[2][1] != "Åäö; \"så\"" {
			t.Errorf("%q", rows)
		}
	})
}

func TestArchiveOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := records.NewArchive(&b, "x", made, columns).Close(); err != nil {
		t.Fatal(err)
	}
	if _, files := unpacked(t, b.Bytes()); len(files) != 1 || len(table(t, files["x/index.csv"])) != 1 {
		t.Errorf("%q", files)
	}
}

func TestArchiveOfVeryMany(t *testing.T) {
	const n = 9000
	var b bytes.Buffer
	a := records.NewArchive(&b, "x", made, columns)
	for i := range n {
		if err := a.Row([]string{"inbox", strings.Repeat("å", 400), fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	names, files := unpacked(t, b.Bytes())
	t.Run("they stand in several tables, each with its heads, and none is missing", func(t *testing.T) {
		next := 0
		for i, name := range names {
			if want := []string{"x/index.csv", "x/index-2.csv", "x/index-3.csv"}; len(names) != 2 || name != want[i] {
				t.Fatalf("%q", names)
			}
			rows := table(t, files[name])
			for _, r := range rows[1:] {
				if r[2] != fmt.Sprint(next) {
					t.Fatalf("%s, not %d", r[2], next)
				}
				next++
			}
			if rows[0][0] != "Folder" || len(files[name]) > 8<<20 {
				t.Errorf("%q, %d bytes", rows[0], len(files[name]))
			}
		}
		if next != n {
			t.Errorf("%d rows", next)
		}
	})
}

// tight takes so many bytes.
type tight int

func (w *tight) Write(b []byte) (int, error) {
	if *w -= tight(len(b)); *w < 0 {
		return 0, errors.New("full")
	}
	return len(b), nil
}

func TestArchiveBreaks(t *testing.T) {
	t.Run("content that is shorter than was said is no shorter file", func(t *testing.T) {
		a := records.NewArchive(io.Discard, "x", made, columns)
		if err := a.Letter("a", made, strings.NewReader("123"), 4); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
		if err := a.Close(); err == nil {
			t.Error("it can be closed as if it were whole")
		}
	})
	t.Run("where nothing more can be written, every step says so", func(t *testing.T) {
		for room := tight(0); room < 8000; room += 100 {
			w := room
			a := records.NewArchive(&w, "x", made, columns)
			err := errors.Join(a.Text("README.txt", "x"), a.Letter("a", made, strings.NewReader("123"), 3), a.Row([]string{"a"}), a.Close())
			if whole := room >= 4096; (err == nil) != whole {
				t.Fatalf("%d bytes: %v", room, err)
			}
		}
	})
}
