package appliance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"sigill/appliance/door/web"
)

// TestNoPageHidesItsFrame wants no page to have a field by a name that its frame has: the
// layout, which asks for the frame's, would get the page's. So a page once said that it was in
// the language of the person whom somebody invited.
func TestNoPageHidesItsFrame(t *testing.T) {
	taken := map[string]bool{}
	for _, x := range []reflect.Type{reflect.TypeFor[web.Frame](), reflect.TypeFor[*web.Frame]()} {
		for i := range x.NumMethod() {
			taken[x.Method(i).Name] = true
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[web.Frame]()) {
		taken[f.Name] = true
	}
	frames := 0
	for _, f := range sources(t) {
		if f.test || !strings.HasPrefix(f.path, "appliance/door/") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), "../"+f.path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			s, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			for _, name := range fieldsBesideFrame(s) {
				if frames++; taken[name] {
					t.Errorf("%s: %s.%s hides the frame's %s", f.path, s.Name, name, name)
				}
			}
			return true
		})
	}
	if frames < 100 {
		t.Errorf("only %d fields were seen", frames)
	}
}

// fieldsBesideFrame are the names in a struct that has the frame in it.
func fieldsBesideFrame(s *ast.TypeSpec) (names []string) {
	x, ok := s.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	framed := false
	for _, f := range x.Fields.List {
		sel, ok := f.Type.(*ast.SelectorExpr)
		framed = framed || ok && len(f.Names) == 0 && sel.Sel.Name == "Frame"
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	if !framed {
		return nil
	}
	return names
}
