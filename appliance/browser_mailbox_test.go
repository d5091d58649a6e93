package appliance_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/chromedp/chromedp"
)

// picture returns a PNG of noise, which does not shrink.
func picture(width, height int) []byte {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	io.ReadFull(rand.Reader, p.Pix)
	for i := range width * height { // opaque, with one field that is seen
		p.Pix[4*i+3] = 255
	}
	for x := range width / 2 {
		for y := range height / 2 {
			p.Set(x, y, color.RGBA{0, 98, 186, 255})
		}
	}
	var b bytes.Buffer
	png.Encode(&b, p)
	return b.Bytes()
}

// outlook returns a mail as Word in Outlook writes it: its own styles and comments, an
// inline picture, a large one, a picture of another host, a script, two files.
func outlook(remote string, file []byte) string {
	lines := func(b []byte) string {
		s := base64.StdEncoding.EncodeToString(b)
		var out strings.Builder
		for len(s) > 76 {
			out.WriteString(s[:76] + "\n")
			s = s[76:]
		}
		return out.String() + s + "\n"
	}
	return strings.NewReplacer("REMOTE", remote, "LOGO", lines(picture(48, 48)), "LARGE", lines(picture(600, 400)), "PDF", lines(file)).Replace(outlookMail)
}

const outlookMail = `From: Maria Ek <maria.ek@exempelkommun.se>
To: berit@example.se
Subject: =?utf-8?Q?Beslut_om_f=C3=B6rs=C3=B6rjningsst=C3=B6d_f=C3=B6r_maj?=
Message-ID: <outlook@exempelkommun.se>
Thread-Topic: Beslut
X-Mailer: Microsoft Outlook 16.0
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="_009_"

--_009_
Content-Type: multipart/related; boundary="_004_"; type="multipart/alternative"

--_004_
Content-Type: multipart/alternative; boundary="_000_"

--_000_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Hej Berit!

Här kommer beslutet för maj. Beloppet betalas ut den 27.

Hyra                6 200 kr
El                    450 kr
Summa               6 650 kr

Du kan överklaga inom tre veckor. Hur du gör står i den bifogade filen.

Med vänlig hälsning
Maria Ek
Socialsekreterare

--_000_
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: 8bit

<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name="Generator" content="Microsoft Word 15 (filtered medium)">
<!--[if !mso]><style>v\:* {behavior:url(#default#VML);}</style><![endif]-->
<style><!-- p.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;} --></style>
<script>document.title = "ran"; new Image().src = "REMOTE/script"</script></head>
<body lang="SV" link="#0563C1" vlink="#954F72">
<p class="MsoNormal">Hej Berit!<o:p></o:p></p>
<p class="MsoNormal">Här kommer <b>beslutet för maj</b>. Beloppet betalas ut <span style="color:#C00000">den 27</span>.</p>
<table class="MsoTableGrid" border="1" cellspacing="0" cellpadding="6" style="border-collapse:collapse">
<tr><td style="background:#DEEAF6"><b>Hyra</b></td><td align="right">6 200 kr</td></tr>
<tr><td style="background:#DEEAF6"><b>El</b></td><td align="right">450 kr</td></tr>
<tr><td style="background:#DEEAF6"><b>Summa</b></td><td align="right"><b>6 650 kr</b></td></tr></table>
<p class="MsoNormal"><a href="https://www.example.org/overklaga" onclick="location='REMOTE/click'">Så överklagar du</a></p>
<p><img src="cid:image001.png@01DB" width="48" height="48" alt="Kommunens vapen"> <img src="cid:image002.png@01DB" alt="Karta" width="600"></p>
<img src="REMOTE/pixel.gif" width="1" height="1" onerror="document.title='ran'">
<p class="MsoNormal">Med vänlig hälsning<br>Maria Ek</p>
</body></html>

--_000_--

--_004_
Content-Type: image/png; name="image001.png"
Content-ID: <image001.png@01DB>
Content-Disposition: inline; filename="image001.png"
Content-Transfer-Encoding: base64

LOGO
--_004_
Content-Type: image/png; name="image002.png"
Content-ID: <image002.png@01DB>
Content-Disposition: inline; filename="image002.png"
Content-Transfer-Encoding: base64

LARGE
--_004_--

--_009_
Content-Type: application/pdf; name="beslut.pdf"
Content-Disposition: attachment; filename="beslut.pdf"
Content-Transfer-Encoding: base64

PDF
--_009_
Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document
Content-Disposition: attachment; filename*=utf-8''Hur%20du%20%C3%B6verklagar%20ett%20beslut%20om%20f%C3%B6rs%C3%B6rjningsst%C3%B6d%20hos%20f%C3%B6rvaltningsr%C3%A4tten.docx
Content-Transfer-Encoding: base64

PDF
--_009_--
`

