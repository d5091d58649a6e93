package appliance

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"sigill/embed"
)

// Languages are those that the house can speak, sorted: for each there is a catalogue of
// what the pages say, and a folder with the mails and SMS.
func Languages() []string {
	return spoken(tree(embed.Locale, "locale"), tree(embed.Notices, "notice"))
}

// spoken are the languages of both trees.
func spoken(pages, notices fs.FS) (list []string) {
	files, _ := fs.Glob(pages, "*.json") // fails for a malformed pattern only
	for _, f := range files {
		tag := strings.TrimSuffix(path.Base(f), ".json")
		if _, err := fs.Stat(notices, tag+"/language.json"); err == nil {
			list = append(list, tag)
		}
	}
	slices.Sort(list)
	return list
}
