package appliance

import "testing"

func TestPeriodic(t *testing.T) {
	t.Run("letters end while a gateway of SMS keeps somebody's receipt waiting, however many wait behind", func(t *testing.T) {
		apart := map[string]bool{}
		for _, j := range (&Appliance{}).periodic() {
			apart[j.Name] = j.Apart
		}
		if !apart["receipts"] || apart["retention"] || apart["erase"] {
			t.Errorf("%v", apart)
		}
	})
}
