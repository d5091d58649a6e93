package mail_test

import (
	"testing"

	"sigill/appliance/mail"
)

func TestStuck(t *testing.T) {
	for name, tc := range map[string]struct {
		steps []mail.StepKind
		at    mail.StepKind // 0: not stuck
	}{
		"nothing has happened":                       {nil, 0},
		"a notice that went":                         {[]mail.StepKind{mail.StepNoticeSent}, 0},
		"a notice that came back":                    {[]mail.StepKind{mail.StepNoticeSent, mail.StepNoticeFailed}, mail.StepNoticeFailed},
		"a new code after it":                        {[]mail.StepKind{mail.StepNoticeFailed, mail.StepNewCode}, 0},
		"an SMS that failed, and one that went":      {[]mail.StepKind{mail.StepSMSFailed, mail.StepSMSSent}, 0},
		"an end that was moved mends nothing":        {[]mail.StepKind{mail.StepSMSFailed, mail.StepExtended}, mail.StepSMSFailed},
		"a wrong number until another was given":     {[]mail.StepKind{mail.StepSMSSent, mail.StepWrongNumber}, mail.StepWrongNumber},
		"a wrong number for which another was given": {[]mail.StepKind{mail.StepWrongNumber, mail.StepNumber}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var steps []mail.Step
			for _, k := range tc.steps {
				steps = append(steps, mail.Step{Kind: k})
			}
			if at, stuck := mail.Stuck(steps); at != tc.at || stuck != (tc.at != 0) {
				t.Errorf("%v %t", at, stuck)
			}
		})
	}
}
