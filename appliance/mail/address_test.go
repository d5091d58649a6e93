package mail_test

import (
	"strings"
	"testing"

	"sigill/appliance/mail"
)

func TestParseAddress(t *testing.T) {
	label := strings.Repeat("a", 63)
	local := strings.Repeat("l", 64)
	good := map[string]string{ // as given: as kept; "" says the same
		"anna@example.se": "", "Anna.Berg@Example.SE": "Anna.Berg@example.se", "a@b": "", "a@localhost": "", "a+tag@example.se": "",
		"a_b@example.se": "", "a-b@ex-ample.se": "", "-a@example.se": "", "o'neil@example.se": "", "a.b.c.d@example.se": "",
		"1234@example.se": "", "#a@example.se": "", "a$b&c*d/e=f?g^h`i{j|k}l~m@example.se": "", "a@sub.sub.sub.example.se": "",
		"a@1example.se": "", "a@123.se": "", "a@xn--brev-5qa.se": "", "a@XN--BREV-5QA.SE": "a@xn--brev-5qa.se", "a@_spf.example.se": "",
		"åsa@example.se": "", "ÅSA@Åre.se": "ÅSA@åre.se", "anna@räksmörgås.se": "", "anna@RÄKSMÖRGÅS.se": "anna@räksmörgås.se",
		"用户@例え.jp": "", "юзер@пример.рф": "", "a@" + label + ".se": "", local + "@example.se": "", "e\u0301@example.se": "",
		"\u0939\u093f@example.se": "", "a@example.se0": "", "a@x" + strings.Repeat(".x", 120): "",
	}
	for s, want := range good {
		if want == "" {
			want = s
		}
		a, err := mail.ParseAddress(s)
		if err != nil || string(a) != want {
			t.Errorf("%q: %q, %v", s, a, err)
		}
	}
	bad := []string{
		"", "@", "a", "a@", "@example.se", "a@b@c", "a b@example.se", "a@exam ple.se", " a@example.se", "a@example.se ", "a\t@example.se",
		// forms of headers and of SMTP
		"<a@example.se>", "Anna <a@example.se>", "a@example.se (Anna)", "a(x)@example.se", "mailto:a@example.se", "a@example.se,b@example.se", "a@example.se;b@example.se", "a:b@example.se", "<>",
		// ways around through other machines
		"@relay.se:a@example.se", "<@x,@y:a@b>", "@x,@y:a@b", "a%other.se@example.se", "a%b@c", "other.se!a@example.se", "a!b@c", "\"a@other.se\"@example.se", "a@other.se@example.se", "a@[other.se]", "a@example.se@",
		// literals and numbers
		"a@[127.0.0.1]", "a@[IPv6:::1]", "a@127.0.0.1", "a@::1", "a@127.1", "a@2130706433", "a@0x7f000001", "a@0177.0.0.1", "a@1.2.3.4.5", "a@example.1", "a@[127.0.0.1", "a@127.0.0.1]",
		// quotes, escapes, controls
		"\"a\"@example.se", "\"a b\"@example.se", "a\\b@example.se", "a\x00@example.se", "a\r\n@example.se", "a@example.se\r\nRCPT TO:<b@c>", "a@example.se\n", "a\x7f@example.se", "a@exa\x00mple.se",
		// dots and hyphens
		".a@example.se", "a.@example.se", "a..b@example.se", "a@.example.se", "a@example.se.", "a@example..se", "a@-example.se", "a@example-.se", "a@-", "a@.",
		// characters that only look like others
		"a＠example.se", "a@example。se", "a@exam\u00adple.se", "a\u200b@example.se", "a@exa\u200dmple.se", "a\u202e@example.se", "a\u2028@example.se", "a\u00a0b@example.se", "a@example\u2024se", "a\ufeff@example.se", "a@😀.se", "😀@example.se",
		// lengths and bytes
		strings.Repeat("l", 65) + "@example.se", "a@" + strings.Repeat("a", 64) + ".se", "a@" + strings.Repeat("x.", 126) + "se", "a\xff@example.se", "a@\xc3.se", strings.Repeat("a", 10_000) + "@example.se",
		"a@ex*mple.se", "a@example.se/x", "a@exam+ple.se", strings.Repeat("l", 64) + "@" + strings.Repeat("Ⱥ.", 40) + strings.Repeat("x", 60), // longer in lower case
	}
	for _, s := range bad {
		a, err := mail.ParseAddress(s)
		if err == nil || a != "" || mail.KindOf(err) != mail.Invalid {
			t.Errorf("%q: %q, %v", s, a, err)
		}
		if err != nil && len(s) > 5 && strings.Contains(err.Error(), s) {
			t.Errorf("the error quotes %q: it may stand in a log", s)
		}
	}
	if n := len(good) + len(bad); n < 100 {
		t.Errorf("only %d cases", n)
	}
}

