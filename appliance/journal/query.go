package journal

import "sigill/appliance/mail"

// Query asks for entries. Its numbers bound what is read: no index stands on kind or actor,
// for every act would pay for it and hardly anybody asks.
type Query struct {
	From, To int64 // numbers: from the first on, before the second
	Kind     string
	Actor    *mail.ActorKind // nil: any
	Oldest   bool            // the oldest first; else the newest
}
