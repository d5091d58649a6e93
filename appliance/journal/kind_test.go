package journal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"sigill/appliance/journal"
)

func TestAllKinds(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	ast.Inspect(f, func(n ast.Node) bool {
		if c, ok := n.(*ast.ValueSpec); ok && len(c.Values) == 1 {
			if lit, ok := c.Values[0].(*ast.BasicLit); ok {
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				written = append(written, s)
			}
		}
		return true
	})
	t.Run("each word of the file is in the list, in its order", func(t *testing.T) {
		if len(written) < 50 || !slices.Equal(written, journal.Kinds()) {
			t.Errorf("%q, not %q", journal.Kinds(), written)
		}
	})
	t.Run("no word stands for two acts", func(t *testing.T) {
		list := journal.Kinds()
		slices.Sort(list)
		if n := len(slices.Compact(list)); n != len(written) {
			t.Errorf("%d words for %d acts", n, len(written))
		}
	})
}
