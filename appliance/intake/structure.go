package intake

import (
	"bytes"
	"strings"
)

// part is a node of the mail's tree. All slices point into the raw mail.
type part struct {
	header   header
	kind     media // Content-Type
	place    media // Content-Disposition
	encoding string
	parent   *part
	children []*part
	body     []byte // of a leaf: still encoded
	at       int    // where the body begins in the raw mail
	preamble []byte // of a multipart
	epilogue []byte
	boundary string // "" for a leaf
}

func (p *part) multipart() bool { return p.boundary != "" }

// tree is the one parser that decides on structure. It goes through the mail
// once, with a stack of the boundaries that are open (RFC 2046, 5.1.1), so its
// work is linear however the parts stand, and both limits are kept while it goes.
//
// The parsers of others look at each byte once for every level, take a boundary
// in the middle of a line, or see a multipart where a file has a boundary
// parameter; here a delimiter is a line of its own, nothing else.
type tree struct {
	raw    []byte
	lim    Limits
	faults *faults
	open   []*part
	parts  int
}

// build returns the root of the mail's parts.
func build(raw []byte, lim Limits, f *faults) (*part, error) {
	t := &tree{raw: raw, lim: lim, faults: f}
	root, at, err := t.part(0, nil)
	if err != nil {
		return nil, err
	}
	if !root.multipart() {
		root.body = raw[at:]
		return root, nil
	}
	return root, t.children(root, at)
}

// children reads all below root, whose preamble begins at from.
func (t *tree) children(root *part, from int) error {
	region := &root.preamble // where the bytes since from belong
	at := from
	for len(t.open) > 0 {
		i := t.dashes(at)
		if i < 0 {
			t.faults.add(FaultBoundary) // not closed: cut short, or never a multipart
			break
		}
		line, next := lineAt(t.raw, i)
		level, closing := t.delimiter(line)
		if level < 0 {
			at = next
			continue
		}
		*region = t.raw[from:max(from, i-2)] // the CRLF before a delimiter belongs to it
		if level < len(t.open)-1 {
			t.faults.add(FaultBoundary) // an inner multipart was not closed
		}
		here := t.open[level]
		t.open = t.open[:level+1]
		if closing {
			t.open = t.open[:level]
			region, from, at = &here.epilogue, next, next
			continue
		}
		child, body, err := t.part(next, here)
		if err != nil {
			return err
		}
		here.children = append(here.children, child)
		region, from, at = &child.body, body, body
		if child.multipart() {
			region = &child.preamble
		}
	}
	*region = t.raw[min(from, len(t.raw)):]
	return nil
}

// part reads a part's header at offset at, and returns where its body begins.
func (t *tree) part(at int, parent *part) (*part, int, error) {
	if t.parts++; t.parts > t.lim.Parts {
		return nil, 0, tooManyParts(t.lim)
	}
	stop := func(line []byte) bool { level, _ := t.delimiter(line); return level >= 0 }
	h, n, err := readHeader(t.raw[at:], t.lim.Header, stop, t.faults)
	if err != nil {
		return nil, 0, err
	}
	if err := h.once(t.faults, []string{"content-type", "content-transfer-encoding"}, []string{"content-disposition", "content-id"}); err != nil {
		return nil, 0, err
	}
	p := &part{header: h, parent: parent, kind: readMedia(h.get("content-type")), place: readMedia(h.get("content-disposition")),
		encoding: strings.ToLower(h.get("content-transfer-encoding"))}
	if i := strings.IndexAny(p.encoding, " \t;("); i >= 0 {
		p.encoding = p.encoding[:i]
	}
	if p.kind.value == "" && parent != nil && parent.kind.value == "multipart/digest" {
		p.kind.value = "message/rfc822" // RFC 2046, 5.1.5
	}
	if strings.HasPrefix(p.kind.value, "multipart/") {
		if err := t.enter(p); err != nil {
			return nil, 0, err
		}
	}
	p.at = at + n
	return p, p.at, nil
}

// enter opens a multipart.
func (t *tree) enter(p *part) error {
	b := strings.TrimRight(p.kind.params["boundary"], " ")
	switch {
	case p.kind.twice["boundary"]:
		return ambiguous("boundary")
	case p.encoding == "base64" || p.encoding == "quoted-printable":
		return ambiguous("content-transfer-encoding") // RFC 2045, 6.4: some undo it, some do not
	case b == "":
		t.faults.add(FaultBoundary)
		return nil // a leaf; its text is kept as a file
	case len(b) > 200:
		return ambiguous("boundary")
	case len(b) > 70: // RFC 2046, 5.1.1
		t.faults.add(FaultBoundary)
	}
	for _, o := range t.open {
		if o.boundary == b {
			return ambiguous("boundary") // whose part is it?
		}
		if strings.HasPrefix(b, o.boundary) || strings.HasPrefix(o.boundary, b) {
			t.faults.add(FaultBoundary) // readers that compare beginnings see another mail
		}
	}
	if len(t.open) >= t.lim.Depth {
		return tooDeep(t.lim)
	}
	p.boundary = b
	t.open = append(t.open, p)
	return nil
}

// delimiter returns the level of the open multipart whose delimiter line is, the
// innermost first, or -1.
func (t *tree) delimiter(line []byte) (level int, closing bool) {
	for level = len(t.open) - 1; level >= 0; level-- {
		rest, ok := bytes.CutPrefix(line[2:], []byte(t.open[level].boundary))
		if !ok {
			continue
		}
		rest = bytes.TrimRight(rest, " \t\r\n") // RFC 2046: transport padding
		if len(rest) == 0 {
			return level, false
		}
		if len(rest) == 2 && rest[0] == '-' && rest[1] == '-' {
			return level, true
		}
		t.faults.add(FaultBoundary) // begins like a delimiter: some readers take it as one
	}
	return -1, false
}

var crlfDashes = []byte("\r\n--")

// dashes returns where the next line begins that starts with "--", at or behind at.
func (t *tree) dashes(at int) int {
	if at > len(t.raw) {
		return -1
	}
	if bytes.HasPrefix(t.raw[at:], crlfDashes[2:]) {
		return at
	}
	i := bytes.Index(t.raw[at:], crlfDashes)
	if i < 0 {
		return -1
	}
	return at + i + 2
}

func lineAt(raw []byte, at int) (line []byte, next int) {
	n := bytes.IndexByte(raw[at:], '\n')
	if n < 0 {
		return raw[at:], len(raw)
	}
	return raw[at : at+n+1], at + n + 1
}
