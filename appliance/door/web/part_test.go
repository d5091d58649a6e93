package web_test

import (
	"testing"

	"sigill/appliance/door/web"
)

func TestFieldOfADate(t *testing.T) {
	t.Run("what is typed and is no date stays in the field to be mended", func(t *testing.T) {
		for value, want := range map[string]string{"": "date", "2027-03-01": "date", "snart": "text", "2027-02-30": "text"} {
			if got := (web.Field{Type: "date", Value: value}).Input(); got != want {
				t.Errorf("%q is shown by a field for %s", value, got)
			}
		}
	})
}
