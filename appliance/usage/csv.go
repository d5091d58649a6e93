package usage

import (
	"encoding/csv"
	"io"
	"strings"
)

// bom tells spreadsheets that the file is UTF-8: without it Excel takes it for the code
// page of its own country.
const bom = "\ufeff"

// WriteCSV writes a table as spreadsheets in most of Europe open it: with semicolons, for
// the comma is their decimal sign, and in UTF-8 with a mark at its beginning. No cell is
// taken for a formula.
func WriteCSV(w io.Writer, records [][]string) error {
	if _, err := io.WriteString(w, bom); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	for _, r := range records {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = plain(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plain puts an apostrophe before what a spreadsheet would take for a formula: whoever
// names a department could else let the administrator's computer fetch something.
func plain(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
