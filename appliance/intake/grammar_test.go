package intake_test

import (
	"errors"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf8"

	"sigill/appliance/intake"
	"sigill/appliance/mail"
)

var nordic = intake.DefaultGrammar("SE")

func TestRecipient(t *testing.T) {
	for _, c := range []struct {
		in      string
		secure  bool
		address mail.Address
		phone   mail.Phone
		trap    mail.Trap
	}{
		{"anna@example.se", false, "anna@example.se", "", 0},
		{"anna.s@example.se", false, "anna.s@example.se", "", 0},
		{"anna@s.example.se", false, "anna@s.example.se", "", 0},
		{"anna@firma-s.se", false, "anna@firma-s.se", "", 0},
		{"anna@example.es", false, "anna@example.es", "", 0},
		{"anna@example.as", false, "anna@example.as", "", 0},
		{"anna@example.swiss", false, "anna@example.swiss", "", 0},
		{"anna@example.cs", false, "anna@example.cs", "", 0}, // "c" is no domain: nothing was forgotten
		{"0701234567@example.se", false, "0701234567@example.se", "", 0},

		{"anna@example.se.s", true, "anna@example.se", "", 0},
		{"anna@example.se.S", true, "anna@example.se", "", 0},
		{"Anna.Berg@Example.SE.s", true, "Anna.Berg@example.se", "", 0},
		{"anna@post.example.se.s", true, "anna@post.example.se", "", 0},
		{"anna@xn--exmpel-dua.se.s", true, "anna@xn--exmpel-dua.se", "", 0},
		{"åsa@exämpel.se.s", true, "åsa@exämpel.se", "", 0},
		{"anna@example.se.0701234567.s", true, "anna@example.se", "+46701234567", 0},
		{"anna@example.se.0046701234567.s", true, "anna@example.se", "+46701234567", 0},
		{"anna@example.se.004520123456.s", true, "anna@example.se", "+4520123456", 0},
		{"anna@example.se.070-1234567.s", true, "anna@example.se", "+46701234567", 0},
		{"anna@3.dk.0701234567.s", true, "anna@3.dk", "+46701234567", 0},

		{"anna@example.se,s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.s.", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se..s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se .s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se. s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.s ", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se-s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se_s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.s.s", true, "anna@example.se", "", mail.TrapTrigger},
		{`"anna@example.se.s"`, true, "anna@example.se", "", mail.TrapTrigger},
		{`"anna"@example.se.s`, true, "anna@example.se", "", mail.TrapTrigger},
		{"'anna@example.se.s'", true, "anna@example.se", "", mail.TrapTrigger},
		{"<anna@example.se.s>", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.ses", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.coms", true, "anna@example.com", "", mail.TrapTrigger},
		{"anna@example.se．s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.ѕ", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se\u200b.s\u200b", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.0701234567", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.s.0701234567", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.se.0701234567,s", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna.0701234567.s@example.se", true, "anna@example.se", "", mail.TrapTrigger},
		{"anna@example.s", true, "anna@example", "", mail.TrapTrigger},
		{"anna@example.0701234567.s", true, "anna@example", "+46701234567", mail.TrapTrigger},

		{"anna@example.se.070123456.s", true, "anna@example.se", "", mail.TrapNumber},
		{"anna@example.se.07012345678.s", true, "anna@example.se", "", mail.TrapNumber},
		{"anna@example.se.070123456O.s", true, "anna@example.se", "", mail.TrapNumber},
		{"anna@example.se.081234567.s", true, "anna@example.se", "", mail.TrapNumber},     // a land line
		{"anna@example.se.0939123456.s", true, "anna@example.se", "", mail.TrapNumber},    // premium
		{"anna@example.se.0014155552671.s", true, "anna@example.se", "", mail.TrapNumber}, // not an allowed country
		{"anna@example.se.0701234567.0702345678.s", true, "anna@example.se", "", mail.TrapNumber},
		{"anna@example.se.1.s", true, "anna@example.se", "", mail.TrapNumber},
	} {
		t.Run(c.in, func(t *testing.T) {
			req, secure, err := nordic.Recipient(c.in)
			if err != nil || secure != c.secure || req.Address != c.address || req.Phone != c.phone || req.Trap != c.trap || req.Given != c.in {
				t.Errorf("have secure=%v %+v %v", secure, req, err)
			}
		})
	}
	for _, in := range []string{"", "anna", "@example.se", "anna@", "an na@example.se", "a@b@example.se.s", "anna..b@example.se.s", "a%b@example.se.s", "anna@[192.0.2.1]", strings.Repeat("a", 600) + "@example.se.s"} {
		if req, secure, err := nordic.Recipient(in); mail.KindOf(err) != mail.Invalid && !(secure && req.Trap != mail.NoTrap) {
			t.Errorf("%q was taken: %+v %v %v", in, req, secure, err)
		}
	}
}

func TestTriggers(t *testing.T) {
	g := nordic
	g.Triggers = map[string]mail.Level{"s": mail.Registered, "eid": mail.InPerson, "brev": mail.Letter}
	if err := g.Check(); err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]mail.Level{"a@b.se.eid": mail.InPerson, "a@b.se.BREV": mail.Letter, "a@b.se.s": mail.Registered, "a@b.se,eid": mail.InPerson} {
		if req, secure, err := g.Recipient(in); !secure || err != nil || req.Level != want || req.Address != "a@b.se" {
			t.Errorf("%s: %+v %v %v", in, req, secure, err)
		}
	}
	for _, bad := range []string{"se", "no", "com", "7d", "", "S", "a b", "museum"} {
		g.Triggers = map[string]mail.Level{bad: 0}
		if err := g.Check(); mail.KindOf(err) != mail.Invalid || err == nil {
			t.Errorf("trigger %q was taken", bad)
		}
	}
}