func (w *walk) formattedLetter() {
	w.Send(letter{to: []string{"berit@example.se.0701234502.s"}, raw: outlook("http://127.0.0.1:9", []byte("%PDF-1.4 en liten fil"))})
	notice := w.Await("email", "berit@example.se", 1)
	b := w.tab().Opens(notice, "+46701234502")
	b.Look("letter-files")
	b.act("open the formatted letter", chromedp.Click("details summary", chromedp.ByQuery))
	b.Becomes(`document.querySelector("details").open`)
	w.comes(`^/picture/`)
	b.Look("letter-formatted")
	b.Downloads(`a[href="/m/letter/file/` + w.fileNumber(b, "beslut.pdf") + `"]`)
	b.Downloads(`a[href="/m/letter/eml"]`)
	w.attachedAnswer(b)
	b.Presses(`a[href^="/m/answer/"]`).Look("answer-file")
	b.Downloads(`.files a`)
}

// attachedAnswer replies with a file, each way in its own manner.
func (w *walk) attachedAnswer(b *tab) {
	b.Goes("/m/letter/reply").Fills("text", "Här är kvittot.")
	path := w.TempDir() + "/kvitto.txt"
	writeFile(w, path, "ett kvitto")
	b.act("pick a file", chromedp.SetUploadFiles(`[name=files]`, []string{path}, chromedp.ByQuery))
	b.act("send", chromedp.Click(`form[action="/m/letter/reply"] button[type=submit]`, chromedp.ByQuery))
	b.Becomes(`document.querySelector("main h1").innerText.includes("kommit fram")`)
	b.Look("replied-file")
	b.Goes("/m/letter")
}

// comes waits until the browser has asked for a path.
func (w *walk) comes(pattern string) {
	w.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); w.pause() {
		for _, a := range w.chrome.Asked(w.info.Portal) {
			if strings.HasPrefix(a.path, strings.TrimPrefix(pattern, "^")) {
				return
			}
		}
	}
	w.Fatalf("nobody asks for %s", pattern)
}

func (w *walk) fileNumber(b *tab, name string) string {
	return b.Eval(fmt.Sprintf(`[...document.querySelectorAll(".files a")].find(a => a.textContent === %q).pathname.split("/").pop()`, name))
}

func (w *walk) mailbox() {
	empty := w.tab().Signs("karin.berg@exempelkommun.se")
	empty.Look("inbox-none")
	empty.Goes("/mail/sent").Look("sent-none").Goes("/mail/sent?show=unread").Look("sent-unread-none")
	empty.Goes("/mail/trash").Look("trash-none")
	for i := range 52 {
		w.Send(letter{from: "johan.lind@exempelkommun.se", to: []string{caseworker + ".s"}, subject: fmt.Sprintf("Ärende %d: %s", i+1, strings.Repeat("underlag ", i%7)), body: "Se bilagan."})
	}
	b := w.tab().Signs(caseworker)
	b.Look("inbox-many")
	b.Presses(`.older a`).Look("inbox-older")
	b.Presses(`.mails a[href^="/mail/"]`).Look("received")
	id := strings.TrimPrefix(b.Path(), "/mail/")
	b.Sends("/mail/" + id + "/move").At("/mail").Sees("papperskorgen")
	b.Goes("/mail/trash").Look("trash")
	b.Presses(`.mails a`).Look("received-trashed")
	b.Goes("/mail")
	// The answer with a file is on the second page by now.
	b.Presses(`.older a`).Presses(`.mails li:has(.files-count) a`).Look("received-answer")
	b.Downloads(`.files a`)
	b.Downloads(`a[href$="/eml"]`)
	b.Goes("/mail/sent").Look("sent")
}

