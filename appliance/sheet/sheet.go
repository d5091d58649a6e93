// Package sheet makes the style sheets that are served of those that are written.
package sheet

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Type is how a list is called that names, one a line, the style sheets that are served
// as one, NAME.css, and the cascade layer of each ("-": none): so a vendored package stands
// beside its licence as it came, and only what is used goes over the wire.
const Type = ".bundle"

// Read returns the style sheet that a list names, trimmed, and the files that it is made of.
func Read(fsys fs.FS, list string) (css string, made []string, err error) {
	lines, err := fs.ReadFile(fsys, list)
	if err != nil {
		return "", nil, err
	}
	var out strings.Builder
	for line := range strings.Lines(string(lines)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "@") {
			out.WriteString(line + "\n")
			continue
		}
		layer, name, _ := strings.Cut(line, " ")
		name = path.Join(path.Dir(list), strings.TrimSpace(name))
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", nil, err
		}
		made = append(made, name)
		if layer == "-" {
			fmt.Fprintf(&out, "%s\n", data)
			continue
		}
		fmt.Fprintf(&out, "@layer %s{%s}\n", layer, data)
	}
	return trim(out.String()), made, nil
}

// trim leaves out of a whole style sheet what no browser uses: comments, indentation, and
// custom properties that nothing in the sheet asks for, of which a theme declares hundreds.
// A unit's own colours only set properties that the sheet asks for, and no script reads one.
func trim(css string) string {
	css = uncommented(css)
	for {
		shorter := withoutUnasked(css)
		if len(shorter) == len(css) {
			return css
		}
		css = shorter // what only they had asked for is now asked for by nobody
	}
}

// uncommented is a style sheet without comments, empty lines and indentation. No string of ours or of
// the package holds the sign of a comment.
func uncommented(css string) string {
	var out strings.Builder
	out.Grow(len(css))
	for css != "" {
		before, rest, _ := strings.Cut(css, "/*")
		out.WriteString(before)
		_, css, _ = strings.Cut(rest, "*/")
	}
	var lines strings.Builder
	lines.Grow(out.Len())
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSpace(line); line != "" {
			lines.WriteString(line + "\n")
		}
	}
	return lines.String()
}

// withoutUnasked leaves out the declarations of custom properties whose name stands nowhere
// else than where one is declared.
func withoutUnasked(css string) string {
	list, asked := properties(css), map[string]bool{}
	for _, p := range list {
		if !p.declared {
			asked[p.name] = true
		}
	}
	var out strings.Builder
	out.Grow(len(css))
	from := 0
	for _, p := range list {
		if p.declared && !asked[p.name] && p.at >= from {
			out.WriteString(css[from:p.at])
			from = p.at + valueEnd(css[p.at:])
		}
	}
	out.WriteString(css[from:])
	return out.String()
}

// property is one place where the name of a custom property stands.
type property struct {
	name     string
	at       int
	declared bool // at the begin of a declaration, and not in a value or a condition
}

func properties(css string) (list []property) {
	list = make([]property, 0, strings.Count(css, "--"))
	for at := 0; ; {
		i := strings.Index(css[at:], "--")
		if i < 0 {
			return list
		}
		begin := at + i
		for at = begin; at < len(css) && inName(css[at]); at++ {
		}
		if begin > 0 && inName(css[begin-1]) {
			continue // within a class, like .a--b
		}
		before := strings.TrimRight(css[:begin], " \n")
		declared := before != "" && strings.ContainsRune("{};", rune(before[len(before)-1])) && strings.HasPrefix(strings.TrimLeft(css[at:], " \n"), ":")
		list = append(list, property{css[begin:at], begin, declared})
	}
}

func inName(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// valueEnd is how long a declaration is, with its semicolon and without the brace that ends its
// block. Neither counts in brackets or in a string.
func valueEnd(css string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(css); i++ {
		switch c := css[i]; {
		case c == '\\':
			i++ // what stands behind it means itself
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && c == ';':
			return i + 1
		case depth == 0 && c == '}':
			return i
		}
	}
	return len(css)
}
