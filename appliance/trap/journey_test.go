package trap_test

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sigill/appliance/courier"
	"sigill/appliance/mail"
	"sigill/appliance/notify"
	"sigill/embed"
)

// one is an outbox with one notice.
type one struct {
	job    courier.Job
	detail string
	wake   chan struct{}
}

func (o *one) Next(context.Context, time.Time, int) ([]courier.Job, error) {
	if o.detail != "" {
		return nil, nil
	}
	return []courier.Job{o.job}, nil
}
func (o *one) Wake() <-chan struct{} { return o.wake }
func (o *one) Sent(_ context.Context, _ mail.ID, d string) error {
	o.detail = "sent " + d
	return nil
}
func (o *one) Delayed(_ context.Context, _ mail.ID, _ time.Time, d string) error {
	o.detail = "delayed " + d
	return nil
}
func (o *one) Failed(_ context.Context, _ mail.ID, d string) error {
	o.detail = "failed " + d
	return nil
}

// TestCourier puts notify, courier and trap together as the demo does.
func TestCourier(t *testing.T) {
	r := run(t)
	cl := &clock{now: start}
	tree, _ := fs.Sub(embed.Notices, "notice")
	words, err := notify.New(notify.Config{Texts: tree, House: notify.House{Look: func(mail.ID) mail.Look {
		return mail.Look{House: "Exempelkommun", Brand: mail.Brand{Name: "Exempelkommun"}}
	}, BaseURL: "http://localhost:8080", From: "sakerpost@brev.exempelkommun.se", Lang: "sv"}})
	if err != nil {
		t.Fatal(err)
	}
	returns, err := courier.NewReturns(bytes.Repeat([]byte{1}, 32), "brev.exempelkommun.se", cl)
	if err != nil {
		t.Fatal(err)
	}
	send := func(n mail.Notice) *one {
		box := &one{job: courier.Job{ID: mail.NewID(), Notice: n, Expires: start.Add(time.Hour), Bounce: mail.NewID()}, wake: make(chan struct{})}
		c, err := courier.New(courier.Config{Outbox: box, Words: words, Clock: cl, Returns: returns, Log: slog.New(slog.DiscardHandler),
			Smarthost: courier.Smarthost{Addr: r.smtp, Name: "localhost", Roots: r.Roots(), Hello: "localhost"}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()
		if err := c.Settle(ctx); err != nil {
			t.Fatal(err, c.Status())
		}
		cancel()
		<-done
		return box
	}
	t.Run("a hold comes with its link, over verified TLS, and the answer finds its way back", func(t *testing.T) {
		code := mail.NewLinkCode()
		box := send(mail.Notice{Kind: mail.NoticeHold, To: "maria.ek@exempelkommun.se", Code: code.Text(), MustTLS: true, Outcomes: []mail.Outcome{{Given: "bo@example.se.s", Hold: mail.HoldNoNumber}}})
		l := r.messages()
		m := l[len(l)-1]
		if box.detail != "sent 250 2.0.0" || !strings.Contains(m.Text, "http://localhost:8080/m#"+code.Text()+"\n") {
			t.Fatalf("%s\n%s", box.detail, m.Text)
		}
		_, after, _ := strings.Cut(m.Raw, "\r\nReply-To: ")
		reply, _, _ := strings.Cut(after, "\r\n")
		if back, err := returns.Read(mail.Address(reply)); err != nil || back.Code.Text() != code.Text() {
			t.Error(reply, err)
		}
		_, after, _ = strings.Cut(m.Raw, "Return-Path: <")
		from, _, _ := strings.Cut(after, ">")
		if back, err := returns.Read(mail.Address(from)); err != nil || back.Token != box.job.Bounce {
			t.Error(from, err)
		}
	})
	t.Run("the trap is a gateway", func(t *testing.T) {
		f, err := courier.NewFailover(courier.Named{Name: "trap", Gateway: r.Trap})
		if err != nil {
			t.Fatal(err)
		}
		pin, err := words.PIN(mail.ID{}, "sv", "908172")
		if err != nil {
			t.Fatal(err)
		}
		if rec, err := f.Send(t.Context(), mail.SMS{To: "+46701234567", Text: pin}); err != nil || rec.Provider != "trap" {
			t.Fatal(rec, err)
		}
		l := r.messages()
		if s := l[len(l)-1]; !strings.HasSuffix(s.Text, "\n\n@localhost #908172") {
			t.Errorf("%q", s.Text)
		}
	})
}