// sentMessage is one letter to several, in all the states there are.
func (w *walk) sentMessage() {
	people := []string{"cilla.0701234521", "dan.0701234522", "emma.0701234523", "filip.0701234524", "greta.0701234525", "hugo"}
	var to []string
	for _, p := range people {
		name, number, found := strings.Cut(p, ".")
		if found {
			number = "." + number
		}
		to = append(to, name+"@example.se"+number+".s")
	}
	w.Send(letter{to: to, raw: strings.Replace(outlook("http://127.0.0.1:9", []byte("%PDF-1.4")), "berit@", "alla@", 1)})
	w.Browser().Opens(w.Await("email", "cilla@example.se", 1), "+46701234521").Get("/m/letter/reply").Upload("/m/letter/reply", "Jag kommer.", nil)
	w.Browser().ShowCode(w.CodeOf(w.Await("email", "emma@example.se", 1))).Post("/m/wrong")
	w.bounce(w.Await("email", "greta@example.se", 1))
	locked := w.Browser()
	code := w.CodeOf(w.Await("email", "filip@example.se", 1))
	for range 5 {
		locked.ShowCode(code)
		for range 5 {
			locked.Post("/m/pin", "pin", "000000")
		}
		w.Turn(2 * time.Minute)
	}
	b := w.tab().Signs(caseworker).Goes("/mail/sent?show=unread").Look("sent-unread").Goes("/mail/sent").Look("sent-states").Presses(`.mails a`).Look("message")
	b.act("open what can be done", chromedp.Evaluate(`document.querySelectorAll(".recipient details").forEach(d => d.open = true)`, nil))
	b.Look("message-open")
	b.act("show the formatted letter", chromedp.Evaluate(`document.querySelector("details.formatted").open = true`, nil))
	b.Fills(`.recipient [name=days]`, "999").Presses(`.recipient form:has([name=days]) button`).Look("message-error")
	b.act("open what can be done", chromedp.Evaluate(`document.querySelectorAll(".recipient details").forEach(d => d.open = true)`, nil))
	b.Fills(`.recipient [name=days]`, "20").Presses(`.recipient form:has([name=days]) button`).Sees("Slutdatumet är ändrat")
	b.Look("message-flash")
	b.Presses(`form[action$="/recall"] button`).Sees("återkallat").Look("message-recalled")
}

// bounce returns a notice to where it came from, as a mail server does.
func (j *journey) bounce(m trapped) {
	j.Helper()
	c, err := smtp.Dial(j.info.SMTP)
	if err != nil {
		j.Fatal(err)
	}
	defer c.Close()
	back := strings.Trim(headerOf(m.Raw, "Return-Path"), "<>")
	dsn := "From: MAILER-DAEMON@example.se\nTo: " + back + "\nSubject: Undelivered\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nNo such user.\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.se\n\nFinal-Recipient: rfc822; x@example.se\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n"
	if err := c.SendMail("", []string{back}, strings.NewReader(strings.ReplaceAll(dsn, "\n", "\r\n"))); err != nil {
		j.Fatal(err)
	}
}

// writing is a letter from the first word to the last look before it goes.
func (w *walk) writing() {
	b := w.tab().Signs("johan.lind@exempelkommun.se")
	b.Goes("/write").Look("write")
	b.Fills("to", "inga@localhost", "subject", "Utkast").Presses(`button[value=send]`).Look("write-wrong")
	path := w.TempDir() + "/underlag.pdf"
	writeFile(w, path, strings.Repeat("underlag ", 100_000))
	b.Fills("to", "inga@example.se", "phone", "0701234541", "text", "Hej Inga.\nHär är underlaget.")
	b.act("choose a lifetime", chromedp.Click(`[name=days][value="7"]`, chromedp.ByQuery))
	b.act("pick a file", chromedp.SetUploadFiles(`[name=files]`, []string{path}, chromedp.ByQuery))
	b.act("save", chromedp.Click(`button[value=save]`, chromedp.ByQuery))
	b.Becomes(`document.body.innerText.includes("Utkastet är sparat") && document.body.innerText.includes("underlag.pdf")`)
	b.Look("write-saved")
	b.Goes("/mail/drafts?choose=all").Presses(`form.bulk .choice button`).Sees("förstörs genast").Look("drafts-drop")
	b.Goes("/mail/drafts").Look("drafts")
	b.Presses(`.mails a`).Presses(`button[value=send]`).Look("check")
	b.Presses(`form[action$="/send"] button`).Look("written")
}

// ended are letters that can be read no more.
func (w *walk) ended() {
	old := w.letterTo("nils", "0701234531", "Påminnelse")
	maria := w.Browser().SignsIn(caseworker).Get("/mail/sent").Follow("/mail/[0-9a-zA-Z-]{10,}").Sees("nils")
	maria.Post(maria.Action("/mail/[^\"]*/to/[^\"]*"), "do", "code")
	w.Await("email", "nils@example.se", 2)
	b := w.tab()
	b.Code(w.CodeOf(old)).Sends("/m").Look("replaced")
	w.Days(70)
	b.Code(w.CodeOf(w.Await("email", "nils@example.se", 2))).Sends("/m").Look("ended")
	w.tab().Signs(caseworker).Goes("/mail/sent").Look("sent-ended")
}
