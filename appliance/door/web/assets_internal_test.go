package web

import "testing"

func TestWithoutComments(t *testing.T) {
	for css, want := range map[string]string{
		"a { } /* why */\nb { }":                     "a { } \nb { }",
		"/* one\n * and */a/**/b/* \" */ { }":        "ab { }",
		`a::after { content: "/* said */"; } /**/`:   `a::after { content: "/* said */"; } `,
		`a::after { content: '\'/* said */'; }`:      `a::after { content: '\'/* said */'; }`,
		"a { width: calc(1px / 2); } /* never ends":  "a { width: calc(1px / 2); } /* never ends",
		"/* it's not a string */ a { } /* nor \" */": " a { } ",
	} {
		t.Run(css, func(t *testing.T) {
			if got := string(withoutComments([]byte(css))); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
