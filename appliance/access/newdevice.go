package access

import (
	"context"

	"sigill/appliance/mail"
)

// seenFor is for how long it is known that somebody has signed in before: for good.
const seenFor = 100 * 365 * day

// cameIn is what follows from a sign-in. It never keeps anybody out: whatever goes wrong
// here is the operator's to mend.
func (s *SignIn) cameIn(ctx context.Context, sess *Session, by proof) {
	s.endHelp(sess.Person.ID)
	if err := s.c.People.CameIn(ctx, sess.Owner(), by.how); err != nil {
		s.c.Log.Error("lock keys for those who help", "part", "access", "err", err)
	}
	s.notice(ctx, sess, by.from)
}

// notice tells a person that somebody has signed in at a browser which has no mark of
// theirs, unless it is their first one.
func (s *SignIn) notice(ctx context.Context, sess *Session, from Caller) {
	account := sess.Profile.Address.Key()
	n, err := s.c.Count.Count(ctx, s.c.App.Tag("signin.before", account), seenFor)
	if err == nil && n > 1 && s.marked(from.Device, account) == nil {
		err = s.c.People.Tell(ctx, sess.Person, mail.Notice{Kind: mail.NoticeDevice, At: sess.Since, Browser: from.Agent.Browser, System: from.Agent.System})
	}
	if err != nil {
		s.c.Log.Error("tell of a new sign-in", "part", "access", "err", err)
	}
}
