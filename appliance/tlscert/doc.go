// Package tlscert keeps the certificates that the doors show: two files that somebody else
// looks after, certificates that an authority gives by ACME (RFC 8555), or those of an
// authority of this machine's own, for trying out.
//
// It never touches letters, people or the store: it works before any of them is there, and
// while the appliance is locked. It never says a private key to anybody, a log included.
//
// On disk, below a directory of its own (KEYS/tls, mode 0700, files 0600):
//
//	internal/root.pem    the key and certificate of this machine's own authority
//	internal/leaf.pem    the key and certificate that it has made for the doors
//	acme/DIRECTORY/account.pem   the key of our account at the authority of that address
//	acme/DIRECTORY/NAME.pem      the key and certificates for a name
//
// A key and its certificate stand in one file, which takes another's place by a rename: there
// is no half of a pair, whenever the power goes. The keys are not sealed. A locked appliance
// needs them before anybody has unlocked it, and a thief of the disk who has them can pretend
// to be this web server until the certificate is revoked, but opens no letter with them. They
// are in no backup: an authority gives others.
//
// On the wire: requests to the ACME authority, over TLS that is verified; its questions on
// port 80 (HTTP-01, RFC 8555, 8.3) and on the portal's port (TLS-ALPN-01, RFC 8737).
//
// What holds always: a handshake is answered by a key and a certificate that belong together.
// What cannot be read, does not fit or cannot be had leaves the one before in its place, and
// is told as a Trouble.
package tlscert
