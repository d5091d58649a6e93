package doortest

import (
	"fmt"
	"strings"
	"testing"
)

// Notes stand in for what is behind a door: what that is asked to do is noted, and not done.
type Notes struct {
	Asked []string
	Fails error // what is said to the next acts; nil: they are done
}

// Note notes an act and what it was asked with.
func (n *Notes) Note(what ...any) error {
	n.Asked = append(n.Asked, strings.TrimSuffix(fmt.Sprintln(what...), "\n"))
	return n.Fails
}

// Did wants these acts, as Note writes them, and forgets them.
func (n *Notes) Did(t testing.TB, want ...string) {
	t.Helper()
	if got, want := strings.Join(n.Asked, "\n"), strings.Join(want, "\n"); got != want {
		t.Errorf("was asked for:\n%s\nand not:\n%s", got, want)
	}
	n.Asked = nil
}
