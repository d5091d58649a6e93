package appliance_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"sigill/appliance/keyring"
)

// sheets are the pages of a kit as they were printed, each with what a person would type.
type sheets struct {
	lines []string // B, K_app, the shares
	words []string // of each
	check []string
}

var sheetPart = regexp.MustCompile(`(?s)Som text\n(\S+)\n\nSom ord\n(.*?)\n\n(?:Delens nummer \d   )?Kontrollvärde (\S+)\n`)

func printed(t testing.TB, keys string) (s sheets) {
	t.Helper()
	for _, m := range sheetPart.FindAllStringSubmatch(string(readFile(t, filepath.Join(keys, "recovery-kit.txt"))), -1) {
		s.lines, s.words, s.check = append(s.lines, m[1]), append(s.words, m[2]), append(s.check, m[3])
	}
	if len(s.lines) != 5 {
		t.Fatalf("%d sheets were printed", len(s.lines))
	}
	return s
}

// clerk runs the program's commands as a person at a terminal does.
type clerk struct {
	testing.TB
	bin, dir string
	cwd      string
}

// does runs a command with what is typed; it returns what was said, and whether it went
// well. Every failure is one line on standard error and exit status 1.
func (c clerk) does(typed string, args ...string) (out, fault string) {
	c.Helper()
	cmd := exec.Command(c.bin, append([]string{"recover"}, args...)...)
	cmd.Dir, cmd.Stdin = c.cwd, strings.NewReader(typed)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	fault = stderr.String()
	if err != nil && (cmd.ProcessState.ExitCode() != 1 || strings.Count(fault, "\n") != 1 || !strings.HasPrefix(fault, "sigill: ")) || err == nil && fault != "" {
		c.Errorf("%v: exit %d, standard error %q", args, cmd.ProcessState.ExitCode(), fault)
	}
	return stdout.String(), fault
}

func (c clerk) well(typed string, args ...string) string {
	c.Helper()
	out, fault := c.does(typed, args...)
	if fault != "" {
		c.Fatalf("%v: %s", args, fault)
	}
	return out
}

func (c clerk) badly(want, typed string, args ...string) {
	c.Helper()
	if _, fault := c.does(typed, args...); !strings.Contains(fault, want) {
		c.Errorf("%v says %q, not %q", args, fault, want)
	}
}

func (c clerk) file(name, content string) string {
	c.Helper()
	path := filepath.Join(c.cwd, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		c.Fatal(err)
	}
	return path
}

var (
	codeShown  = regexp.MustCompile(`\n    ([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})\n`)
	fingerprit = regexp.MustCompile(`\n    ([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\n`)
)

const (
	newcomer    = "ny@exempelkommun.se"
	oldPassword = "fyra gröna hästar"
	newPassword = "fem blåa åsnor i sol"
)

// signsIn tries a password and returns where that leads.
func (v *visitor) signsIn(t testing.TB, address, password string) string {
	t.Helper()
	if err := v.get("/in"); err != nil {
		t.Fatal(err)
	}
	if err := v.post("/in", "address", address, "password", password); err != nil {
		t.Fatal(err)
	}
	return v.at
}

// chooses takes a key over with a code.
func (v *visitor) chooses(t testing.TB, code, password string) string {
	t.Helper()
	for _, step := range [][]string{{"/m", "code", code}, {"/welcome", "password", password, "repeat", password}} {
		if err := v.get(step[0]); err != nil {
			t.Fatal(err)
		}
		if err := v.post(step[0], step[1:]...); err != nil {
			t.Fatal(err)
		}
	}
	return v.at
}

// readsFirst opens the first letter in the mailbox.
func (v *visitor) readsFirst(t testing.TB) {
	t.Helper()
	if err := v.get("/mail"); err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`href="(/mail/[0-9a-z]{26})"`).FindStringSubmatch(v.page)
	if m == nil {
		t.Fatalf("no letter in the mailbox: %s", v.page)
	}
	if err := v.get(m[1]); err != nil {
		t.Fatal(err)
	}
}

