// Package portal is the door for people who write and read, one file a page: the
// citizen's way from a code to a letter, and the mailbox of those who work for the
// house.
//
// It never does what the desk does, and never changes anything by a GET: mail
// scanners open every link.
//
// On the wire are pages of HTML that work without script. What a visitor has shown
// (a code, a PIN, a password) lives in memory with the visit.
//
// What holds always: somebody without the right to a thing gets the same bytes as
// for a thing that is not there.
package portal
