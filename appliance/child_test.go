package appliance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// child is the real program, in a process that can be killed.
type child struct {
	cmd  *exec.Cmd
	dir  string
	said *safeBuffer
	over chan struct{}
	info struct {
		Portal, SMTP, Trap string
		Accounts           []struct{ Role, Email, Password string }
	}
}

// buildProgram builds the program that is shipped, with build tags for controls.
func buildProgram(t testing.TB, tags string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "sigill")
	cmd := exec.Command("go", "build", "-tags", tags, "-o", bin, "sigill")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// startChild starts the demo in a directory and returns when its doors are known,
// or with an error if it ends before.
func startChild(bin, dir string) (*child, error) {
	c, err := spawn(bin, dir)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		b, err := os.ReadFile(filepath.Join(dir, "demo.json"))
		if err == nil && json.Unmarshal(b, &c.info) == nil {
			return c, nil
		}
		select {
		case <-c.over:
			return nil, fmt.Errorf("the program ended: %v: %s", c.cmd.ProcessState, c.said.Bytes())
		case <-time.After(5 * time.Millisecond):
		}
	}
	c.kill()
	return nil, errors.New("the program does not get ready")
}

// spawn starts the demo and waits for nothing.
func spawn(bin, dir string) (*child, error) {
	if err := os.Remove(filepath.Join(dir, "demo.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	c := &child{dir: dir, said: &safeBuffer{}, over: make(chan struct{})}
	c.cmd = exec.Command(bin, "demo", "--dir", dir, "--portal", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--trap", "127.0.0.1:0")
	c.cmd.Stderr = c.said
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { c.cmd.Wait(); close(c.over) }()
	return c, nil
}

// kill ends the process as a power cut would end it for itself: at once.
func (c *child) kill() {
	c.cmd.Process.Kill()
	<-c.over
}

// trapped returns what is in the trap.
func (c *child) trapped() (all []trapped, err error) {
	r, err := patient.Get(c.info.Trap + "/messages.json")
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return all, json.NewDecoder(r.Body).Decode(&all)
}

var patient = &http.Client{Timeout: 20 * time.Second}

// turn turns the clock; what is due is done when it returns nil.
// ahead is how far the child's clock was turned.
func (c *child) ahead() (time.Duration, error) {
	r, err := patient.Get(c.info.Trap + "/clock")
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	var is struct{ Now time.Time }
	err = json.NewDecoder(r.Body).Decode(&is)
	return time.Until(is.Now), err
}

func (c *child) turn(d time.Duration) error {
	r, err := patient.Post(c.info.Trap+"/clock?advance="+url.QueryEscape(d.String()), "", nil)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if b, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK {
		return fmt.Errorf("turn the clock: %s %s", r.Status, b)
	}
	return nil
}

// visitor is a browser whose server may be gone at any moment: everything may fail.
// Each has an address of its own on loopback, so that limits for one address are not
// met by all together.
type visitor struct {
	c      *http.Client
	portal string
	page   string
	code   int
	at     string
}

var addresses atomic.Uint32

// ownAddress is an address on loopback that nobody else has.
func ownAddress() *net.TCPAddr {
	n := addresses.Add(1)
	return &net.TCPAddr{IP: net.IPv4(127, 1+byte(n>>16), byte(n>>8), byte(n))}
}

func newVisitor(portal string) *visitor {
	from := ownAddress()
	jar, _ := cookiejar.New(nil) // never fails without options
	return &visitor{portal: portal, c: &http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{
		DialContext: (&net.Dialer{LocalAddr: from}).DialContext, MaxIdleConnsPerHost: 1,
	}}}
}

func (v *visitor) close() { v.c.CloseIdleConnections() }

func (v *visitor) do(method, path, kind string, body io.Reader) error {
	r, err := http.NewRequest(method, v.portal+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Accept-Language", "sv")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Origin", v.portal)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := v.c.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	v.page, v.code, v.at = string(b), res.StatusCode, res.Request.URL.Path
	return nil
}

func (v *visitor) get(path string) error { return v.do("GET", path, "", nil) }

func (v *visitor) csrf() string {
	if m := formToken.FindStringSubmatch(v.page); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

func (v *visitor) post(path string, fields ...string) error {
	form := url.Values{"csrf": {v.csrf()}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return v.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (v *visitor) upload(path, text, name string, content []byte) error {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	w.WriteField("csrf", v.csrf())
	w.WriteField("text", text)
	f, err := w.CreateFormFile("files", name)
	if err != nil {
		return err
	}
	f.Write(content)
	w.Close()
	return v.do("POST", path, w.FormDataContentType(), &b)
}

// wants is an error unless the page says it.
func (v *visitor) wants(word string) error {
	if !strings.Contains(html.UnescapeString(v.page), word) {
		return fmt.Errorf("%s (%d) does not say %q: %.3000s", v.at, v.code, word, v.page)
	}
	return nil
}

func (v *visitor) signIn(c *child, address string) error {
	for _, a := range c.info.Accounts {
		if a.Email != address {
			continue
		}
		if err := v.get("/in"); err != nil {
			return err
		}
		if err := v.post("/in", "address", address, "password", a.Password); err != nil {
			return err
		}
		if v.at != "/mail" {
			return fmt.Errorf("sign-in leads to %s (%d): %.2000s", v.at, v.code, v.page)
		}
		return nil
	}
	return fmt.Errorf("%s is nobody in the demo", address)
}

// open opens a letter by its code and the PIN that is in the trap.
func (v *visitor) open(c *child, code, number string) error {
	if err := v.get("/m"); err != nil {
		return err
	}
	if err := v.post("/m", "code", code); err != nil {
		return err
	}
	if v.at != "/m/pin" {
		return fmt.Errorf("the code leads to %s (%d): %.2000s", v.at, v.code, v.page)
	}
	all, err := c.trapped()
	if err != nil {
		return err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Kind == "sms" && all[i].To[0] == number {
			if err := v.post("/m/pin", "pin", pinIn.FindStringSubmatch(all[i].Text)[1]); err != nil {
				return err
			}
			if v.at != "/m/letter" {
				return fmt.Errorf("the PIN leads to %s (%d): %.2000s", v.at, v.code, v.page)
			}
			return nil
		}
	}
	return fmt.Errorf("no SMS to %s: %.2000s", number, v.page)
}
