package web

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// tally counts, per connection or per host, what a handler was given to act on.
type tally struct {
	mu           sync.Mutex
	runs, second map[string]int
	unseen       int // second requests that the proxy did not know of
}

func (t *tally) count(key string, second, seen bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[key]++
	if second {
		t.second[key]++
		if !seen {
			t.unseen++
		}
	}
}

// target is a server with either wall or both, that does what a careless handler
// might.
func target(t *testing.T, withListener, withGuard bool, key func(*fiber.Ctx) string) (string, *tally) {
	t.Helper()
	n := &tally{runs: map[string]int{}, second: map[string]int{}}
	app := fiber.New(fiber.Config{
		StreamRequestBody: true, DisablePreParseMultipartForm: true, Immutable: true, DisableStartupMessage: true,
		BodyLimit: maxForm, ReadBufferSize: maxHead + 1024,
	})
	whole := func(c *fiber.Ctx) error {
		if r := c.Context().RequestBodyStream(); r != nil {
			if _, err := io.Copy(io.Discard, r); err != nil {
				return c.SendStatus(400) // a broken body is not acted on
			}
		}
		n.count(key(c), false, true)
		return c.SendString("a")
	}
	ran := func(status int) fiber.Handler {
		return func(c *fiber.Ctx) error {
			n.count(key(c), false, true)
			return c.SendStatus(status)
		}
	}
	app.Get("/second", func(c *fiber.Ctx) error {
		n.count(key(c), true, c.Get("X-Seen") != "")
		return c.SendString("second")
	})
	app.All("/a", whole)
	app.Post("/401", ran(401))
	app.Post("/413", ran(413))
	app.All("/half", func(c *fiber.Ctx) error {
		n.count(key(c), false, true)
		if r := c.Context().RequestBodyStream(); r != nil {
			_, _ = io.ReadFull(r, make([]byte, 10))
		}
		return c.SendString("half")
	})
	app.Post("/panic", func(c *fiber.Ctx) error { panic("x") })
	srv := app.Server()
	quiet := func(ctx *fasthttp.RequestCtx, _ any) { plainAnswer(ctx, 500) }
	if withGuard {
		srv.Handler = guard(srv.Handler, quiet)
	} else {
		h := srv.Handler
		srv.Handler = func(ctx *fasthttp.RequestCtx) { survive(ctx, h, quiet) }
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if withListener {
		l = newListener(l, Config{MaxConns: 1000, MaxPerAddress: 1000, Log: slog.New(slog.DiscardHandler)})
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = app.Listener(l) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second); _ = l.Close(); <-done })
	return addr, n
}

func byPort(c *fiber.Ctx) string { return c.Context().RemoteAddr().String() }

func byHost(c *fiber.Ctx) string { return string(c.Request().Header.Host()) }

// fire sends one attack and waits until the server has closed, or for patience.
func fire(t *testing.T, addr, raw string, halfClose bool, patience time.Duration) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() {
		_, _ = io.WriteString(c, raw)
		if halfClose {
			_ = c.(*net.TCPConn).CloseWrite()
		}
	}()
	_, _ = io.Copy(io.Discard, c)
	return c.LocalAddr().String()
}

// suite fires everything, some at a time, and returns the names of what was
// accepted too often and of what ran a second request.
func suite(t *testing.T, addr string, n *tally, direct bool, patience time.Duration) (lenient, smuggled []string) {
	t.Helper()
	names := attacks("0000")
	keys := make([]string, len(names))
	slots := make(chan struct{}, 24)
	var w sync.WaitGroup
	for i := range names {
		slots <- struct{}{}
		w.Go(func() {
			defer func() { <-slots }()
			keys[i] = fmt.Sprintf("h%03d", i)
			port := fire(t, addr, attacks(keys[i])[i].raw, direct, patience)
			if direct {
				keys[i] = port
			}
		})
	}
	w.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, a := range names {
		if n.runs[keys[i]] > a.run {
			lenient = append(lenient, a.name)
		}
		if n.second[keys[i]] > 0 && !a.second {
			smuggled = append(smuggled, a.name)
		}
	}
	return lenient, smuggled
}

