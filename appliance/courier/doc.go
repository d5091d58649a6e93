// Package courier carries what the house has to tell out of the house: notices
// to the smarthost, and PINs to an SMS gateway.
//
// It never words anything itself: notify does, and only once the connection is
// known. It never writes to a disk. It never hands on what a peer says: of an
// answer it keeps the numbers ("550 5.1.1"), because the words may hold an
// address. An SMS is nowhere but in memory: not in a log, not in an error.
//
// On the wire: SMTP (RFC 5321) with STARTTLS or implicit TLS, AUTH only inside
// TLS, DSN (RFC 3461) with NOTIFY=FAILURE and RET=HDRS where it is offered, so
// that a returned notice does not carry its code through foreign hands a second
// time. SMS by one HTTPS request each, without keep-alive, redirect or retry of
// the transport's own, so that one Send is at most one SMS for each provider.
//
// # What holds always
//
//   - A notice is sent at least once. It is sent twice only if the connection is
//     lost, or the process killed, between the last dot and the answer being
//     written down; both copies have one Message-ID.
//   - A notice that opens a letter by itself (mail.Notice.MustTLS) leaves with its
//     code only if the next server proved its name by a certificate.
//   - What is wrong with the smarthost is never counted against a notice; what is
//     wrong with one notice never holds up another.
//
// # Which answer means what
//
//	no connection, TLS or AUTH refused, 421, 4.3.x   the smarthost: all wait, no try is counted
//	4xx                                              this notice: again after 1m 5m 15m 1h 3h 6h 6h …
//	5xx to MAIL                                      as 4xx: the fault is in our settings, not the reader's
//	5xx to RCPT or DATA                              it will never go; the desk tells the sender
//	the line breaks within a mail                    as 4xx
package courier
