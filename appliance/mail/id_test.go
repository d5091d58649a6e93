package mail_test

import (
	"bytes"
	"testing"
	"time"

	"sigill/appliance/mail"
)

func TestNewIDAt(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	a, b, later := mail.NewIDAt(at), mail.NewIDAt(at), mail.NewIDAt(at.Add(time.Millisecond))
	if a == b {
		t.Error("two ids of one moment are the same")
	}
	if !bytes.Equal(a[:6], b[:6]) {
		t.Error("ids of one moment do not begin alike")
	}
	if bytes.Compare(a[:], later[:]) >= 0 || bytes.Compare(b[:], later[:]) >= 0 {
		t.Error("a later id does not sort behind")
	}
}
