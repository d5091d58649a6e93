package sanitize_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"sigill/appliance/peers"
	"sigill/appliance/sanitize"
)

// bait serves pages of frames, each with one vector, and counts what is fetched.
type bait struct {
	*httptest.Server
	vectors []string
	frame   func(vector string) string
	// patience is how long frames may take to load and to be handled. Raw vectors break
	// their own frames, so the control does not wait for all.
	patience time.Duration
	done     chan string
	showing  atomic.Int64 // the page that is looked at; what an older one still says is not heard

	mu   sync.Mutex
	hits map[string]bool
}

func newBait(t *testing.T) *bait {
	b := &bait{hits: map[string]bool{}, done: make(chan string, 1)}
	b.Server = httptest.NewServer(b)
	b.vectors = readVectors(t, strings.TrimPrefix(b.URL, "http://"))
	t.Cleanup(b.Close)
	return b
}

// hook stands first in each frame: it says what fired, and does all that a
// person's hand could do to whatever stands in the frame.
const hook = `<script>
function fire(n){parent.postMessage({fired:n},'*')}
addEventListener('load',()=>setTimeout(()=>{
 for(const e of document.querySelectorAll('*')){
  for(const n of ['click','mouseover','pointerenter','pointerrawupdate','focus','toggle','animationstart','beforetoggle','pageshow','hashchange'])try{e.dispatchEvent(new Event(n))}catch(x){}
  try{e.click&&e.click()}catch(x){}
  try{e.requestSubmit&&e.requestSubmit()}catch(x){}
 }
 setTimeout(()=>parent.postMessage({ready:1},'*'),400)},200));
</script>`

const perPage = 100

