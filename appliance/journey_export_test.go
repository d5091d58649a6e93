package appliance_test

import (
	"archive/tar"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
)

var (
	exportKeyOn = regexp.MustCompile(`AGE-SECRET-KEY-PQ-1[0-9A-Z]+`)
	exportToOn  = regexp.MustCompile(`age1pq1[0-9a-z]+`)
)

// ownKey is a key that somebody has made with age itself.
func ownKey(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// takes exports at a page to these recipients, and returns the file.
func (b *browser) takes(at, to string) []byte {
	b.j.Helper()
	b.Get(at).At(at).Post(at, "to", to)
	if b.code != http.StatusOK || !strings.HasPrefix(b.head.Get("Content-Disposition"), `attachment; filename="export-`) || b.head.Get("Content-Type") != "application/octet-stream" {
		b.j.Fatalf("%d %v\n%.2000s", b.code, b.head, b.page)
	}
	return []byte(b.page)
}

// unpack opens an export with a key, to its end: the files by name, without the folder
// that they stand in.
func unpack(t testing.TB, file []byte, key age.Identity) map[string]string {
	t.Helper()
	d, err := age.Decrypt(bytes.NewReader(file), key)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for r := tar.NewReader(d); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, name, ok := strings.Cut(h.Name, "/")
		if !ok {
			t.Errorf("%s stands in no folder", h.Name)
		}
		files[name] = string(content)
	}
	if _, err := io.Copy(io.Discard, d); err != nil {
		t.Fatal(err)
	}
	return files
}

// in are the contents of a folder's letters.
func in(files map[string]string, folder string) (list []string) {
	for n, content := range files {
		if strings.HasPrefix(n, folder+"/") && strings.HasSuffix(n, ".eml") {
			list = append(list, content)
		}
	}
	slices.Sort(list)
	return list
}

// exportActs are what the journal says of exports: kind and detail.
func (b *browser) exportActs() (list []string) {
	b.j.Helper()
	for _, row := range b.acts(1) {
		if i := slices.Index(row, "export_begun"); i >= 0 {
			list = append(list, "begun")
		}
		if i := slices.Index(row, "export_ended"); i >= 0 {
			d := slices.IndexFunc(row, func(c string) bool { return strings.HasPrefix(c, "whole ") || strings.HasPrefix(c, "broken ") })
			list = append(list, row[d])
		}
	}
	return list
}

// withFile is a mail as it is sent, with a file in it.
func withFile(from, to, subject string, file []byte) string {
	return "From: " + from + "\nTo: " + to + "\nSubject: " + subject + "\nMessage-ID: <" + subject + "@exempelkommun.se>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n" +
		"--m\nContent-Type: text/plain; charset=utf-8\n\nHej.\n--m\nContent-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: base64\n\n" +
		lines(base64.StdEncoding.EncodeToString(file)) + "--m--\n"
}

// isMail reports whether a file is a mail as it came: what was sent, byte by byte, behind
// the one field that says how it came (RFC 5321, 4.4).
func isMail(file, sent string) bool {
	sent = strings.ReplaceAll(sent, "\n", "\r\n")
	trace, ok := strings.CutSuffix(file, sent)
	return ok && strings.HasPrefix(trace, "Received: ") && strings.Count(trace, "\r\n") == strings.Count(trace, "\r\n\t")+1
}

