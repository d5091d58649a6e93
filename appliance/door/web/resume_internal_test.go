package web

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"
)

// FuzzAppended: what is taken has one spelling.
func FuzzAppended(f *testing.F) {
	sum := strings.Repeat("0a", 32)
	f.Add(partialUpload, "0", `"`+sum+`"`, int64(1))
	f.Add(partialUpload, "1048576", `"`+strings.ToUpper(sum)+`"`, int64(8<<20))
	f.Add(partialUpload, "007", `W/"`+sum+`"`, int64(-1))
	f.Add("text/plain", "999999999999999999", "*", int64(0))
	f.Fuzz(func(t *testing.T, kind, offset, match string, size int64) {
		a, err := readAppended(kind, offset, match, size)
		if err != nil {
			return
		}
		if kind != partialUpload || strconv.FormatInt(a.Offset, 10) != offset || `"`+hex.EncodeToString(a.Before[:])+`"` != match || a.Size != size || size < 0 {
			t.Errorf("%q, %q, %q, %d are read as %+v", kind, offset, match, size, a)
		}
	})
}

func TestAppended(t *testing.T) {
	tag := `"` + strings.Repeat("0a", 32) + `"`
	for _, c := range []struct {
		offset, match string
		size          int64
		ok            bool
	}{
		{"0", tag, 0, true}, {"1048576", tag, 8 << 20, true},
		{"", tag, 1, false}, {"-1", tag, 1, false}, {"+1", tag, 1, false}, {"01", tag, 1, false}, {"1.0", tag, 1, false}, {"1000000000000000", tag, 1, false},
		{"0", "", 1, false}, {"0", "*", 1, false}, {"0", tag[1:], 1, false}, {"0", "W/" + tag, 1, false}, {"0", strings.ToUpper(tag), 1, false}, {"0", tag + ", " + tag, 1, false}, {"0", `"0a"`, 1, false},
		{"0", tag, -1, false},
	} {
		if _, err := readAppended(partialUpload, c.offset, c.match, c.size); (err == nil) != c.ok {
			t.Errorf("%q, %q, %d: %v", c.offset, c.match, c.size, err)
		}
	}
	if _, err := readAppended("application/octet-stream", "0", tag, 1); err == nil {
		t.Error("another media type is taken")
	}
}
