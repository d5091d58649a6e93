package appliance_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedKills is how often the program is killed.
const lockedKills = 6

// TestKillLocked kills the program at random moments while it is locked and takes mail, and
// after it was unlocked and takes it in. Whatever was answered 250 is a letter in the end, and
// one letter.
func TestKillLocked(t *testing.T) {
	full(t, "it kills the program again and again")
	bin, k := buildProgram(t, ""), newKeyless(t)
	s := k.opens(t)
	s.Send(letter{from: "eva@prov.example", to: []string{annaSecure}, subject: "Först", body: "x"}) // the sender is known from here on
	s.Await("email", anna, 1)
	s.end()
	text := string(readFile(t, k.file))
	var at [2]string
	for i := range at {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		at[i] = l.Addr().String()
		l.Close()
		text = strings.Replace(text, `"127.0.0.1:0"`, fmt.Sprintf("%q", at[i]), 1)
	}
	if err := os.WriteFile(k.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	k.info.SMTP = at[1]
	seed := uint64(time.Now().UnixNano())
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	start := func() (end func()) {
		cmd := exec.Command(bin, "serve", "--config", k.file)
		cmd.Stdout, cmd.Stderr = k.log, k.log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return sync.OnceFunc(func() { cmd.Process.Kill(); cmd.Wait() })
	}
	locked := func() bool {
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); k.pause() {
			answer, err := http.Get("http://" + at[0] + "/healthz")
			if err == nil {
				answer.Body.Close()
				return answer.StatusCode == http.StatusServiceUnavailable
			}
		}
		return false
	}
	say := func(typed string, command ...string) error {
		cmd := exec.Command(bin, append(command, "--config", k.file)...)
		cmd.Stdin = strings.NewReader(typed)
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return err
	}
	unlock := func() error { return say(passphrase+"\n", "unlock") }
	end := start()
	locked() // it is not, and answers
	if err := say(passphrase+"\n"+passphrase+"\n", "key", "mode", "passphrase"); err != nil {
		t.Fatal(err)
	}
	end()
	var taken, sent []string
	for n := range lockedKills {
		end = start()
		if !locked() {
			t.Fatalf("it is not locked:\n%s", k.log.Bytes())
		}
		dead := time.AfterFunc(time.Duration(20+r.IntN(250))*time.Millisecond, end)
		for i := range 8 {
			to := fmt.Sprintf("p%d-%d@example.se", n, i)
			sent = append(sent, to)
			c, err := net.Dial("tcp", at[1])
			if err != nil {
				break // it is dead
			}
			c.Close()
			if err := k.TrySend(letter{from: "eva@prov.example", to: []string{to + ".0701234567.s"}, subject: "Nr", body: "x"}); err != nil {
				break
			}
			taken = append(taken, to)
			if i == 4 && n%2 == 1 {
				go unlock() // and it is killed while it takes them in
			}
		}
		dead.Stop()
		end()
	}
	end = start()
	defer func() { end() }()
	if !locked() {
		t.Fatal("it is not locked")
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	for _, to := range taken {
		k.Await("email", to, 1)
	}
	twice, extra := 0, 0
	for _, to := range sent {
		codes := map[string]bool{}
		for _, m := range k.Trapped("email", to) {
			codes[k.CodeOf(m)] = true // a notice may come twice after a crash; then with the same code
		}
		if len(codes) > 1 {
			twice++
		}
		extra += len(codes)
	}
	if twice > 0 || len(taken) == 0 {
		t.Errorf("%d of %d came twice", twice, len(taken))
	}
	t.Logf("%d kills: %d of %d were answered 250, %d came, none twice", lockedKills, len(taken), len(sent), extra)
}