func TestExport(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	file := make([]byte, 150_000)
	io.ReadFull(rand.Reader, file)
	raw := withFile(caseworker, annaSecure, "Beslut", file)
	j.Send(letter{to: []string{annaSecure}, raw: raw})
	j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, subject: "Inifrån", body: "Hej Maria."})
	key := ownKey(t)
	to := key.Recipient().String()

	t.Run("all letters of the own mailbox are in it, as they came, byte by byte", func(t *testing.T) {
		maria.Get("/account").Follow("/account/export").Sees("Exportera brev", "Vem ska kunna öppna filen?", "age-encryption.org")
		files := unpack(t, maria.takes("/account/export", to), key)
		if sent := in(files, "sent"); len(sent) != 1 || !isMail(sent[0], raw) {
			t.Errorf("%d letters, %d bytes", len(sent), len(strings.Join(sent, "")))
		}
		if inbox := in(files, "inbox"); len(inbox) != 1 || !strings.Contains(inbox[0], "Hej Maria.") {
			t.Errorf("%q", inbox)
		}
		if len(files) != 5 || !strings.Contains(files["README.txt"], "age -d -i key.txt") || !strings.Contains(files["README.txt"], "AGE-SECRET-KEY") ||
			!strings.Contains(files["report.txt"], "2 brev finns i exporten.\r\nIngenting annat saknas") || !strings.Contains(files["index.csv"], `;"Inifrån";"inbox/`) || !strings.Contains(files["index.csv"], "0 av 1 har läst") {
			t.Errorf("%q\n%s\n%s", files["report.txt"], files["README.txt"], files["index.csv"])
		}
		for name := range files {
			if strings.Contains(name, "Beslut") || strings.Contains(name, "Inif") {
				t.Errorf("%s says what the letter is about", name)
			}
		}
	})
	t.Run("its owner is told, and the journal says that it began and ended whole", func(t *testing.T) {
		j.AwaitSaying("email", caseworker, "Breven i din brevlåda exporteras.")
		if a := boss.exportActs(); !slices.Equal(a, []string{"begun", "whole 2 0"}) {
			t.Errorf("%q", a)
		}
		boss.Get("/journal").Sees("Export av brevlåda startade", "Export av brevlåda avslutades")
	})
	t.Run("nothing is read by it", func(t *testing.T) {
		if strings.Contains(j.subjects(johanAt), "läst") {
			t.Error(j.subjects(johanAt))
		}
		johan.Get("/mail/sent").Sees("Inifrån", "Inte läst<")
		maria.Get("/mail").first().Sees("Hej Maria.")
		johan.Get("/mail/sent").SeesNot("Inte läst<")
	})
	t.Run("what is no recipient is said, a secret key is shown to nobody again, and nothing is begun", func(t *testing.T) {
		before := len(boss.exportActs())
		for typed, says := range map[string]string{
			"": "Skriv minst en mottagarnyckel", "anna@example.se": "ingen mottagarnyckel", strings.Repeat(to+"\r\n", 11): "högst tio", key.String(): "hemlig nyckel",
		} {
			maria.Get("/account/export").Post("/account/export", "to", typed).Sees(says)
			if maria.code != http.StatusUnprocessableEntity || strings.Contains(maria.page, key.String()) {
				t.Errorf("%.20q: %d", typed, maria.code)
			}
		}
		if n := len(boss.exportActs()); n != before {
			t.Errorf("%d begun", n-before)
		}
	})
	t.Run("a key that is made on the spot is shown once, and opens the file", func(t *testing.T) {
		maria.Get("/account/export").Post("/account/export/key").Sees("Den visas bara den här gången")
		text, made := exportKeyOn.FindString(maria.page), exportToOn.FindString(maria.page)
		id, err := age.ParseHybridIdentity(text)
		if err != nil || id.Recipient().String() != made {
			t.Fatal(err)
		}
		maria.Post("/account/export", "to", made)
		if files := unpack(t, []byte(maria.page), id); len(in(files, "sent")) != 1 {
			t.Errorf("%d files", len(files))
		}
		// Who writes slowly is asked for the password again, and need not make another.
		j.Turn(6 * time.Minute)
		maria.Get("/account/export").At("/account/prove").Post("/account/prove", "password", j.passwordOf(caseworker), "next", "/account/export").At("/account/export")
		maria.Sees(made, "Har du inte sparat nyckeln, gör en ny.").SeesNot(text)
		other := exportKeyOn.FindString(maria.Post("/account/export/key").page)
		if other == text || other == "" {
			t.Error("the same key again")
		}
		johan.Get("/account/export").SeesNot("age1pq1")
	})
	t.Run("without the password of the last five minutes there is not a byte", func(t *testing.T) {
		before := len(boss.exportActs())
		maria.Get("/account/export")
		page := maria.page
		j.Turn(6 * time.Minute)
		for _, path := range []string{"/account/export", "/account/export/key"} {
			maria.page = page
			maria.Post(path, "to", to).At("/account/prove").SeesNot("AGE-SECRET", "age-encryption")
		}
		if n := len(boss.exportActs()); n != before {
			t.Errorf("%d begun", n-before)
		}
	})
}

