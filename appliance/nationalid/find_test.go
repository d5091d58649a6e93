package nationalid_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sigill/appliance/nationalid"
)

// The numbers are the authorities' own examples, those of people who test with such, or
// made up; of none is anybody known who has it.
func TestIn(t *testing.T) {
	for name, list := range map[string][]string{
		"a Swedish personnummer":           {"811228-9874", "640823-3234", "670919-9530", "8112289874", "811228 9874", "198112289874", "19811228-9874", "19811228 9874"},
		"one of somebody above a hundred":  {"121212+1212", "191212121212"},
		"a samordningsnummer":              {"701063-2391", "7010632391", "19701063-2391"},
		"one with the hyphen of a program": {"811228\u20139874", "811228\u20119874", "811228\u22129874", "811228\u00a09874"},
		"a Danish CPR number":              {"070761-4285", "211062-5629", "0707614285", "251248 4916"},
		"one without modulus 11":           {"010165-0001", "290200-1234"},
		"a Finnish henkilötunnus":          {"131052-308T", "131052-308t", "010594Y9032", "020594X903P", "030594W903B", "010594A9021", "010516B903X"},
		"a Norwegian fødselsnummer":        {"17054026641", "01010750160", "29029600013", "130972 48022", "150219-51940"},
		"a Norwegian D-number":             {"41010199946", "410101 99946"},
	} {
		t.Run(name+" is found", func(t *testing.T) {
			for _, s := range list {
				for _, in := range []string{s, "Pnr: " + s + ".", "Gäller\u00a0" + s + ", född i maj", "(" + s + ")", "a\n" + s + "\nb", "a/" + s + "/b", "åäö " + s + "\xff", s + "," + s, "1, 2 " + s} {
					if !nationalid.In(in) {
						t.Errorf("%q is not", in)
					}
				}
			}
		})
	}
	for name, list := range map[string][]string{
		"nothing":                               {"", "-", "+", "1", "123456", "123456-", "12345678-", "131052-", "131052-3", "131052-308"},
		"a wrong check digit":                   {"811228-9875", "8112289873", "701063-2392", "131052-308U", "131052A308U", "17054026642", "17054026651", "0707614286", "070761 4286"},
		"a day that there is not":               {"811328-9874", "810230-9870", "000061-1234", "310275-1234", "290201-1235", "290217-123X", "320152-308T", "001052-308T", "99054026641"},
		"a year that nobody was born in":        {"171212121212", "231212121212", "18390101-1230"},
		"an organisation":                       {"556012-5790", "5560125790", "165560125790", "212000-0142"},
		"a telephone number":                    {"070-123 45 67", "+46 70 123 45 67", "0046701234567", "08-508 00 000", "+4523456789"},
		"a date":                                {"2026-04-26", "20260426", "26.4.2026", "260426", "2026-04-26 10:14", "131052", "20260426-0001"},
		"a number within another":               {"1811228-9874", "811228-98741", "8811228987400", "811228-9874-1", "1-811228-9874", "SE8112289874", "8112289874X", "x811228-9874", "å811228-9874", "811228-9874å", "131052-308TT", "131052-308T1", "131052-308Tö", "0811228 9874"},
		"a sign where none is":                  {"811228--9874", "811228_9874", "811228- 9874", "811228.9874", "211062+5629", "130972+48022", "131052G308T", "131052*308T", "131052-\u0663308T", "131052-308\u0424"},
		"a Finnish number that nobody is given": {"131052-000V", "131052-001W"},
		"a bank account, an IBAN, a key":        {"8327-9,123 456 789-0", "SE45 5000 0000 0583 9825 7466", "550e8400-e29b-41d4-a716-446655440000"},
	} {
		t.Run(name+" is none", func(t *testing.T) {
			for _, s := range list {
				if nationalid.In(s) {
					t.Errorf("%q is one", s)
				}
			}
		})
	}
	t.Run("the sign of a Finnish number says whether its day was there", func(t *testing.T) {
		if nationalid.In("290200+1239") || nationalid.In("290200Y1239") {
			t.Error("1800 or 1900 had a 29 February")
		}
		for _, s := range []string{"290200A1239", "010194+124P"} {
			if !nationalid.In(s) {
				t.Errorf("%q is none", s)
			}
		}
	})
	t.Run("in a long text it is found at its end, after anything", func(t *testing.T) {
		for _, s := range []string{"8112289874 1 ", "-", "131052-", "811228-", "1", "9 ", "\xff", "å", "123456 "} {
			long := strings.Repeat(strings.ReplaceAll(s, "8112289874", "8112289873"), 256<<10/len(s))
			if nationalid.In(long) {
				t.Errorf("%q many times is one", s)
			}
			if !nationalid.In(long + " . 811228-9874") {
				t.Errorf("after %q many times there is none", s)
			}
		}
	})
}

// FuzzIn holds that nothing breaks, that what surrounds a text takes nothing from it, and
// that a number which stands alone in a line is found whatever stands beside it.
func FuzzIn(f *testing.F) {
	for _, s := range []string{"811228-9874", "131052-308T", "070761-4285", "17054026641", "131052\u2013308T", "19811228 9874", "811228-", "131052-30\xff", "010594Y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := nationalid.In(s)
		if nationalid.In("\n"+s+"\n") != found {
			t.Errorf("%q: lines around it change %v", s, found)
		}
		if !nationalid.In(s + "\n811228-9874\n" + s) {
			t.Errorf("%q hides a number", s)
		}
		digits := 0
		for _, r := range s {
			if r >= '0' && r <= '9' {
				digits++
			}
		}
		if found && digits < 9 {
			t.Errorf("%q has %d digits and is one (valid: %v)", s, digits, utf8.ValidString(s))
		}
	})
}
