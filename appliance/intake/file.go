package intake

import (
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"sigill/appliance/mail"
)

// file makes an attachment of a leaf.
func (c *content) file(p *part) {
	data, chars, ok := decode(p.body, p.encoding, c.faults)
	kind := p.kind.value
	if !ok {
		kind = "application/octet-stream"
	}
	given := fileName(p, c.faults)
	name := cleanName(given)
	if given != "" && name != given {
		c.faults.add(FaultName)
	}
	f := mail.File{Name: name, ContentID: strings.Trim(p.header.get("content-id"), "<> \t"), Data: data}
	if chars > 0 {
		f.Raw = mail.Span{At: int64(p.at), Chars: chars}
	}
	c.add(f, kind)
}

// add keeps a file under a name that nobody else has.
func (c *content) add(f mail.File, declared string) {
	f.Type = fileType(f.Name, declared, f.Data)
	if f.Name == "" {
		f.Name = standIn(f.Type, f.Data, c.faults)
	}
	if f.Type == "message/rfc822" && !strings.EqualFold(path.Ext(f.Name), ".eml") {
		f.Name = shorten(f.Name, maxFileName-4) + ".eml"
	}
	if len(f.ContentID) > 250 || strings.ContainsFunc(f.ContentID, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		f.ContentID = ""
	}
	f.Name = c.names.unique(f.Name)
	c.files = append(c.files, f)
}

// fileName returns the name that the sender gave, decoded: of the disposition
// (RFC 2183, 2.3) or, older, of the type.
func fileName(p *part, f *faults) string {
	for _, v := range []string{p.place.params["filename"], p.kind.params["name"]} {
		if v != "" {
			return words(v, f) // encoded words are forbidden here (RFC 2047, 5) and everywhere
		}
	}
	return ""
}

// standIn names a file that has no name.
func standIn(kind string, data []byte, f *faults) string {
	switch kind {
	case "message/rfc822":
		h, _, _ := readHeader(data, 64<<10, nil, new(faults))
		if s := cleanName(words(h.get("subject"), f)); s != "" {
			return shorten(s, maxFileName-4) + ".eml"
		}
		return "message.eml"
	case "message/delivery-status", "text/rfc822-headers", "message/disposition-notification":
		return strings.TrimPrefix(strings.TrimPrefix(kind, "message/"), "text/") + ".txt"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return "smime.p7s"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return "smime.p7m"
	case "application/pgp-signature":
		return "signature.asc"
	case "application/ms-tnef":
		return "winmail.dat"
	case "text/calendar":
		return "invite.ics"
	case "text/plain":
		return "text.txt"
	case "text/html":
		return "text.html"
	}
	ext := mimetype.Detect(data[:min(len(data), 3072)]).Extension()
	if m := mimetype.Lookup(kind); m != nil && m.Extension() != "" {
		ext = m.Extension()
	}
	if ext == "" {
		ext = ".bin"
	}
	if strings.HasPrefix(kind, "image/") {
		return "image" + ext
	}
	return "file" + ext
}

// byExtension tells types that content alone does not tell.
var byExtension = map[string]string{
	".txt": "text/plain", ".csv": "text/csv", ".ics": "text/calendar", ".vcf": "text/vcard", ".md": "text/markdown",
	".xml": "text/xml", ".json": "application/json", ".eml": "message/rfc822", ".msg": "application/vnd.ms-outlook", ".p7s": "application/pkcs7-signature",
	".p7m": "application/pkcs7-mime", ".doc": "application/msword", ".xls": "application/vnd.ms-excel", ".ppt": "application/vnd.ms-powerpoint",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}

// fileType returns the media type by content, by name where content does not
// tell, and by what the sender says last: that is where lies are cheapest.
func fileType(name, declared string, data []byte) string {
	if !strings.Contains(declared, "/") || !token(strings.Replace(declared, "/", "", 1)) || strings.HasPrefix(declared, "multipart/") {
		declared = "application/octet-stream"
	}
	switch declared {
	case "message/rfc822", "message/delivery-status", "message/disposition-notification", "text/rfc822-headers", "text/calendar", "application/ms-tnef",
		"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-signature", "application/pgp-encrypted":
		return declared
	}
	found, _, _ := strings.Cut(mimetype.Detect(data[:min(len(data), 3072)]).String(), ";")
	switch found {
	case "application/octet-stream", "text/plain", "application/zip", "application/jar", "application/vnd.android.package-archive", "application/x-ole-storage", "text/xml", "":
		if t, ok := byExtension[strings.ToLower(path.Ext(name))]; ok {
			return t
		}
		if len(data) == 0 || found == "text/plain" && strings.HasPrefix(declared, "text/") || found == "application/octet-stream" {
			return declared
		}
	}
	return found
}
