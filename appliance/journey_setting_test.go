package appliance_test

import (
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	j := newJourney(t)
	karin, boss := j.Organiser(karinAt), j.Organiser(adminAt)
	social, root := karin.unit("Socialförvaltningen"), boss.unit("Exempelkommun")
	t.Run("a setting says what it is by itself, and what holds though nobody has said anything", func(t *testing.T) {
		karin.Get(social).Sees("Från början: krävs inte.", "Från början: Som avdelningen ovanför.", "Nu: BUSINESS. Ingen enhet ovanför säger något annat.", "Nu: Med en länk att trycka på.").SeesNot("Senast ändrat")
		boss.Get(root).Sees("Från början: BUSINESS.").SeesNot("Nu: BUSINESS")
	})
	t.Run("what is set above holds below; the unit is named to who organises it alone", func(t *testing.T) {
		boss.Get(root).Post(root+"/change", "form", "change", "name", "Exempelkommun", "sms", "yes", "plan", "pro", "links", "out").Sees("Senast ändrat", "av IT-drift.")
		karin.Get(social).Sees("Nu: PRO PERSONAL. Bestämt i en enhet ovanför.", "Nu: Utan länk. Bestämt i en enhet ovanför.").SeesNot("IT-drift", "Bestämt i Exempelkommun", "Senast ändrat")
		boss.Get(social).Sees("Nu: PRO PERSONAL. Bestämt i Exempelkommun.")
	})
	t.Run("who changed it last is named to who may see them, and only what was changed is", func(t *testing.T) {
		karin.Get(social).Post(social+"/change", "form", "change", "name", "Socialförvaltningen", "cost", "5100", "sms", "yes", "links", "given").Sees("av Karin Berg.").SeesNot("Nu: Utan länk")
		if n := strings.Count(karin.page, "Senast ändrat"); n != 1 {
			t.Errorf("%d settings are said to be changed", n)
		}
		boss.Get(social).Post(social+"/change", "form", "change", "name", "Socialförvaltningen", "cost", "5100", "sms", "yes", "links", "out").Sees("av IT-drift.")
		karin.Get(social).Sees("av någon utanför dina enheter.").SeesNot("IT-drift")
	})
	t.Run("so it is of mailboxes, looks and signatures", func(t *testing.T) {
		at := "/org/mailbox/" + karin.mailbox()
		karin.Get(at).Sees("Från början: 0, aldrig.", "Från början: av.").SeesNot("Senast ändrat")
		karin.Post(at+"/change", "form", "change", "name", "Socialtjänsten", "unit", karin.units["Socialförvaltningen"], "alarm", "2", "rule", "address").Sees("Senast ändrat")
		if n := strings.Count(karin.page, "av Karin Berg."); n != 2 {
			t.Errorf("%d", n)
		}
		karin.Get(social+"/templates").SeesNot("Senast ändrat").Post(social+"/templates/signature", "form", "signature", "signature", "Socialtjänsten").Sees("av Karin Berg.")
		karin.Get(social + "/brand").SeesNot("Senast ändrat").Post(social + "/brand/reset")
		karin.Get(social + "/brand").Sees("av Karin Berg.")
	})
}
