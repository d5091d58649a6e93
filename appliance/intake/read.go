package intake

import (
	"strings"
	"unicode"

	"sigill/appliance/mail"
)

// single are the fields of which two different ones make two mails of one; the
// mail is refused, because whoever checked it may have seen the other.
var single = []string{"from", "subject", "content-type", "content-transfer-encoding",
	"x-sigill-level", "x-sigill-phone", "x-sigill-lifetime", "x-sigill-receipt", "x-sigill-case"}

// flagged are the others that may stand once (RFC 5322, 3.6); the first counts.
var flagged = []string{"date", "to", "cc", "reply-to", "sender", "message-id", "in-reply-to", "references", "mime-version"}

// Read reads a mail as it came by SMTP. From is what the From line says, if that is
// one address: the door that proved somebody puts the proven one there. To is
// empty: only the envelope says who gets it. The draft's Raw is raw itself and its
// files may share memory with it, so raw must not be changed afterwards.
//
// The error is Invalid or TooLarge, with a sentence that says how to mend it.
func Read(raw []byte, lim Limits) (*mail.Draft, error) {
	d, _, err := read(raw, lim)
	return d, err
}

func read(raw []byte, lim Limits) (*mail.Draft, header, error) {
	var f faults
	if err := scan(raw, lim, &f); err != nil {
		return nil, nil, err
	}
	root, err := build(raw, lim, &f)
	if err != nil {
		return nil, nil, err
	}
	if err := root.header.once(&f, single, flagged); err != nil {
		return nil, nil, err
	}
	d := &mail.Draft{Raw: raw}
	headInto(d, root.header, &f)
	c := &content{faults: &f, names: namer{}}
	d.Text, d.HTML = together(c.gather(root))
	c.inline(d.HTML)
	d.Files, d.Faults = c.files, f
	return d, root.header, nil
}

// headInto reads the header fields that a draft has.
func headInto(d *mail.Draft, h header, f *faults) {
	var cut bool
	if d.Subject, cut = line(words(h.get("subject"), f), maxSubject); cut {
		f.add(FaultSubject)
	}
	if from := addresses(h.get("from"), f); len(from) == 1 {
		d.From, d.FromName = from[0].address, from[0].name
	}
	d.MessageID = first(messageIDs(h.get("message-id")))
	d.InReplyTo = first(messageIDs(h.get("in-reply-to")))
	d.References = messageIDs(h.get("references"))
}

// maxReferences is how many ids of a thread are kept: the first and the newest.
const maxReferences = 50

// messageIDs returns the ids in a field (RFC 5322, 3.6.4), without brackets.
func messageIDs(s string) []string {
	var list []string
	for {
		_, rest, ok := strings.Cut(s, "<")
		id, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			break
		}
		s = after
		if id != "" && len(id) <= 250 && !strings.ContainsFunc(id, func(r rune) bool {
			return r <= ' ' || r == '<' || r == '>' || r >= 0x7f || unicode.IsControl(r)
		}) {
			list = append(list, id)
		}
	}
	if len(list) > maxReferences {
		list = append(list[:1:1], list[len(list)-maxReferences+1:]...)
	}
	return list
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
