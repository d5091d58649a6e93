// Package peers starts the real programs that tests speak with, or skips a test that has
// not asked for them. Only tests import it; that no other file does is held by the layers
// test.
package peers

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// needs skips a test that was not asked to meet this peer.
func needs(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to run this with " + what)
	}
}

// Chromium starts Debian's Chromium for so long, with a profile of its own.
func Chromium(t *testing.T, life time.Duration, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	needs(t, "Chromium")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-component-update", true),
		// What a person's window has around its page, and processes in store for pages to come.
		chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,PreloadTopChromeWebUI,SpareRendererForSitePerProcess,BackForwardCache"),
		chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := context.WithTimeout(context.Background(), life)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, append(options, more...)...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		// Waits until Chromium has gone: it writes into a directory that goes after it.
		_ = chromedp.Cancel(ctx) // an error is a browser that was killed already
		end()
		chromedp.FromContext(ctx).Allocator.Wait()
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}
