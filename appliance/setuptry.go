package appliance

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/doctor"
	"sigill/appliance/door/wizard"
	"sigill/appliance/locale"
	"sigill/appliance/mail"
	"sigill/embed"
)

// tryTime is how long a server that is tried may take; somebody waits before the page.
const tryTime = 40 * time.Second

// drafted is what the file says so far, with its secrets and with something in the place of
// what nobody has said.
func (s *setup) drafted() (config.Config, error) {
	f, err := s.Draft()
	if err != nil {
		return f, err
	}
	if err := f.ReadSecrets(); err != nil {
		return f, err
	}
	return f.Filled(), nil
}

// code makes the code that a step sends, six digits for ten minutes. The one before is dead.
func (s *setup) code(step wizard.Step) (string, error) {
	s.acts.Lock()
	id := mail.NewID()
	s.sent[step] = id
	s.acts.Unlock()
	return s.proof.Make(id)
}

// Sent reports whether a step waits for the code that it has sent.
func (s *setup) Sent(step wizard.Step) bool {
	s.acts.Lock()
	id := s.sent[step]
	s.acts.Unlock()
	_, waits := s.proof.Pending(id)
	return waits
}

// Check compares the code that a step has sent with what was typed back, and with the right
// one the step is done. The errors are those of PINs.Check.
func (s *setup) Check(ctx context.Context, by mail.Actor, step wizard.Step, typed string) error {
	s.acts.Lock()
	id := s.sent[step]
	s.acts.Unlock()
	if id.IsZero() {
		return mail.E(mail.Gone, "error.pin.none", nil)
	}
	if err := s.proof.Check(ctx, id, typed); err != nil {
		return err
	}
	return s.Mark(ctx, by, step, wizard.Done)
}

// TryMail sends a mail with a code by the smarthost of the file, from the address of notices.
// The error for people is Again; its With says what the server has answered.
func (s *setup) TryMail(ctx context.Context, to mail.Address, lang string) error {
	f, err := s.drafted()
	if err != nil {
		return err
	}
	var c Config
	if err := smarthost(&c, f); err != nil {
		return mail.E(mail.Again, "error.setup.mail", err).Tell("Detail", "ca_file")
	}
	code, err := s.code(wizard.MailOut)
	if err != nil {
		return err
	}
	text, err := s.tryText(f, to, lang, code)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	if detail, err := courier.Try(ctx, c.Smarthost, mail.Address(f.Notices.From), to, text); err != nil {
		s.a.c.Log.Info("the smarthost was tried in vain", "part", "setup", "detail", detail)
		return mail.E(mail.Again, "error.setup.mail", err).Tell("Detail", detail)
	}
	return nil
}

// tryText writes the mail. Nothing of it was typed by anybody but the addresses, which hold no
// line breaks.
func (s *setup) tryText(f config.Config, to mail.Address, lang, code string) ([]byte, error) {
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		return nil, err
	}
	p := cat.For(lang)
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\n", f.Notices.From, to,
		mime.QEncoding.Encode("utf-8", p.T("setup.try.subject")), s.a.c.Clock.Now().Format(time.RFC1123Z), rand.Text(), f.SMTP.Hostname)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\nAuto-Submitted: auto-generated\r\n\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := fmt.Fprintf(w, "%s\r\n\r\n    %s\r\n", p.T("setup.try.text"), code); err != nil {
		return nil, err
	}
	return b.Bytes(), w.Close()
}

// dnsTime is how long DNS may take, all questions together.
const dnsTime = 20 * time.Second

// MailDNS says whether other servers will believe our mail, as far as the file says by now
// from where it comes.
func (s *setup) MailDNS(ctx context.Context) ([]doctor.Finding, error) {
	f, err := s.Draft()
	if err != nil {
		return nil, err
	}
	f = f.Filled()
	ctx, cancel := context.WithTimeout(ctx, dnsTime)
	defer cancel()
	q := doctor.MailQuestion{From: f.Notices.From, Own: f.Notices.Own, Hostname: f.SMTP.Hostname}
	// An unknown smarthost leaves it open from where the mail comes, which the findings say.
	q.Out, _ = doctor.Addresses(ctx, net.DefaultResolver, f.Smarthost.Host)
	return doctor.MailDNS(ctx, net.DefaultResolver, q), nil
}

// TrySMS sends a code by the first gateway of the file. It is counted as any SMS to a number
// that somebody has typed as their own.
func (s *setup) TrySMS(ctx context.Context, by mail.Actor, to mail.Phone, lang string) error {
	f, err := s.drafted()
	if err != nil {
		return err
	}
	if len(f.SMS.Gateways) == 0 {
		return mail.E(mail.Invalid, "error.setup.gateway", nil)
	}
	gateway, err := oneGateway(f.SMS.Gateways[0], "")
	if err != nil {
		return mail.E(mail.Again, "error.setup.sms", err).Tell("Detail", err.Error())
	}
	// The budget of what the file says by now, not of what the machine began with.
	budget := access.NewBudget(s.a.db, s.a.founding.app, func() access.SMSLimits {
		return access.SMSLimits{Countries: f.SMS.Countries, Number: int64(f.SMS.PerNumber), Letter: int64(f.SMS.PerLetter), Day: int64(f.SMS.PerDay)}
	})
	if err := budget.SpendNew(ctx, by.ID, to); err != nil {
		return err
	}
	code, err := s.code(wizard.SMS)
	if err != nil {
		return err
	}
	text, err := s.a.texter.words.OwnPIN(lang, code)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	if _, err := gateway.Send(ctx, mail.SMS{To: to, Text: text, Ref: rand.Text(), TTL: access.PINLife}); err != nil {
		// It holds neither number nor text (courier.GatewayError).
		s.a.c.Log.Info("the SMS gateway was tried in vain", "part", "setup", "err", err)
		return mail.E(mail.Again, "error.setup.sms", err).Tell("Detail", err.Error())
	}
	return nil
}

// Lacks returns what must be said before the appliance can begin: keys of the file, and what
// is wrong with the files that it names.
func (s *setup) Lacks() ([]string, error) {
	f, err := s.Draft()
	if err != nil {
		return nil, err
	}
	lacks := f.Lacks()
	if len(lacks) > 0 {
		return lacks, nil
	}
	if err := f.ReadSecrets(); err != nil {
		for _, x := range config.FaultsOf(err) {
			lacks = append(lacks, x.Key)
		}
		return lacks, nil
	}
	if f.Web.TLS == config.TLSFiles {
		if _, err := ownPair(f.Web); err != nil {
			lacks = append(lacks, "web.tls_cert")
		}
	}
	if smarthost(&Config{}, f) != nil {
		lacks = append(lacks, "smarthost.ca_file")
	}
	return lacks, nil
}

// Live writes that the file is whole, and returns where the portal is when the appliance has
// begun with it. The error is Invalid if something lacks.
func (s *setup) Live(ctx context.Context, by mail.Actor) (string, error) {
	lacks, err := s.Lacks()
	if err != nil {
		return "", err
	}
	if len(lacks) > 0 {
		return "", mail.E(mail.Invalid, "error.setup.lacks", nil)
	}
	portal := ""
	err = s.Change(func(c *config.Config) error {
		c.Unfinished, portal = false, c.Web.BaseURL
		return nil
	})
	if err != nil {
		return "", err
	}
	return portal, s.Mark(ctx, by, wizard.Start, wizard.Done)
}
