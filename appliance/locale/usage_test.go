package locale_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// dynamic are beginnings of keys whose end is made at run time. Each must be
// needed by what stands behind it.
var dynamic = []string{
	"date.month.",                              // measure.go: the month's number
	"layout.footer.",                           // the appliance chooses which links there are
	"step.",                                    // mail.StepKind.String
	"level.",                                   // mail.Level.String
	"job.",                                     // jobs.Job.Name
	"medium.",                                  // erase.Fault
	"page.backup.doing.", "page.backup.fault.", // what is done with a target, and what is wrong with it
	"role.",                   // admin/person.go: the roles of a form
	"plan.",                   // mail.Plan.String
	"table.domains.",          // domainState
	"meets.",                  // org.Conformance
	"page.statement.",         // of a field of the statement
	"page.update.why.",        // updater.Refusal and updater.Hitch
	"links.",                  // mail.Links.String
	"todo.certificate.",       // admin.Certificate.Of
	"certificate.why.",        // tlscert.Why
	"page.certificates.of.",   // admin.Certificate.Of
	"page.certificates.from.", // tlscert.Source
	"listing.",                // mail.Listing.String, by kind of unit
	"language.name",           // catalogue.go, in a tag: what a language calls itself
	"page.brand.",             // admin/brandform.go: the fields' names; mail.NoticeKind; tint.Correction

	"actor.",               // mail.ActorKind.String
	"journal.",             // journal.Kinds
	"page.domains.state.",  // admin/domaintable.go: domainState
	"page.recipients.why.", // mail.SuspendedForAll
	"tried.",               // admin/journal.go: access.Tried and access.Brake, and what failures are left out about

	"fault.", // intake.Faults

	"setup.",      // door/wizard: steps, fields by their keys, choices and guides
	"follow.by.",  // mail.ArrivedBy.String
	"follow.why.", // mail.Refusal
	"follow.do.",  // mail.Refusal
	"hop.name.",   // mail.Hop
	"hop.do.",     // mail.Hop
	"hop.why.",    // mail.TripWhys

	"file.section.", // config.Setting.Section
	"file.say.",     // config.Setting.Key
	"file.number.",  // config.Unit

	"doctor.group.", // doctor.Finding.Group
	"doctor.grave.", // doctor.Grave.String
	"doctor.check.", // doctor.Checks
	"doctor.",       // what is to be done about each: doctor.Finding.Do, held by appliance/doctor_internal_test.go

	"page.handbook.book.", // handbook.Books
	"page.mailbox.moved.", // portal/mailbox.html: what was done
	"page.mailbox.none.",  // portal/mailbox.html: the folder
	"page.message.trash.", // portal/message.html: whether it lies there
}

// notKeys look like keys and are none.
var notKeys = []string{
	"journal.who",                                       // keyring: what a key is derived for
	"keys.kit", "keys.place", "keys.held", "keys.admin", // doctor.Finding.Check

	"keys.kit", "keys.place", "keys.held", "keys.admin", // doctor.Finding.Check
}

// key is how a key looks in code: at least two words with dots between.
var (
	key         = regexp.MustCompile(`^[a-z][a-z0-9]*(\.[a-z0-9_]+)+$`)
	fileName    = regexp.MustCompile(`\.(html|json|css|js|svg|txt|toml|eml|db|go)$`)
	templateKey = regexp.MustCompile(`(?:\{\{-?|\(|\s)(?:t|n)\s+"([^"]+)"`)
)

// used returns every key that code or a template names, and where.
func used(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); path != "." && strings.HasPrefix(n, ".") || n == "testdata" || n == "out" {
				return fs.SkipDir
			}
			return nil
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(path, ".html") || strings.HasPrefix(path, "embed/notice/"):
			for _, m := range templateKey.FindAllStringSubmatch(string(data), -1) {
				all[m[1]] = path
			}
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			for k, at := range literals(t, path, data) {
				all[k] = at
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 30 {
		t.Fatalf("only %d keys found; is the tree elsewhere?", len(all))
	}
	return all
}

// literals returns the strings of a Go file that look like keys.
func literals(t *testing.T, path string, data []byte) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, path, data, 0)
	if err != nil {
		t.Logf("%s is being written: %v", path, err)
		return nil
	}
	found := map[string]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		if s, err := strconv.Unquote(lit.Value); err == nil && key.MatchString(s) {
			found[s] = filepath.Base(path) + ":" + strconv.Itoa(set.Position(lit.Pos()).Line)
		}
		return true
	})
	return found
}

func TestUsage(t *testing.T) {
	keys, _ := raw(t, "en.json")
	have, families := map[string]bool{}, map[string]bool{}
	for _, k := range keys {
		have[k] = true
		family, _, _ := strings.Cut(k, ".")
		families[family] = true
	}
	uses := used(t)
	t.Run("every key that is used exists", func(t *testing.T) {
		for k, at := range uses {
			family, _, _ := strings.Cut(k, ".")
			inTemplate := strings.HasSuffix(at, ".html")
			// Other strings with dots (host names, file names) are of no family.
			if !have[k] && (inTemplate || families[family]) && !fileName.MatchString(k) && !slices.Contains(notKeys, k) {
				t.Errorf("%s: %s is in no catalogue", at, k)
			}
		}
	})
	t.Run("no key is unused", func(t *testing.T) {
		for _, k := range keys {
			if _, ok := uses[k]; ok || hasAny(k, dynamic) {
				continue
			}
			t.Errorf("%s is used nowhere", k)
		}
	})
	t.Run("every dynamic beginning has keys", func(t *testing.T) {
		for _, d := range dynamic {
			n := 0
			for _, k := range keys {
				if strings.HasPrefix(k, d) {
					n++
				}
			}
			if n == 0 {
				t.Errorf("no key begins with %s", d)
			}
		}
	})
}

func hasAny(s string, beginnings []string) bool {
	for _, b := range beginnings {
		if strings.HasPrefix(s, b) {
			return true
		}
	}
	return false
}
