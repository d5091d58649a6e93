package access_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"sigill/appliance/access"
)

func TestTOTP(t *testing.T) {
	key := access.TOTPKeyOf([]byte("12345678901234567890")) // RFC 6238, appendix B
	t.Run("the codes are those of RFC 6238", func(t *testing.T) {
		for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
			if step, ok := key.Match(code, time.Unix(at, 0)); !ok || step != at/30 {
				t.Errorf("%d: %s is step %d, %v", at, code, step, ok)
			}
		}
	})
	t.Run("one step before and after is good too, and no further one", func(t *testing.T) {
		for off, good := range map[int64]bool{-60: false, -30: true, 0: true, 30: true, 60: false} {
			if step, ok := key.Match("005924", time.Unix(1234567890+off, 0)); ok != good || ok && step != 1234567890/30 {
				t.Errorf("%d s away: %v, step %d", off, ok, step)
			}
		}
	})
	t.Run("no key, and what is no code, match nothing", func(t *testing.T) {
		for _, code := range []string{"", "00592", "0059240", "abcdef"} {
			if _, ok := key.Match(code, time.Unix(1234567890, 0)); ok {
				t.Errorf("%q", code)
			}
		}
		for i := range 1000 {
			if _, ok := (access.TOTPKey{}).Match(fmt.Sprintf("%06d", i*997), time.Unix(1234567890, 0)); ok {
				t.Fatal("a person without an app has a code")
			}
		}
	})
	t.Run("the address names house and account, whatever is in them", func(t *testing.T) {
		u, err := url.Parse(key.URI("Åre & Co / 100 %", "å+b@kommun.example"))
		fine(t, err)
		q := u.Query()
		if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Åre & Co / 100 %:å+b@kommun.example" || q.Get("issuer") != "Åre & Co / 100 %" || q.Get("secret") != key.Text() || q.Get("digits") != "6" || q.Get("period") != "30" || q.Get("algorithm") != "SHA1" {
			t.Errorf("%s", u)
		}
	})
	t.Run("it cannot be printed", func(t *testing.T) {
		j, _ := json.Marshal(struct{ K any }{key})
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", key)
		for _, s := range []string{fmt.Sprint(key), fmt.Sprintf("%x %d %+v %#v %s", key, key, key, key, key), fmt.Sprintf("%v", struct{ k access.TOTPKey }{key}), string(j), log.String()} {
			if strings.Contains(s, "1234567") || strings.Contains(s, "31323334") || strings.Contains(s, key.Text()) {
				t.Errorf("%s", s)
			}
		}
	})
	t.Run("two fresh ones differ", func(t *testing.T) {
		if a, b := access.NewTOTPKey(), access.NewTOTPKey(); a.Text() == b.Text() || len(a.Bytes()) != 20 {
			t.Error(a.Text(), b.Text())
		}
	})
}

func TestReadAgent(t *testing.T) {
	for header, want := range map[string]access.Agent{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0":                                                      {Browser: "Firefox", System: "Windows"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0":             {Browser: "Edge", System: "Windows"},
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0 Chrome/126.0.0.0 Safari/537.36":            {Browser: "Chrome", System: "Linux"},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604": {Browser: "Safari", System: "iPhone"},
		"Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36":                    {Browser: "Samsung Internet", System: "Android"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15":                                        {Browser: "Safari", System: "macOS"},
		"": {}, "curl/8.5": {}, "<script>alert(1)</script>": {}, strings.Repeat("x", 1<<16) + "Firefox/": {},
	} {
		if got := access.ReadAgent(header); got != want {
			t.Errorf("%.60q: %v, not %v", header, got, want)
		}
	}
}
