// Package access finds out who somebody is: passwords, second factors, PINs and the
// sessions of those who are known, and how often anybody may try.
//
// It never opens a letter, and never writes a secret down: sessions with the keys
// that a proof has opened, and PINs, live in memory and die with the process.
//
// On disk stand counters only, under keyed names. A browser at which somebody has
// signed in keeps a mark that says so, and so stays open to them while strangers guess.
//
// # Two steps
//
//	Password ──▶ Session                       who has no second factor, and need not
//	         └─▶ Pending ─▶ Second ─▶ Session  by the app, a printed code, or a PIN to the reserve phone
//	                                           and a registered recipient by a PIN to the phone alone
//	         └─▶ Pending ─▶ Enrolled ─▶ Session  who must set one up before anything else
//
// A Pending opens nothing: it has what Argon2id gave, and neither S_u nor the seed. What
// is risky asks for the password again (SteppedUp).
//
// # Mail programs
//
// A mail program signs in by an app password of its own (Sending). That lets it send in its
// owner's name; it begins no session and opens nothing. Its wrong tries are counted apart.
//
// # What fails
//
// A wrong password, second step, passkey, app password or code on paper is written into
// the journal, and once a window that no more are let through: Failures, beside the answer.
//
// # What holds always
//
// A try is counted, durably, before it is compared; so neither a crash nor a race
// gives one back. An account that does not exist costs a stranger as much time, and
// answers in the same words, as one that does. A code of an app is good once, whatever
// the clock says later. When a person's sign-ins are ended, those under way are too.
package access