// TestRecover is the whole way with the real program: a password forgotten, the recovery
// kit on paper, a new password.
func TestRecover(t *testing.T) {
	full(t, "it builds the program")
	bin, dir := buildProgram(t, ""), t.TempDir()
	c, err := startChild(bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { c.kill() }()
	k := clerk{t, bin, dir, t.TempDir()}
	paper := printed(t, filepath.Join(dir, "keys"))
	for _, name := range []string{"recovery-kit.txt", "recovery-kit.html"} { // as everybody is told
		if err := os.Remove(filepath.Join(dir, "keys", name)); err != nil {
			t.Fatal(err)
		}
	}
	person := comesAndGetsALetter(t, c)
	oldRow := passwordRow(t, dir)

	t.Run("1: a request, of an appliance that does not run", func(t *testing.T) {
		k.TB = t
		c.kill()
		k.badly("nobody of the house has the address", "", "request", "--dir", dir, "ingen@exempelkommun.se")
		k.badly("is no address", "", "request", "--dir", dir, "ingen")
		k.badly("there is no appliance in", "", "request", "--dir", t.TempDir(), newcomer)
		said := k.well("", "request", "--dir", dir, newcomer)
		if !fingerprit.MatchString(said) {
			t.Error(said)
		}
		k.badly("file exists", "", "request", "--dir", dir, newcomer)
	})
	t.Run("2: an answer, with what is typed and what is wrong with it", func(t *testing.T) { k.TB = t; answers(t, k, paper) })
	t.Run("3: the answer is taken by the appliance that runs, and whoever is signed in is out", func(t *testing.T) {
		k.TB = t
		if c, err = startChild(bin, dir); err != nil {
			t.Fatal(err)
		}
		person.portal = c.info.Portal
		if at := person.signsIn(t, newcomer, oldPassword); at != "/mail" {
			t.Fatalf("at %s: a request has changed something", at)
		}
		bent := k.file("bent.answer", strings.Replace(string(readFile(t, filepath.Join(k.cwd, "recover.answer"))), "A", "B", 1))
		k.badly("no answer of sigill recover, or it is damaged", "", "apply", "--dir", dir, bent)
		k.badly("no answer of sigill recover, or it is damaged", "", "apply", "--dir", dir, "recover.request")
		said := k.well("", "apply", "--dir", dir, "recover.answer")
		code := codeShown.FindStringSubmatch(said)
		if code == nil {
			t.Fatal(said)
		}
		k.badly("the answer does not open", "", "apply", "--dir", dir, "recover.answer")
		if err := person.get("/mail"); err != nil || person.at == "/mail" {
			t.Errorf("still signed in at %s: %v", person.at, err)
		}
		if at := person.signsIn(t, newcomer, oldPassword); at == "/mail" {
			t.Error("the old password signs in")
		}
		wasTold(t, c, newcomer, "har återställts")
		if at := person.chooses(t, code[1], newPassword); at != "/mail" {
			t.Fatalf("the code leads to %s: %s", at, person.page)
		}
		person.readsFirst(t)
		if err := person.wants("Bara för dig, från förr."); err != nil {
			t.Error(err)
		}
		if at := newVisitor(c.info.Portal).chooses(t, code[1], "sex rosa giraffer"); at == "/mail" {
			t.Error("the code is good twice")
		}
	})
	t.Run("the old password opens nothing, also with the row of its lock put back", func(t *testing.T) {
		c.kill()
		putBack(t, dir, oldRow)
		if c, err = startChild(bin, dir); err != nil {
			t.Fatal(err)
		}
		v := newVisitor(c.info.Portal)
		if at := v.signsIn(t, newcomer, oldPassword); at == "/mail" {
			t.Error("it signs in")
		}
	})
}

// comesAndGetsALetter makes somebody of the house, with a letter from before.
func comesAndGetsALetter(t *testing.T, c *child) *visitor {
	t.Helper()
	j := &journey{TB: t, log: &safeBuffer{}}
	j.info.Portal, j.info.SMTP, j.info.Trap = c.info.Portal, c.info.SMTP, c.info.Trap
	j.Send(letter{to: []string{newcomer + ".s"}, subject: "Gammalt", body: "Bara för dig, från förr."})
	v := newVisitor(c.info.Portal)
	if at := v.chooses(t, j.codeTo(newcomer), oldPassword); at != "/mail" {
		t.Fatalf("at %s: %s", at, v.page)
	}
	return v
}

// answers tries everything that may be wrong with shares, and then answers.
func answers(t *testing.T, k clerk, paper sheets) {
	share := func(i int) string { return k.file(fmt.Sprintf("share%d", i), "  "+paper.lines[1+i]+"\n") }
	one, two := share(1), share(2)
	other := t.TempDir()
	elsewhere := newJourneyIn(t, other)
	elsewhere.Browser().Get("/in") // it runs now, and can be stopped
	elsewhere.stop()
	foreign := printed(t, filepath.Join(other, "keys"))
	theirs := k.file("theirs", foreign.lines[3])
	bent := k.file("bent", strings.Replace(paper.lines[2], paper.lines[2][40:44], "0000", 1))

	k.badly("too few shares: 2 are needed, and only 1 was given", "", "answer", "recover.request", "--share", one)
	k.badly("none of the pages holds R", "", "answer", "recover.request")
	k.badly("share 1 was given twice", "", "answer", "recover.request", "--share", one, "--share", one)
	k.badly("a page is of the installation", "", "answer", "recover.request", "--share", one, "--share", theirs)
	k.badly("the check value does not fit", "", "answer", "recover.request", "--share", bent)
	k.badly("no page of a recovery kit", "", "answer", "recover.request", "--share", k.file("nothing", "hej"))
	k.badly("no request of sigill recover, or it is damaged", "", "answer", k.file("bent.request", strings.ToLower(string(readFile(t, filepath.Join(k.cwd, "recover.request"))))), "--share", one)
	// Five times in a row something wrong is typed: it is told each time, and then over.
	wrong := foreign.lines[2] + "\n"
	out, fault := k.does(strings.Repeat(wrong, 5), "answer", "recover.request")
	if strings.Count(out, "That is not right: this share is of the installation") != 4 || !strings.Contains(fault, "this share is of the installation") {
		t.Errorf("%s\n%s", out, fault)
	}
	for name, typed := range map[string]string{
		"lines":                    paper.lines[2] + "\n" + strings.ToLower(paper.lines[4]) + "\n",
		"words":                    paper.words[3] + "\n2\n" + paper.check[3] + "\n\n" + paper.words[4] + "\n3\n" + paper.check[4] + "\n",
		"after slips":              "hej\n" + paper.words[3] + "\n1\n" + paper.check[3] + "\n" + paper.lines[2] + "\n" + paper.lines[2] + "\n" + paper.lines[3] + "\n",
		"one by file, one by hand": paper.lines[4] + "\n",
	} {
		args := []string{"answer", "recover.request", "--out", strings.ReplaceAll(name, " ", "-")}
		if strings.HasPrefix(name, "one by file") {
			args = append(args, "--share", two)
		}
		out := k.well(typed, args...)
		if !strings.Contains(out, newcomer) || !fingerprit.MatchString(out) {
			t.Errorf("%s: %s", name, out)
		}
		for _, secret := range append(strings.Fields(paper.words[3])[1:2], paper.lines[2][30:]) {
			if strings.Contains(out, " "+secret+" ") || strings.Contains(out, paper.lines[2][30:]) {
				t.Errorf("%s: what was typed is said again", name)
			}
		}
	}
	k.well("", "answer", "recover.request", "--share", one, "--share", two)
	k.badly("recover.answer is there already", "", "answer", "recover.request", "--share", one, "--share", two)
}

// wasTold waits for a mail to somebody with words in its subject or text.
func wasTold(t *testing.T, c *child, to, words string) {
	t.Helper()
	for range 400 {
		all, err := c.trapped()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.Kind == "email" && m.To[0] == to && strings.Contains(m.Subject+m.Text, words) {
				if codeShown.MatchString(m.Text) {
					t.Error("the code stands in the mail")
				}
				return
			}
		}
		(&journey{TB: t}).pause()
	}
	t.Errorf("no mail to %s says %q", to, words)
}

