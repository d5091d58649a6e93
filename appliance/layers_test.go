package appliance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers says who may import whom of our own packages, in the order in which a
// message meets them. It is the architecture; a package without a line fails.
var layers = map[string]string{
	".":     "*",
	"embed": "",

	"updater": "",

	"appliance": "*",

	"appliance/mail":      "",
	"appliance/seal":      "",
	"appliance/erase":     "",
	"appliance/owner":     "",
	"appliance/sanitize":  "",
	"appliance/config":    "embed",
	"appliance/jobs":      "mail",
	"appliance/directory": "mail",

	"appliance/keyring":   "seal embed",
	"appliance/policy":    "mail",
	"appliance/intake":    "mail sanitize",
	"appliance/journal":   "mail",
	"appliance/retention": "mail",
	"appliance/access":    "mail keyring seal",
	"appliance/passkey":   "mail",
	"appliance/locale":    "embed",
	"appliance/handbook":  "",
	"appliance/tint":      "",
	"appliance/sheet":     "",
	"appliance/logo":      "mail",
	"appliance/notify":    "mail locale embed tint",
	"appliance/courier":   "mail keyring seal",
	"appliance/usage":     "mail",
	"appliance/vault":     "mail journal erase embed usage",
	"appliance/outbox":    "mail keyring seal",
	"appliance/trace":     "mail keyring seal",
	"appliance/records":   "mail usage", // usage writes tables for spreadsheets
	"appliance/desk":      "mail policy records seal keyring journal outbox",
	"appliance/org":       "mail",
	"appliance/workday":   "",
	"appliance/doctor":    "",
	"appliance/alarm":     "doctor mail",
	"appliance/syslog":    "",
	"appliance/metrics":   "",
	"appliance/office":    "mail org access keyring seal journal outbox",
	"appliance/signon":    "mail",
	"appliance/leaked":    "embed",
	"appliance/overseer":  "",
	"appliance/tlscert":   "",
	"appliance/tang":      "",
	"appliance/spool":     "mail erase keyring",
	"appliance/trap":      "mail embed sheet",
	"appliance/licence":   "embed",

	"appliance/nationalid": "",

	"appliance/door/smtpd":  "mail intake access",
	"appliance/door/web":    "mail access locale embed tint sheet",
	"appliance/door/portal": "door/web desk mail access office org locale sanitize passkey signon nationalid handbook embed tint",
	"appliance/door/admin":  "door/web access office mail org jobs usage journal tint logo config doctor",
	"appliance/door/wizard": "door/web access mail config doctor",
	"appliance/door/api":    "door/web mail",

	"appliance/door/control": "mail",
	"appliance/door/locked":  "door/web mail",

	"appliance/door/doortest":   "door/web locale embed",
	"appliance/peers":           "",
	"appliance/welch":           "",
	"appliance/vault/vaulttest": "vault",

	"appliance/bench": "*",

	"backup":                   "backup/target mail vault keyring seal erase owner config", // the drill opens what it has restored by a function that the appliance gives
	"backup/target":            "config mail erase owner",
	"backup/target/targettest": "backup/target",

	"install": "config erase embed",
}

// forTests are the packages that only tests import, whatever layers says.
var forTests = []string{"appliance/door/doortest", "appliance/peers", "appliance/welch", "appliance/vault/vaulttest", "backup/target/targettest"}

// outside says who alone may use a module that is not ours, and whose modules
// are counted: these packages use the standard library only.
var outside = map[string][]string{
	"github.com/gofiber/fiber/v2":  {"appliance/door/web", "appliance/door/portal", "appliance/door/admin", "appliance/door/api", "appliance/trap"},
	"github.com/valyala/fasthttp":  {"appliance/door/web"},
	"github.com/emersion/go-smtp":  {"appliance/door/smtpd", "appliance/courier", "appliance/trap", "appliance/bench"},
	"modernc.org/sqlite":           {"appliance/vault"},
	"github.com/pressly/goose/v3":  {"appliance/vault"},
	"github.com/robfig/cron/v3":    {"appliance/jobs"},
	"github.com/cention-sany/utf7": {"appliance/intake"},
	"github.com/alecthomas/kong":   {"."},
	"golang.org/x/crypto/argon2":   {"appliance/keyring"},
	"filippo.io/age":               {"appliance/seal", "appliance/keyring"},
	"filippo.io/nistec":            {"appliance/tang", "appliance/peers"},
	"github.com/cloudflare/circl":  {"appliance/keyring"},
	"github.com/microcosm-cc":      {"appliance/sanitize"},
	"github.com/nyaruka":           {"appliance/intake"},
	"github.com/yuin/goldmark":     {"appliance/handbook"},
	"github.com/pelletier/go-toml": {"appliance/config"},
	"github.com/pquerna/otp":       {"appliance/access"},
	"github.com/skip2/go-qrcode":   {"appliance/door/portal", "appliance/door/wizard", "appliance"},
	"github.com/rickar/cal":        {"appliance/workday"},
	"github.com/go-webauthn":       {"appliance/passkey"},
	"github.com/coreos/go-oidc/v3": {"appliance/signon"},
	"github.com/go-jose/go-jose":   {"appliance/signon"},
	"golang.org/x/oauth2":          {"appliance/signon"},
	"github.com/go-ldap/ldap/v3":   {"appliance/directory"},
	"github.com/coreos/go-systemd": {"appliance/overseer"},
	"github.com/pkg/sftp":          {"backup/target"},
	"golang.org/x/crypto/ssh":      {"backup/target", "appliance/peers"},
	"github.com/minio/minio-go":    {"backup/target"},
	"github.com/prometheus":        {"appliance/metrics"},
	"blitiri.com.ar/go/spf":        {"appliance/doctor"},
	"aead.dev/minisign":            {"updater"},
	"github.com/go-asn1-ber":       {"appliance/directory"}, // its bounds are one for the process
	"golang.org/x/mod":             {"backup", "updater"},   // signed notes, of the checksum database
}

