package sanitize_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"sigill/appliance/sanitize"
)

const dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

func pictures(id string) (string, bool) { return dot, id == "logo@house" }

// must cleans src and checks what holds always.
func must(t testing.TB, src string) (string, sanitize.Blocked) {
	t.Helper()
	out, blocked, err := sanitize.HTML(src, pictures)
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.ValidString(out) {
		t.Errorf("not UTF-8: %q", out)
	}
	if n := 12*len(src) + 256 + len(dot)*strings.Count(strings.ToLower(src), "cid"); len(out) > n {
		t.Errorf("%d bytes became %d", len(src), len(out))
	}
	again, _, err := sanitize.HTML(out, pictures)
	if err != nil && len(out) <= sanitize.MaxBytes {
		t.Fatal(err)
	}
	if err == nil && again != out {
		t.Errorf("not idempotent\n in    %q\n once  %q\n twice %q", src, out, again)
	}
	harmless(t, src, out)
	return out, blocked
}

// harmless holds the result against a list of its own, by a parser that builds the
// tree as browsers do.
func harmless(t testing.TB, src, out string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(out))
	if err != nil {
		return // deeper than that parser goes
	}
	forbidden := " script style svg math iframe object embed applet form input button select textarea meta link base template noscript title video audio source track frame frameset "
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode || n.Namespace != "" {
			t.Errorf("%q: comment or foreign element in %q", src, out)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if strings.Contains(forbidden, " "+n.Data+" ") {
			t.Errorf("%q: <%s> in %q", src, n.Data, out)
		}
		for _, a := range n.Attr {
			low := strings.ToLower(a.Val)
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "id", a.Key == "name", a.Key == "srcset", a.Key == "background":
				t.Errorf("%q: attribute %s in %q", src, a.Key, out)
			case a.Key == "href" && !strings.HasPrefix(low, "http") && !strings.HasPrefix(low, "mailto:") && !strings.HasPrefix(low, "tel:"):
				t.Errorf("%q: link to %q", src, a.Val)
			case a.Key == "src" && !strings.HasPrefix(low, "data:image/"):
				t.Errorf("%q: source %q", src, a.Val)
			case a.Key == "style" && (strings.Contains(low, "url") || strings.Contains(low, `\`) || strings.Contains(low, "position:") || strings.Contains(low, "expression")):
				t.Errorf("%q: style %q", src, a.Val)
			}
		}
	}
}

func TestHTML(t *testing.T) {
	rel := ` rel="noopener noreferrer nofollow" target="_blank"`
	for _, c := range []struct{ name, in, want string }{
		{"plain text is escaped", `1 < 2 & "3"`, `1 &lt; 2 &amp; &#34;3&#34;`},
		{"an ordinary paragraph stays", `<p class=x id=y>Hej <b>du</b></p>`, `<p>Hej <b>du</b></p>`},
		{"implied end tags are written", `<ul><li>a<li>b</ul><p>c<p>d`, `<ul><li>a</li><li>b</li></ul><p>c</p><p>d</p>`},
		{"a table without end tags", `<table><tr><td>a<td>b<tr><td>c</table>`, `<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>`},
		{"a stray cell is its text", `<td>a</td>`, `a`},
		{"end tags do not leave their cell", `<table><tr><td><b>a</table>`, `<table><tr><td><b>a</b></td></tr></table>`},
		{"a script goes with its text", `a<script>b</script>c`, `ac`},
		{"a form leaves its text", `<form action=/x>a<input value=b>c</form>`, `ac`},
		{"Outlook's own elements leave their text", `<o:p>a</o:p><v:shape>b</v:shape>`, `ab`},
		{"Outlook's conditional comments are gone", `<!--[if mso]><p>a</p><![endif]--><![if !mso]>b<![endif]>`, `b`},
		{"a link goes out in a window of its own", `<a href="http://a.example/?q=1&s=a;b">x</a>`, `<a href="http://a.example/?q=1&amp;s=a;b"` + rel + `>x</a>`},
		{"a link that lies says where it goes", `<a href="https://evil.example/">www.bank.se</a>`, `<a href="https://evil.example/"` + rel + `>www.bank.se [evil.example]</a>`},
		{"a link that does not lie", `<a href="https://www.bank.se/x">bank.se</a>`, `<a href="https://www.bank.se/x"` + rel + `>bank.se</a>`},
		{"the user name of a URL is dropped", `<a href="http://bank.se@evil.example/">x</a>`, `<a href="http://evil.example/"` + rel + `>x</a>`},
		{"a look-alike letter is shown", `<a href="http://bаnk.se/">x</a>`, `<a href="http://xn--bnk-6cd.se/"` + rel + `>x</a>`},
		{"a mail link has an address only", `<a href="mailto:a@b.se?bcc=x@y.z&body=c">x</a>`, `<a href="mailto:a@b.se"` + rel + `>x</a>`},
		{"a phone link", `<a href="tel:070-123 45 67">x</a>`, `<a href="tel:0701234567"` + rel + `>x</a>`},
		{"a script link is no link", `<a href="java&#10;script:x()">y</a>`, `<a>y</a>`},
		{"a fragment is no link", `<a href="#x" name=y>z</a>`, `<a>z</a>`},
		{"a link does not stand in a link", `<a href=http://a.se>x<a href=http://b.se>y</a>`, `<a href="http://a.se"` + rel + `>x</a><a href="http://b.se"` + rel + `>y</a>`},
		{"an inline picture", `<img src="cid:logo@house" alt=Logo width=10>`, `<img src="` + dot + `" alt="Logo" width="10" style="max-width: 100%">`},
		{"a missing inline picture says its text", `<img src="cid:other" alt="Logo">`, `[Logo]`},
		{"a remote picture says its text", `<img src="http://x.example/1.png" alt=Logo>`, `[Logo]`},
		{"a path of ours is not for strangers", `<img src="/m/done">`, ``},
		{"an SVG is not a picture", `<img src="data:image/svg+xml;base64,PHN2Zz4=">`, ``},
		{"styles keep what is listed", `<p style="COLOR:Red;position:fixed;margin:0 0 1px -5px;font-family:&quot;Segoe UI&quot;,sans-serif;mso-x:y">a`, `<p style="color: Red; font-family: &#39;Segoe UI&#39;,sans-serif">a</p>`},
		{"a background keeps its colour", `<div style="background:#fff url(http://x/y) no-repeat">a</div>`, `<div style="background-color: #fff">a</div>`},
		{"the page's colour", `<html><body bgcolor="#eee" text=navy>a</body></html>`, `<div style="color: navy; background-color: #eee">a</div>`},
		{"NUL and other controls are dropped", "a\x00b\x1bc<sc\x00ript>d", `abc`},
		{"the first of two attributes counts", `<a href="http://a.se" href="http://b.se">x</a>`, `<a href="http://a.se"` + rel + `>x</a>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if have, _ := must(t, c.in); have != c.want {
				t.Errorf("\nhave %s\nwant %s", have, c.want)
			}
		})
	}
}

func TestBlockedCounts(t *testing.T) {
	src := `<link rel=stylesheet href=http://x/1><style>p{background:url(http://x/2)}</style><script>a</script><body background="http://x/3">
		<img src=http://x/4><img src=http://x/4><p style="background:url('http://x/5')">a</p><video poster=http://x/6></video><img src=cid:gone><input type=image src=http://x/7>`
	_, b := must(t, src)
	if b.Pictures != 7 || b.Missing != 1 || b.Active != 3 {
		t.Errorf("have %+v, want 7 pictures, 1 missing, 3 active", b)
	}
}

func TestPicturesThatAreNotTaken(t *testing.T) {
	for _, u := range []string{"http://x/y", "//x/y", `/\x/y`, "javascript:x()", "data:image/svg+xml;base64,AA==", "data:text/html,x", ""} {
		out, _, _ := sanitize.HTML(`<img src="cid:a">`, func(string) (string, bool) { return u, true })
		if out != "" {
			t.Errorf("%q was taken: %s", u, out)
		}
	}
	out, _, _ := sanitize.HTML(`<img src="cid:a%40b"><img src="/picture/2">`, func(id string) (string, bool) { return "/picture/1?t=ab", id == "a@b" })
	if out != `<img src="/picture/1?t=ab" style="max-width: 100%">` {
		t.Errorf("a path of ours: %s", out)
	}
}

func TestBounds(t *testing.T) {
	t.Run("longer than 2 MiB is refused", func(t *testing.T) {
		if _, _, err := sanitize.HTML(strings.Repeat("a", sanitize.MaxBytes+1), nil); err != sanitize.ErrTooLong {
			t.Error(err)
		}
	})
	for _, unit := range []string{"<div>", "<b>", "<table><tr><td>", "<a href=http://x.se>", "<font color=red><p>", "<ul><li>", "</div>", "<svg>", "<p style='color:red;'>", "<img src=http://x>", "<a title='", "<!--", "&amp", "<", "<b a b c d>"} {
		t.Run("a mail of nothing but "+unit, func(t *testing.T) {
			out, _, err := sanitize.HTML(strings.Repeat(unit, 1<<20/len(unit)), nil)
			if err != nil || len(out) > 12<<20 {
				t.Error(len(out), err)
			}
			if n := strings.Count(sanitize.Text(strings.Repeat(unit, 1000)), "\n"); n > 5000 {
				t.Error(n, "lines of text")
			}
		})
	}
	t.Run("10,000 nested divs keep what is in them", func(t *testing.T) {
		out, _ := must(t, strings.Repeat("<div>", 10000)+"inner"+strings.Repeat("</div>", 10000))
		if !strings.Contains(out, "inner") || strings.Count(out, "<div>") > 250 {
			t.Error(len(out))
		}
	})
}

func TestTheLongestValues(t *testing.T) {
	for _, c := range []struct {
		name, in string // a value stands for %s
		unit     string
		most     int // units that are kept
	}{
		{"a font's name has 200 characters", `<font face="%s">x</font>`, "å", 200},
		{"a title has 1,000 characters", `<p title="%s">x</p>`, "å", 1000},
		{"a picture's text has 1,000 characters", `<img src="cid:logo@house" alt="%s">`, "å", 1000},
		{"a font in a style has 200 bytes", `<p style="font-family: %s">x</p>`, "å", 100},
		{"a colour by numbers has 40 characters", `<p style="color: rgb(%s)">x</p>`, "1", 40},
		{"a border's colour too", `<p style="border: 1px solid hsla(%s)">x</p>`, "1", 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n, kept := range map[int]bool{c.most: true, c.most + 1: false} {
				value := strings.Repeat(c.unit, n)
				out, _ := must(t, strings.Replace(c.in, "%s", value, 1))
				if strings.Contains(out, value) != kept {
					t.Errorf("%d times %s: %s", n, c.unit, out)
				}
			}
		})
	}
}

func TestVectorsByTree(t *testing.T) {
	for _, v := range readVectors(t, "127.0.0.1:1") {
		must(t, v)
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<p>Hej</p><p>du &amp; jag</p>", "Hej\n\ndu & jag"},
		{"a<br>b<br><br>c", "a\nb\n\nc"},
		{"<style>x</style><title>y</title><script>z</script>a", "a"},
		{"<ul><li>ett<li>två</ul>", "- ett\n- två"},
		{"<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
		{`<a href="https://x.se/y">här</a>.`, "här <https://x.se/y>."},
		{`<a href="https://x.se/">https://x.se</a>`, "https://x.se"},
		{`<a href="mailto:a@b.se">a@b.se</a>`, "a@b.se"},
		{`<img alt="Logo" src=x>`, "[Logo]"},
		{"<pre>a\n  b</pre>c", "a\n  b\nc"},
		{"  a \n\t b  ", "a b"},
		{"<div>a<div>b</div></div>c", "a\nb\nc"},
	} {
		if have := sanitize.Text(c.in); have != c.want {
			t.Errorf("%s: have %q, want %q", c.in, have, c.want)
		}
	}
}

func TestDocument(t *testing.T) {
	d := sanitize.Document("<p>a</p>", "sv", "https://brev.example.se")
	for _, want := range []string{`lang="sv"`, `default-src 'none'`, "img-src data: https://brev.example.se;", "<p>a</p></body></html>"} {
		if !strings.Contains(d, want) {
			t.Errorf("%s is not in %s", want, d)
		}
	}
	d = sanitize.Document("", `"><script>`, `https://x" onload=`)
	if strings.Contains(d, "script>") || strings.Contains(d, "onload") || strings.Contains(d, "<base") {
		t.Errorf("arguments leak into %s", d)
	}
}

func FuzzHTML(f *testing.F) {
	for i, v := range readVectors(f, "127.0.0.1:1") {
		if i%20 == 0 {
			f.Add(v)
		}
	}
	f.Add("<table><p><a href=http://x.se>bank.se<td><b></table>")
	f.Fuzz(func(t *testing.T, src string) {
		must(t, src)
		if !utf8.ValidString(sanitize.Text(src)) {
			t.Error("text is not UTF-8")
		}
	})
}

func BenchmarkHTML(b *testing.B) {
	src := strings.Repeat(`<tr><td style="font-family:Arial;color:#333;padding:4px"><p class=MsoNormal><a href="https://example.se/a?b=c&d=e">Läs mer</a> om <b>beslutet</b><o:p></o:p></p></td></tr>`, 300)
	src = "<table>" + src + "</table>"
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		sanitize.HTML(src, nil)
	}
}
