// Package licence says whose works are in the binary, and on what terms.
//
// It says so of what is truly linked, which the Go linker has written into the binary,
// and of the packages in embed/static, embed/password and embed/wordlist. It decides nothing and reads no file outside
// the binary.
//
// embed/licence/modules.json has a line for each work: module, SPDX id, copyright, and
// the file in the module that says so. A module may hold works of others, each with a
// line of its own. The texts stand beside it, as SPDX has them. A test holds the lines
// against the modules themselves, so a module without its line never gets into a
// release.
package licence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	"sigill/embed"
)

// Own is the SPDX id of our own licence.
const Own = "EUPL-1.2"

// Std is the module path that stands for Go's own library and runtime.
const Std = "std"

// Work is somebody's work in the binary.
type Work struct {
	Module    string   `json:"module"`    // path of the module, or Std; of a package in embed/static its name
	Name      string   `json:"work"`      // empty: the module as a whole
	Licence   string   `json:"licence"`   // SPDX id
	File      string   `json:"file"`      // where the module says so
	Copyright []string `json:"copyright"` // as it stands there; some have none
	version   string
}

// Works returns the works that we know of, by module.
func Works() (map[string][]Work, error) {
	b, err := embed.Licences.ReadFile("licence/modules.json")
	if err != nil {
		return nil, err
	}
	var list []Work
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, fmt.Errorf("modules.json: %w", err)
	}
	by := map[string][]Work{}
	for _, w := range list {
		by[w.Module] = append(by[w.Module], w)
	}
	return by, nil
}

// Print tells all that is in this binary, and then each text once. It is an error if a
// module is linked of which nothing is known; the others are told all the same.
func Print(to io.Writer, version string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this binary was built without its list of modules")
	}
	return report(to, version, append([]*debug.Module{{Path: Std, Version: info.GoVersion}}, info.Deps...))
}

func report(to io.Writer, version string, linked []*debug.Module) error {
	known, err := Works()
	if err != nil {
		return err
	}
	list := []Work{{Module: "sigill", Licence: Own, version: version}}
	var unknown []error
	for _, m := range linked {
		if len(known[m.Path]) == 0 {
			unknown = append(unknown, fmt.Errorf("no licence is known of %s", m.Path))
		}
		for _, w := range known[m.Path] {
			if w.version = m.Version; w.Module == Std {
				w.Module = "Go"
			}
			list = append(list, w)
		}
	}
	assets, err := Assets()
	if err != nil {
		return err
	}
	if err := tell(to, append(list, assets...)); err != nil {
		return err
	}
	return errors.Join(unknown...)
}

// Assets returns the packages in embed/static, embed/password and embed/wordlist. Beside
// each stand a VERSION, whose first line is like "@digdir/designsystemet-css 1.22.0, MIT
// (LICENSE)", and the LICENSE, whose first line is the copyright.
func Assets() (list []Work, err error) {
	for _, tree := range []fs.FS{embed.Static, embed.Passwords, embed.WordLists} {
		more, err := assetsOf(tree)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

func assetsOf(tree fs.FS) (list []Work, err error) {
	files, err := fs.Glob(tree, "*/*/VERSION")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		first, err := firstLine(tree, f)
		if err != nil {
			return nil, err
		}
		var w Work
		name, terms, _ := strings.Cut(first, ", ")
		w.Module, w.version, _ = strings.Cut(name, " ")
		w.Licence, w.File, _ = strings.Cut(terms, " ")
		w.File = path.Join(path.Dir(f), strings.Trim(w.File, "()"))
		copyright, err := firstLine(tree, w.File)
		if err != nil {
			return nil, err
		}
		w.Copyright = []string{copyright}
		list = append(list, w)
	}
	return list, nil
}

func firstLine(tree fs.FS, name string) (string, error) {
	b, err := fs.ReadFile(tree, name)
	first, _, _ := strings.Cut(string(b), "\n")
	return first, err
}

func tell(to io.Writer, list []Work) error {
	var b strings.Builder
	texts := map[string]bool{}
	for _, w := range list {
		b.WriteString(strings.TrimSpace(w.Module + " " + w.version))
		if w.Name != "" {
			b.WriteString(", in it " + w.Name)
		}
		b.WriteString(": " + w.Licence + "\n")
		for _, c := range w.Copyright {
			b.WriteString("    " + c + "\n")
		}
		texts[w.Licence] = true
	}
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		text, err := embed.Licences.ReadFile("licence/" + id + ".txt")
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "\n\n%s\n%s\n\n%s", id, strings.Repeat("=", len(id)), text)
	}
	_, err := io.WriteString(to, b.String())
	return err
}