// standardOnly import nothing but the standard library and, where layers says so, ours.
var standardOnly = []string{"appliance/mail", "appliance/policy", "appliance/retention", "appliance/journal", "appliance/erase", "appliance/usage", "appliance/nationalid"}

// forbidden words in code that is not a test, with who may use them and why.
var forbidden = map[string][]string{
	// A part that reads the wall itself cannot be tested with a turned clock. Socket
	// deadlines and measurements need the machine's own time.
	"time.Now":   {"appliance/clock.go", "appliance/jobs/", "appliance/bench/", "appliance/door/web/deadline.go", "appliance/door/smtpd/deadline.go", "appliance/courier/deadline.go", "appliance/syslog/deadline.go"},
	"time.Sleep": {},
	"log.Fatal":  {},
	"os.Exit":    {"main.go"},
}

type file struct {
	path, dir string
	test      bool
	ast       *ast.File
	set       *token.FileSet
}

func sources(t *testing.T) []file {
	t.Helper()
	root := ".."
	var list []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if n := d.Name(); rel != "." && (strings.HasPrefix(n, ".") || n == "testdata" || n == "out") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		list = append(list, file{filepath.ToSlash(rel), filepath.ToSlash(filepath.Dir(rel)), strings.HasSuffix(path, "_test.go"), f, set})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 10 {
		t.Fatalf("only %d Go files found; is the tree elsewhere?", len(list))
	}
	return list
}

func imports(f file) []string {
	var l []string
	for _, i := range f.ast.Imports {
		l = append(l, strings.Trim(i.Path.Value, `"`))
	}
	return l
}

func TestLayers(t *testing.T) {
	files := sources(t)
	t.Run("every package imports only what its line allows", func(t *testing.T) {
		for _, f := range files {
			if f.test {
				continue
			}
			line, ok := layers[f.dir]
			if !ok {
				t.Errorf("%s: package %s has no line in layers", f.path, f.dir)
				continue
			}
			for _, imp := range imports(f) {
				ours, ok := strings.CutPrefix(imp, "sigill/")
				if !ok || line == "*" {
					continue
				}
				short := strings.TrimPrefix(ours, "appliance/")
				if !slices.Contains(strings.Fields(line), short) {
					t.Errorf("%s imports %s, which the line of %s does not allow", f.path, ours, f.dir)
				}
			}
		}
	})
	t.Run("what is made for tests is imported by tests only", func(t *testing.T) {
		for _, f := range files {
			if f.test {
				continue
			}
			for _, imp := range imports(f) {
				if ours, ok := strings.CutPrefix(imp, "sigill/"); ok && slices.Contains(forTests, ours) {
					t.Errorf("%s imports %s and is no test", f.path, ours)
				}
			}
		}
	})
	t.Run("a module is used only where it belongs", func(t *testing.T) {
		for _, f := range files {
			if f.test {
				continue
			}
			for _, imp := range imports(f) {
				first, _, _ := strings.Cut(imp, "/")
				if strings.Contains(first, ".") && slices.Contains(standardOnly, f.dir) {
					t.Errorf("%s imports %s; this package uses the standard library only", f.path, imp)
				}
				for module, who := range outside {
					if (imp == module || strings.HasPrefix(imp, module+"/")) && !slices.Contains(who, f.dir) {
						t.Errorf("%s imports %s, which only %v may", f.path, imp, who)
					}
				}
			}
		}
	})
}

func TestForbiddenWords(t *testing.T) {
	for _, f := range sources(t) {
		if f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				pkg, ok := n.X.(*ast.Ident)
				if !ok {
					return true
				}
				who, bad := forbidden[pkg.Name+"."+n.Sel.Name]
				if bad && !slices.ContainsFunc(who, func(w string) bool { return strings.HasPrefix(f.path, w) }) {
					t.Errorf("%s: %s.%s", f.set.Position(n.Pos()), pkg.Name, n.Sel.Name)
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					t.Errorf("%s: func init", f.set.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// TestSizes guards the tail, where beauty is lost.
func TestSizes(t *testing.T) {
	for _, f := range sources(t) {
		tf := f.set.File(f.ast.Pos())
		if !f.test && tf.LineCount() > 500 {
			t.Errorf("%s has %d lines, more than 500: it is two things", f.path, tf.LineCount())
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || f.test {
				continue
			}
			if n := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line + 1; n > 80 {
				t.Errorf("%s: %s has %d lines, more than 80", f.set.Position(fn.Pos()), fn.Name.Name, n)
			}
		}
	}
}

func TestEveryPackageHasADoc(t *testing.T) {
	docs := map[string]bool{}
	for _, f := range sources(t) {
		if !f.test {
			docs[f.dir] = docs[f.dir] || f.ast.Doc != nil
		}
	}
	for dir, ok := range docs {
		if !ok {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

func TestTheTopLevelIsTheOwners(t *testing.T) {
	allowed := strings.Fields("main.go appliance embed backup updater install go.mod go.sum README.md LICENSE")
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) && e.Name() != "out" && e.Name() != "sigill" {
			t.Errorf("%s does not belong at the top level", e.Name())
		}
	}
}
