package sanitize_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/vectors.txt anew")

// In a vector FIRE stands for a call that a test can see, HOST for a server that
// counts what is fetched from it.

// vectors makes the attacks from what they consist of: a place where a script can
// stand, a way to spell it, and a context that changes how tokens are cut.
func vectors() []string {
	var v []string
	v = append(v, eventVectors()...)
	v = append(v, urlVectors()...)
	v = append(v, mutationVectors()...)
	v = append(v, styleVectors()...)
	v = append(v, fetchVectors()...)
	v = append(v, brokenVectors()...)
	return v
}

func eventVectors() []string {
	var v []string
	tags := []string{"<img src=x %s>", "<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7' %s>", "<svg %s></svg>", "<svg><rect width=9 height=9 %s /></svg>",
		"<body %s>", "<video src=x %s></video>", "<audio src=x %s></audio>", "<details open %s><summary>a</summary>b</details>",
		"<input autofocus %s>", "<iframe %s></iframe>", "<object data=x %s></object>", "<div tabindex=1 %s>a</div>", "<a href=# %s>a</a>",
		"<button autofocus %s>a</button>", "<form %s><input></form>", "<table %s><tr><td>a</table>", "<math %s><mi>a</mi></math>",
		"<select autofocus %s><option>a</select>", "<textarea autofocus %s></textarea>", "<marquee %s>a</marquee>", "<p %s>a</p>", "<font %s>a</font>"}
	events := []string{"onload", "onerror", "onclick", "onmouseover", "onfocus", "ontoggle", "onanimationstart", "onpointerenter", "ONERROR", "onbegin"}
	for _, t := range tags {
		for _, e := range events {
			v = append(v, fmt.Sprintf(t, e+"=FIRE"))
		}
	}
	for _, sep := range []string{"/", "\n", "\t", "\f", "\r", "//", " / ", "\x00", "\x0b", "\u00a0", "\ufeff"} {
		v = append(v, "<img"+sep+"src=x"+sep+"onerror=FIRE>", `<img src="x"`+sep+"onerror=FIRE>")
	}
	for _, q := range []string{`"FIRE"`, `'FIRE'`, "`FIRE`", `"FIRE//`, "&#70;&#73;&#82;&#69;", "\"\nFIRE\n\"", `"FIRE;`} {
		v = append(v, "<img src=x onerror="+q+">", "<svg onload="+q+">")
	}
	return v
}

func urlVectors() []string {
	places := []string{"<a href=%s>a</a>", "<svg><a xlink:href=%s><text y=9>a</text></a></svg>", "<svg><a href=%s><text y=9>a</text></a></svg>",
		"<form action=%s><button>a</button></form>", "<form><button formaction=%s>a</button></form>", "<iframe src=%s></iframe>",
		"<embed src=%s>", "<object data=%s></object>", "<math><mi href=%s>a</mi></math>", "<map><area href=%s></map>",
		"<base href=%s><a href=a>a</a>", "<img src=%s>", "<link rel=stylesheet href=%s>", "<blockquote cite=%s>a</blockquote>",
		"<meta http-equiv=refresh content=0;url=%s>"}
	spellings := []string{`"javascript:FIRE"`, `"JaVaScRiPt:FIRE"`, "\"java\tscript:FIRE\"", "\"java\nscript:FIRE\"", "\"java\rscript:FIRE\"",
		`"&#106;avascript:FIRE"`, `"&#x6A;avascript&colon;FIRE"`, `"&#0000106avascript:FIRE"`, "\"\x01javascript:FIRE\"", `" javascript:FIRE"`,
		`"javascript&#10;:FIRE"`, `"java&Tab;script:FIRE"`, `"javascript://x%0aFIRE"`, `"data:text/html,<script>FIRE</script>"`,
		`"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="`, `"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='FIRE'/>"`, `"vbscript:FIRE"`, `"\x6aavascript:FIRE"`}
	var v []string
	for _, p := range places {
		for _, s := range spellings {
			v = append(v, fmt.Sprintf(p, s))
		}
	}
	return v
}

