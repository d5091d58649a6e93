package appliance_test

import (
	"regexp"
	"strings"
	"testing"
)

// foreseen says of every route that ends or takes away something where somebody reads what
// will happen before pressing: the template with its form, and a sentence or part there. A
// route without such a place says why it needs none.
var foreseen = map[string][2]string{
	"POST /org/person/:person/suspend":      {"admin/person", `{{template "ends" .Ends}}`},
	"POST /org/person/:person/factor":       {"admin/person", `{{t "page.person.factor.reset.say"}}`},
	"POST /org/person/:person/handover":     {"admin/person", `{{t "page.person.handover.letters"}}`},
	"POST /org/unit/:unit/move":             {"admin/unit", `{{template "ends" .Moves}}`},
	"POST /org/unit/:unit/remove":           {"admin/unit", `{{t "page.unit.remove.say"}}`},
	"POST /org/mailbox/:mailbox/end":        {"admin/mailbox", `{{template "ends" .Ends}}`},
	"POST /org/mailbox/:mailbox/remove":     {"admin/mailbox", `{{t "page.mailboxes.remove.say"}}`},
	"POST /org/recipients/suspend":          {"admin/recipients", `{{t "page.recipients.out.say"}}`},
	"POST /org/recipients/close":            {"admin/recipients", `{{t "page.recipients.close.say"}}`},
	"POST /mail/:holder/recall":             {"portal/message", `{{t "page.message.recall.say"}}`},
	"POST /mail/trash/empty":                {"portal/mailbox", `{{t "page.mailbox.empty.say"}}`},
	"POST /box/:box/trash/empty":            {"portal/mailbox", `{{t "page.mailbox.empty.say"}}`},
	"POST /box/:box/leave":                  {"portal/leave", `{{t "page.box.leave.say"}}`},
	"POST /m/letter/done":                   {"portal/done", `{{t "page.done.say"}}`},
	"POST /account/close":                   {"portal/close", `{{n "page.close.letters" .Own.Letters}}`},
	"POST /account/off":                     {"portal/off", `{{t "page.off.lead"}}`},
	"POST /org/unit/:unit/brand/reset":      {"", "the unit looks as the one above; its form can be filled in again"},
	"POST /org/unit/:unit/dismiss":          {"", "who is appointed again has the same right"},
	"POST /org/unit/:unit/contacts/remove":  {"", "one line, which stands beside the button"},
	"POST /org/unit/:unit/templates/remove": {"", "one text, which stands beside the button; drafts keep theirs"},
	"POST /org/mailbox/:mailbox/leave":      {"", "one person, who can be added again"},
	"POST /org/mailbox/:mailbox/refuse":     {"", "who asks may ask again"},
	"POST /box/:box/refuse":                 {"", "the same"},
	"POST /org/help/:question/refuse":       {"", "the same"},
	"POST /org/person/:person/leave":        {"", "who is added again is a member again"},
	"POST /org/recipients/withdraw":         {"", "nobody has taken the invitation up; another one can be sent"},
	"POST /org/domains/remove":              {"", "a domain in use cannot be removed"},
	"POST /write/:draft/drop":               {"", "one draft, which is on the page"},
	"POST /write/:draft/remove/:n":          {"", "one file, whose name stands on the button"},
	"POST /mail/move":                       {"", "to the trash, from which it comes back"},
	"POST /box/:box/move":                   {"", "the same"},
	"POST /mail/:holder/move":               {"", "the same"},
	"POST /m/leave":                         {"", "it ends the reading, not the letter"},
	"POST /account/apps/remove":             {"", "one program, whose name stands beside the button"},
	"POST /account/passkeys/remove":         {"", "one key, whose name stands beside the button, after the password"},
	"POST /account/end":                     {"", "one session, which stands beside the button"},
}

// ending are the last words of paths that end or take away something.
var ending = regexp.MustCompile(`/(suspend|factor|handover|move|remove|end|close|recall|empty|leave|done|off|reset|dismiss|refuse|withdraw|drop|remove/:n)$`)

func TestWhatWillEndIsSaidBefore(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"POST /in/factor": true} // it answers a question
	for _, r := range routes(t) {
		name := r.Method + " " + r.Path
		if r.Method == "GET" || !ending.MatchString(r.Path) || seen[name] {
			continue
		}
		seen[name] = true
		where, ok := foreseen[name]
		switch {
		case !ok:
			t.Errorf("%s: nobody has said where somebody reads what it will end", name)
		case where[0] == "" && where[1] == "":
			t.Errorf("%s: no reason", name)
		case where[0] != "":
			page := string(readFile(t, "../embed/template/"+where[0]+".html"))
			last := r.Path[strings.LastIndex(r.Path, "/"):]
			if r.Path == "/mail/trash/empty" || r.Path == "/m/letter/done" {
				last = r.Path[strings.LastIndex(strings.TrimSuffix(r.Path, last), "/"):]
			}
			if !regexp.MustCompile(`action="[^"]*`+regexp.QuoteMeta(last)+`"`).MatchString(page) || !strings.Contains(page, where[1]) {
				t.Errorf("%s: %s has no such form, or does not say %s", name, where[0], where[1])
			}
		}
	}
	for name := range foreseen {
		if !seen[name] {
			t.Errorf("%s: there is no such route", name)
		}
	}
}
