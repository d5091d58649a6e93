// Package trap stands in for the house's mail server and its SMS gateway in the
// demo: it takes everything, sends nothing on, and shows it on a page, beside a
// clock that can be turned.
//
// It is never part of a real appliance: no setting reaches it. It never listens
// but on loopback, and writes nothing to disk; what it holds is gone with the
// process.
//
// On the wire: SMTP with STARTTLS by a certificate made in memory, so that what
// goes over verified TLS only goes here too; HTTP for people (/) and for scripts
// (/messages.json, /clock).
//
// # What holds always
//
//   - At most 1,000 messages and 64 MiB are held; the oldest give way.
//   - A page of another site, open in the same browser, can neither read nor turn
//     anything: the Host header must be a name of loopback (DNS rebinding), and what
//     changes something must come from the page itself or from a program.
//   - Mail is hostile even here: its HTML is shown in a sandbox without scripts and
//     without a single remote request.
package trap
