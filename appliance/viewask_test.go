package appliance_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Who is told something of the organisation is told it while nobody reads it, and reads the
// store meanwhile. Who reads the store has one of few readers. So whoever asks the
// organisation inside a View may wait for one who waits for a reader, and with enough of
// them everybody waits for ever: every request asks the organisation.
//
// This is found in the program's text: everything that a function with a ReadTx may call, of
// ours, through interfaces and function values too. What is begun with go is another
// goroutine's.
func TestTheOrganisationIsAskedInNoView(t *testing.T) {
	if !alone(t) {
		return
	}
	g := callGraph(t)
	if len(g.roots) < 100 || len(g.sinks) < 3 {
		t.Fatalf("%d readers, %d ways to ask", len(g.roots), len(g.sinks))
	}
	for _, path := range g.found() {
		t.Errorf("asks the organisation inside a View:\n\t%s", strings.Join(path, "\n\t"))
	}
}

// TestAViewThatAsksIsFound shows that the test above sees through what it must see through.
func TestAViewThatAsksIsFound(t *testing.T) {
	const begin = "package office\nimport \"context\"\n" +
		"type ReadTx interface{ Person() }\ntype trees struct{ acts, mu int }\ntype Office struct{ trees trees; Store Store }\n" +
		"type Store interface{ View(context.Context, func(ReadTx) error) error }\n" +
		"func (o *Office) Tree(f func()) { _ = o.trees.mu }\n" +
		"type asker interface{ Roles(ctx context.Context) }\nfunc (o *Office) Roles(ctx context.Context) { o.Tree(func() {}) }\n" +
		"func (o *Office) sees() func(int) bool { return func(int) bool { o.Roles(nil); return true } }\n" +
		"func (o *Office) act() { _ = o.trees.acts }\n"
	for name, c := range map[string]struct {
		body  string
		found bool
	}{
		"by itself":                 {`func (o *Office) x() { o.Store.View(nil, func(tx ReadTx) error { o.Tree(func() {}); return nil }) }`, true},
		"by another function":       {`func (o *Office) x() { o.Store.View(nil, func(tx ReadTx) error { return o.y() }) }; func (o *Office) y() error { o.Roles(nil); return nil }`, true},
		"by a method's value":       {`type k struct{ o *Office }; func (k *k) look(tx ReadTx) error { k.o.Roles(nil); return nil }`, true},
		"by an interface":           {`func x(a asker, s Store) { s.View(nil, func(tx ReadTx) error { a.Roles(nil); return nil }) }`, true},
		"by a function made before": {`func (o *Office) x() { sees := o.sees(); o.Store.View(nil, func(tx ReadTx) error { sees(1); return nil }) }`, true},
		"by waiting for an act":     {`func (o *Office) x(tx ReadTx) { o.act() }`, true},
		"before it":                 {`func (o *Office) x() { o.Roles(nil); o.Store.View(nil, func(tx ReadTx) error { tx.Person(); return nil }) }`, false},
		"in another goroutine":      {`func (o *Office) x(tx ReadTx) { go o.Roles(nil) }`, false},
	} {
		t.Run("an organisation that is asked "+name, func(t *testing.T) {
			g := newGraph()
			g.check(t, "sigill/appliance/office", map[string]string{"x.go": begin + c.body})
			g.link()
			if found := len(g.found()) > 0; found != c.found {
				t.Errorf("found: %t", found)
			}
		})
	}
}

// node is a function of ours: a *types.Func, or an *ast.FuncLit.
type node any

// graph is who may call whom.
type graph struct {
	set      *token.FileSet
	sources  map[string][]*ast.File // of our packages that are not checked yet
	packages map[string]*types.Package
	info     *types.Info
	bodies   map[node]*ast.BlockStmt
	names    map[node]string
	in       map[node]string // its package
	calls    map[node][]node
	values   map[string][]node      // functions by their signature, which may be called through a value
	behind   map[*types.Func][]node // an interface's method
	types    []types.Type           // that may stand behind an interface
	roots    []node
	sinks    map[node]bool
}

func newGraph() *graph {
	return &graph{
		set: token.NewFileSet(), sources: map[string][]*ast.File{}, packages: map[string]*types.Package{},
		info:   &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}},
		bodies: map[node]*ast.BlockStmt{}, names: map[node]string{}, in: map[node]string{}, calls: map[node][]node{}, values: map[string][]node{}, sinks: map[node]bool{}, behind: map[*types.Func][]node{},
	}
}

// callGraph is the graph of the whole program.
func callGraph(t *testing.T) *graph {
	t.Helper()
	g := newGraph()
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		path := "sigill/" + f.dir
		parsed, err := parser.ParseFile(g.set, "../"+f.path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		g.sources[path] = append(g.sources[path], parsed)
	}
	for _, path := range slices.Sorted(maps.Keys(g.sources)) {
		if _, err := g.Import(path); err != nil {
			t.Fatal(err)
		}
	}
	g.link()
	return g
}

// Import checks a package of ours. Others are left empty: what is theirs has no type here,
// and calls nothing of ours but what it is given, which counts as called by the giver.
func (g *graph) Import(path string) (*types.Package, error) {
	if p := g.packages[path]; p != nil {
		return p, nil
	}
	files, ours := g.sources[path]
	p := types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
	if ours {
		c := types.Config{Importer: g, Error: func(error) {}} // of what others have
		p, _ = c.Check(path, g.set, files, g.info)
		for _, f := range files {
			g.read(path, f)
		}
	}
	p.MarkComplete()
	g.packages[path] = p
	return p, nil
}

