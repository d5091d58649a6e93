package web

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

func TestFlowBehindNginx(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to download through Debian's nginx")
	}
	text := strings.Repeat("0123456789", 300_000)
	s := &Server{base: t.Context()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		ctx.Response.SetBodyStream(s.newFlow("1", func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}), -1)
	}}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Shutdown() })
	for _, version := range []string{"1.0", "1.1"} {
		t.Run("a download of unknown size comes whole through nginx that asks by HTTP/"+version, func(t *testing.T) {
			res, err := http.Get("http://" + nginxBy(t, l.Addr().String(), version) + "/")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if b, err := io.ReadAll(res.Body); err != nil || string(b) != text {
				t.Errorf("%d bytes, %v", len(b), err)
			}
		})
	}
}
