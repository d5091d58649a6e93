package mail

import "time"

// Session is a signed-in browser. What unlocks a key is never in it.
type Session struct {
	Token   [32]byte // SHA-256 of the cookie
	Person  ID
	Made    time.Time
	Seen    time.Time
	Expires time.Time
	Device  string // "Firefox on Windows"
}
