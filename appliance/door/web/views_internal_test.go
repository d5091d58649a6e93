package web

import "testing"

func TestCallable(t *testing.T) {
	for _, c := range []struct{ name, sentence, phone, want string }{
		{"the number becomes a link", "Ring 0123-45 67 89 nu.", "0123-45 67 89", `Ring <a class="ds-link tel" href="tel:0123456789">0123-45 67 89</a> nu.`},
		{"markup stays text", "<b> & +46 1", "+46 1", `&lt;b&gt; &amp; <a class="ds-link tel" href="tel:+461">+46 1</a>`},
		{"a number with markup stays text too", `Ring 08"<i>1`, `08"<i>1`, `Ring <a class="ds-link tel" href="tel:081">08&#34;&lt;i&gt;1</a>`},
		{"a sentence without the number stays as it is", "Ring oss.", "08 1", "Ring oss."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(callable(c.sentence, c.phone)); got != c.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
