package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sigill/appliance/keyring"
	"sigill/appliance/mail"
)

// Recovery is `sigill recover`: the commands, with what they say to people.
type Recovery struct {
	In  io.Reader // who types pages
	Out io.Writer // what is asked and said
}

// ParseAddress reads the address that a command was given.
func ParseAddress(s string) (mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return "", fmt.Errorf("%q is no address", s)
	}
	return a, nil
}

// Request writes a request for who is at an address into the file out.
func (r Recovery) Request(ctx context.Context, p Places, address, out string) error {
	a, err := ParseAddress(address)
	if err != nil {
		return err
	}
	asked, err := RecoverRequest(ctx, p, a)
	if err != nil {
		return err
	}
	if err := writeAnew(out, asked.File); err != nil {
		return err
	}
	fmt.Fprintf(r.Out, `The request for %s was written to %s.
Its fingerprint is

    %s

Carry the file to a machine off the network, with the holders of the shares, and run
there:  sigill recover answer %s
The same fingerprint must be shown there, all four groups of it. The file may be seen by
others.
`, a, out, asked.Fingerprint, filepath.Base(out))
	return nil
}

// Answer opens the key that a request asks for with the pages in files, and those that are
// typed, and writes the answer into the file out.
func (r Recovery) Answer(request, out string, files []string) error {
	b, err := readCarried(request)
	if err != nil {
		return err
	}
	q, err := keyring.ParseRequest(b)
	if err != nil {
		return fmt.Errorf("%s: %w", request, err)
	}
	if _, err := os.Lstat(out); err == nil {
		return fmt.Errorf("%s is there already", out) // before anybody has typed 24 words
	}
	fmt.Fprintf(r.Out, `This request asks for the key of

    %s

at the installation %s, and was made on %s.
Its fingerprint is

    %s

Compare all four groups with what the appliance has shown. If one is another, stop here.
`, q.Address, q.Installation, q.Made.Format("2006-01-02 15:04 MST"), q.Fingerprint())
	a, err := r.answer(q, files)
	if err != nil {
		return err
	}
	if err := writeAnew(out, a.Marshal()); err != nil {
		return err
	}
	fmt.Fprintf(r.Out, `The answer was written to %s. Carry it back and run on the appliance:
  sigill recover apply %s
Then destroy the file: until it is taken, whoever has it and the whole machine opens this
mailbox. Put the shares back where they belong.
`, out, filepath.Base(out))
	return nil
}

func (r Recovery) answer(q keyring.Request, files []string) (keyring.Answer, error) {
	pages, err := ReadPages(files)
	if err != nil {
		return keyring.Answer{}, err
	}
	c, err := NewTypist(r.In, r.Out).Shares(q, pages)
	if err != nil {
		return keyring.Answer{}, err
	}
	return q.Answer(c)
}

// Apply takes the answer in a file. From then on the old password opens nothing.
func (r Recovery) Apply(ctx context.Context, p Places, answer string, byMail bool) error {
	b, err := readCarried(answer)
	if err != nil {
		return err
	}
	if _, err := keyring.ParseAnswer(b); err != nil {
		return fmt.Errorf("%s: %w", answer, err)
	}
	return r.apply(ctx, p, b, byMail)
}

func (r Recovery) apply(ctx context.Context, p Places, answer []byte, byMail bool) error {
	done, err := RecoverApply(ctx, p, answer, byMail)
	if done.Address != "" {
		r.sayRestored(done, byMail)
	}
	return err
}

// sayRestored says what was done, also if something failed after it: the code is to be
// seen now or never.
func (r Recovery) sayRestored(done Restored, byMail bool) {
	if len(done.Readers) > 0 {
		r.sayGiven(done)
		return
	}
	where := "the portal's page /m"
	if done.Portal != "" {
		where = done.Portal + "/m"
	}
	fmt.Fprintf(r.Out, `The access of %s was restored. The old password opens nothing any more; the
letters are kept. The person is told by mail that this was done.
`, done.Address)
	if byMail {
		fmt.Fprintf(r.Out, "The code for a new password goes out with that mail, and is good until %s.\n", done.Until.Format("2006-01-02"))
		return
	}
	fmt.Fprintf(r.Out, `
    %s

This code is good once, until %s, at %s. It is shown only now: give
it to the person on paper or by word of mouth, and to nobody else.
`, done.Code, done.Until.Format("2006-01-02"), where)
}

func (r Recovery) sayGiven(done Restored) {
	fmt.Fprintf(r.Out, "A key of the function mailbox %s was given to those who read there and ask for what\ncame before; they are told by mail:\n", done.Address)
	for _, a := range done.Readers {
		fmt.Fprintf(r.Out, "  %s\n", a)
	}
	if done.More {
		fmt.Fprintln(r.Out, "There is more that they ask for: make another request.")
	}
}

// All is request, answer and apply in one go, for who has no second machine: the shares
// are typed on the appliance itself, and who is root there sees them.
func (r Recovery) All(ctx context.Context, p Places, address string, files []string, byMail bool) error {
	a, err := ParseAddress(address)
	if err != nil {
		return err
	}
	asked, err := RecoverRequest(ctx, p, a)
	if err != nil {
		return err
	}
	q, err := keyring.ParseRequest(asked.File)
	if err != nil {
		return err
	}
	answer, err := r.answer(q, files)
	if err != nil {
		return err
	}
	return r.apply(ctx, p, answer.Marshal(), byMail)
}

// Practise holds the printed pages against the installation, and writes down that it was
// done. Nobody's data is touched.
func (r Recovery) Practise(ctx context.Context, p Places, files []string) error {
	known, err := KnownKit(ctx, p)
	if err != nil {
		return err
	}
	pages, err := ReadPages(files)
	if err != nil {
		return err
	}
	if err := NewTypist(r.In, r.Out).Practise(known, pages); err != nil {
		return err
	}
	if err := NotePractised(ctx, p); err != nil {
		return err
	}
	fmt.Fprintln(r.Out, "Every page of the recovery kit is good. The practice stands in the journal.")
	return nil
}

// readCarried reads a file that was carried here: no more of it than one of ours has.
func readCarried(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, 64<<10))
}

// writeAnew writes a file that is not there yet, for its owner alone.
func writeAnew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}
