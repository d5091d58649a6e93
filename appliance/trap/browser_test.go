package trap_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sigill/appliance/mail"
)

// TestInBrowser uses the page as somebody who tries the demo does. With
// SIGILL_SHOTS it leaves pictures there, to be looked at.
func TestInBrowser(t *testing.T) {
	if os.Getenv("SIGILL_FULL") == "" {
		t.Skip("set SIGILL_FULL=1 to show the trap in Chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	defer stop()
	ctx, stop2 := chromedp.NewContext(alloc)
	defer stop2()
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	r := run(t)
	var faults []string
	chromedp.ListenTarget(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			faults = append(faults, e.ExceptionDetails.Error())
		}
	})
	shot := func(name string, width int64, scheme string) {
		t.Helper()
		var wide float64
		var png []byte
		err := chromedp.Run(ctx,
			emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
			chromedp.EmulateViewport(width, 900),
			chromedp.Evaluate(`document.documentElement.scrollWidth`, &wide), chromedp.FullScreenshot(&png, 100))
		if err != nil {
			t.Fatal(err)
		}
		if int64(wide) > width {
			t.Errorf("%s is %v wide on a screen of %d", name, wide, width)
		}
		if dir := os.Getenv("SIGILL_SHOTS"); dir != "" {
			os.WriteFile(filepath.Join(dir, fmt.Sprintf("trap-%s-%d-%s.png", name, width, scheme)), png, 0o644)
		}
	}
	if err := chromedp.Run(ctx, chromedp.Navigate(r.url+"/"), chromedp.WaitVisible(".empty")); err != nil {
		t.Fatal(err)
	}
	shot("empty", 1280, "light")

	msg, err := os.ReadFile("../notify/testdata/letter.sv.eml")
	if err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile("../notify/testdata/report-many.sv.eml")
	if err != nil {
		t.Fatal(err)
	}
	r.send("bounce+x@brev.exempelkommun.se", "maria.ek@exempelkommun.se", string(report))
	r.send("bounce+x@brev.exempelkommun.se", "anna@example.se", string(msg))
	r.Send(ctx, mail.SMS{To: "+46701234567", Text: "908172 är koden till ditt brev från Exempelkommun. Gäller i 10 minuter. Ge den inte till någon, inte heller till oss.\n\n@brev.exempelkommun.se #908172"})

	var href, frame string
	for _, step := range []struct {
		name string
		do   chromedp.Action
	}{
		{"the SMS comes by itself, without a reload", chromedp.WaitVisible(".message.sms", chromedp.ByQuery)},
		{"the link can be pressed", chromedp.AttributeValue(`.message.email pre a`, "href", &href, nil, chromedp.ByQuery)},
		{"the HTML can be opened", chromedp.Click(`.message.email .html summary`, chromedp.ByQuery)},
		{"the frame is there", chromedp.WaitVisible(`.message.email iframe`, chromedp.ByQuery)},
		{"the frame has a sandbox", chromedp.AttributeValue(`.message.email iframe`, "sandbox", &frame, nil, chromedp.ByQuery)},
		{"the clock is turned", chromedp.Click(`form[action="/clock?advance=30d"] button`, chromedp.ByQuery)},
		{"what happened is told", chromedp.WaitVisible(".past", chromedp.ByQuery)},
	} {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		err := chromedp.Run(ctx, step.do)
		cancel()
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
	}
	if !strings.Contains(href, "/m#K7FQ") || strings.Contains(frame, "scripts") || strings.Contains(frame, "same-origin") {
		t.Errorf("%q %q", href, frame)
	}
	if err := chromedp.Run(ctx, chromedp.Click(`.message.email .html summary`, chromedp.ByQuery), chromedp.Sleep(time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			shot("full", width, scheme)
		}
	}
	if len(faults) > 0 {
		t.Error(faults)
	}
}
