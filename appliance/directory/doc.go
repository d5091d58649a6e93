// Package directory reads who works in the house from its directory: OpenLDAP, Active
// Directory, or any other that speaks LDAP 3 (RFC 4511).
//
// It only ever reads. It knows nothing of what is made of it: that is the office's.
//
// On the wire is LDAP over TLS 1.2 or newer, from the first byte or after StartTLS; in
// clear only to this computer itself. Results come in pages (RFC 2696), and at once from a
// server that does not know them.
//
// What holds always: a directory is read whole, or there is an error; half of one would
// look as if the other half had left. So is a reference to another server, which is not
// read, and a page of which nothing says whether there are more. How much is read, and for how long, is bounded,
// whatever the server sends. No error holds a password, a name of an entry or a text of
// the server's.
package directory
