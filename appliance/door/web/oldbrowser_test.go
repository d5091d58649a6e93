package web_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"sigill/embed"
)

// baseline is how old a browser may be (4-contract.md, 4.4: six years): Chrome 87, Firefox 83
// and Safari 14.0, of November 2020.
const baseline = "November 2020"

// newer are features that came after the baseline. With a reason, we use them where a page is
// whole without them; without one, we do not use them.
var newer = []struct {
	what, since string
	in          *regexp.Regexp
	degrades    string
}{
	{"cascade layers", "March 2022", regexp.MustCompile(`@layer`), "Designsystemet stands in them; sigill.css has a plain style for who knows none"},
	{"container units", "September 2022", regexp.MustCompile(`\dcq[wh]\b`), "only asked for, to tell the browsers that get the plain style"},
	{":has()", "December 2023", regexp.MustCompile(`:has\(`), "a language that the page is in already is listed too"},
	{"text-wrap", "2023", regexp.MustCompile(`text-wrap:`), "lines break as they always did"},
	{"accent-color", "March 2022", regexp.MustCompile(`accent-color:`), "a progress bar in the browser's own colour"},
	{"rotate", "August 2022", regexp.MustCompile(`\brotate:`), "a failed step's mark is a square instead of a diamond; its words say what it is"},
	{"inset", "April 2021", regexp.MustCompile(`\binset:`), "in a list of mails only the words can be pressed, not the whole row"},
	{"logical shorthands", "April 2021", regexp.MustCompile(`\b(margin|padding|inset)-(block|inline):`), "the plain style names the sides where it matters"},
	{"gap in rows of flexible boxes", "April 2021", regexp.MustCompile(`\bgap:`), "the plain style's buttons and lists bring their own room"},
	{":is() and :where()", "January 2021", regexp.MustCompile(`:(is|where)\(`), "the browser's own ring shows the focus, and unread mails are told in words"},
	{":focus-visible", "March 2022", regexp.MustCompile(`:focus-visible`), "the browser's own ring shows the focus"},
	{"::details-content", "2024", regexp.MustCompile(`::details-content`), "who has it does without its movement when asked"},
	{"event.submitter", "March 2022", regexp.MustCompile(`\.submitter\b`), "a form with one button needs none; one with several the browser sends by itself"},
	{"the DataTransfer constructor", "April 2021", regexp.MustCompile(`new DataTransfer\(`), "asked for first; the browser's own file field stays as it is"},

	{"BroadcastChannel", "March 2022", regexp.MustCompile(`BroadcastChannel`), "asked for first; without it a page does not hear of others, and asks the server before it says that a session has ended"},
	{"requestSubmit", "May 2022", regexp.MustCompile(`requestSubmit`), "asked for first; without it the press of a button sends the form at once, as without script"},
	{"dialogs", "March 2022", regexp.MustCompile(`showModal|<dialog`), "asked for first; without them there are no keyboard shortcuts, and nothing speaks of any"},

	{"nesting", "2023", regexp.MustCompile(`(?m)^\s*&`), ""},
	{"@container, @scope, @property, @starting-style", "2022 and on", regexp.MustCompile(`@(container|scope|property|starting-style)`), ""},
	{"color-mix(), light-dark(), oklch()", "2023 and on", regexp.MustCompile(`\b(color-mix|light-dark|oklch|oklab)\(`), ""},
	{"dynamic viewport units", "2022", regexp.MustCompile(`\d(dvh|svh|lvh|dvw)\b`), ""},
	{"range queries of media", "2023", regexp.MustCompile(`@media[^{]*[<>]=?`), ""},
	{"subgrid, masonry", "2023", regexp.MustCompile(`\b(subgrid|masonry)\b`), ""},
	{"view transitions, popovers, inert", "2022 and on", regexp.MustCompile(`startViewTransition|\bpopover\b|\.inert\b`), ""},
	{"at(), findLast(), toSorted() and their like", "2021 and on", regexp.MustCompile(`\.(at|findLast|findLastIndex|toSorted|toReversed|with|groupBy|hasOwn)\(`), ""},
	{"structuredClone, randomUUID", "2021 and on", regexp.MustCompile(`structuredClone|randomUUID`), ""},
	{"private names and static blocks", "April 2021", regexp.MustCompile(`\bstatic \{|this\.#`), ""},
	{"lookbehind", "March 2023", regexp.MustCompile(`\(\?<[=!]`), ""},
	{"await outside of functions", "2021", regexp.MustCompile(`(?m)^(const .* = )?await `), ""},
}

// TestPagesOfOldBrowsers holds our styles, scripts and templates against the baseline.
func TestPagesOfOldBrowsers(t *testing.T) {
	used := map[string]bool{}
	ours := func(name string, text string) {
		for _, f := range newer {
			if at := f.in.FindString(text); at != "" {
				used[f.what] = true
				if f.degrades == "" {
					t.Errorf("%s uses %s (%q), which browsers have since %s only: ours are of %s and on", name, f.what, at, f.since, baseline)
				}
			}
		}
	}
	walk := func(tree fs.FS, keep func(name string) bool) {
		err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !keep(name) {
				return err
			}
			b, err := fs.ReadFile(tree, name)
			ours(name, string(b))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	walk(embed.Static, func(name string) bool {
		return (strings.HasSuffix(name, ".css") || strings.HasSuffix(name, ".js")) && !strings.Contains(name, "designsystemet/")
	})
	walk(embed.Templates, func(name string) bool { return !strings.Contains(name, "/trap/") })
	used["cascade layers"] = true // of the package, below
	for _, f := range newer {
		if f.degrades != "" && !used[f.what] {
			t.Errorf("%s is not used any more: its line can go", f.what)
		}
	}
}

// TestDesignsystemetStandsInLayers wants no half of the package to reach a browser that knows
// no layers: the plain style is made for none of it.
func TestDesignsystemetStandsInLayers(t *testing.T) {
	for _, name := range bundles(t) {
		list, err := fs.ReadFile(embed.Static, name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(list)) {
			name, plain := strings.CutPrefix(strings.TrimSpace(line), "- designsystemet/")
			if !plain {
				continue
			}
			css, err := fs.ReadFile(embed.Static, "static/designsystemet/"+name)
			if err != nil {
				t.Fatal(err)
			}
			if rest := outside(string(css)); rest != "" {
				t.Errorf("%s has rules in no layer: %.100s", name, rest)
			}
		}
	}
}

func bundles(t *testing.T) []string {
	list, err := fs.Glob(embed.Static, "static/*.bundle")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return list
}

// outside is what of a style sheet stands in no @layer block.
func outside(css string) string {
	css = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(css, "")
	var rest strings.Builder
	for css = strings.TrimSpace(css); css != ""; css = strings.TrimSpace(css) {
		head, after, block := strings.Cut(css, "{")
		if !block {
			rest.WriteString(css)
			break
		}
		depth, end := 1, 0
		for end < len(after) && depth > 0 {
			switch after[end] {
			case '{':
				depth++
			case '}':
				depth--
			}
			end++
		}
		if !strings.HasPrefix(head, "@layer") {
			rest.WriteString(head)
		}
		css = after[end:]
	}
	return rest.String()
}