func TestFraming(t *testing.T) {
	if n := len(attacks("0000")); n < 160 {
		t.Fatalf("only %d cases", n)
	}
	for _, level := range []struct {
		name            string
		listener, guard bool
		none            bool
	}{
		{"the handler guard alone lets some second requests run", false, true, false},
		{"without any guard many second requests run", false, false, false},
		{"the listener alone refuses what is malformed", true, false, false},
		{"with both, no second request runs and nothing malformed is accepted", true, true, true},
	} {
		t.Run(level.name, func(t *testing.T) {
			addr, n := target(t, level.listener, level.guard, byPort)
			lenient, smuggled := suite(t, addr, n, true, 400*time.Millisecond)
			t.Logf("%d cases: %d accepted that should not be, %d ran a second request: %s", len(attacks("0000")), len(lenient), len(smuggled), strings.Join(smuggled, "; "))
			if level.none && len(lenient)+len(smuggled) > 0 {
				t.Errorf("accepted: %s\nsecond request: %s", strings.Join(lenient, "; "), strings.Join(smuggled, "; "))
			}
			if !level.none && len(smuggled) == 0 {
				t.Error("the control ran no second request: the suite sees nothing")
			}
		})
	}
}

func TestFramingBehindNginx(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to run the suite through Debian's nginx")
	}
	t.Run("no request runs that nginx does not know of", func(t *testing.T) {
		addr, n := target(t, true, true, byHost)
		_, smuggled := suite(t, nginx(t, addr), n, false, 700*time.Millisecond)
		if n.unseen > 0 {
			t.Errorf("%d second requests that nginx did not send: %v", n.unseen, smuggled)
		}
		total := 0
		for _, k := range n.runs {
			total += k
		}
		if total < 20 {
			t.Errorf("only %d requests came through nginx: the suite sees nothing", total)
		}
		t.Logf("%d requests ran; second ones that nginx itself took for requests: %v", total, smuggled)
	})
	t.Run("control: without our guards nginx lets some through", func(t *testing.T) {
		addr, n := target(t, false, false, byHost)
		_, smuggled := suite(t, nginx(t, addr), n, false, 700*time.Millisecond)
		t.Logf("%d second requests that nginx did not send: %v", n.unseen, smuggled)
		if n.unseen == 0 {
			t.Error("the control ran no second request: the suite sees nothing")
		}
	})
}

// nginx starts Debian's nginx in front of addr and returns its own address.
func nginx(t *testing.T, upstream string) string { return nginxBy(t, upstream, "1.1") }

// nginxBy is nginx that speaks a version of HTTP with what is behind it.
func nginxBy(t *testing.T, upstream, version string) string {
	t.Helper()
	bin, err := exec.LookPath("nginx")
	if err != nil {
		bin = "/usr/sbin/nginx"
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close() // nginx takes the port now; nobody else asks for a given one
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	conf := fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/err; worker_processes 1; %[4]s
events { worker_connections 400; }
http { access_log off; client_body_temp_path %[1]s/cb; proxy_temp_path %[1]s/pt; fastcgi_temp_path %[1]s/ft; uwsgi_temp_path %[1]s/ut; scgi_temp_path %[1]s/st;
 client_max_body_size 0; upstream u { server %[2]s; keepalive 8; }
 server { listen %[3]s; large_client_header_buffers 4 32k;
  location / { proxy_pass http://u; proxy_http_version %[5]s; proxy_set_header Connection ""; proxy_set_header Host $host;
   proxy_set_header X-Seen $request_id; proxy_request_buffering off; proxy_buffering off; } } }`, dir, upstream, addr, user, version)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(bin, "-c", file, "-e", filepath.Join(dir, "err"))
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatalf("start nginx: %v", err)
	}
	t.Cleanup(func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() })
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 250 {
		if x, err := net.Dial("tcp", addr); err == nil {
			_ = x.Close()
			return addr
		}
		<-tick.C
	}
	t.Fatal("nginx does not answer")
	return ""
}
