package appliance_test

import (
	"regexp"
	"strings"
	"testing"
)

// foresight is where somebody reads what an act will do: the template with its form, and a
// sentence or part there. Why says why nothing is counted there, or why there is no such
// place at all.
type foresight struct{ page, says, why string }

// counts reports whether what is said comes with numbers.
func (f foresight) counts() bool {
	return strings.Contains(f.says, `{{template "ends"`) || strings.Contains(f.says, "{{n ")
}

// foreseen says of every route that ends or takes away something where that is said, in
// numbers, before anybody presses.
var foreseen = map[string]foresight{
	"POST /org/person/:person/suspend":      {"admin/person", `{{template "ends" .Ends}}`, ""},
	"POST /org/person/:person/factor":       {"admin/person", `{{template "ends" .Lost}}`, ""},
	"POST /org/person/:person/handover":     {"admin/person", `{{t "page.person.handover.letters"}}`, "the numbers stood where the person was suspended"},
	"POST /org/unit/:unit/move":             {"admin/unit", `{{template "ends" .Moves}}`, ""},
	"POST /org/unit/:unit/remove":           {"admin/unit", `{{t "page.unit.remove.say"}}`, "a unit in which there is anything cannot be removed"},
	"POST /org/mailbox/:mailbox/end":        {"admin/mailbox", `{{template "ends" .Ends}}`, ""},
	"POST /org/mailbox/:mailbox/remove":     {"admin/mailbox", `{{t "page.mailboxes.remove.say"}}`, "one to which a letter ever came cannot be removed"},
	"POST /org/recipients/suspend":          {"admin/recipients", `{{t "page.recipients.out.say"}}`, "one account; its letters are the recipient's own, and the house does not count them"},
	"POST /org/recipients/close":            {"admin/recipients", `{{t "page.recipients.close.say"}}`, "the same"},
	"POST /mail/:holder/recall":             {"portal/message", `{{template "ends" .Ends}}`, ""},
	"POST /mail/:holder/to/:recipient":      {"portal/message", `{{t "page.message.code.say"}}`, "one recipient's link, date or number, which stands beside the form"},
	"POST /mail/trash/empty":                {"portal/mailbox", `{{template "ends" .Ends}}`, ""},
	"POST /box/:box/trash/empty":            {"portal/mailbox", `{{template "ends" .Ends}}`, ""},
	"POST /box/:box/leave":                  {"portal/leave", `{{t "page.box.leave.say"}}`, "one's own reading ends, and no letter does"},
	"POST /m/letter/done":                   {"portal/done", `{{t "page.done.say"}}`, "one copy, the one that is read"},
	"POST /account/close":                   {"portal/close", `{{n "page.close.letters" .Own.Letters}}`, ""},
	"POST /account/off":                     {"portal/off", `{{t "page.off.lead"}}`, "one's own second step, whose parts stand on the page before"},
	"POST /org/unit/:unit/brand/reset":      {why: "the unit looks as the one above; its form can be filled in again"},
	"POST /org/unit/:unit/dismiss":          {why: "who is appointed again has the same right"},
	"POST /org/unit/:unit/contacts/remove":  {why: "one line, which stands beside the button"},
	"POST /org/unit/:unit/templates/remove": {why: "one text, which stands beside the button; drafts keep theirs"},
	"POST /org/mailbox/:mailbox/leave":      {"admin/mailbox", `{{t "page.mailboxes.leave.last"}}`, "one person's reading ends, and no letter does"},
	"POST /org/mailbox/:mailbox/refuse":     {why: "who asks may ask again"},
	"POST /box/:box/refuse":                 {why: "the same"},
	"POST /org/help/:question/refuse":       {why: "the same"},
	"POST /org/person/:person/leave":        {why: "who is added again is a member again"},
	"POST /org/recipients/withdraw":         {why: "nobody has taken the invitation up; another one can be sent"},
	"POST /org/domains/remove":              {why: "a domain in use cannot be removed"},
	"POST /mail/drafts/drop":                {"portal/mailbox", `{{n "page.mailbox.drop.say" (len .Drops)}}`, ""},
	"POST /box/:box/drafts/drop":            {"portal/mailbox", `{{n "page.mailbox.drop.say" (len .Drops)}}`, ""},
	"POST /write/:draft/drop":               {"portal/write", `{{t "page.write.drop.say"}}`, "one draft, which is on the page"},
	"POST /write/:draft/remove/:n":          {why: "one file, whose name stands on the button"},
	"POST /mail/move":                       {why: "to the trash, from which it comes back"},
	"POST /box/:box/move":                   {why: "the same"},
	"POST /mail/:holder/move":               {why: "the same"},
	"POST /m/leave":                         {why: "it ends the reading, not the letter"},
	"POST /account/apps/remove":             {why: "one program, whose name stands beside the button"},
	"POST /account/passkeys/remove":         {why: "one key, whose name stands beside the button, after the password"},
	"POST /account/end":                     {why: "one session, which stands beside the button"},
}

// ending are the last words of paths that end or take away something.
var ending = regexp.MustCompile(`/(suspend|factor|handover|move|remove|end|close|recall|empty|leave|done|off|reset|dismiss|refuse|withdraw|drop|remove/:n|to/:recipient)$`)

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
		case where.page == "" && where.why == "":
			t.Errorf("%s: no reason", name)
		case where.page != "" && where.counts() != (where.why == ""):
			t.Errorf("%s: %s does not count what ends, and nobody says why; or it does, and needs no reason", name, where.page)
		case where.page != "":
			page := string(readFile(t, "../embed/template/"+where.page+".html"))
			if !regexp.MustCompile(`action="[^"]*`+regexp.QuoteMeta(lastOf(r.Path))+`"`).MatchString(page) || !strings.Contains(page, where.says) {
				t.Errorf("%s: %s has no such form, or does not say %s", name, where.page, where.says)
			}
		}
	}
	for name := range foreseen {
		if !seen[name] {
			t.Errorf("%s: there is no such route", name)
		}
	}
}

// lastOf is by which end of a path its form is known in a template.
func lastOf(path string) string {
	if strings.HasSuffix(path, "/to/:recipient") {
		return "{{$action}}"
	}
	last := path[strings.LastIndex(path, "/"):]
	if path == "/mail/trash/empty" || path == "/m/letter/done" {
		last = path[strings.LastIndex(strings.TrimSuffix(path, last), "/"):]
	}
	return last
}