func TestAddress(t *testing.T) {
	a, err := mail.ParseAddress("Åsa.Berg@Example.SE")
	if err != nil {
		t.Fatal(err)
	}
	if a.Local() != "Åsa.Berg" || a.Domain() != "example.se" || a.Key() != "åsa.berg@example.se" || a.Masked() != "Å…@example.se" {
		t.Errorf("%q %q %q %q", a.Local(), a.Domain(), a.Key(), a.Masked())
	}
	if mail.Address("").Masked() != "" || mail.Address("").Domain() != "" {
		t.Error("no address has parts")
	}
}

func TestAddressesAreFoldedWithinTheirLetters(t *testing.T) {
	for given, key := range map[string]string{
		"ANNA.Ek@example.se":        "anna.ek@example.se",
		"ÅSA.ÖBERG@example.se":      "åsa.öberg@example.se",
		"\u212Aarl@example.se":      "\u212Aarl@example.se",      // the Kelvin sign is no k
		"\u0130nes@example.se":      "\u0130nes@example.se",      // nor is the dotted capital İ an i
		"\u0131nes@example.se":      "\u0131nes@example.se",      // nor the dotless ı
		"\u212Bsa@example.se":       "\u212Bsa@example.se",       // the Ångström sign is no å
		"ma\u017F\u017F@example.se": "ma\u017F\u017F@example.se", // nor is the long s an s
	} {
		a, err := mail.ParseAddress(given)
		if err != nil {
			t.Fatal(err)
		}
		if a.Key() != key {
			t.Errorf("%q: %q, not %q", given, a.Key(), key)
		}
	}
	if mail.Address("").Key() == mail.Address("x").Key() {
		t.Error("no address is somebody")
	}
}

func TestPhone(t *testing.T) {
	for _, s := range []string{"+46701234567", "+1234567", "+123456789012345"} {
		if p, err := mail.ParsePhone(s); err != nil || string(p) != s || p.Tail() != s[len(s)-2:] {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "+", "46701234567", "0701234567", "+0701234567", "+123456", "+1234567890123456", "+4670 123", "+4670-12345", "+4670123456a", "+46701234٥٦", "++46701234", "+46701234567\n", "\u200e+4670123456"} {
		if p, err := mail.ParsePhone(s); err == nil || p != "" || mail.KindOf(err) != mail.Invalid {
			t.Errorf("%q: %q %v", s, p, err)
		}
	}
	if mail.Phone("").Tail() != "" {
		t.Error("no number has an end")
	}
}

// FuzzAddress: whatever is taken is taken again and means the same, and may stand in
// a header or a command as it is.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"anna@example.se", "Åsa@ÅRE.se", "<@x,@y:a@b>", "a%b@c", "a@127.1", "\"a\"@b", "a@b\r\n", "İ@İ.se", "a@\u212a.se"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := mail.ParseAddress(s)
		if err != nil {
			return
		}
		if again, err := mail.ParseAddress(string(a)); err != nil || again != a {
			t.Errorf("%q becomes %q becomes %q, %v", s, a, again, err)
		}
		if len(a) > mail.MaxAddress || strings.ContainsAny(string(a), "<>\"()[],;:\\%! \t\r\n\x00") || strings.Count(string(a), "@") != 1 {
			t.Errorf("taken: %q", a)
		}
		if a.Local()+"@"+a.Domain() != string(a) || !strings.HasSuffix(a.Masked(), "@"+a.Domain()) {
			t.Errorf("parts of %q", a)
		}
	})
}
