package org_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// read reads a table; problems are as "line say with".
func read(t *testing.T, text string) (rows []org.Row, problems []string, err error) {
	t.Helper()
	rows, report, err := org.ReadTable(strings.NewReader(text))
	for _, p := range report.Problems {
		problems = append(problems, fmt.Sprint(p.Line, " ", p.Say, " ", p.With))
	}
	return rows, problems, err
}

func TestReadTable(t *testing.T) {
	for name, text := range map[string]string{
		"with commas":                 "E-post,Namn,Avdelning,Kostnadsställe\nanna@kommun.se,Anna Ås,Social / Barn,5120\n",
		"with semicolons and quotes":  "\ufeffNamn;\"E-post\";Avdelning;Titel;KST\r\n\"Anna Ås\";anna@kommun.se;Social > Barn;chef;5120\r\n;;;;\r\n",
		"with tabulators":             "EMAIL\tname\tUnit\tCost Centre\n anna@kommun.se \tAnna Ås\tSocial/Barn\t5120",
		"in Windows-1252, from Excel": "e-post;namn;avdelning;kostnadsst\xe4lle\r\nanna@kommun.se;Anna \xc5s;Social/Barn;5120\r\n",
	} {
		t.Run("as spreadsheets write it: "+name, func(t *testing.T) {
			rows, problems, err := read(t, text)
			if err != nil || len(problems) > 0 || len(rows) != 1 {
				t.Fatal(rows, problems, err)
			}
			r := rows[0]
			if r.Line != 2 || r.Address != "anna@kommun.se" || r.Name != "Anna Ås" || !slices.Equal(r.Path, []string{"Social", "Barn"}) || r.CostCentre != "5120" {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Run("a page may have called the columns otherwise, and those words count too", func(t *testing.T) {
		const finnish = "Sähköposti;Nimi;Osasto;Kustannuspaikka;\nanna@kommun.se;Anna Ås;Sosiaalitoimi;5120;\n"
		if _, _, err := org.ReadTable(strings.NewReader(finnish)); mail.KindOf(err) != mail.Invalid {
			t.Error(err)
		}
		rows, _, err := org.ReadTable(strings.NewReader(finnish), org.Heads{Address: "Sähköposti", Name: "Nimi", Unit: "Osasto", CostCentre: "Kustannuspaikka"})
		if err != nil || len(rows) != 1 || rows[0].Name != "Anna Ås" || rows[0].CostCentre != "5120" || !slices.Equal(rows[0].Path, []string{"Sosiaalitoimi"}) {
			t.Errorf("%+v %v", rows, err)
		}
	})
	t.Run("a line may give the language of an invitation, which must be one that the house speaks", func(t *testing.T) {
		rows, report, err := org.ReadTable(strings.NewReader("e-post,språk\na@k.se,FI\nb@k.se,\nc@k.se,de\n"), org.Heads{Languages: []string{"sv", "fi"}})
		if err != nil || len(rows) != 2 || rows[0].Lang != "fi" || rows[1].Lang != "" {
			t.Errorf("%+v %v", rows, err)
		}
		if p := report.Problems; len(p) != 1 || p[0].Line != 4 || p[0].Say != "error.table.language" || p[0].With != "de" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("every line that is wrong is told, with its number, and the others are read", func(t *testing.T) {
		rows, problems, err := read(t, "e-post,namn,avdelning\n"+
			"anna@kommun.se,Anna\n"+
			"ingen adress,Bo\n"+
			"ANNA@kommun.se,Anna igen\n"+
			"=cmd@kommun.se,Formel\n"+
			"cia@kommun.se,=HYPERLINK(\"http://x\")\n"+
			"dag@kommun.se,+46 70\n"+
			"eva@kommun.se,"+strings.Repeat("e", 101)+"\n"+
			"fia@kommun.se,Fia,/ /\n"+
			"gun@kommun.se,Gun,"+strings.Repeat("a/", 30)+"\n"+
			",tom\n"+
			"hal@kommun.se,\"Hal\nTvå rader\"\n"+
			"ida@kommun.se,Ida\n"+
			"jan@kommun.se,Jan,Social / =cmd\n")
		if err != nil || len(rows) != 2 || rows[1].Name != "Ida" || rows[1].Line != 14 {
			t.Errorf("%+v %v", rows, err)
		}
		want := []string{"3 error.table.address", "4 error.table.again", "5 error.table.formula", "6 error.table.formula", "7 error.table.formula",
			"8 error.table.name", "9 error.table.unit", "10 error.table.unit", "11 error.table.address", "12 error.table.name", "15 error.table.formula"}
		if len(problems) != len(want) {
			t.Fatalf("%q", problems)
		}
		for i, w := range want {
			if !strings.HasPrefix(problems[i], w) {
				t.Errorf("%q, not %q", problems[i], w)
			}
		}
	})
	for say, text := range map[string]string{
		"error.table.empty": "",
		"error.table.head":  "namn,avdelning\nAnna,Social\n",
		"error.table.twice": "e-post,email\na@kommun.se,b@kommun.se\n",
		"error.table.kind":  "PK\x03\x04\x00\x00",
		"error.table.rows":  "e-post\n" + many(org.MaxRows+1),
		"error.table.large": "e-post,annat\n" + strings.Repeat(","+strings.Repeat("x", 1000)+"\n", org.MaxTable/1000),
		"error.table.wide":  "e-post\n" + strings.Repeat("x", org.MaxRecord),
	} {
		t.Run("the whole is refused: "+say, func(t *testing.T) {
			rows, _, err := read(t, text)
			refused(t, err, say)
			if rows != nil {
				t.Error("with rows")
			}
		})
	}
	t.Run("a cell that is empty keeps its place, between tabulators too", func(t *testing.T) {
		rows, problems, err := read(t, "e-post\tnamn\tenhet\nanna@kommun.se\t\tSocial\n")
		if err != nil || len(problems) > 0 || rows[0].Name != "" || !slices.Equal(rows[0].Path, []string{"Social"}) {
			t.Errorf("%+v %v %v", rows, problems, err)
		}
	})
	t.Run("a line that is not UTF-8 is read as Windows-1252, and the others as they are", func(t *testing.T) {
		rows, _, err := read(t, "e-post;namn\na@kommun.se;\xc5sa\nb@kommun.se;Åsa\n")
		if err != nil || rows[0].Name != "Åsa" || rows[1].Name != "Åsa" {
			t.Errorf("%+v %v", rows, err)
		}
	})
	t.Run("it is told at which line a record gets out of hand", func(t *testing.T) {
		for line, text := range map[string]string{
			"2": "e-post\n" + strings.Repeat(",", org.MaxColumns) + "\n",
			"3": "e-post,namn\na@kommun.se,A\nb@kommun.se,\"B\n" + many(org.MaxRows),
			"1": "e-post" + strings.Repeat(",x", org.MaxColumns) + "\n",
			"5": "e-post\n\n\r\n\n" + strings.Repeat("x", org.MaxRecord) + "\n",
		} {
			_, _, err := org.ReadTable(strings.NewReader(text))
			var e *mail.Error
			if !errors.As(err, &e) || e.Say != "error.table.wide" || e.With["Line"] != line {
				t.Errorf("line %s: %+v", line, e)
			}
		}
		rows, problems, err := read(t, "e-post"+strings.Repeat(",x", org.MaxColumns-1)+"\n"+strings.Repeat("\n", org.MaxRecord)+"a@kommun.se\n")
		if err != nil || len(problems) > 0 || len(rows) != 1 || rows[0].Line != org.MaxRecord+2 {
			t.Errorf("%+v %v %v", rows, problems, err)
		}
	})
	t.Run("of many bad lines the first are told and the others counted", func(t *testing.T) {
		rows, report, err := org.ReadTable(strings.NewReader("e-post\n" + strings.Repeat("x\n", org.MaxRows)))
		if err != nil || rows != nil || len(report.Problems) != org.MaxProblems || report.More != org.MaxRows-org.MaxProblems || report.Problems[199].Line != 201 {
			t.Errorf("%d %d %v", len(report.Problems), report.More, err)
		}
		both := report.And(org.Report{Problems: []org.Problem{{Line: 1, Say: "x"}}, More: 2})
		if len(both.Problems) != org.MaxProblems || both.More != report.More+3 || both.Problems[0].Say != "x" {
			t.Errorf("%d %d", len(both.Problems), both.More)
		}
	})
	t.Run("what reading gives back is passed on", func(t *testing.T) {
		broken := errors.New("cut")
		for _, text := range []string{"", "e-post\n", "e-post\na@kommun.se\n"} {
			if rows, _, err := org.ReadTable(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))); !errors.Is(err, broken) || rows != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
	t.Run("as many rows as there may be are read", func(t *testing.T) {
		rows, problems, err := read(t, "e-post\n"+many(org.MaxRows))
		if err != nil || len(problems) > 0 || len(rows) != org.MaxRows {
			t.Error(len(rows), len(problems), err)
		}
	})
}

// TestHostileTables holds that a table costs no more than a few times what it weighs,
// whatever is in it. The bound is wide: without one these cost a hundred times as much.
func TestHostileTables(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, (org.MaxTable-100)/len(s)) }
	wide := strings.Repeat(",", org.MaxRecord-2) + "\n"
	for name, text := range map[string]string{
		"commas on one line":                "e-post\n" + fill(","),
		"commas on lines as long as may be": "e-post\n" + fill(wide),
		"columns":                           fill("e-post,"),
		"as many columns as there may be":   "e-post\n" + fill(strings.Repeat(",", org.MaxColumns-1)+"\n"),
		"short bad lines":                   "e-post\n" + fill("x\n"),
		"long bad lines":                    "e-post\n" + fill(strings.Repeat("x", 60_000)+"\n"),
		"long units":                        "e-post,enhet\n" + fill("a@kommun.se,"+strings.Repeat("x/", 30_000)+"\n"),
		"empty lines":                       "e-post\n" + fill("\n"),
		"empty records":                     "e-post\n" + fill(";;\n"),
		"a quotation mark without an end":   "e-post\n\"" + fill("\n"),
		"cells in quotes over lines":        "e-post\n" + fill("\"\n\","),
		"one byte a character more":         "e-post\n" + fill(strings.Repeat("\x80", 60_000)+"\n"),
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, report, _ := org.ReadTable(strings.NewReader(text))
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 12*org.MaxTable || len(report.Problems) > org.MaxProblems {
				t.Errorf("%d MiB for %d, %d problems", took>>20, len(text)>>20, len(report.Problems))
			}
		})
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d@kommun.se\n", i)
	}
	return b.String()
}

func TestPlan(t *testing.T) {
	ours := func(a mail.Address) bool { return a.Domain() == "exempelkommun.se" }
	anybody := func(mail.ID) bool { return true }
	rows := func(text string) []org.Row {
		t.Helper()
		rows, problems, err := read(t, "e-post;namn;enhet;kst\n"+text)
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		return rows
	}
	t.Run("units are found in whatever case, and those that are not there are made once", func(t *testing.T) {
		w := newTown(t)
		p, report := w.Plan(mail.RootUnit, rows("a@exempelkommun.se;A;social/BARN\nb@exempelkommun.se;B;Social/Familj/Norr;77\nc@exempelkommun.se;C;Social/familj;66\nd@exempelkommun.se;D\n"), ours, anybody)
		if !report.Good() || len(p.New) != 4 || len(p.Units) != 2 {
			t.Fatalf("%+v %+v", p, report)
		}
		if p.New[0].Unit != w.id["Barn"] || p.New[0].Made != -1 || p.New[1].Made != 1 || p.New[2].Made != 0 || p.New[3].Unit != mail.RootUnit {
			t.Errorf("%+v", p.New)
		}
		if u := p.Units; u[0].Name != "Familj" || u[0].Below != w.id["Social"] || u[0].Above != -1 || u[0].CostCentre != "66" || u[1].Above != 0 || u[1].CostCentre != "77" {
			t.Errorf("%+v", u)
		}
	})
	t.Run("who is there stays, or moves home", func(t *testing.T) {
		w := newTown(t)
		p, report := w.Plan(w.id["Social"], rows("maria@exempelkommun.se;;Bistånd\njohan@exempelkommun.se;;Bistånd\nkarin@exempelkommun.se;;Nytt\n"), ours, anybody)
		if !report.Good() || p.Same != 1 || len(p.New) != 0 || len(p.Moved) != 2 || p.Moved[0].Person != w.id["Johan"] || p.Moved[1].Made != 0 {
			t.Errorf("%+v %+v", p, report)
		}
	})
	t.Run("what may not be is told for its line", func(t *testing.T) {
		w := newTown(t)
		w.unit("Ombud", "Social", mail.Group)
		_, report := w.Plan(mail.RootUnit, rows("x@annan.se;X\nmaria@exempelkommun.se;;Bygg\ny@exempelkommun.se;Y;Social/Ombud\n"), ours, func(mail.ID) bool { return false })
		var say []string
		for _, p := range report.Problems {
			say = append(say, fmt.Sprint(p.Line, p.Say))
		}
		if !slices.Equal(say, []string{"2error.notours", "4error.table.group"}) {
			t.Error(say)
		}
		_, report = w.Plan(w.id["Bygglov"], rows("z@exempelkommun.se;Z;"+strings.Repeat("a/", 17)+"b\n"), ours, anybody)
		if len(report.Problems) != 1 || report.Problems[0].Say != "error.unit.deep" {
			t.Errorf("%+v", report)
		}
	})
	t.Run("whom the planner may not move becomes a member, and counts as somebody new does", func(t *testing.T) {
		w := newTown(t)
		nobody := func(mail.ID) bool { return false }
		table := rows("maria@exempelkommun.se;;Bygg\nny@exempelkommun.se;;Bygg\n")
		p, report := w.Plan(mail.RootUnit, table, ours, nobody)
		if !report.Good() || len(p.Joined) != 1 || p.Joined[0].Person != w.id["Maria"] || p.Joined[0].Unit != w.id["Bygg"] || p.In() != 2 || p.Changes() != 2 || p.Rows != 2 {
			t.Errorf("%+v %+v", p, report)
		}
		w.Place(w.id["Maria"], w.id["Bygg"], false)
		if p, _ := w.Plan(mail.RootUnit, table, ours, nobody); p.In() != 1 || p.Same != 1 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("there is no looking on once there is no room for units", func(t *testing.T) {
		w := newTown(t)
		for i := len(w.Branch(mail.RootUnit)); i < org.MaxUnits-1; i++ {
			w.PutUnit(org.Unit{ID: mail.NewID(), Parent: mail.RootUnit, Kind: mail.Department, Label: org.Label{Name: fmt.Sprint("Enhet ", i)}})
		}
		var list []org.Row
		for i := range 10 {
			list = append(list, org.Row{Line: i + 2, Address: mail.Address(fmt.Sprintf("p%d@exempelkommun.se", i)), Path: []string{fmt.Sprint("Ny ", i)}})
		}
		p, report := w.Plan(mail.RootUnit, list, ours, anybody)
		if len(p.Units) != 1 || len(report.Problems) != 1 || report.Problems[0].Line != 3 || report.Problems[0].Say != "error.unit.many" {
			t.Errorf("%d %+v", len(p.Units), report)
		}
	})
}

// TestPlanBesideManyUnits counts what a plan of many units costs beside many others: no
// more a line than beside few.
func TestPlanBesideManyUnits(t *testing.T) {
	cost := func(beside int) float64 {
		w := newTown(t)
		for i := range beside {
			w.PutUnit(org.Unit{ID: mail.NewID(), Parent: mail.RootUnit, Kind: mail.Department, Label: org.Label{Name: fmt.Sprint("Enhet ", i)}})
		}
		var list []org.Row
		for i := range 500 {
			list = append(list, org.Row{Line: i + 2, Address: mail.Address(fmt.Sprintf("p%d@exempelkommun.se", i)), Path: []string{fmt.Sprint("Ny ", i)}})
		}
		return testing.AllocsPerRun(1, func() {
			w.Plan(mail.RootUnit, list, func(mail.Address) bool { return true }, func(mail.ID) bool { return true })
		})
	}
	// Folding "Enhet 17" allocates. Looked through for each line these would be 500
	// times 5,000 more.
	if few, lots := cost(10), cost(5000); lots > few+50_000 {
		t.Errorf("%v beside few, %v beside many", few, lots)
	}
}

// FuzzTable holds that no table makes a row that could not be written: whatever comes.
func FuzzTable(f *testing.F) {
	seeds, err := filepath.Glob("testdata/table/*")
	if err != nil || len(seeds) == 0 {
		f.Fatal(err, len(seeds))
	}
	for _, s := range seeds {
		b, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, report, err := org.ReadTable(bytes.NewReader(b))
		if err != nil && (rows != nil || mail.KindOf(err) != mail.Invalid) {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, r := range rows {
			if seen[r.Address.Key()] || len(r.Path) >= org.MaxDepth || !utf8.ValidString(r.Name) || r.Line < 2 {
				t.Fatalf("%+v", r)
			}
			seen[r.Address.Key()] = true
			for _, s := range append([]string{r.Name, r.CostCentre, string(r.Address)}, r.Path...) {
				if strings.ContainsAny(s, "\r\n\x00") || s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
					t.Fatalf("%q", s)
				}
			}
		}
		if len(rows)+len(report.Problems)+report.More > org.MaxRows || len(report.Problems) > org.MaxProblems || report.Good() && report.More > 0 {
			t.Fatal(len(rows), len(report.Problems), report.More)
		}
		for _, p := range report.Problems {
			if p.Line < 2 || len([]rune(p.With)) > 61 || p.Say == "" || strings.ContainsAny(p.With, "\r\n") {
				t.Fatalf("%+v", p)
			}
		}
	})
}
