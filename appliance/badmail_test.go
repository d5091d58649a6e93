package appliance_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// talk is a bare SMTP client, for what no library would send.
type talk struct {
	testing.TB
	net.Conn
	r *bufio.Reader
}

func (j *journey) talk() *talk {
	j.Helper()
	c, err := net.Dial("tcp", j.info.SMTP)
	if err != nil {
		j.Fatal(err)
	}
	j.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	k := &talk{j.TB, c, bufio.NewReader(c)}
	k.answer()
	k.say("EHLO client.exempelkommun.se")
	return k
}

// answer returns the last line of a reply.
func (k *talk) answer() string {
	k.Helper()
	for {
		line, err := k.r.ReadString('\n')
		if err != nil {
			return "gone: " + err.Error()
		}
		if len(line) < 4 || line[3] != '-' {
			return strings.TrimSpace(line)
		}
	}
}

func (k *talk) say(line string) string {
	k.Helper()
	fmt.Fprintf(k, "%s\r\n", line)
	return k.answer()
}

// begin says all up to DATA.
func (k *talk) begin(to ...string) string {
	k.Helper()
	if a := k.say("MAIL FROM:<" + caseworker + ">"); a[:1] != "2" {
		return a
	}
	for _, one := range to {
		if a := k.say("RCPT TO:<" + one + ">"); a[:1] != "2" {
			return a
		}
	}
	return k.say("DATA")
}

// data says a whole mail and returns what becomes of it.
func (k *talk) data(mail string, to ...string) string {
	k.Helper()
	if a := k.begin(to...); a[:1] != "3" {
		return a
	}
	go io.Copy(k, strings.NewReader(crlf(mail)+".\r\n")) // beside, for who answers before the end
	return k.answer()
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// kept is how much the store holds: whatever comes to nothing must not change it.
func (j *journey) kept(dir string) string {
	j.Helper()
	c := &canary{journey: j, dir: dir}
	s := ""
	for _, table := range []string{"message", "holder", "part", "wrap", "code", "outbox", "step", "contact", "journal"} {
		s += fmt.Sprint(table, " ", c.query("SELECT count(*) FROM " + table)[0][0], ", ")
	}
	// The day's key of what is known of mails at the door is made when the first was at it, and not with it.
	days := c.query("SELECT count(*) FROM arrival_day")[0][0].(int64)
	return s + fmt.Sprint(int64(c.slotsInUse("shred.slots"))-days, " slots, ", blobsIn(j, dir), " blobs")
}

func blobsIn(t testing.TB, dir string) (n int) {
	t.Helper()
	dirs, err := os.ReadDir(dir + "/data/blobs")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		files, err := os.ReadDir(dir + "/data/blobs/" + d.Name())
		if err != nil {
			t.Fatal(err)
		}
		n += len(files)
	}
	return n
}

const top = "From: " + caseworker + "\nTo: " + annaSecure + "\nSubject: S\nMessage-ID: <1@exempelkommun.se>\nMIME-Version: 1.0\n"

func TestBadMailIsRefusedWholly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	j.Send(letter{to: []string{annaSecure}, subject: "Först", body: "Så finns allt."})
	j.Await("email", anna, 1)
	j.Turn(time.Second)
	var many, deep strings.Builder
	many.WriteString(top + "Content-Type: multipart/mixed; boundary=b\n\n")
	for i := range 201 {
		fmt.Fprintf(&many, "--b\nContent-Type: text/plain\n\n%d\n", i)
	}
	many.WriteString("--b--\n")
	deep.WriteString(top + "Content-Type: multipart/mixed; boundary=b0\n\n")
	for i := range 400 {
		fmt.Fprintf(&deep, "--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	for name, c := range map[string]struct{ mail, want string }{
		"too many parts":               {many.String(), "552 5.3.4"},
		"multiparts within multiparts": {deep.String(), "552 5.3.4"},
		"a header of 10 MB":            {top + "X-Long: " + strings.Repeat(strings.Repeat("a", 900)+"\n ", 11_000) + "\n\nHej.\n", "552 5.3.4"},
		"10 MB of header fields":       {top + strings.Repeat("X-Long: "+strings.Repeat("a", 900)+"\n", 11_000) + "\nHej.\n", "552 5.3.4"},
		"a tag that means nothing":     {strings.Replace(top, "Subject: S", "Subject: [säker xyzzy] S", 1) + "\nHej.\n", "550 5"},
	} {
		t.Run(name, func(t *testing.T) {
			before := j.kept(dir)
			k := j.talk()
			if got := k.data(c.mail, annaSecure); !strings.HasPrefix(got, c.want) {
				t.Errorf("answered %q, want %s", got, c.want)
			}
			if after := j.kept(dir); after != before {
				t.Errorf("the store had %s\nand has %s", before, after)
			}
		})
	}
	t.Run("too large by its own word", func(t *testing.T) {
		if got := j.talk().say("MAIL FROM:<" + caseworker + "> SIZE=104857601"); !strings.HasPrefix(got, "552 5.3.4") {
			t.Error(got)
		}
	})
	t.Run("the 501st recipient is asked to come again", func(t *testing.T) {
		k := j.talk()
		k.say("MAIL FROM:<" + caseworker + ">")
		for i := range 500 {
			if got := k.say(fmt.Sprintf("RCPT TO:<p%d@example.se.070%07d.s>", i, i)); got[:3] != "250" {
				t.Fatal(got)
			}
		}
		if got := k.say("RCPT TO:<one.more@example.se.0701234567.s>"); !strings.HasPrefix(got, "452 4.5.3") {
			t.Error(got)
		}
	})
}

