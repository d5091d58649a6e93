package notify

import (
	"errors"
	"strings"
	"text/template"
)

// The marks by which a text says what a piece is. They are control characters,
// which no value holds once it is cleaned.
const (
	markBlock = "\x01" // and a letter: what the paragraph is
	markSpan  = "\x02" // and a letter: what follows up to markEnd is
	markMid   = "\x03" // between a button's label and its address
	markEnd   = "\x04"
)

// marks are the functions of a text.
var marks = template.FuncMap{
	"title":  func() string { return markBlock + "T" },
	"small":  func() string { return markBlock + "S" },
	"item":   func() string { return "\n\n" + markBlock + "I" },
	"button": func(label, href string) string { return markBlock + "B" + label + markMid + href },
	"strong": func(s string) string { return markSpan + "S" + s + markEnd },
	"code":   func(s string) string { return markSpan + "C" + s + markEnd },
	"line":   func() string { return markSpan + "L" + markEnd },
}

// block is a paragraph of a notice.
type block struct {
	Kind        string // "" "title" "small" "item" "button"
	Spans       []span
	Label, Href string // of a button
}

// span is a piece of a paragraph.
type span struct {
	Kind string // "" "strong" "code" "line"
	Text string
}

var (
	blockKinds = map[byte]string{'T': "title", 'S': "small", 'I': "item", 'B': "button"}
	spanKinds  = map[byte]string{'S': "strong", 'C': "code", 'L': "line"}
)

// parseText reads what a text's template wrote: subject and paragraphs.
func parseText(s string) (subject string, blocks []block, err error) {
	first, rest, _ := strings.Cut(s, "\n")
	subject, ok := strings.CutPrefix(first, "Subject: ")
	if !ok {
		return "", nil, errors.New("the first line is no subject")
	}
	var lines []string
	flush := func() {
		if p := strings.TrimSpace(strings.Join(lines, " ")); p != "" {
			blocks = append(blocks, parseBlock(p))
		}
		lines = nil
	}
	for line := range strings.SplitSeq(rest, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return strings.TrimSpace(subject), blocks, nil
}

func parseBlock(p string) block {
	var b block
	if rest, ok := strings.CutPrefix(p, markBlock); ok && rest != "" {
		b.Kind, p = blockKinds[rest[0]], strings.TrimSpace(rest[1:])
	}
	if b.Kind == "button" {
		b.Label, b.Href, _ = strings.Cut(p, markMid)
		return b
	}
	for p != "" {
		plain, rest, marked := strings.Cut(p, markSpan)
		if plain != "" {
			b.Spans = append(b.Spans, span{Text: plain})
		}
		if !marked || rest == "" {
			break
		}
		text, after, _ := strings.Cut(rest[1:], markEnd)
		b.Spans = append(b.Spans, span{spanKinds[rest[0]], text})
		p = after
	}
	return b
}

// plain writes the blocks as text, and below them the sender's own lines.
func plain(blocks []block, footer []string) string {
	var out strings.Builder
	for i, b := range blocks {
		if i > 0 {
			out.WriteString("\n\n")
		}
		switch b.Kind {
		case "button":
			// The address ends the line, so that no mail program takes a full stop into it.
			out.WriteString("    " + b.Label + ":  " + b.Href)
			continue
		case "item":
			out.WriteString("  * ")
		}
		for _, s := range b.Spans {
			if s.Kind == "line" {
				out.WriteString("\n    ")
				continue
			}
			out.WriteString(s.Text)
		}
	}
	if len(footer) > 0 {
		out.WriteString("\n\n" + strings.Join(footer, "\n"))
	}
	return out.String() + "\n"
}