func (b *bait) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if hit, ok := strings.CutPrefix(r.URL.Path, "/hit/"); ok {
		b.mu.Lock()
		b.hits[hit] = true
		b.mu.Unlock()
		return
	}
	if strings.HasPrefix(r.URL.Path, "/done/") {
		numbers, _ := io.ReadAll(r.Body)
		if r.URL.Path == fmt.Sprintf("/done/%d", b.showing.Load()) {
			b.done <- string(numbers)
		}
		return
	}
	var number int
	// A form without action in a frame asks for the page again, and so on for ever.
	_, err := fmt.Sscanf(r.URL.Path, "/page/%d", &number)
	if err != nil || r.Header.Get("Sec-Fetch-Dest") != "document" {
		http.NotFound(w, r)
		return
	}
	vectors := b.vectors[number*perPage : min((number+1)*perPage, len(b.vectors))]
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><meta charset=utf-8><script>var fired={},ready=0;addEventListener('message',e=>{if(e.data.ready)ready++;if(e.data.fired!==undefined)fired[e.data.fired]=1});
		function done(page,want,patience){const from=Date.now();const i=setInterval(()=>{if(ready>=want||Date.now()-from>patience){clearInterval(i);fetch('/done/'+page,{method:'POST',body:[ready].concat(Object.keys(fired)).join(' ')})}},50)}</script>`)
	for _, v := range vectors {
		fmt.Fprintf(w, "<iframe sandbox=\"allow-scripts allow-forms\" width=90 height=30 srcdoc=\"%s\"></iframe>\n", html.EscapeString(b.frame(v)))
	}
	fmt.Fprintf(w, "<script>done(%d,%d,%d)</script>", b.showing.Load(), len(vectors), b.patience.Milliseconds())
}

// raw, which wants a bait of its own, shows a sample of the vectors as they are, every fourth
// page from a first one on, each in a tab of its own: some navigate for ever and take their tab
// with them, so a page that does not end is left behind. What such a page still asks for must
// not be taken for what comes later.
func (b *bait) raw(t *testing.T, ctx context.Context, first int, frame func(string) string) (fired []string, hits int) {
	t.Helper()
	const patience = 5 * time.Second
	b.frame, b.patience = frame, patience
	b.mu.Lock()
	b.hits = map[string]bool{}
	b.mu.Unlock()
	for n := first; n*perPage < len(b.vectors); n += 4 {
		b.showing.Add(1)
		tab, end := chromedp.NewContext(ctx)
		err := chromedp.Run(tab, chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, _, _, err := page.Navigate(fmt.Sprintf("%s/page/%d", b.URL, n)).Do(ctx)
			return err
		}))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case numbers := <-b.done:
			fired = append(fired, strings.Fields(numbers)[1:]...)
		case <-time.After(4 * patience):
			t.Logf("page %d does not end", n)
		}
		end()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return fired, len(b.hits)
}

// run shows all vectors, or those of every so many pages, and returns the numbers of those
// that fired.
func (b *bait) run(t *testing.T, ctx context.Context, every int, frame func(string) string) (fired []string, ready, hits int) {
	t.Helper()
	const patience = 2 * time.Minute
	b.frame, b.patience = frame, patience
	b.mu.Lock()
	b.hits = map[string]bool{}
	b.mu.Unlock()
	total := len(b.vectors)
	for n := 0; n*perPage < total; n += every {
		b.showing.Add(1)
		// The page itself says when it is done: some raw vectors navigate for ever, so
		// that a browser never calls it loaded.
		err := chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, _, _, err := page.Navigate(fmt.Sprintf("%s/page/%d", b.URL, n)).Do(ctx)
			return err
		}))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case numbers := <-b.done:
			list := strings.Fields(numbers)
			here, _ := strconv.Atoi(list[0])
			ready += here
			fired = append(fired, list[1:]...)
		case <-time.After(patience + time.Minute):
			t.Fatalf("page %d does not end", n)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return fired, ready, len(b.hits)
}

func TestNothingFiresInChromium(t *testing.T) {
	ctx := peers.Chromium(t, 9*time.Minute)
	b := newBait(t)
	safe := func(v string) string {
		out, _, err := sanitize.HTML(v, pictures)
		if err != nil {
			t.Error(err)
		}
		return out
	}
	t.Run("control: raw vectors fire and fetch", func(t *testing.T) {
		// More of them where a busy browser shows few in time.
		raw, fired, hits := newBait(t), []string{}, 0
		for first := 0; first < 4 && (len(fired) <= 20 || hits <= 20); first++ {
			f, h := raw.raw(t, ctx, first, func(v string) string { return "<!doctype html><head>" + hook + "</head><body>" + v })
			fired, hits = append(fired, f...), hits+h
		}
		t.Logf("%d vectors, %d fired, %d fetched", len(b.vectors), len(fired), hits)
		if len(fired) <= 20 || hits <= 20 {
			t.Error("the control is too quiet: the test shows nothing")
		}
	})
	t.Run("sanitised, without any policy, with scripts allowed", func(t *testing.T) {
		fired, ready, hits := b.run(t, ctx, 1, func(v string) string { return "<!doctype html><head>" + hook + "</head><body>" + safe(v) })
		t.Logf("%d frames handled, %d fired, %d fetched", ready, len(fired), hits)
		if len(fired) > 0 || hits > 0 || ready != len(b.vectors) {
			t.Errorf("fired %v, fetched %v", fired, b.hits)
		}
	})
	// What does nothing without a policy does no more with one: every third page shows it.
	t.Run("sanitised, in our document", func(t *testing.T) {
		fired, ready, hits := b.run(t, ctx, 3, func(v string) string {
			return strings.Replace(sanitize.Document(safe(v), "sv", ""), "<head>", "<head>"+hook, 1)
		})
		t.Logf("%d frames handled, %d fired, %d fetched", ready, len(fired), hits)
		if len(fired) > 0 || hits > 0 || ready < len(b.vectors)/3 {
			t.Errorf("fired %v, fetched %v", fired, b.hits)
		}
	})
	t.Run("raw, in our document: the policy alone holds scripts and fetches", func(t *testing.T) {
		fired, hits := newBait(t).raw(t, ctx, 0, func(v string) string {
			return strings.Replace(sanitize.Document(v, "sv", ""), "<head>", "<head>"+hook, 1)
		})
		t.Logf("%d fired, %d fetched", len(fired), hits)
		if len(fired) > 0 {
			t.Errorf("fired %v", fired)
		}
	})
}

// TestDocumentInAStrictPage shows what the frame inherits from its page.
func TestDocumentInAStrictPage(t *testing.T) {
	ctx := peers.Chromium(t, 9*time.Minute)
	for _, c := range []struct {
		name, policy string
		colour       string
		width        string
	}{
		{"with ParentPolicy the mail keeps colours and pictures", "default-src 'none'; style-src 'self'; script-src 'none'; " + sanitize.ParentPolicy, "rgb(255, 0, 0)", "1"},
		{"without it they are gone", "default-src 'none'; style-src 'self'; img-src 'self'", "rgb(0, 0, 0)", "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			safe, _, _ := sanitize.HTML(`<p style="color:red">a</p><img src="cid:logo@house">`, pictures)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Security-Policy", c.policy)
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				// allow-same-origin is for this test only, so that it can look inside.
				fmt.Fprintf(w, `<!doctype html><title>x</title><iframe sandbox="allow-same-origin %s" srcdoc="%s"></iframe>`, sanitize.SandboxAttribute, html.EscapeString(sanitize.Document(safe, "sv", "")))
			}))
			defer s.Close()
			var colour, width string
			err := chromedp.Run(ctx, chromedp.Navigate(s.URL), chromedp.WaitReady("iframe"),
				chromedp.Evaluate(`getComputedStyle(frames[0].document.querySelector('p')).color`, &colour),
				chromedp.Evaluate(`String(frames[0].document.querySelector('img').naturalWidth)`, &width))
			if err != nil {
				t.Fatal(err)
			}
			if c.width == "1" && colour != c.colour || c.width == "0" && colour == "rgb(255, 0, 0)" || width != c.width {
				t.Errorf("colour %s, picture %s wide", colour, width)
			}
		})
	}
}