func TestPhone(t *testing.T) {
	for in, want := range map[string]mail.Phone{
		"070-123 45 67": "+46701234567", "0701234567": "+46701234567", "+46 (0)70 123 45 67": "+46701234567", "+46701234567": "+46701234567",
		"0046 70 1234567": "+46701234567", "0046(0)701234567": "+46701234567", "+46 0701234567": "+46701234567", "(070) 123.45.67": "+46701234567", "070\u00a0123\u202f4567": "+46701234567",
		"+45 20 12 34 56": "+4520123456", "+47 406 12 345": "+4740612345", "+358 40 1234567": "+358401234567", "+354 611 1234": "+3546111234", "+298 211234": "+298211234", "+299 22 12 34": "+299221234",
	} {
		if have, err := nordic.Phone(in); err != nil || have != want {
			t.Errorf("%s: %s %v, want %s", in, have, err, want)
		}
	}
	for _, in := range []string{"", "0", "112", "070123456", "08-123 456 78", "0939-123 456", "+1 415 555 2671", "+44 7911 123456", "070-12345x7", "tel:0701234567", "0701234567 ext 3",
		"++46701234567", "46+701234567", "+46701234567;x", strings.Repeat("0", 100), "٠٧٠١٢٣٤٥٦٧"} {
		have, err := nordic.Phone(in)
		if mail.KindOf(err) != mail.Invalid || err == nil || have != "" {
			t.Errorf("%q was taken: %s %v", in, have, err)
		}
		if err != nil && len(in) > 5 && strings.Contains(err.Error(), in) {
			t.Errorf("the number stands in the error: %v", err)
		}
	}
	if have, err := intake.DefaultGrammar("DK").Phone("20 12 34 56"); err != nil || have != "+4520123456" {
		t.Errorf("a Danish house reads Danish numbers: %s %v", have, err)
	}
}

