package handbook

import (
	"bytes"
	"fmt"
	"html/template"
	"image/png"
	"io/fs"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// writer turns one chapter into the parts of the design system. It writes what is named
// here and nothing else, and every text through the escaper: what a chapter holds beside
// that is an error.
type writer struct {
	h      *Handbook
	file   string // in the tree
	source []byte
	c      *Chapter
	out    strings.Builder
	plain  strings.Builder
}

// marks are the elements around what stands in a node.
var marks = map[ast.NodeKind][2]string{
	ast.KindParagraph:  {`<p class="ds-paragraph">`, "</p>\n"},
	ast.KindBlockquote: {"<div class=\"ds-alert\" data-color=\"info\">\n", "</div>\n"},
	ast.KindListItem:   {"<li>", "</li>\n"},
	ast.KindTextBlock:  {"", ""},
}

// document writes the chapter. Its first line is its title.
func (w *writer) document(doc ast.Node) error {
	title, ok := doc.FirstChild().(*ast.Heading)
	if !ok || title.Level != 1 {
		return fmt.Errorf("does not begin with # and a title")
	}
	if err := w.children(title); err != nil {
		return err
	}
	w.c.Title = strings.TrimSpace(w.plain.String())
	w.out.Reset()
	w.plain.Reset()
	for n := title.NextSibling(); n != nil; n = n.NextSibling() {
		if err := w.node(n); err != nil {
			return err
		}
	}
	w.c.HTML = template.HTML(w.out.String())
	w.c.text = strings.Join(strings.Fields(w.plain.String()), " ")
	return nil
}

func (w *writer) children(n ast.Node) error {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if err := w.node(c); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) node(n ast.Node) error {
	if around, ok := marks[n.Kind()]; ok {
		if image, ok := n.FirstChild().(*ast.Image); ok && n.Kind() == ast.KindParagraph {
			return w.image(image)
		}
		return w.within(n, around[0], around[1])
	}
	switch n := n.(type) {
	case *ast.Heading:
		if n.Level != 2 && n.Level != 3 {
			return fmt.Errorf("has a heading of level %d below its title", n.Level)
		}
		size := map[int]string{2: "sm", 3: "xs"}[n.Level]
		return w.within(n, fmt.Sprintf(`<h%d class="ds-heading" data-size="%s">`, n.Level, size), fmt.Sprintf("</h%d>\n", n.Level))
	case *ast.List:
		if n.IsOrdered() {
			return w.within(n, "<ol class=\"ds-list\">\n", "</ol>\n")
		}
		return w.within(n, "<ul class=\"ds-list\">\n", "</ul>\n")
	case *ast.Emphasis:
		if n.Level == 2 {
			return w.within(n, "<strong>", "</strong>")
		}
		return w.within(n, "<em>", "</em>")
	case *ast.CodeSpan:
		return w.within(n, `<code class="mono">`, "</code>")
	case *ast.FencedCodeBlock:
		w.out.WriteString(`<pre class="across mono" tabindex="0">`)
		w.say(string(n.Lines().Value(w.source)))
		w.out.WriteString("</pre>\n")
		w.plain.WriteByte('\n')
	case *ast.Link:
		return w.link(n)
	case *ast.Text:
		w.say(string(n.Value(w.source)))
		if n.SoftLineBreak() || n.HardLineBreak() {
			w.say("\n")
		}
	default:
		return fmt.Errorf("has a %s, which chapters do not", n.Kind())
	}
	return nil
}

func (w *writer) within(n ast.Node, before, after string) error {
	w.out.WriteString(before)
	if err := w.children(n); err != nil {
		return err
	}
	w.out.WriteString(after)
	if n.Kind() == ast.KindHeading && !strings.HasSuffix(w.plain.String(), "?") {
		w.plain.WriteByte('.') // an excerpt has no lines
	}
	if n.Type() == ast.TypeBlock {
		w.plain.WriteByte('\n')
	}
	return nil
}

func (w *writer) say(s string) {
	w.out.WriteString(template.HTMLEscapeString(s))
	w.plain.WriteString(s)
}

// link leads to another chapter, by its file, or to a page of ours, by its path.
func (w *writer) link(n *ast.Link) error {
	to := string(n.Destination)
	if !strings.HasPrefix(to, "/") {
		file := path.Join(path.Dir(w.file), to)
		if _, err := fs.Stat(w.h.files, file); err != nil || path.Ext(file) != ".md" || !strings.HasPrefix(file, strings.SplitN(w.file, "/", 2)[0]+"/") {
			return fmt.Errorf("leads to %s, which is no chapter in its language", to)
		}
		to = (&Chapter{Book: path.Base(path.Dir(file)), Name: named(file)}).Path()
	}
	w.c.Links = append(w.c.Links, to)
	return w.within(n, `<a class="ds-link" href="`+template.HTMLEscapeString(to)+`">`, "</a>")
}

// image stands alone in its paragraph. Its measures are said, so that the text stays where
// it is while the picture comes.
func (w *writer) image(n *ast.Image) error {
	file := path.Join(path.Dir(w.file), string(n.Destination))
	content, err := fs.ReadFile(w.h.files, file)
	if err != nil || !strings.HasPrefix(file, pictures+"/") {
		return fmt.Errorf("shows %s, which is no picture", n.Destination)
	}
	measures, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	alt := writer{h: w.h, file: w.file, source: w.source, c: w.c}
	if err := alt.children(n); err != nil {
		return err
	}
	if alt.plain.Len() == 0 || n.NextSibling() != nil {
		return fmt.Errorf("%s: stands alone in its paragraph, with words for who does not see it", file)
	}
	w.c.Pictures = append(w.c.Pictures, file)
	fmt.Fprintf(&w.out, "<img class=\"shot\" src=\"%s\" alt=\"%s\" width=\"%d\" height=\"%d\" loading=\"lazy\">\n",
		picturePath(file, content), template.HTMLEscapeString(alt.plain.String()), measures.Width, measures.Height)
	return nil
}
