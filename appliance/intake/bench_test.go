package intake_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/jhillyerd/enmime/v2"

	"sigill/appliance/intake"
)

// attached makes a mail of about size bytes: a text of 4 KiB at most, and one file.
func attached(size int) []byte {
	var b bytes.Buffer
	b.WriteString("Received: from mx.kommun.se by gw.kommun.se; Mon, 2 Nov 2026 10:00:00 +0100\r\nFrom: =?utf-8?q?Maria_Ek?= <maria@kommun.se>\r\nTo: Anna Berg <anna@example.se.0701234567.s>\r\n" +
		"Subject: =?utf-8?q?Beslut_om_st=C3=B6d?= [=?utf-8?q?s=C3=A4ker?= 7d]\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <1@kommun.se>\r\nMIME-Version: 1.0\r\n")
	text := strings.Repeat("Hej Anna! Här är beslutet som vi talade om i går.\r\n", min(size, 4000)/52)
	if size <= 4096 {
		b.WriteString("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text[:len(text)*7/8/52*52])
		return b.Bytes()
	}
	b.WriteString("Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n--=_b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text +
		"\r\n--=_b\r\nContent-Type: application/pdf; name=beslut.pdf\r\nContent-Disposition: attachment; filename=beslut.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	data := make([]byte, (size-b.Len())*57/78)
	rand.New(rand.NewSource(1)).Read(data)
	copy(data, "%PDF-1.7\n")
	code := base64.StdEncoding.EncodeToString(data)
	for len(code) > 76 {
		b.WriteString(code[:76] + "\r\n")
		code = code[76:]
	}
	b.WriteString(code + "\r\n--=_b--\r\n")
	return b.Bytes()
}

func BenchmarkDraft(b *testing.B) {
	for _, size := range []int{4 << 10, 1 << 20, 25 << 20} {
		raw := attached(size)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := nordic.Draft(raw, "maria@kommun.se", []string{"anna@example.se.0701234567.s"}, intake.DefaultLimits()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []int{4 << 10, 1 << 20, 25 << 20} {
		raw := attached(size)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := intake.Read(raw, intake.DefaultLimits()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEnmime is the same by the library that structure was taken away from.
func BenchmarkEnmime(b *testing.B) {
	for _, size := range []int{4 << 10, 1 << 20, 25 << 20} {
		raw := attached(size)
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := enmime.ReadEnvelope(bytes.NewReader(raw)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