func TestBrokenAndSlowConnections(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	t.Run("a line that breaks in the middle leaves nothing", func(t *testing.T) {
		before := j.demoCount(dir, "message")
		for _, n := range []int{10, 4_000, 300_000} {
			k := j.talk()
			if got := k.begin(annaSecure); got[:1] != "3" {
				t.Fatal(got)
			}
			io.WriteString(k, crlf(top+"\n"+strings.Repeat("Hej, och mer.\n", n/14)))
			k.Conn.Close()
		}
		j.Send(letter{to: []string{"x@example.se.0701234568.s"}, subject: "Sedan", body: "Går."})
		j.Await("email", "x@example.se", 1)
		j.Turn(time.Second)
		if n := j.demoCount(dir, "message"); n != before+1 || blobsIn(t, dir) != 0 {
			t.Errorf("%d messages and one more became %d: %s", before, n, j.kept(dir))
		}
	})
	t.Run("slow clients hold up nobody", func(t *testing.T) {
		for range 40 {
			k := j.talk()
			if got := k.begin(annaSecure); got[:1] != "3" {
				t.Fatal(got)
			}
			io.WriteString(k, "From: ")
		}
		from := time.Now()
		j.Send(letter{to: []string{"y@example.se.0701234569.s"}, subject: "Under tiden", body: "Går."})
		if d := time.Since(from); d > 60*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

func (j *journey) demoCount(dir, table string) int64 {
	return (&canary{journey: j, dir: dir}).query("SELECT count(*) FROM " + table)[0][0].(int64)
}

func TestOddMailIsTakenFaithfully(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	staff := j.Browser().SignsIn(caseworker)
	part := func(header, body string) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nSynlig text.\n--b\n" + header + "\n\n" + body + "\n--b--\n"
	}
	bomb := "Content-Type: multipart/mixed; boundary=b0\n\n"
	for i := range 400 {
		bomb += fmt.Sprintf("--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n", i, i+1)
	}
	for _, c := range []struct{ name, mail, sees, file string }{
		{"invalid UTF-8 in the text", "Content-Type: text/plain; charset=utf-8\n\nSynlig text. \xff\xfe\xc3( slut\n", "Synlig text.", ""},
		{"an unknown charset", "Content-Type: text/plain; charset=x-klingon\n\nSynlig text.\n", "Synlig text.", ""},
		{"broken base64", part("Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64", "JVBE*Ri0x!!LjQ"), "a.pdf", "%PDF"},
		{"base64 that ends too early", part("Content-Type: application/pdf; name=b.pdf\nContent-Transfer-Encoding: base64", "JVBERi0xLjQK\nJVBER"), "b.pdf", "%PDF-1.4\n"},
		{"an empty file", part("Content-Type: application/pdf; name=tom.pdf\nContent-Transfer-Encoding: base64", ""), "tom.pdf", ""},
		{"a file named by a path", part("Content-Type: text/csv\nContent-Disposition: attachment; filename=\"../../etc/passwd\"", "x,y"), "passwd", "x,y"},
		{"a file named by a path of Windows", part("Content-Type: text/csv\nContent-Disposition: attachment; filename=\"C:\\\\temp\\\\..\\\\lista.csv\"", "x,y"), "lista.csv", "x,y"},
		{"an attached mail with a nesting bomb", "Content-Type: message/rfc822\n\n" + bomb, "", ""},
		{"a part without its end", "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSynlig text.\n", "Synlig text.", ""},
		{"nothing at all", "\n", "Inget ämne", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			subject := "Udda " + c.name
			head := strings.Replace(top, "Subject: S", "Subject: "+subject, 1)
			if c.sees == "Inget ämne" {
				head = strings.Replace(top, "Subject: S\n", "", 1)
			}
			if got := j.talk().data(head+c.mail, annaSecure); got[:3] != "250" {
				t.Fatalf("answered %q", got)
			}
			staff.Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
			page := staff.at
			if c.sees != "Inget ämne" {
				staff.Sees(subject, c.sees)
			}
			if staff.Get(page + "/eml"); !strings.HasSuffix(staff.page, crlf(head+c.mail)) {
				t.Errorf("the saved mail is not the one that was sent:\n%q", staff.page)
			}
			if !strings.Contains(c.mail, "--b\nContent-Type: text/plain; charset=utf-8") {
				return
			}
			staff.Get(page + "/file/16")
			if staff.code != 200 || !strings.HasPrefix(staff.page, c.file) {
				t.Errorf("file: %d %q", staff.code, staff.page)
			}
			if d := staff.head.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || strings.ContainsAny(strings.ReplaceAll(d, `\"`, ""), `/\`) || strings.Contains(d, "..") {
				t.Errorf("Content-Disposition: %s", d)
			}
		})
	}
}

func TestAReaderSavesASmallMail(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.Send(letter{to: []string{annaSecure}, subject: "[säker kvitto] Litet", body: "Hej Anna.", header: "X-Sigill-Case: SN 1\n"})
	b := j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Get("/m/letter/eml")
	for _, ours := range []string{"0701234567", "säker", "X-Sigill", "s=C3"} {
		if strings.Contains(b.page, ours) {
			t.Errorf("the saved mail has %q:\n%s", ours, b.page)
		}
	}
	if b.code != 200 || !strings.HasSuffix(b.page, "\r\n\r\nHej Anna.\r\n") || !strings.Contains(b.page, "Litet") {
		t.Errorf("%d %q", b.code, b.page)
	}
}

func TestFiveHundredRecipients(t *testing.T) {
	full(t, "it takes a while")
	j := newJourney(t)
	var to []string
	for i := range 500 {
		to = append(to, fmt.Sprintf("p%d@example.se.070%07d.s", i, i))
	}
	from := time.Now()
	if got := j.talk().data(top+"\nTill er alla.\n", to...); got[:3] != "250" {
		t.Fatal(got)
	}
	t.Logf("taken in %v", time.Since(from))
	j.Turn(time.Second)
	for i := range 500 {
		if n := len(j.demoMails(fmt.Sprintf("p%d@example.se", i))); n != 1 {
			t.Fatalf("recipient %d got %d mails", i, n)
		}
	}
	for _, i := range []int{0, 250, 499} {
		m := j.demoMails(fmt.Sprintf("p%d@example.se", i))[0]
		j.Browser().Opens(m, fmt.Sprintf("+4670%07d", i)).Sees("Till er alla.")
	}
}

// demoMails asks the trap itself: five hundred times by HTTP would be slow.
func (j *journey) demoMails(to string) (list []trapped) {
	for _, m := range j.demo.Trap.Messages() {
		if m.Kind == "email" && m.To[0] == to {
			list = append(list, trapped{Text: m.Text, To: m.To})
		}
	}
	return list
}

func TestLargeMail(t *testing.T) {
	full(t, "it moves 400 MB")
	dir := t.TempDir()
	j := newJourneyIn(t, dir)
	file := make([]byte, 25<<20)
	rand.NewChaCha8([32]byte{25}).Read(file)
	mail := top + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nStort.\n--b\nContent-Type: application/octet-stream; name=stor.bin\nContent-Transfer-Encoding: base64\n\n" +
		lines(base64.StdEncoding.EncodeToString(file)) + "--b--\n"
	t.Run("25 MiB arrive as they were sent", func(t *testing.T) {
		from := time.Now()
		if got := j.talk().data(mail, annaSecure); got[:3] != "250" {
			t.Fatal(got)
		}
		t.Logf("taken in %v", time.Since(from))
		b := j.Browser().Opens(j.Await("email", anna, 1), annaPhone).Sees("Stort.", "stor.bin")
		if b.Get("/m/letter/file/16"); sha256.Sum256([]byte(b.page)) != sha256.Sum256(file) {
			t.Errorf("the reader gets %d bytes, others", len(b.page))
		}
		s := j.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-z]{26}")
		if s.Get(s.at + "/eml"); !strings.HasSuffix(s.page, crlf(mail)) {
			t.Errorf("the saved mail differs: %d bytes of %d", len(s.page), len(crlf(mail)))
		}
	})
	t.Run("a text of 9 MiB is read whole", func(t *testing.T) {
		long := strings.Repeat("En rad av många, och den är lagom lång.\n", 9<<20/42) + "Sista raden.\n"
		if got := j.talk().data(strings.Replace(top, "S\n", "Lång\n", 1)+"Content-Type: text/plain; charset=utf-8\n\n"+long, "b@example.se.0701234568.s"); got[:3] != "250" {
			t.Fatal(got)
		}
		j.Browser().Opens(j.Await("email", "b@example.se", 1), "+46701234568").Sees("Sista raden.")
	})
	t.Run("above the limit it is refused when that is known, and nothing stays", func(t *testing.T) {
		before := j.kept(dir)
		k := j.talk()
		if got := k.begin(annaSecure); got[:1] != "3" {
			t.Fatal(got)
		}
		answer := make(chan string, 1)
		go func() { answer <- k.answer() }()
		block := bytes.Repeat([]byte(strings.Repeat("x", 76)+"\r\n"), 1000)
		io.WriteString(k, crlf(top+"\n"))
		for range 101<<20/len(block) + 1 {
			if _, err := k.Write(block); err != nil {
				break
			}
		}
		io.WriteString(k, ".\r\n")
		if got := <-answer; !strings.HasPrefix(got, "552 5.3.4") {
			t.Errorf("answered %q", got)
		}
		if after := j.kept(dir); after != before {
			t.Errorf("the store had %s\nand has %s", before, after)
		}
	})
}
