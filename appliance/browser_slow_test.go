package appliance_test

import (
	"context"
	"path"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// conditions of a network: milliseconds until anything comes back, and bytes a second; -1 is
// as they are. The library's own name for this method is one that Debian's Chromium may not
// know yet.
type conditions struct {
	Offline  bool    `json:"offline"`
	Latency  float64 `json:"latency"`
	Download float64 `json:"downloadThroughput"`
	Upload   float64 `json:"uploadThroughput"`
}

func (c conditions) Do(ctx context.Context) error {
	return cdp.Execute(ctx, "Network.emulateNetworkConditions", &c, nil)
}

var (
	// slow3G has 400 ms of latency and 400 kbit/s, what a phone has at the edge of a village.
	slow3G = conditions{Latency: 400, Download: 50_000, Upload: 50_000}
	// toolsSlow3G is what DevTools call "3G" today and "Slow 3G" before: five times the latency
	// for each request, in place of the round trips of a connection that is made.
	toolsSlow3G = conditions{Latency: 2000, Download: 50_000, Upload: 50_000}
)

// painted tells of the page that is open when the largest thing in sight was painted, what that
// thing was, and what had to be there before anything could be painted.
type painted struct {
	Largest float64  // milliseconds from the press on
	Picture string   // address of the largest thing; "" if it was text
	Before  []string // paths of what the browser waited for, beside the page
	Bytes   float64  // of the page and of those, with their heads
}

const paint = `new Promise(done => { let last = {};
	new PerformanceObserver(l => { for (const e of l.getEntries()) last = e }).observe({type: "largest-contentful-paint", buffered: true});
	setTimeout(() => {
		const page = performance.getEntriesByType("navigation")[0];
		const before = performance.getEntriesByType("resource").filter(r => r.renderBlockingStatus === "blocking");
		done({Largest: last.startTime || 0, Picture: last.url || "",
			Before: before.map(r => new URL(r.name).pathname), Bytes: before.reduce((n, r) => n + r.transferSize, page.transferSize)});
	}, 500) })`

// slow shows the citizen's three screens and the mailbox on a slow network, with a processor a
// quarter as quick and nothing kept from before. When each is painted is told, to be looked at,
// and never a fault: it depends on the machine. What does not, and what decides it, is wanted:
// the largest thing is text, and waits for nothing but the page and one light style sheet.
func (w *walk) slow() {
	notice := w.letterTo("sten", "0701234565", "Beslut")
	slower := func(b *tab, net conditions) {
		b.act("slow down", net, network.SetCacheDisabled(true), emulation.SetCPUThrottlingRate(4), chromedp.EmulateViewport(360, 640))
	}
	b := w.tab()
	slower(b, toolsSlow3G)
	b.Goes("/m").paints("DevTools' 3G", "narrow.css", 20_000)
	slower(b, slow3G)
	b.Goes("/m").paints("400 ms", "narrow.css", 20_000)
	b.act("type", chromedp.SendKeys("[name=code]", w.CodeOf(notice), chromedp.ByQuery))
	b.Sends("/m").At("/m/pin").paints("400 ms", "narrow.css", 20_000)
	b.act("type", chromedp.SendKeys("[name=pin]", w.LastPIN("+46701234565"), chromedp.ByQuery))
	b.Sends("/m/pin").At("/m/letter").paints("400 ms", "narrow.css", 20_000)
	b.act("speed up", conditions{Download: -1, Upload: -1})
	b.Clean("the journey on a slow network")

	b = w.tab().Signs(caseworker)
	slower(b, slow3G)
	b.Goes("/mail").paints("400 ms", "wide.css", 30_000)
	b.act("speed up", conditions{Download: -1, Upload: -1})
	b.Clean("the mailbox on a slow network")
}

// paints tells when the page was painted, on which network, and wants nothing before that but
// one style sheet, both together of so many bytes at most.
func (b *tab) paints(net, sheet string, most float64) {
	b.Helper()
	var p painted
	b.act("read the paint", chromedp.Evaluate(paint, &p, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	b.Logf("%-12s  %-9s  largest contentful paint after %.2f s, %.1f kB before it", net, b.Path(), p.Largest/1000, p.Bytes/1000)
	if p.Largest == 0 || p.Picture != "" {
		b.Errorf("%s: the largest thing, after %.0f ms, is %q, and no text", b.Path(), p.Largest, p.Picture)
	}
	if len(p.Before) != 1 || path.Base(strings.Join(p.Before, "")) != sheet || p.Bytes > most || p.Bytes < 5_000 {
		b.Errorf("%s is painted after %.0f bytes and %v", b.Path(), p.Bytes, p.Before)
	}
}
