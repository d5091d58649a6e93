package appliance_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestManyFirstMailsAtOnce lets somebody of the house whom nobody has met yet write many
// letters at once, while others write to that one: each mail finds nobody there and makes a
// key, only one of these keys stays, and a letter that was sealed to another could be opened
// by nobody.
func TestManyFirstMailsAtOnce(t *testing.T) {
	const persons, letters = 3, 12
	j := newJourney(t)
	address := func(p int) string { return fmt.Sprintf("ny.%d@exempelkommun.se", p) }
	var ready, done sync.WaitGroup
	begin, refused := make(chan struct{}), make(chan error, persons*letters)
	for p := range persons {
		for i := range letters {
			l := letter{from: address(p), to: []string{caseworker + ".s"}, subject: fmt.Sprintf("Utgående %02d", i), body: fmt.Sprintf("Ord %d nummer %02d.", p, i)}
			if i%3 == 0 { // to them, in the same moment
				l.from, l.to, l.subject = caseworker, []string{address(p) + ".s"}, fmt.Sprintf("Inkommande %02d", i)
			}
			ready.Add(1)
			done.Go(func() {
				ready.Done()
				<-begin
				refused <- j.TrySend(l)
			})
		}
	}
	ready.Wait()
	close(begin)
	done.Wait()
	close(refused)
	for err := range refused {
		if err != nil {
			t.Fatalf("send: %v", err)
		}
	}
	for p := range persons {
		t.Run(fmt.Sprintf("person %d is invited once, and reads all that was taken", p), func(t *testing.T) {
			b := j.Browser().ShowCode(j.CodeOf(j.invitationTo(address(p)))).At("/welcome")
			b.Post("/welcome", "password", "fyra gröna hästar", "repeat", "fyra gröna hästar").At("/mail")
			read := map[string]bool{}
			for _, folder := range []string{"/mail", "/mail/sent"} {
				for _, at := range b.Get(folder).letters() {
					page := b.Get("/mail/" + at).page
					for i := range letters {
						if word := fmt.Sprintf("Ord %d nummer %02d.", p, i); strings.Contains(page, word) {
							read[word] = true
						}
					}
				}
			}
			if len(read) != letters {
				t.Errorf("read %d of %d letters", len(read), letters)
			}
			invitations := 0
			for _, m := range j.Trapped("email", address(p)) {
				if codeIn.MatchString(m.Text) {
					invitations++
				}
			}
			if invitations != 1 {
				t.Errorf("%d invitations", invitations)
			}
		})
	}
	t.Run("who got letters of theirs reads all of them", func(t *testing.T) {
		if n := len(j.Browser().SignsIn(caseworker).Get("/mail").letters()); n != persons*letters*2/3 {
			t.Errorf("%d letters", n)
		}
	})
}
