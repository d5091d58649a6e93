// Package notify puts into words what the house tells: the mails that say that
// there is a letter, the reports to the sender, and the SMS with the PIN.
//
// It never holds what a letter says: a mail.Notice has no subject, no text and no
// file name, so none can get into a mail. It never fetches or points to anything
// but the house's own address. It sends nothing and keeps nothing; courier does
// the sending.
//
// On the wire: RFC 5322 with CRLF, multipart/alternative, text first and the same
// in HTML without a remote resource; quoted-printable, so that no line is too long
// and no byte above 127, but for a local part outside ASCII (RFC 6532). All are
// Auto-Submitted (RFC 3834), so that no vacation answer comes back.
//
// # Texts
//
// They stand in embed/notice, one folder a language, one file a notice; a new
// language is a new folder. A text is a text/template. Its first line is the
// subject; paragraphs stand apart by blank lines; {{title}}, {{small}}, {{button}},
// {{code}}, {{strong}} and {{line}} say what a piece is. From this one source come
// the plain text and the HTML, so that both say the same.
//
// # What holds always
//
//   - Every line of a header is written by the builder in header.go. It takes typed
//     values and refuses control characters, so no value can begin a new line.
//   - What stands between the marks of a text cannot be forged by a value: marks are
//     control characters, and values are cleaned of those.
//   - A notice that is to have no link has none, in the text and in HTML.
//   - The only link is the house's own base URL, with the code in the fragment.
package notify
