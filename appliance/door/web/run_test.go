package web_test

import (
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"sigill/appliance/door/web"
)

func TestRun(t *testing.T) {
	t.Run("an open request is finished before the end, and nothing is taken after it", func(t *testing.T) {
		begun, goOn := make(chan struct{}), make(chan struct{})
		h := open(t, func(c *web.Config) { c.Stop = 5 * time.Second }, get("/slow", web.Anyone, func(r *web.Request) error {
			close(begun)
			<-goOn
			return plain("finished")(r)
		}))
		got := make(chan string)
		c := h.client()
		go func() {
			r, err := c.Get(h.url + "/slow")
			if err != nil {
				got <- err.Error()
				return
			}
			defer r.Body.Close()
			b, _ := io.ReadAll(r.Body)
			got <- string(b)
		}()
		<-begun
		stopped := make(chan struct{})
		go func() { h.stop(); close(stopped) }()
		close(goOn)
		if b := <-got; !strings.Contains(b, "finished") {
			t.Error(b)
		}
		<-stopped
		if _, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://")); err == nil {
			t.Error("it still listens")
		}
	})
	t.Run("an upload that never ends is cut, and its handler's context ends", func(t *testing.T) {
		begun := make(chan struct{})
		h := open(t, func(c *web.Config) { c.Stop = 50 * time.Millisecond },
			web.Route{Method: "POST", Path: "/raw", Need: web.Anyone, Body: web.Raw, Limit: 1 << 20, Handle: func(r *web.Request) error {
				close(begun)
				_, err := io.Copy(io.Discard, r.RawBody())
				<-r.Context().Done()
				return err
			}})
		c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "POST /raw HTTP/1.1\r\nHost: x\r\nOrigin: "+h.url+"\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("x", 9000))
		<-begun
		at := time.Now()
		if h.stop(); time.Since(at) > 30*time.Second {
			t.Error(time.Since(at))
		}
	})
}

// TestInputIsCopied keeps what one request gave and looks again after others have
// used the same buffers.
func TestInputIsCopied(t *testing.T) {
	var kept []string
	h := open(t, nil, post("/do/:what", web.Anyone, func(r *web.Request) error {
		if kept == nil {
			kept = []string{r.Param("what"), r.Query("q"), r.Form("f"), r.Header("X-H"), r.Cookie("c")}
		}
		return r.Done()
	}))
	c := h.client()
	for _, w := range []string{"alice", "bobby", "carol"} {
		h.post(c, "/do/"+w+"?q="+w, url.Values{"f": {w}}, "X-H", w, "Cookie", "c="+w, "Sec-Fetch-Site", "same-origin")
	}
	if got := strings.Join(kept, " "); got != "alice alice alice alice alice" {
		t.Error(got)
	}
}
