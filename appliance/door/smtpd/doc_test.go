package smtpd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEachStandardIsInTheTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "# Standards")
	files, _ := filepath.Glob("*.go")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`RFC (\d+)`).FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(table, "RFC "+m[1]+" ") {
				t.Errorf("%s names %s, which is not in the table of doc.go", f, m[0])
			}
		}
	}
}
