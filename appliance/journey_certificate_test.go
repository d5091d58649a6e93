package appliance_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sigill/appliance"
)

func TestCertificatesAreSeenTo(t *testing.T) {
	j := newJourneyIn(t, t.TempDir(), appliance.ShowCertificates)
	boss, karin := j.Organiser(adminAt), j.Organiser(karinAt)
	t.Run("who runs the machine is told what is wrong with one, and where it is seen to", func(t *testing.T) {
		boss.Get("/todo").Sees("Utfärdaren av certifikat för mx.exempelkommun.se svarar inte", `href="/admin/certificates"`).SeesNot("Webbsidornas certifikat")
		karin.Get("/todo").SeesNot("certifikat")
		boss.Get("/admin").Sees("Något är fel", `href="/admin/certificates"`)
		boss.Get("/admin/certificates").Sees("Se efter att datorn får nå adressen i acme.directory", "connection refused", "Ingen utfärdare har gett något certifikat för mx.exempelkommun.se än", "brev.exempelkommun.se")
	})
	t.Run("once it was mended it is tried again at once, and the pause is forgotten", func(t *testing.T) {
		later := regexp.MustCompile(`Det provas igen \d+ `)
		before := later.MatchString(boss.page)
		boss.Post("/admin/certificates").Sees("Det provas igen inom en minut")
		if !before || later.MatchString(boss.page) {
			t.Errorf("it waited: %v\n%s", before, boss.page)
		}
	})
	t.Run("the root for browsers can be saved, without its key", func(t *testing.T) {
		boss.Get("/admin/certificates/root")
		if !strings.HasPrefix(boss.page, "-----BEGIN CERTIFICATE-----") || strings.Contains(boss.page, "PRIVATE") {
			t.Error(boss.page)
		}
	})
	t.Run("one that nobody has renewed is told in good time", func(t *testing.T) {
		j.Days(88) // of 90, while nobody looks after it
		boss = j.Organiser(adminAt)
		boss.Get("/todo").Sees("Webbsidornas certifikat gäller till och med")
	})
}

func TestAMachineWithoutCertificates(t *testing.T) {
	boss := newJourney(t).Organiser(adminAt)
	boss.Get("/admin/certificates").Sees("Den här maskinen visar inget certifikat").SeesNot("Rotcertifikat", "Prova igen nu")
	if boss.Get("/admin/certificates/root"); boss.code != http.StatusNotFound {
		t.Error(boss.code)
	}
}
