// Package control is the door for this machine's own commands: while an appliance
// runs it alone may open the data, so `sigill journal verify` and its like ask it.
//
// It never listens on a network and knows no passwords: who asks is what the kernel
// says of the other end of the socket (SO_PEERCRED), and only root and the account
// that runs the appliance are answered. It takes no bytes of letters and gives none.
//
// # On disk
//
// RUN/sigill.sock, mode 0600, in a directory of mode 0700 that belongs to the
// appliance's account. The directory is locked (flock) as long as the socket is there,
// so a socket in an unlocked directory is what a crash has left.
//
// # On the wire
//
// HTTP/1.1 and JSON, so that curl --unix-socket will do. Each command is a POST to a
// path of its own, one to a connection. The answer is 200 and the command's own
// object, or another status and
//
//	{"kind":"busy","say":"error.busy","with":{…},"cause":"…"}
//
// whose kind and say are those of mail.Error. Without say, cause is the sentence.
//
// # What holds always
//
// A question is at most 64 KiB and comes within 10 s; no more than 8 are in at once, and
// none for much longer than an hour. Ask reads an answer of at most 1 MiB. A socket that answers is never
// replaced, and Run takes the socket away before it returns.
package control
