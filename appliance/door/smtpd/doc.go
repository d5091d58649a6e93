// Package smtpd is the door for mail programs and mail servers: the listener on
// port 25 and, when turned on, on the ports of submission.
//
// It never relays: mail goes to the desk, or is refused while the sender still
// waits. It never writes to a disk, never logs a subject, a content or a full
// address, never says 250 before the desk has said that the message is durable
// for every recipient, and never takes a mail to a secure address from somebody
// who has not proven to be of the house.
//
// # On the wire
//
// go-smtp speaks the dialogue; a wire of ours stands under it and owns the
// socket. The wire hands over one checked command at a time, holds replies back
// while more commands are already there, does STARTTLS, and reads the content
// itself, by DATA or BDAT, into one buffer: go-smtp sees an empty DATA. So the
// bytes that reach the desk are exactly those that were sent, the end of a
// message is exactly CRLF "." CRLF, and content is not read byte by byte.
//
//	socket ── wire ── go-smtp ── session ── proof ── Reader ── Desk
//	            └──── content (checked, budgeted) ────┘
//
// # What holds always
//
// The content that the desk gets holds no NUL, no CR without LF and no LF
// without CR. A mail whose content held one is answered 550 5.6.0 and the
// connection is closed, so that nobody who disagrees about where it ended can
// make us read the rest as commands. Behind STARTTLS nothing is known of what
// was said before it. A connection that drops in mid-content leaves nothing.
//
// # Who may send
//
//	(a) proven senders of the house, to secure addresses. The proof is a trusted
//	    network, a pinned client certificate, AUTH, or, behind a relay that is
//	    shared with strangers, an aligned DKIM signature or a secret header.
//	    MAIL FROM and From must be the house's; the null sender proves nothing.
//	    Who has signed in by an app password sends from the account's own address
//	    and no other, and only for as long as that password is there.
//	(b) anybody, to an address that the appliance itself made and still knows:
//	    one recipient, at most 1 MiB, a few a minute from one network.
//	(c) a configured gateway, inbound mail for the house's own domains.
//
// Anyone and anything else is answered 550 5.7.1, in the same words, whatever
// the reason. A recipient without a trigger is taken at RCPT from a proven
// sender, since the tag in the subject may ask for all of them; if nothing does,
// DATA is refused, and nothing that should be secure is passed on in clear.
//
// While the appliance is locked it does not know the addresses that it made, nor
// domains that were added on its pages: what may be one of these is answered 451
// 4.3.2, AUTH 454, and the rest as above.
//
// # Limits
//
//	size of a mail                 100 MiB      552 5.3.4   Limits.Message
//	to an address of ours            1 MiB      552 5.3.4   maxReturned
//	header                          64 KiB      552 5.3.4   maxHeader
//	parts, depth                   200, 20      552 5.3.4   Reader
//	recipients a mail                  500      452 4.5.3   maxRecipients
//	line of content                  1 MiB      550 5.6.0   maxContentLine
//	command line               2,048 bytes      500 5.5.2   maxCommand
//	line of an AUTH exchange  12,288 bytes      500 5.5.2   RFC 4954, 4
//	commands of a stranger           1,000      421 4.7.0   maxCommands
//	refusals to a stranger              30      421 4.7.0   maxRefusals
//	bad commands                         3      500 5.5.1   go-smtp
//	wrong passwords a session            3      421 4.7.0   maxWrong
//	connections                        500      421 4.3.2   Limits.Connections
//	    kept for the house's own       100                  reserved
//	connections of one address         100      421 4.7.0   Limits.PerAddress
//	content in memory               32 MiB      452 4.3.1   Limits.Memory
//	    and large mails at once          1                  a quarter of it and up
//	wait for a command               5 min      421 4.4.2   RFC 5321, 4.5.3.2.7
//	wait for content                 3 min      421 4.4.2   RFC 5321, 4.5.3.2.5
//	    and never slower than    512 byte/s                 minRate
//	the desk                         9 min      451 4.3.0   RFC 5321, 4.5.3.2.6
//
// # Standards
//
//	RFC 1870  SIZE                      yes
//	RFC 2034  ENHANCEDSTATUSCODES       yes
//	RFC 2920  PIPELINING                yes
//	RFC 3030  CHUNKING                  yes; BINARYMIME no
//	RFC 3207  STARTTLS                  yes; a command sent behind it closes
//	RFC 3463  enhanced codes            yes, reply.go
//	RFC 3848  words of Received         yes
//	RFC 4616  SASL PLAIN                yes, over TLS only
//	RFC 4954  AUTH                      yes, on submission listeners
//	RFC 5321  SMTP                      yes; source routes, quoted local parts
//	                                    and address literals are refused
//	RFC 5322  header fields             as far as From and the proofs need it
//	RFC 5890  domains beyond ASCII      compared in both forms
//	RFC 6152  8BITMIME                  yes
//	RFC 6376  DKIM                      verified; a body length is refused
//	RFC 6409  submission                yes
//	RFC 6531  SMTPUTF8                  yes
//	RFC 8314  implicit TLS              yes
//	RFC 8689  REQUIRETLS                yes; nothing is ever relayed
package smtpd