func TestExportOfFunctionMailbox(t *testing.T) {
	j := newJourney(t)
	karin, boss := j.Organiser(karinAt), j.Organiser(adminAt)
	id := karin.mailbox(caseworker)
	at := "/box/" + id + "/export"
	sends := func(subject string) {
		j.Send(letter{from: karinAt, to: []string{socialAt + ".s"}, subject: subject, body: "Hej."})
	}
	sends("Orosanmälan")
	karin.seats(id, johanAt, "now").Sees("Johan Lind")
	sends("Ansökan")
	maria, johan := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(johanAt)
	key := ownKey(t)
	to := key.Recipient().String()
	t.Run("who was there all the time exports all of it, and all who read there are told by whom", func(t *testing.T) {
		maria.Get("/box/"+id+"/people").Follow(at).Sees("Socialtjänsten", "Alla som läser i brevlådan får ett mejl")
		files := unpack(t, maria.takes(at, to), key)
		if len(in(files, "inbox")) != 2 || !strings.Contains(files["README.txt"], "funktionsbrevlådan Socialtjänsten ("+socialAt+")") {
			t.Errorf("%v", files["index.csv"])
		}
		for _, who := range []string{caseworker, johanAt} {
			j.AwaitSaying("email", who, "Maria Ek exporterar breven i Socialtjänsten.")
		}
		if len(j.Trapped("email", karinAt)) != 0 && strings.Contains(j.subjects(karinAt), "export") {
			t.Error("who only organises it is told")
		}
	})
	t.Run("who joined from then on exports nothing older: it is counted, and nothing of it is said", func(t *testing.T) {
		files := unpack(t, johan.takes(at, to), key)
		if len(in(files, "inbox")) != 1 || strings.Contains(files["index.csv"], "Orosanmälan") || strings.Contains(files["index.csv"], karinAt+";\"") ||
			!strings.Contains(files["index.csv"], "Går inte att öppna med din nyckel") || !strings.Contains(files["report.txt"], "1 brev gick inte att öppna med din nyckel") {
			t.Errorf("%s\n%s", files["index.csv"], files["report.txt"])
		}
		if a := boss.exportActs(); !slices.Equal(a, []string{"begun", "whole 2 0", "begun", "whole 1 1"}) {
			t.Errorf("%q", a)
		}
	})
	t.Run("a password is asked for there, too, and leads back", func(t *testing.T) {
		page := maria.Get(at).page
		j.Turn(6 * time.Minute)
		maria.page = page
		maria.Post(at, "to", to).At("/account/prove")
		maria.Post("/account/prove", "password", j.passwordOf(caseworker), "next", at).At(at)
	})
	t.Run("for who does not read there it is not there, with or without the password", func(t *testing.T) {
		karin = j.Organiser(karinAt)
		for _, path := range []string{at, "/box/" + strings.Repeat("0", 26) + "/export"} {
			if karin.Get(path); karin.code != http.StatusNotFound {
				t.Errorf("%d", karin.code)
			}
			karin.Get("/account/export")
			if karin.Post(path, "to", to); karin.code != http.StatusNotFound {
				t.Errorf("%d", karin.code)
			}
		}
	})
}

