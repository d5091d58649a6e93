package policy_test

import (
	"slices"
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

func TestLevels(t *testing.T) {
	for name, tc := range map[string]struct {
		rules policy.Rules
		want  []mail.Level
	}{
		"a house that has decided nothing": {policy.Rules{}, []mail.Level{mail.Registered}},
		"one that accepts letters":         {policy.Rules{Letter: true}, []mail.Level{mail.Letter, mail.Registered}},
		"one that can prove an e-ID":       {policy.Rules{EID: true}, []mail.Level{mail.Registered, mail.InPerson}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.rules.Levels(); !slices.Equal(got, tc.want) {
				t.Errorf("%v", got)
			}
		})
	}
}