func TestSubject(t *testing.T) {
	for _, c := range []struct {
		in, clean string
		tag       intake.Tag
		found     bool
	}{
		{"Hej", "Hej", intake.Tag{}, false},
		{"  Hej   [du]  ", "  Hej   [du]  ", intake.Tag{}, false},
		{"[not secure at all] hej", "[not secure at all] hej", intake.Tag{}, false},
		{"[säker] Hej", "Hej", intake.Tag{}, true},
		{"Hej [Säker]", "Hej", intake.Tag{}, true},
		{"Re: [säker] Hej", "Re: Hej", intake.Tag{}, true},
		{"[ säker ]", "", intake.Tag{}, true},
		{"[sa\u0308ker] Hej", "Hej", intake.Tag{}, true},
		{"[sikker] x", "x", intake.Tag{}, true},
		{"[secure] x", "x", intake.Tag{}, true},
		{"[turvallinen] x", "x", intake.Tag{}, true},
		{"Beslut [säker 0701234567 7d] nu", "Beslut nu", intake.Tag{Phone: "+46701234567", Lifetime: mail.Lifetime{Days: 7}}, true},
		{"[säker 7d 070-123 45 67 kvitto]", "", intake.Tag{Phone: "+46701234567", Lifetime: mail.Lifetime{Days: 7}, Receipt: mail.ReceiptMail, ReceiptSet: true}, true},
		{"[säker, 12h, eid, +46 (0)70 123 45 67]", "", intake.Tag{Phone: "+46701234567", Lifetime: mail.Lifetime{Hours: 12}, Level: mail.InPerson, LevelSet: true}, true},
		{"[7d säker] x", "x", intake.Tag{Lifetime: mail.Lifetime{Days: 7}}, true},
		{"[secure letter receipt]", "", intake.Tag{Level: mail.Letter, LevelSet: true, Receipt: mail.ReceiptMail, ReceiptSet: true}, true},
		{"[turvallinen kirje kuittaus 3pv]", "", intake.Tag{Level: mail.Letter, LevelSet: true, Receipt: mail.ReceiptMail, ReceiptSet: true, Lifetime: mail.Lifetime{Days: 3}}, true},
		{"[sikker kvittering rek] [sikker 7d] a", "a", intake.Tag{LevelSet: true, Receipt: mail.ReceiptMail, ReceiptSet: true, Lifetime: mail.Lifetime{Days: 7}}, true},
		{"[säker smskvitto kvitto] x", "x", intake.Tag{Receipt: mail.ReceiptSMS, ReceiptSet: true}, true},
		{"[extern [säker] x", "[extern x", intake.Tag{}, true},
	} {
		t.Run(c.in, func(t *testing.T) {
			clean, tag, found, err := nordic.Subject(c.in)
			if err != nil || clean != c.clean || tag != c.tag || found != c.found {
				t.Errorf("have %q %+v %v %v", clean, tag, found, err)
			}
		})
	}
	for in, say := range map[string]string{"[säker hund]": "error.tag.word", "[säker 7d 9d]": "error.tag.twice", "[säker 070123456]": "error.phone", "[säker": "error.tag.open", "x [säker 0701234567": "error.tag.open",
		"[säker brev eid]": "error.tag.twice", "[säker 0701234567 7d 0702345678]": "error.tag.twice", "[säker 0d]": "error.tag.word", "[säker 99999d]": "error.tag.word", "[7d hund säker]": "error.tag.word", "[säker 7d] [säker 8d]": "error.tag.twice"} {
		_, _, found, err := nordic.Subject(in)
		var e *mail.Error
		if !errors.As(err, &e) || e.Kind != mail.Invalid || e.Say != say || !found {
			t.Errorf("%s: %v %v, want %s", in, found, err, say)
		}
	}
	_, _, _, err := nordic.Subject("[säker hund]")
	if e, ok := err.(*mail.Error); !ok || e.With["word"] != "hund" {
		t.Errorf("the word is not said: %v", err)
	}
}