// TestExportBreaksOff takes a file that is larger than what lies on the way between the
// appliance and who takes it.
func TestExportBreaksOff(t *testing.T) {
	j := newJourney(t)
	boss := j.Organiser(adminAt)
	file := make([]byte, 6<<20)
	io.ReadFull(rand.Reader, file)
	for i := range 5 {
		j.Send(letter{from: johanAt, to: []string{caseworker + ".s"}, raw: withFile(johanAt, caseworker+".s", fmt.Sprintf("Stort-%d", i), file)})
	}
	key := ownKey(t)
	// begins takes the beginning of an export and leaves the rest.
	begins := func(t *testing.T, b *browser) io.ReadCloser {
		t.Helper()
		b.Get("/account/export")
		form := url.Values{"csrf": {html.UnescapeString(formToken.FindStringSubmatch(b.page)[1])}, "to": {key.Recipient().String()}}
		r, err := http.NewRequest("POST", j.info.Portal+"/account/export", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", j.info.Portal)
		res, err := b.c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, res.Body, 1000); err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res.StatusCode, err)
		}
		return res.Body
	}
	ended := func(t *testing.T, n int) string {
		t.Helper()
		last := ""
		j.await("the end in the journal", func() (trapped, bool) {
			a := boss.exportActs()
			if len(a) > 0 {
				last = a[len(a)-1]
			}
			return trapped{}, len(a) == n
		})
		return last
	}
	t.Run("a second one at the same time is refused, and the page says why", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		body := begins(t, maria)
		maria.Get("/account/export").Post("/account/export", "to", key.Recipient().String()).Sees("redan en export på gång")
		if maria.code != http.StatusTooManyRequests {
			t.Error(maria.code)
		}
		body.Close()
		if last := ended(t, 2); !strings.HasPrefix(last, "broken ") {
			t.Error(last)
		}
	})
	t.Run("whose session is ended in the middle gets a file that is cut, and does not open to its end", func(t *testing.T) {
		maria, elsewhere := j.Browser().SignsIn(caseworker), j.Browser().SignsIn(caseworker)
		body := begins(t, maria)
		defer body.Close()
		elsewhere.Get("/account").Post("/account/end", "id", "others")
		n, err := io.Copy(io.Discard, body)
		if err == nil || n > 40<<20 {
			t.Errorf("%d bytes, and it looks whole", n)
		}
		if last := ended(t, 4); !strings.HasPrefix(last, "broken ") {
			t.Error(last)
		}
	})
	t.Run("a session in use by nothing but the download goes on, as long as any", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		body := begins(t, maria)
		defer body.Close()
		for range 3 {
			j.Turn(20 * time.Minute)
			if _, err := io.CopyN(io.Discard, body, 10<<20); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := io.Copy(io.Discard, body); err != nil {
			t.Error(err)
		}
		boss = j.Organiser(adminAt) // whose session was not in use
		if last := ended(t, 6); last != "whole 5 0" {
			t.Error(last)
		}
	})
	t.Run("what is left of one that was cut does not open to its end", func(t *testing.T) {
		maria := j.Browser().SignsIn(caseworker)
		whole := maria.takes("/account/export", key.Recipient().String())
		for _, n := range []int{len(whole) - 1, len(whole) / 2, len(whole) - (len(whole)-300)%(64<<10+16)} {
			d, err := age.Decrypt(bytes.NewReader(whole[:n]), key)
			if err == nil {
				_, err = io.Copy(io.Discard, d)
			}
			if err == nil {
				t.Errorf("%d bytes of %d open", n, len(whole))
			}
		}
	})
}

// TestExportWithStockTools opens an export as its owner does: with the command age and
// GNU tar.
func TestExportWithStockTools(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to open exports with the command age and GNU tar")
	}
	j := newJourney(t)
	file := make([]byte, 150_000)
	io.ReadFull(rand.Reader, file)
	raw := withFile(caseworker, annaSecure, "Beslut", file)
	j.Send(letter{to: []string{annaSecure}, raw: raw})
	maria := j.Browser().SignsIn(caseworker)
	opens := func(t *testing.T, command, key string, export []byte) {
		t.Helper()
		dir := t.TempDir()
		for name, content := range map[string]string{"key.txt": key + "\n", "export.tar.age": string(export), "cut.tar.age": string(export[:len(export)-100])} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run := func(name string, args ...string) error {
			c := exec.Command(name, args...)
			c.Dir = dir
			out, err := c.CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		}
		if err := run(command, "-d", "-i", "key.txt", "-o", "export.tar", "export.tar.age"); err != nil {
			t.Fatal(err)
		}
		if err := run("tar", "xf", "export.tar"); err != nil {
			t.Fatal(err)
		}
		letters, _ := filepath.Glob(filepath.Join(dir, "export-*", "sent", "*.eml"))
		if len(letters) != 1 || !isMail(string(readFile(t, letters[0])), raw) {
			t.Errorf("%q", letters)
		}
		if err := run(command, "-d", "-i", "key.txt", "-o", "cut.tar", "cut.tar.age"); err == nil {
			t.Error("age says nothing of a file that was cut")
		}
	}
	t.Run("Debian's age opens one to a key of its own", func(t *testing.T) {
		key := ownKey(t)
		opens(t, "age", key.String(), maria.takes("/account/export", key.Recipient().String()))
	})
	t.Run("age 1.3 opens one to the key that was made on the page", func(t *testing.T) {
		page := maria.Get("/account/export").Post("/account/export/key").page
		dir := t.TempDir()
		version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "filippo.io/age").Output()
		if err != nil {
			t.Fatal(err)
		}
		// install and not build: the command needs modules that we do not.
		install := exec.Command("go", "install", "filippo.io/age/cmd/age@"+strings.TrimSpace(string(version)))
		install.Env = append(os.Environ(), "GOBIN="+dir)
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		opens(t, filepath.Join(dir, "age"), exportKeyOn.FindString(page), maria.takes("/account/export", exportToOn.FindString(page)))
	})
}