func mutationVectors() []string {
	contexts := []string{"noscript", "title", "textarea", "style", "xmp", "noembed", "noframes", "iframe", "template", "plaintext", "select", "script"}
	roots := []string{"", "<svg>", "<math>", "<svg><desc>", "<svg><title>", "<svg><foreignObject>", "<math><mtext>", "<math><mi>",
		"<math><mtext><mglyph>", "<math><annotation-xml encoding=text/html>", "<math><mtext><table><mglyph>", "<form><math><mtext></form><form><mglyph>", "<p><svg>", "<table><svg>"}
	var v []string
	for _, r := range roots {
		for _, c := range contexts {
			v = append(v,
				r+"<"+c+"><img src=x onerror=FIRE></"+c+">",
				r+"<"+c+`><a id="</`+c+`><img src=x onerror=FIRE>">`,
				r+"<"+c+"><!--</"+c+"><img src=x onerror=FIRE>-->")
		}
		v = append(v, r+"<![CDATA[><img src=x onerror=FIRE>]]>", r+"<!--><img src=x onerror=FIRE>-->", r+"<!--!><img src=x onerror=FIRE>--!>",
			r+"<?x ><img src=x onerror=FIRE>?>", r+"</p><img src=x onerror=FIRE>", r+"</br><img src=x onerror=FIRE>",
			r+"<animate onbegin=FIRE attributeName=x dur=1s>", r+"<set attributeName=href to=javascript:FIRE>", r+"<script>FIRE</script>",
			r+"<script href=data:,FIRE />", r+"<use href=\"data:image/svg+xml,<svg id=x xmlns='http://www.w3.org/2000/svg'><image href='x' onerror='FIRE'/></svg>#x\">")
	}
	for _, s := range []string{"&lt;img src=x onerror=FIRE&gt;", "&lt;script&gt;FIRE&lt;/script&gt;", "&amp;lt;img src=x onerror=FIRE&amp;gt;"} {
		for _, t := range []string{"%s", "<title>%s</title>", "<textarea>%s</textarea>", "<style>%s</style>", "<b title='%s'>a</b>", "<img alt='%s' src=x>", "<xmp>%s</xmp>", "<noscript>%s</noscript>"} {
			v = append(v, fmt.Sprintf(t, s))
		}
	}
	return v
}

func styleVectors() []string {
	values := []string{"background:url(HOST)", "background-image:url('HOST')", "background:u\\72l(HOST)", "background:\\75\\72\\6c(HOST)", "background:u/**/rl(HOST)",
		"background:url(\"HOST\")", "list-style:url(HOST)", "list-style-image:url(HOST)", "border-image:url(HOST) 1", "cursor:url(HOST),auto", "content:url(HOST)",
		"background:image-set('HOST' 1x)", "background:-webkit-image-set(url(HOST) 1x)", "background:cross-fade(url(HOST),url(HOST),50%)", "mask:url(HOST)", "filter:url(HOST#a)",
		"clip-path:url(HOST#a)", "shape-outside:url(HOST)", "width:expression(FIRE)", "behavior:url(HOST)", "-moz-binding:url(HOST#a)", "background:url(javascript:FIRE)",
		"color:red;background:url(HOST)", "font-family:'a;background:url(HOST)'", "font-family:a';background:url(HOST)", "--x:url(HOST);background:var(--x)", "background:var(--x,url(HOST))",
		"position:fixed;top:0;left:0;width:100%;height:100%;background:url(HOST)", "BACKGROUND:URL(HOST)", "background :url(HOST)", "background:url(\nHOST\n)", "color:red}*{background:url(HOST)}"}
	var v []string
	for _, s := range values {
		v = append(v, `<div style="`+strings.ReplaceAll(s, `"`, "&quot;")+`">a</div>`, "<style>div{"+s+"}</style><div>a</div>")
	}
	for _, s := range []string{"@import 'HOST';", "@import url(HOST);", "@font-face{font-family:a;src:url(HOST)}*{font-family:a}", "@namespace 'HOST';", "a[href^=h]{background:url(HOST)}"} {
		v = append(v, "<style>"+s+"</style><a href=http://h>a</a>", "<svg><style>"+s+"</style></svg><a href=http://h>a</a>")
	}
	return v
}

func fetchVectors() []string {
	return []string{"<img src=HOST>", "<img src='//HOSTPORT'>", "<img srcset='HOST 1x'>", "<picture><source srcset=HOST><img src=x></picture>", "<video poster=HOST></video>",
		"<video src=HOST autoplay></video>", "<audio src=HOST autoplay></audio>", "<video><source src=HOST></video>", "<video src=x><track default src=HOST></video>", "<embed src=HOST>", "<object data=HOST></object>",
		"<iframe src=HOST></iframe>", "<iframe srcdoc='<img src=HOST>'></iframe>", "<link rel=stylesheet href=HOST>", "<link rel=icon href=HOST>", "<link rel=preload as=image href=HOST>",
		"<link rel=prefetch href=HOST>", "<link rel=preconnect href=HOST>", "<link rel=dns-prefetch href=HOST>", "<link rel=modulepreload href=HOST>", "<table background=HOST><tr><td>a</table>", "<td background=HOST>a",
		"<body background=HOST>", "<input type=image src=HOST>", "<svg><image href=HOST></svg>", "<svg><image xlink:href=HOST></svg>", "<svg><feImage href=HOST></svg>", "<svg width=9 height=9><filter id=f><feImage href=HOST /></filter><rect width=9 height=9 filter=url(#f) /></svg>",
		"<svg><use href=HOST#a></svg>", "<script src=HOST></script>", "<svg><script href=HOST></script></svg>", "<meta http-equiv=refresh content='0;url=HOST'>", "<base href=HOST><img src=a>",
		"<frameset><frame src=HOST></frameset>", "<img src=' HOST'>", "<img src='&#104;ttp:HOSTPORT'>", "<img\nsrc=HOST>", "<image src=HOST>", "<img lowsrc=HOST src=HOST>", "<portal src=HOST></portal>", "<a ping=HOST href=http://x>a</a>",
		"<!--[if mso]><img src=HOST><![endif]-->", "<![if !mso]><img src=HOST><![endif]>", "<v:imagedata src=HOST />", "<input type=image srcset=HOST>", "<bgsound src=HOST>", "<svg><pattern><image href=HOST /></pattern></svg>", "<link rel=stylesheet href='data:text/css,@import \"HOST\"'>"}
}