func TestHeaders(t *testing.T) {
	h := textproto.MIMEHeader{"X-Sigill-Level": {"EID"}, "X-Sigill-Phone": {"0701234567"}, "X-Sigill-Lifetime": {"12h"}, "X-Sigill-Receipt": {"yes"}, "X-Sigill-Case": {"=?utf-8?q?=C3=84_12?="}, "X-Sigill-Language": {"FI"}}
	tag, found, err := nordic.Headers(h)
	want := intake.Tag{Level: mail.InPerson, LevelSet: true, Phone: "+46701234567", Lifetime: mail.Lifetime{Hours: 12}, Receipt: mail.ReceiptMail, ReceiptSet: true, Case: "Ä 12", Lang: "fi"}
	if err != nil || !found || tag != want {
		t.Errorf("%+v %v %v", tag, found, err)
	}
	for v, want := range map[string]mail.ReadReceipt{"SMS": mail.ReceiptSMS, "mail": mail.ReceiptMail, "nej": mail.ReceiptNone} {
		if tag, _, err := nordic.Headers(textproto.MIMEHeader{"X-Sigill-Receipt": {v}}); err != nil || tag.Receipt != want || !tag.ReceiptSet {
			t.Errorf("%s: %v %v", v, tag, err)
		}
	}
	for name, v := range map[string]string{"X-Sigill-Level": "high", "X-Sigill-Phone": "12", "X-Sigill-Lifetime": "soon", "X-Sigill-Receipt": "maybe", "X-Sigill-Case": strings.Repeat("x", 101), "X-Sigill-Language": "suomea, kiitos"} {
		if _, found, err := nordic.Headers(textproto.MIMEHeader{name: {v}}); mail.KindOf(err) != mail.Invalid || err == nil || !found {
			t.Errorf("%s: %s was taken", name, v)
		}
	}
	if _, _, err := nordic.Headers(textproto.MIMEHeader{"X-Sigill-Level": {"rek", "brev"}}); mail.KindOf(err) != mail.Invalid || err == nil {
		t.Error("two levels were taken")
	}
	if _, found, err := nordic.Headers(textproto.MIMEHeader{"X-Sigill-Proof": {"x"}}); found || err != nil {
		t.Error("the house's own field makes a mail secure")
	}
}

func FuzzRecipient(f *testing.F) {
	for _, s := range []string{"anna@example.se.s", "anna@example.se.0701234567.s", "anna@example.se,s", `"a b"@x.se.s`, "a@b.se.1.2.s", "a@xn--p-s.s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		req, secure, err := nordic.Recipient(s)
		if err != nil && mail.KindOf(err) != mail.Invalid {
			t.Error(err)
		}
		if req.Address != "" {
			if _, err := mail.ParseAddress(string(req.Address)); err != nil {
				t.Errorf("%q gives the address %q", s, req.Address)
			}
		}
		if low := strings.ToLower(s); err == nil && !secure && (strings.HasSuffix(low, ".s") || strings.HasSuffix(low, ",s")) {
			t.Errorf("%q passes as ordinary", s)
		}
		if secure && err == nil && req.Trap == mail.NoTrap && !strings.Contains(string(req.Address), ".") {
			t.Errorf("%q: %+v", s, req)
		}
	})
}

func FuzzSubject(f *testing.F) {
	for _, s := range []string{"[säker 0701234567 7d]", "a [b [secure] c] d", "[", "[säker", "[säker hund] x", "[7d kvitto sikker]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, tag, found, err := nordic.Subject(s)
		if err != nil {
			return
		}
		if !found && (clean != s || tag != intake.Tag{}) {
			t.Errorf("%q was changed to %q without a tag", s, clean)
		}
		if found && (!utf8.ValidString(clean) || len(clean) > 4*len(s)) {
			t.Errorf("%q gives %q", s, clean)
		}
		if low := strings.ToLower(s); strings.Contains(low, "[säker]") && !found {
			t.Errorf("%q: the tag was not seen", s)
		}
	})
}

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"070-123 45 67", "+46 (0)70 123 45 67", "0046701234567", "(0)", "+(0)", "00(0)1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := nordic.Phone(s)
		if err == nil {
			if again, err := nordic.Phone(string(p)); err != nil || again != p {
				t.Errorf("%q gives %s, which gives %s %v", s, p, again, err)
			}
		}
	})
}
