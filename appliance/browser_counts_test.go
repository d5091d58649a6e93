package appliance_test

import (
	"regexp"
	"strings"
	"testing"
)

// counted are things that pages count, in each language: one of them, then several.
var counted = map[string][][2]string{
	"en": {{"letter", "letters"}, {"person", "people"}, {"recipient", "recipients"}, {"attachment", "attachments"}, {"file", "files"}, {"mailbox", "mailboxes"}, {"function mailbox", "function mailboxes"},
		{"unit", "units"}, {"hit", "hits"}, {"code", "codes"}, {"passkey", "passkeys"}, {"day", "days"}, {"hour", "hours"}, {"minute", "minutes"}, {"second", "seconds"}, {"week", "weeks"}, {"month", "months"},
		{"try", "tries"}, {"change", "changes"}, {"thing", "things"}, {"mail", "mails"}, {"question", "questions"}, {"picture", "pictures"}, {"year", "years"}, {"name", "names"}, {"line", "lines"}, {"list", "lists"}},
	"sv": {{"person", "personer"}, {"oläst", "olästa"}, {"bilaga", "bilagor"}, {"fil", "filer"}, {"brevlåda", "brevlådor"}, {"funktionsbrevlåda", "funktionsbrevlådor"}, {"enhet", "enheter"}, {"träff", "träffar"},
		{"kod", "koder"}, {"nyckel", "nycklar"}, {"dag", "dagar"}, {"timme", "timmar"}, {"minut", "minuter"}, {"sekund", "sekunder"}, {"vecka", "veckor"}, {"månad", "månader"}, {"ändring", "ändringar"},
		{"sak", "saker"}, {"fråga", "frågor"}, {"bild", "bilder"}, {"rad", "rader"}, {"arbetsdag", "arbetsdagar"}, {"anteckning", "anteckningar"}},
	"da": {{"brev", "breve"}, {"person", "personer"}, {"modtager", "modtagere"}, {"ulæst", "ulæste"}, {"vedhæftet fil", "vedhæftede filer"}, {"fil", "filer"}, {"postkasse", "postkasser"}, {"fællespostkasse", "fællespostkasser"},
		{"enhed", "enheder"}, {"resultat", "resultater"}, {"kode", "koder"}, {"adgangsnøgle", "adgangsnøgler"}, {"dag", "dage"}, {"time", "timer"}, {"minut", "minutter"}, {"uge", "uger"}, {"måned", "måneder"},
		{"ændring", "ændringer"}, {"anmodning", "anmodninger"}, {"billede", "billeder"}, {"række", "rækker"}, {"mail", "mails"}, {"arbejdsdag", "arbejdsdage"}},
	"fi": {{"kirje", "kirjettä"}, {"henkilö", "henkilöä"}, {"vastaanottaja", "vastaanottajaa"}, {"liite", "liitettä"}, {"tiedosto", "tiedostoa"}, {"postilaatikko", "postilaatikkoa"},
		{"yhteispostilaatikko", "yhteispostilaatikkoa"}, {"yksikkö", "yksikköä"}, {"osuma", "osumaa"}, {"koodi", "koodia"}, {"pääsyavain", "pääsyavainta"}, {"päivä", "päivää"}, {"tunti", "tuntia"}, {"viikko", "viikkoa"},
		{"kuukausi", "kuukautta"}, {"muutos", "muutosta"}, {"pyyntö", "pyyntöä"}, {"kuva", "kuvaa"}, {"rivi", "riviä"}, {"lukija", "lukijaa"}, {"muu", "muuta"}, {"arkipäivä", "arkipäivää"}},
	"nb": {{"person", "personer"}, {"mottaker", "mottakere"}, {"ulest", "uleste"}, {"fil", "filer"}, {"postkasse", "postkasser"}, {"fellespostkasse", "fellespostkasser"}, {"enhet", "enheter"},
		{"kode", "koder"}, {"passnøkkel", "passnøkler"}, {"dag", "dager"}, {"time", "timer"}, {"minutt", "minutter"}, {"uke", "uker"}, {"måned", "måneder"}, {"endring", "endringer"},
		{"forespørsel", "forespørsler"}, {"bilde", "bilder"}, {"rad", "rader"}, {"e-post", "e-poster"}, {"arbeidsdag", "arbeidsdager"}},
}

var (
	// What belongs to a sentence, and what ends one.
	inSentence = regexp.MustCompile(`</?(?:a|b|bdi|em|span|strong|time)\b[^>]*>`)
	anyTag     = regexp.MustCompile(`(?s)<(?:script|style|textarea|title)\b.*?</(?:script|style|textarea|title)>|<[^>]*>`)
	// A number of things: the only one of its kind before a word or two.
	aCount   = regexp.MustCompile(`(?:^|[^\p{L}\p{N}.,:/–-])(\d+)[ \x{a0}]((\p{L}[\p{L}-]*)(?: \p{L}+)?)`)
	pageLang = regexp.MustCompile(`<html lang="(\w+)"`)
)

// miscounts are the places of a page that say "1 letters" or "2 letter".
func miscounts(page string) (list []string) {
	m := pageLang.FindStringSubmatch(page)
	if m == nil {
		return nil
	}
	_, page, _ = strings.Cut(page, "<body")
	text := anyTag.ReplaceAllString(inSentence.ReplaceAllString(page, ""), " | ")
	for _, c := range aCount.FindAllStringSubmatch(text, -1) {
		for _, noun := range counted[m[1]] {
			wrong := noun[0]
			if c[1] == "1" {
				wrong = noun[1]
			}
			if wrong == c[2] || wrong == c[3] {
				list = append(list, strings.TrimSpace(c[0]))
				break
			}
		}
	}
	return list
}

func TestAWrongCountIsSeen(t *testing.T) {
	for page, want := range map[string]string{
		`<html lang="en"><body><p>You have <b>1</b> letters.</p>`:                        "1 letters",
		`<html lang="en"><body><p>2 letter</p>`:                                          "2 letter",
		`<html lang="en"><body><p>1 letter, 2 letters, 21 letters</p>`:                   "",
		`<html lang="en"><body><td>2</td> <td>letter</td>`:                               "",
		`<html lang="en"><body><p>1 of 2 letters; 1 function mailboxes</p>`:              "1 function mailboxes",
		`<html lang="sv"><body><p>1 olästa</p>`:                                          "1 olästa",
		`<html lang="sv"><body><p>2 brev, 1 brev, 1 oläst, 1,5 timme</p>`:                "",
		`<html lang="fi"><body><p>1 kirjettä ja 2 kirje</p>`:                             "1 kirjettä ja; 2 kirje",
		`<html lang="da"><body><p>` + "2\u00a0brev" + `</p><textarea>1 breve</textarea>`: "2\u00a0brev",
		`<html lang="nb"><body><p>den 1 dag, 3 dager, 3 brev</p>`:                        "",
	} {
		if got := strings.Join(miscounts(page), "; "); got != want {
			t.Errorf("%s: %q, want %q", page, got, want)
		}
	}
}
