package appliance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"sigill/appliance/door/control"
	"sigill/appliance/mail"
	"sigill/appliance/tang"
)

// Keeper is `sigill unlock` and `sigill key`: the commands, with what they say to people. They
// ask the appliance that runs; without one there is nothing to unlock, and no key to lock.
type Keeper struct {
	In  *os.File // who types
	Out io.Writer
}

// Unlock asks for the passphrase, or for page 2 of the kit, and opens the appliance.
func (k Keeper) Unlock(ctx context.Context, p Places) error {
	typed, err := k.hidden("Passphrase, or page 2 of the recovery kit: ")
	if err != nil {
		return err
	}
	if err := askRunning(ctx, p, askUnlock, unlockAsk{typed}, &struct{}{}); err != nil {
		return err
	}
	fmt.Fprintln(k.Out, "The appliance is unlocked. It opens within a few seconds.")
	return nil
}

// Show says how the appliance key is kept.
func (k Keeper) Show(ctx context.Context, p Places) error {
	var s keyState
	if err := askRunning(ctx, p, askKey, struct{}{}, &s); err != nil {
		return err
	}
	k.say(s)
	return nil
}

func (k Keeper) say(s keyState) {
	switch s.Mode {
	case ModeCredential:
		fmt.Fprintln(k.Out, "At each start the service manager brings the appliance key (LoadCredential… in the service).")
	case ModeFile:
		fmt.Fprintln(k.Out, "The appliance key lies in a file: it starts by itself, and whoever has the whole disk has the key.")
	case ModePassphrase:
		fmt.Fprintln(k.Out, "After each start the appliance is locked until somebody types the passphrase.")
	case ModeTang:
		fmt.Fprintln(k.Out, "At each start a key server opens the appliance key:", strings.Join(s.Servers, ", "))
	}
}

// Mode keeps the appliance key otherwise. trust are thumbprints that need no asking.
func (k Keeper) Mode(ctx context.Context, p Places, mode string, servers, trust []string) error {
	in := keyAsk{Mode: Mode(mode)}
	var err error
	switch in.Mode {
	case ModePassphrase:
		in.Passphrase, err = k.chosen()
	case ModeTang:
		in.Servers, err = k.compared(ctx, servers, trust)
	}
	if err != nil {
		return err
	}
	var s keyState
	if err := askRunning(ctx, p, askKeyMode, in, &s); err != nil {
		return err
	}
	k.say(s)
	if s.Credential && in.Mode != ModeFile {
		fmt.Fprintln(k.Out, "The service still brings the key as a credential. Take LoadCredential… out of the service (systemctl edit sigill),\nand destroy the file that it names: until then that goes before.")
	}
	if in.Mode != ModeFile {
		fmt.Fprintln(k.Out, "The file with the key itself was overwritten. A disk of flash memory may keep old pages of it, and a snapshot does:\nwhere that counts, set the appliance up on a new disk. Page 2 of the recovery kit opens it in any case; keep it safe.")
	}
	return nil
}

// chosen asks for a new passphrase, twice.
func (k Keeper) chosen() (string, error) {
	fmt.Fprintln(k.Out, "Choose a passphrase: six words at random, or 16 characters at least. It is asked for after each start.")
	first, err := k.hidden("Passphrase: ")
	if err != nil {
		return "", err
	}
	again, err := k.hidden("Once more: ")
	if err == nil && again != first {
		err = errors.New("the two are not alike; nothing was changed")
	}
	return first, err
}

// compared asks each server for its keys, and people whether they are the right ones.
func (k Keeper) compared(ctx context.Context, servers, trust []string) (list []keyServer, err error) {
	if len(servers) == 0 {
		return nil, errors.New("name the key servers: --server http://tang.example.se")
	}
	for _, url := range servers {
		advert, err := tang.Ask(ctx, url)
		if err != nil {
			return nil, err
		}
		thumb, err := k.trusted(advert, trust)
		if err != nil {
			return nil, err
		}
		list = append(list, keyServer{advert.URL, thumb})
	}
	return list, nil
}

func (k Keeper) trusted(a tang.Advert, trust []string) (string, error) {
	for _, t := range trust {
		if a.Trusts(t) {
			return t, nil
		}
	}
	if len(trust) > 0 {
		return "", fmt.Errorf("the key server %s has signed with none of the keys named by --trust", a.URL)
	}
	fmt.Fprintf(k.Out, "The key server %s signs with\n\n    %s\n\nOn the server, tang-show-keys must show the same.\n", a.URL, strings.Join(a.Signing, "\n    "))
	yes, err := NewTypist(k.In, k.Out).line("Is it the same? yes/no: ")
	if err == nil && strings.ToLower(yes) != "yes" {
		err = errors.New("nothing was changed")
	}
	return a.Signing[0], err
}

// askRunning asks the appliance that runs, and no other.
func askRunning[In, Out any](ctx context.Context, p Places, path string, in In, out *Out) error {
	err := control.Ask(ctx, p.Run, path, in, out)
	if errors.Is(err, control.ErrNobody) {
		err = errors.New("no appliance runs here; start it first")
	}
	return err
}

// hidden reads a line that the terminal does not show.
func (k Keeper) hidden(ask string) (string, error) {
	fd := int(k.In.Fd())
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil { // no terminal: a script's
		return readHidden(k.In)
	}
	fmt.Fprint(k.Out, ask)
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &quiet); err != nil {
		return "", err
	}
	s, err := readHidden(k.In)
	fmt.Fprintln(k.Out)
	return s, errors.Join(err, unix.IoctlSetTermios(fd, unix.TCSETS, before))
}

// readHidden reads a line byte by byte: what stands behind it is the next question's.
func readHidden(in io.Reader) (string, error) {
	var b []byte
	one := make([]byte, 1)
	for len(b) < maxLine {
		n, err := in.Read(one)
		if n == 1 && one[0] == '\n' {
			return strings.TrimSuffix(string(b), "\r"), nil
		}
		b = append(b, one[:n]...)
		if err == io.EOF && len(b) > 0 {
			return string(b), nil
		}
		if err != nil {
			return "", errEnd
		}
	}
	return "", mail.E(mail.TooLarge, "", errors.New("the line is too long"))
}
