package org_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sigill/appliance/mail"
	"sigill/appliance/org"
)

// read reads a table; problems are as "line say with".
func read(t *testing.T, text string) (rows []org.Row, problems []string, err error) {
	t.Helper()
	rows, list, err := org.ReadTable(strings.NewReader(text))
	for _, p := range list {
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
			"ida@kommun.se,Ida\n")
		if err != nil || len(rows) != 2 || rows[1].Name != "Ida" || rows[1].Line != 14 {
			t.Errorf("%+v %v", rows, err)
		}
		want := []string{"3 error.table.address", "4 error.table.again", "5 error.table.formula", "6 error.table.formula", "7 error.table.formula",
			"8 error.table.name", "9 error.table.unit", "10 error.table.unit", "11 error.table.address", "12 error.table.name"}
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
		"error.table.large": "e-post\n" + strings.Repeat("x", org.MaxTable),
	} {
		t.Run("the whole is refused: "+say, func(t *testing.T) {
			rows, _, err := read(t, text)
			refused(t, err, say)
			if rows != nil {
				t.Error("with rows")
			}
		})
	}
	t.Run("as many rows as there may be are read", func(t *testing.T) {
		rows, problems, err := read(t, "e-post\n"+many(org.MaxRows))
		if err != nil || len(problems) > 0 || len(rows) != org.MaxRows {
			t.Error(len(rows), len(problems), err)
		}
	})
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
		p, problems := w.Plan(mail.RootUnit, rows("a@exempelkommun.se;A;social/BARN\nb@exempelkommun.se;B;Social/Familj/Norr;77\nc@exempelkommun.se;C;Social/familj;66\nd@exempelkommun.se;D\n"), ours, anybody)
		if len(problems) > 0 || len(p.New) != 4 || len(p.Units) != 2 {
			t.Fatalf("%+v %+v", p, problems)
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
		p, problems := w.Plan(w.id["Social"], rows("maria@exempelkommun.se;;Bistånd\njohan@exempelkommun.se;;Bistånd\nkarin@exempelkommun.se;;Nytt\n"), ours, anybody)
		if len(problems) > 0 || p.Same != 1 || len(p.New) != 0 || len(p.Moved) != 2 || p.Moved[0].Person != w.id["Johan"] || p.Moved[1].Made != 0 {
			t.Errorf("%+v %+v", p, problems)
		}
	})
	t.Run("what may not be is told for its line", func(t *testing.T) {
		w := newTown(t)
		w.unit("Ombud", "Social", mail.Group)
		_, problems := w.Plan(mail.RootUnit, rows("x@annan.se;X\nmaria@exempelkommun.se;;Bygg\ny@exempelkommun.se;Y;Social/Ombud\n"), ours, func(mail.ID) bool { return false })
		var say []string
		for _, p := range problems {
			say = append(say, fmt.Sprint(p.Line, p.Say))
		}
		if !slices.Equal(say, []string{"2error.notours", "3error.table.elsewhere", "4error.table.group"}) {
			t.Error(say)
		}
		_, problems = w.Plan(w.id["Bygglov"], rows("z@exempelkommun.se;Z;"+strings.Repeat("a/", 17)+"b\n"), ours, anybody)
		if len(problems) != 1 || problems[0].Say != "error.unit.deep" {
			t.Errorf("%+v", problems)
		}
	})
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
		rows, problems, err := org.ReadTable(strings.NewReader(string(b)))
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
		for _, p := range problems {
			if len([]rune(p.With)) > 61 || p.Say == "" || strings.ContainsAny(p.With, "\r\n") {
				t.Fatalf("%+v", p)
			}
		}
	})
}
