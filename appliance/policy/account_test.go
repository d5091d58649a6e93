package policy_test

import (
	"testing"

	"sigill/appliance/mail"
	"sigill/appliance/policy"
)

func TestMayMoveIn(t *testing.T) {
	for _, c := range []struct {
		level       mail.Level
		own, others bool
	}{{mail.Letter, true, false}, {mail.Registered, true, true}, {mail.InPerson, false, false}} {
		if policy.MayMoveIn(c.level, true) != c.own || policy.MayMoveIn(c.level, false) != c.others {
			t.Errorf("level %v", c.level)
		}
		d, err := policy.Decide(&mail.Draft{To: []mail.Request{{Level: c.level, Phone: "+46701234567"}}}, []policy.Known{{Registered: "+46701234567"}}, policy.Rules{Zone: noon.Location(), Letter: true, EID: true}, noon)
		if err != nil || (d.Recipients[0].Channel == mail.ChannelRecipient) != c.own {
			t.Errorf("level %v: a new letter goes elsewhere than one that moves in: %+v, %v", c.level, d, err)
		}
	}
}