func brokenVectors() []string {
	return []string{"<<img src=x onerror=FIRE>", "<img src=x onerror=FIRE", "<img src=x onerror=FIRE<b>", "<img src='x onerror=FIRE>", "<img src=\"x\"onerror=FIRE>", "<b <img src=x onerror=FIRE>>",
		"<a title='><img src=x onerror=FIRE>'>a</a>", "<a title=\"'><img src=x onerror=FIRE>\">", "<a title=`><img src=x onerror=FIRE>`>", "<img \"\"\"><script>FIRE</script>\">", "<scr<script>ipt>FIRE</script>",
		"<script/x>FIRE</script>", "<script\t>FIRE</script >", "<script>FIRE", "<SCRIPT>FIRE</SCRIPT>", "<ſcript>FIRE</ſcript>", "<scrİpt>FIRE</scrİpt>", "<script xmlns='x'>FIRE</script>", "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>FIRE</x:script>",
		"</script><script>FIRE</script>", "<iframe srcdoc='<script>FIRE</script>'></iframe>", "<iframe srcdoc=\"&lt;img src=x onerror=FIRE&gt;\"></iframe>", "<object type=text/html data='data:text/html,<script>FIRE</script>'></object>",
		"<%<img src=x onerror=FIRE>", "<!<img src=x onerror=FIRE>", "<!doctype x [<!entity a '<img src=x onerror=FIRE>'>]>&a;", "<?xml version=1.0?><img src=x onerror=FIRE>", "<img src=x onerror=FIRE/>", "<img/onerror=FIRE/src=x>",
		"<a href=x style=x onclick=FIRE title=x>a</a>", "<div/onmouseover='FIRE'>a</div>", "<isindex type=image src=1 onerror=FIRE>", "<image src=x onerror=FIRE>", "<keygen autofocus onfocus=FIRE>", "<dialog open onfocus=FIRE tabindex=1>a</dialog>",
		"<div onpointerrawupdate=FIRE>a</div>", "<style onload=FIRE>a{}</style>", "<link rel=stylesheet href=data:text/css, onload=FIRE>", "<svg><style onload=FIRE></style></svg>", "<body onpageshow=FIRE>", "<body onhashchange=FIRE>", "<frameset onload=FIRE>",
		"<div style=animation-name:a onanimationstart=FIRE>a</div>", "<input type=image src=x onerror=FIRE>", "<button popovertarget=x>a</button><b popover id=x onbeforetoggle=FIRE>b</b>", "<xss contenteditable onfocus=FIRE autofocus tabindex=1>a</xss>"}
}

func TestVectorsFile(t *testing.T) {
	want := vectors()
	if len(want) < 500 {
		t.Fatalf("%d vectors, fewer than 500", len(want))
	}
	var b strings.Builder
	for _, v := range want {
		b.WriteString(strconv.QuoteToASCII(v) + "\n")
	}
	if *update {
		if err := os.WriteFile("testdata/vectors.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("testdata/vectors.txt")
	if err != nil || string(have) != b.String() {
		t.Errorf("testdata/vectors.txt is not what vectors makes: run with -update (%v)", err)
	}
}

// readVectors returns the vectors of the file with their placeholders filled.
func readVectors(t testing.TB, host string) []string {
	t.Helper()
	f, err := os.Open("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []string
	for s := bufio.NewScanner(f); s.Scan(); {
		v, err := strconv.Unquote(s.Text())
		if err != nil {
			t.Fatal(err)
		}
		n := strconv.Itoa(len(list))
		v = strings.ReplaceAll(v, "FIRE", "fire("+n+")")
		v = strings.ReplaceAll(v, "HOSTPORT", host+"/hit/"+n)
		list = append(list, strings.ReplaceAll(v, "HOST", "http://"+host+"/hit/"+n))
	}
	return list
}
