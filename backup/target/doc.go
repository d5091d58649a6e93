// Package target is the places to which backups go: a directory, a directory behind SFTP,
// and a bucket of an S3 service. All three keep objects by name, and promise the same, which
// one suite of tests (targettest) asks of each.
//
// It never encrypts and never looks into what it carries: what comes here is sealed already.
// It never speaks over a line that is not encrypted, never takes a server for another (an
// SSH key is pinned by its fingerprint, TLS has a certificate for the name), and follows no
// server to another host.
//
// On the wire are the SFTP protocol, version 3, with OpenSSH's extensions for fsync and for
// a rename that replaces; and S3 over TLS, signed by version 4. At the target are objects as
// backup/FORMAT.md names them, and beside them, in directories, what a cut has left half
// written, under names that end in ".partial".
//
// What holds always: an object is there whole, and on the disk of who keeps it, when Put has
// returned nil. A line that is cut in the middle leaves the old object or the new one, never
// half of one. What is removed is gone: a bucket that keeps old versions is refused, since
// erased keys would stay readable in it.
package target
