package target_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"sigill/appliance/config"
	"sigill/appliance/peers"
	"sigill/backup/target"
	"sigill/backup/target/targettest"
)

var errNotLetIn = errors.New("not let in")

func TestSFTPPassword(t *testing.T) {
	const password = "fyra gröna hästar"
	var told atomic.Int32
	let := func(user, given string) (*ssh.Permissions, error) {
		told.Add(1)
		if user == "sigill" && given == password {
			return nil, nil
		}
		return nil, errNotLetIn
	}
	for name, asks := range map[string]ssh.ServerConfig{
		"a server that takes passwords": {PasswordCallback: func(c ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
			return let(c.User(), string(given))
		}},
		"a server that asks for them in words": {KeyboardInteractiveCallback: func(c ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
			answers, err := ask("", "", []string{"Which floor? ", "Password: "}, []bool{true, false})
			if err != nil || len(answers) != 2 || answers[0] != "" {
				return nil, errNotLetIn // what is shown while it is typed is not asked for a password
			}
			return let(c.User(), answers[1])
		}},
	} {
		addr, hostKey := peers.StartPasswordSFTP(t, asks)
		c := target.SFTPConfig{Addr: addr, User: "sigill", HostKey: hostKey, Password: config.Secret(password), Path: t.TempDir(), Stall: 10 * time.Second}
		t.Run(name+" keeps what is put there", func(t *testing.T) {
			p := openSFTP(t, c)
			targettest.Put(t, p, "slots/1", []byte("a minute's"))
			targettest.Has(t, p, "slots/1", []byte("a minute's"))
		})
		t.Run(name+" refuses a wrong one, and it stands in no error", func(t *testing.T) {
			c := c
			c.Password = "fel lösenord"
			_, err := target.OpenSFTP(t.Context(), c)
			if err == nil || !strings.Contains(err.Error(), "unable to authenticate") || strings.Contains(err.Error(), string(c.Password)) {
				t.Errorf("%v", err)
			}
		})
		t.Run(name+" is told no password if its key is another", func(t *testing.T) {
			c := c
			c.HostKey = "SHA256:" + strings.Repeat("A", 43)
			var other *target.HostKeyError
			before := told.Load()
			if _, err := target.OpenSFTP(t.Context(), c); !errors.As(err, &other) || told.Load() != before {
				t.Errorf("%v, told %d times", err, told.Load()-before)
			}
		})
	}
}
