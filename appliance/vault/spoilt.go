//go:build updatefault

package vault

import (
	"io/fs"
	"os"
	"testing/fstest"
)

// spoilt adds a step that loses letters, or one that cannot be done, where a test of updates
// asks for it.
func spoilt(steps fs.FS) fs.FS {
	fault, _ := os.ReadFile(os.Getenv("UPDATEFAULT"))
	step := map[string]string{"lose": "DELETE FROM part;", "migration": "DROP TABLE nobody;"}[string(fault)]
	if step == "" {
		return steps
	}
	all := fstest.MapFS{"9999_spoilt.sql": {Data: []byte("-- +goose Up\n" + step)}}
	entries, err := fs.ReadDir(steps, ".")
	for _, e := range entries {
		var text []byte
		if text, err = fs.ReadFile(steps, e.Name()); err != nil {
			break
		}
		all[e.Name()] = &fstest.MapFile{Data: text}
	}
	if err != nil {
		panic(err)
	}
	return all
}