// check is Import of a package that a test has written.
func (g *graph) check(t *testing.T, path string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		f, err := parser.ParseFile(g.set, name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		g.sources[path] = append(g.sources[path], f)
	}
	if _, err := g.Import(path); err != nil {
		t.Fatal(err)
	}
}

// read notes the functions and types of a file.
func (g *graph) read(path string, f *ast.File) {
	add := func(n node, name string, typ types.Type, body *ast.BlockStmt) {
		if body == nil {
			return
		}
		g.bodies[n], g.names[n], g.in[n] = body, name, path
		sig, ok := typ.(*types.Signature)
		if !ok {
			return
		}
		key := signature(sig)
		g.values[key] = append(g.values[key], n)
		for v := range sig.Params().Variables() {
			if reads(v.Type()) {
				g.roots = append(g.roots, n)
			}
		}
	}
	ast.Inspect(f, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.FuncDecl:
			if fn, ok := g.info.Defs[x.Name].(*types.Func); ok {
				add(fn, fmt.Sprintf("%s (%s)", fn.FullName(), g.set.Position(x.Pos())), fn.Type(), x.Body)
			}
		case *ast.FuncLit:
			add(x, fmt.Sprintf("a function at %s", g.set.Position(x.Pos())), g.info.TypeOf(x), x.Body)
		case *ast.TypeSpec:
			if o := g.info.Defs[x.Name]; o != nil && !types.IsInterface(o.Type()) {
				g.types = append(g.types, o.Type())
			}
		}
		return true
	})
}

// signature is a function's type without its receiver.
func signature(s *types.Signature) string {
	return types.TypeString(types.NewSignatureType(nil, nil, nil, s.Params(), s.Results(), s.Variadic()), nil)
}

// reads reports whether something is what a View gives to read with.
func reads(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == "ReadTx"
}

// link finds out who may call whom.
func (g *graph) link() {
	for n, body := range g.bodies {
		ast.Inspect(body, func(x ast.Node) bool {
			switch x := x.(type) {
			case *ast.GoStmt:
				return false
			case *ast.FuncLit:
				g.calls[n] = append(g.calls[n], x)
				return false // its own body is its own node's
			case *ast.Ident:
				g.uses(n, g.info.Uses[x])
			case *ast.CallExpr:
				g.callsValue(n, x)
			}
			return true
		})
	}
}

// uses notes what a name stands for: a function, which may be called then, or a lock of the
// organisation.
func (g *graph) uses(n node, o types.Object) {
	switch o := o.(type) {
	case *types.Var:
		if o.IsField() && (o.Name() == "acts" || o.Name() == "mu") && g.ofTrees(o) {
			g.sinks[n] = true
		}
	case *types.Func:
		o = o.Origin()
		recv := o.Signature().Recv()
		if recv == nil || !types.IsInterface(recv.Type()) {
			g.calls[n] = append(g.calls[n], o)
			return
		}
		if _, known := g.behind[o]; !known {
			g.behind[o] = g.implementing(o, recv.Type().Underlying().(*types.Interface))
		}
		g.calls[n] = append(g.calls[n], g.behind[o]...)
	}
}

// implementing returns what may stand behind a method of an interface.
func (g *graph) implementing(method *types.Func, i *types.Interface) (list []node) {
	for _, t := range g.types {
		p := types.NewPointer(t)
		if m, _, _ := types.LookupFieldOrMethod(p, true, method.Pkg(), method.Name()); m != nil && types.Implements(p, i) {
			list = append(list, m)
		}
	}
	return list
}

// ofTrees reports whether a field is one of the office's trees.
func (g *graph) ofTrees(v *types.Var) bool {
	p := g.packages["sigill/appliance/office"]
	if p == nil || p.Scope().Lookup("trees") == nil {
		return false
	}
	s, ok := p.Scope().Lookup("trees").Type().Underlying().(*types.Struct)
	for i := 0; ok && i < s.NumFields(); i++ {
		if s.Field(i) == v {
			return true
		}
	}
	return false
}

// callsValue notes a call of a function that stands in a variable: it may be each of its
// type in the same package, or where the parts are joined. (Of those that take and return next
// to nothing each would be everything that can be begun.)
func (g *graph) callsValue(n node, call *ast.CallExpr) {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if _, ok := g.info.Uses[fun].(*types.Var); !ok {
			return
		}
	case *ast.SelectorExpr:
		if _, ok := g.info.Uses[fun.Sel].(*types.Var); !ok {
			return
		}
	case *ast.CallExpr, *ast.IndexExpr:
	default:
		return
	}
	if sig, ok := types.Unalias(g.info.TypeOf(call.Fun)).(*types.Signature); ok {
		for _, v := range g.values[signature(sig)] {
			if g.in[v] == g.in[n] || g.in[v] == "sigill/appliance" && sig.Params().Len()+sig.Results().Len() > 1 {
				g.calls[n] = append(g.calls[n], v)
			}
		}
	}
}

// found returns the ways from a View to what asks a lock of the organisation, one to each.
func (g *graph) found() (paths [][]string) {
	before := map[node]node{}
	var queue []node
	for _, r := range g.roots {
		before[r] = nil
		queue = append(queue, r)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		if i := slices.IndexFunc(g.calls[n], func(x node) bool { return g.sinks[x] }); i >= 0 || g.sinks[n] {
			var path []string
			for x := n; x != nil; x = before[x] {
				path = append(path, g.names[x])
			}
			slices.Reverse(path)
			paths = append(paths, path)
			continue
		}
		for _, next := range g.calls[n] {
			if _, seen := before[next]; !seen && g.bodies[next] != nil {
				before[next] = n
				queue = append(queue, next)
			}
		}
	}
	slices.SortFunc(paths, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return paths
}
