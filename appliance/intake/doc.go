// Package intake reads raw mail, hostile until shown otherwise, into a mail.Draft,
// and knows the grammar by which a sender says "this one is secure".
//
// It never touches a disk or a socket, never decides whether a message may go,
// and never opens what stands inside an attachment: no archive, no nested
// mail, no winmail.dat is unpacked. It never passes raw header bytes on: what
// leaves here are values.
//
// On the wire are RFC 5322 mails, MIME parts, and the grammar:
//
//	secure-address = mailbox "." [ number "." ] trigger
//	trigger        = "s" by default; the organisation may set others
//	number         = digits, national or 00 + country code
//	tag            = "[" keyword words "]" in the subject, words in any order
//	receipt        = "kvitto" (and its like) by mail, "smskvitto" by SMS; -Receipt: yes, mail, sms, no
//	X-Sigill-Level, -Phone, -Lifetime, -Receipt, -Case, -Language
//
// # What holds always
//
//   - Work and memory are linear in the size of the mail, bounded by Limits.
//   - Everything in a Draft is valid UTF-8; names hold no path, no control character
//     and nothing that turns the direction of writing; file names are not empty
//     and differ from each other.
//   - Nothing that came is lost: what cannot be read is kept as a file as it came.
//   - What was guessed is said in Faults; what two readers would read in two
//     ways about structure or authorship is refused.
//   - What is almost a secure address is never taken for an ordinary one.
//
// # One parser
//
// Structure is decided in one place (structure.go). The library enmime was measured
// for it and is not used: it reads each byte once a level, has no limits, finds boundaries
// in the middle of a line, and takes a file with a boundary parameter for a multipart,
// whose text is then gone. For lists of addresses and rare character sets alone it would
// bring half a megabyte that every start sets up. Tests hold both against it.
//
// # RFC
//
//	5322  Internet message format        yes; obsolete routes and comments as net/mail has them
//	5321  SMTP                           partly: line ends and lengths; the door does the rest
//	6532  Internationalised headers      yes
//	2045  MIME bodies                    yes
//	2046  Media types                    yes; message/partial and external-body are kept as files
//	2047  Encoded words                  yes, also cut letters and words inside quotes
//	2183  Content-Disposition            yes, without dates and size
//	2231  Parameter continuations        yes, any character set; languages are ignored
//	2387  multipart/related              partly: the first part is the root, "start" is ignored
//	2392  cid: URLs                      yes; mid: no
//	1847  multipart/signed, encrypted    partly: kept, not verified here
//	3676  format=flowed                  yes
//	3464  Delivery reports               yes (Bounce)
//	3834  Automatic replies              yes (Bounce)
//	3463  Status codes                   yes (Bounce)
//	8098  Read receipts                  recognised (Bounce)
//	2152  UTF-7                          yes
//	2781  UTF-16                         yes
//	2606  Reserved names                 yes: ".invalid" where an address must not be shown
//	3490  Full stops of other scripts    yes, in near misses
//	8551  S/MIME                         no: kept as files
//	5646  Names of languages             partly: how they are written; nothing is looked up
//	5545  Calendars                      no: kept as files
//	7763  text/markdown                  no: kept as a file
//	draft-chen-email-mime-ambiguity-defense  in spirit: strict floor, flag or refuse
package intake
