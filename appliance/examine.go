package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"sigill/appliance/config"
	"sigill/appliance/doctor"
	"sigill/appliance/door/control"
	"sigill/appliance/locale"
	"sigill/embed"
)

const askDoctor = "/doctor"

// examined is what the running appliance has found.
type examined struct {
	Findings []doctor.Finding `json:"findings"`
}

func (a *Appliance) examine(ctx context.Context, _ struct{}) (examined, error) {
	list, _, err := a.Findings(ctx, true)
	return examined{list}, err
}

// Examine looks at the appliance of a configuration file: it asks the one that runs, or looks
// at what can be seen without it. Of a file that cannot be read, or whose appliance was never
// founded, it says that and what the machine itself shows.
func Examine(ctx context.Context, path string) ([]doctor.Finding, error) {
	f, err := config.Load(path, Languages()...)
	if err != nil {
		list := []doctor.Finding{{Check: "care.config", What: "doctor.config.unread", Grave: doctor.Fault, Args: []string{"Path", path}}}
		return append(list, doctor.Size(doctor.ReadHost(), 0)...), fmt.Errorf("%w", err)
	}
	var said examined
	err = control.Ask(ctx, f.Run, askDoctor, struct{}{}, &said)
	if errors.Is(err, control.ErrNobody) {
		said.Findings, err = examineStill(ctx, f)
	}
	return doctor.Sorted(hostFindings(said.Findings)), err
}

// examineStill looks at an appliance that does not run.
func examineStill(ctx context.Context, f config.Config) ([]doctor.Finding, error) {
	list := []doctor.Finding{{Check: "care.running", What: "doctor.running.not", Grave: doctor.Warn}}
	c, err := plain(f)
	if err != nil {
		return nil, err
	}
	c.Clock, c.Log = NewWall(), slog.New(slog.DiscardHandler) // what is to be said is a finding
	for _, step := range []func(*Config, config.Config) error{senders, smarthost, certificates} {
		if err := step(&c, f); err != nil {
			return append(list, doctor.Finding{Check: "care.config", What: "doctor.config.part", Grave: doctor.Fault, Args: []string{"Fault", err.Error()}}), nil
		}
	}
	// A machine that was never started has no store yet: then that is said, and the rest.
	look := &Appliance{c: c}
	host, err := openStill(ctx, PlacesOf(f))
	if err != nil {
		list = append(list, doctor.Finding{Check: "care.store", What: "doctor.store.closed", Grave: doctor.Fault, Args: []string{"Fault", err.Error()}})
		list = append(list, doctor.Host(doctor.ReadHost(), 0)...)
	} else {
		defer host.Close()
		host.c.Book, host.c.Credential = c.Book, c.Credential
		still, err := host.lookStill(ctx, c.Clock.Now())
		if err != nil {
			return nil, err
		}
		list = append(list, still...)
	}
	for _, x := range look.certificateFacts() {
		list = append(list, doctor.Certificate(c.Clock.Now(), x)...)
	}
	if !reached(ctx, c.Smarthost.Addr) {
		list = append(list, doctor.Finding{Check: "mail.smarthost", What: "doctor.smarthost.unreached", Grave: doctor.Fault, Args: []string{"Address", c.Smarthost.Addr}})
	}
	return append(list, look.lookSlow(ctx)...), nil
}

// reached reports whether somebody listens at an address.
func reached(ctx context.Context, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// Doctor is `sigill doctor`: it writes what would go wrong here, and what to do about it. The
// error says that something does.
func Doctor(ctx context.Context, path string, asJSON bool, out io.Writer) error {
	list, failed := Examine(ctx, path)
	if len(list) == 0 && failed != nil {
		return failed
	}
	if asJSON {
		b, err := json.MarshalIndent(examined{list}, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(out, string(b))
	} else if err := sayFindings(out, list); err != nil {
		return err
	}
	if failed != nil {
		return failed
	}
	faults := 0
	for _, f := range list {
		if f.Grave == doctor.Fault {
			faults++
		}
	}
	if faults > 0 {
		return fmt.Errorf("faults: %d", faults)
	}
	return nil
}

// sayFindings writes for a terminal, in English as all commands do.
func sayFindings(out io.Writer, list []doctor.Finding) error {
	cat, err := locale.Load(tree(embed.Locale, "locale"))
	if err != nil {
		return err
	}
	p, group := cat.For("en"), ""
	for _, f := range list {
		if g := f.Group(); g != group {
			group = g
			fmt.Fprintf(out, "\n%s\n", p.T("doctor.group."+g))
		}
		fmt.Fprintf(out, "  [%s] %s: %s\n", f.Grave, p.T("doctor.check."+f.Check), folded(sayFinding(p, f), 9))
		if do := doFinding(p, f); do != "" {
			fmt.Fprintf(out, "         %s\n", folded(do, 9))
		}
		for _, r := range f.Records {
			fmt.Fprintf(out, "           %s\n", r)
		}
	}
	return nil
}

// folded breaks a sentence into lines that are in by so much.
func folded(s string, in int) string {
	var b strings.Builder
	n := in
	for i, w := range strings.Fields(s) {
		if i > 0 && n+len(w) > 96 {
			b.WriteString("\n" + strings.Repeat(" ", in))
			n = in
		} else if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
		n += len(w) + 1
	}
	return b.String()
}
