package usage

import (
	"io"
	"strings"
)

// bom tells spreadsheets that the file is UTF-8: without it Excel takes it for the code
// page of its own country.
const bom = "\ufeff"

// WriteCSV writes a table as spreadsheets in most of Europe open it: with semicolons, for
// the comma is their decimal sign, and in UTF-8 with a mark at its beginning (RFC 4180,
// section 2, else). No cell is taken for a formula, whatever a spreadsheet takes for the end
// of one: all words are quoted.
func WriteCSV(w io.Writer, records [][]string) error {
	var b strings.Builder
	b.WriteString(bom)
	for _, r := range records {
		for i, c := range r {
			if i > 0 {
				b.WriteByte(';')
			}
			b.WriteString(plain(c))
		}
		b.WriteString("\r\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plain puts an apostrophe before what a spreadsheet would take for a formula: whoever
// names a department could else let the administrator's computer fetch something. It quotes
// all but numbers: where cells end with commas, one of ours could begin behind a comma.
func plain(cell string) string {
	if strings.Trim(cell, "0123456789") == "" {
		return cell
	}
	if strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		cell = "'" + cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}
