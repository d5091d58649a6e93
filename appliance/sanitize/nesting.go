package sanitize

// Old mail programs leave out end tags that HTML implies. These rules close the
// open element as a browser would, so that our output is well nested and a browser
// finds nothing to mend in it.

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

var (
	cells    = set("td", "th", "caption", "table")
	tables   = set("table")
	rows     = set("tr", "table")
	lists    = set("ul", "ol", "td", "th", "caption", "table")
	defLists = set("dl", "td", "th", "caption", "table")

	// blocks close an open paragraph (HTML, 13.2.6.4.7 "in body").
	blocks = set("address", "article", "blockquote", "center", "div", "dl", "dd", "dt", "figure", "figcaption",
		"footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul")
	tableParts = set("caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th")
)

// barrier returns the elements across which an end tag does not reach.
func barrier(name string) map[string]bool {
	switch name {
	case "table":
		return nil
	case "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup":
		return tables
	}
	return cells
}

// fits reports whether the element may stand here: parts of a table only in one.
func (c *cleaner) fits(name string) bool {
	return !tableParts[name] || c.find("table", nil) >= 0
}

// closeImplied closes what the start tag of name closes without saying so.
func (c *cleaner) closeImplied(name string) {
	closeOne := func(stop map[string]bool, names ...string) {
		for _, n := range names {
			if i := c.find(n, stop); i >= 0 {
				c.closeTo(i)
			}
		}
	}
	switch name {
	case "a":
		closeOne(cells, "a")
	case "li":
		closeOne(lists, "li")
	case "dd", "dt":
		closeOne(defLists, "dd", "dt")
	case "td", "th":
		closeOne(rows, "td", "th", "caption", "colgroup")
	case "tr":
		closeOne(tables, "tr", "caption", "colgroup")
	case "thead", "tbody", "tfoot", "colgroup", "caption":
		closeOne(tables, "thead", "tbody", "tfoot", "tr", "caption", "colgroup")
	}
	if blocks[name] {
		closeOne(cells, "p")
	}
}
