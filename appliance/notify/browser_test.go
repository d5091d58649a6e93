package notify_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestInBrowser shows the HTML of notices as a phone and a computer do, light and
// dark. With SIGILL_SHOTS it leaves the pictures there, to be looked at.
func TestInBrowser(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to show the notices in Chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	defer stop()
	ctx, stop2 := chromedp.NewContext(alloc)
	defer stop2()
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	w := words(t, house())
	for _, name := range []string{"letter", "report-many", "hold"} {
		ex := examples()[name]
		msg, err := w.Mail(ctx, ex.n, ex.p)
		if err != nil {
			t.Fatal(err)
		}
		_, html := check(t, msg, ex.n)
		asked := 0
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" && r.URL.Path != "/favicon.ico" {
				asked++
			}
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			io.WriteString(rw, html)
		}))
		for _, width := range []int64{390, 800} {
			for _, scheme := range []string{"light", "dark"} {
				var wide, contrast float64
				var shot []byte
				err := chromedp.Run(ctx,
					emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
					chromedp.EmulateViewport(width, 800),
					chromedp.Navigate(srv.URL),
					chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide),
					chromedp.Evaluate(leastContrast, &contrast),
					chromedp.FullScreenshot(&shot, 100),
				)
				if err != nil {
					t.Fatal(err)
				}
				if int64(wide) > width {
					t.Errorf("%s: %v wide on a screen of %d", name, wide, width)
				}
				if contrast < 4.5 { // WCAG 1.4.3
					t.Errorf("%s, %s: a contrast of only %.1f", name, scheme, contrast)
				}
				if dir := os.Getenv("SIGILL_SHOTS"); dir != "" {
					os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, scheme)), shot, 0o644)
				}
			}
		}
		if asked > 0 {
			t.Errorf("%s: the page asked for %d other things", name, asked)
		}
		srv.Close()
	}
}

// leastContrast finds the lowest contrast of any text with what is behind it.
const leastContrast = `(() => {
  const rgb = s => s.match(/[\d.]+/g).map(Number);
  const lum = c => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; return 0.2126*f(c[0]) + 0.7152*f(c[1]) + 0.0722*f(c[2]); };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255,255,255]; };
  let least = 21;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    if (!walk.currentNode.data.trim()) continue;
    const e = walk.currentNode.parentElement, a = lum(rgb(getComputedStyle(e).color)), b = lum(behind(e));
    least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return least;
})()`