type seedRow struct {
	person, box []byte
	slot        int64
}

// passwordRow copies the lock of the newest person's password, as an old backup has it.
func passwordRow(t *testing.T, dir string) (r seedRow) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data", "sigill.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT w.person, w.box, w.slot FROM seed_wrap w JOIN person p ON p.id = w.person WHERE w.kind = 1 ORDER BY p.at DESC LIMIT 1`).Scan(&r.person, &r.box, &r.slot); err != nil {
		t.Fatal(err)
	}
	return r
}

func putBack(t *testing.T, dir string, r seedRow) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "data", "sigill.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE seed_wrap SET box = ?, slot = ? WHERE person = ? AND kind = 1`, r.box, r.slot, r.person); err != nil {
		t.Fatal(err)
	}
}

// TestPractise checks printed pages against a running appliance.
func TestPractise(t *testing.T) {
	full(t, "it builds the program")
	bin, dir := buildProgram(t, ""), t.TempDir()
	c, err := startChild(bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { c.kill() }()
	k := clerk{t, bin, dir, t.TempDir()}
	keys := filepath.Join(dir, "keys")
	paper := printed(t, keys)
	admin := newVisitor(c.info.Portal)
	status := func(words string) {
		t.Helper()
		if err := admin.get("/admin"); err != nil {
			t.Fatal(err)
		}
		if err := admin.wants(words); err != nil {
			t.Error(err)
		}
	}
	if err := admin.signIn(c, "it@exempelkommun.se"); err != nil {
		t.Fatal(err)
	}
	status("Aldrig övat")
	typed := paper.lines[0] + "\n" + paper.words[1] + "\n2\n" + paper.check[1] + "\n"
	t.Run("what was not shown is told, and nothing is written down", func(t *testing.T) {
		k.TB = t
		k.badly("not shown: page 1, page 2, page 3 (0 of 2 shares)", "", "practise", "--dir", dir)
		k.badly("not shown: page 3 (1 of 2 shares)", typed+paper.lines[2]+"\n", "practise", "--dir", dir)
	})
	t.Run("pages of another kit are told", func(t *testing.T) {
		k.TB = t
		other := keyring.NewKit(keyring.Installation{1}, keyring.DefaultSharing).Pages()
		line := func(i int) string {
			s, err := other[i].Text()
			if err != nil {
				t.Fatal(err)
			}
			return k.file(fmt.Sprint("other", i), s)
		}
		k.badly("page 1 is not this installation's", "", "practise", "--dir", dir, "--share", line(0))
		k.badly("a page is of the installation", "", "practise", "--dir", dir, "--share", line(1))
	})
	status("Aldrig övat")
	t.Run("with every page the day is written down", func(t *testing.T) {
		k.TB = t
		out := k.well(typed+paper.lines[4]+"\nhej\n"+paper.words[2]+"\n3\n1\n"+paper.check[2]+"\n", "practise", "--dir", dir)
		if !strings.Contains(out, "Every page of the recovery kit is good") {
			t.Error(out)
		}
		k.well("", "practise", "--dir", dir, "--share", filepath.Join(keys, "recovery-kit.html"))
	})
	status("Övat")
	t.Run("in one go, on the appliance itself", func(t *testing.T) {
		k.TB = t
		out := k.well("", "run", "--dir", dir, "--share", filepath.Join(keys, "recovery-kit.txt"), "johan.lind@exempelkommun.se")
		code := codeShown.FindStringSubmatch(out)
		if code == nil {
			t.Fatal(out)
		}
		if at := newVisitor(c.info.Portal).chooses(t, code[1], newPassword); at != "/mail" {
			t.Errorf("the code leads to %s", at)
		}
	})
	t.Run("the code goes by mail only if that is asked for", func(t *testing.T) {
		k.TB = t
		out := k.well("", "run", "--dir", dir, "--mail", "--share", filepath.Join(keys, "recovery-kit.txt"), "johan.lind@exempelkommun.se")
		if codeShown.MatchString(out) {
			t.Error(out)
		}
		wasTold(t, c, "johan.lind@exempelkommun.se", "Välj ett nytt lösenord")
	})
	t.Run("it goes as well while the appliance is stopped, and the mail leaves at its next start", func(t *testing.T) {
		k.TB = t
		if err := c.turn(48 * time.Hour); err != nil { // and with the demo's own time
			t.Fatal(err)
		}
		c.kill()
		out := k.well("", "run", "--dir", dir, "--share", filepath.Join(keys, "recovery-kit.txt"), "karin.berg@exempelkommun.se")
		code := codeShown.FindStringSubmatch(out)
		if code == nil {
			t.Fatal(out)
		}
		k.well("", "practise", "--dir", dir, "--share", filepath.Join(keys, "recovery-kit.txt"))
		if c, err = startChild(bin, dir); err != nil {
			t.Fatal(err)
		}
		wasTold(t, c, "karin.berg@exempelkommun.se", "har återställts")
		if at := newVisitor(c.info.Portal).chooses(t, code[1], newPassword); at != "/mail" {
			t.Errorf("the code leads to %s", at)
		}
	})
	if b, err := exec.Command(bin, "journal", "verify", "--dir", dir).CombinedOutput(); err != nil {
		t.Errorf("%s", b)
	}
}
