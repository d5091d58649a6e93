package portal

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// helpOf says which chapter of the handbook tells of a page, by its route. Pages without a
// line lead to the contents. A test goes to every one of them.
var helpOf = map[string]string{
	"/": "citizen/what-is-this", "/about": "citizen/what-is-this", "/genuine": "citizen/genuine",
	"/m": "citizen/open", "/m/pin": "citizen/no-sms", "/m/wrong": "citizen/new-number",
	"/m/letter": "citizen/reading", "/m/letter/done": "citizen/removing", "/m/letter/reply": "citizen/answering", "/m/answer/:id": "citizen/answering",
	"/m/register": "citizen/account", "/m/register/pin": "citizen/account", "/m/register/password": "citizen/account", "/m/letter/account": "citizen/account",
	"/welcome/phone": "citizen/account", "/welcome/pin": "citizen/account",
	"/m/mend": "caseworker/held", "/mail/held": "caseworker/held", "/box/:box/held": "caseworker/held",

	"/welcome": "caseworker/first-sign-in", "/in": "caseworker/signing-in", "/in/factor": "caseworker/signing-in", "/in/unlock": "caseworker/signing-in",
	"/in/phone": "caseworker/two-steps", "/in/app": "caseworker/two-steps", "/account/phone": "caseworker/two-steps", "/account/app": "caseworker/two-steps", "/account/codes": "caseworker/two-steps",
	"/account": "caseworker/signing-in", "/account/password": "caseworker/signing-in", "/account/prove": "caseworker/signing-in", "/account/passkeys": "caseworker/signing-in", "/account/recovery": "caseworker/lost",
	"/in/lost": "caseworker/lost", "/in/help": "caseworker/lost", "/in/help/proof": "caseworker/lost", "/in/help/wait": "caseworker/lost", "/in/help/password": "caseworker/lost",

	"/write": "caseworker/writing", "/write/:draft": "caseworker/writing", "/write/:draft/check": "caseworker/checking", "/write/:draft/template/:template": "caseworker/templates", "/box/:box/write": "caseworker/writing",
	"/mail/drafts": "caseworker/writing", "/box/:box/drafts": "caseworker/writing", "/box/:box/sent": "caseworker/following", "/box/:box/trash": "caseworker/mailbox", "/box/:box/search": "caseworker/mailbox",
	"/contacts": "caseworker/contacts", "/contacts/search": "caseworker/contacts", "/contacts/choose": "caseworker/contacts", "/mail": "caseworker/mailbox", "/mail/sent": "caseworker/following", "/mail/trash": "caseworker/mailbox", "/mail/search": "caseworker/mailbox",
	"/mail/:holder": "caseworker/following", "/account/apps": "caseworker/programs", "/account/export": "caseworker/export",
	"/box/:box": "caseworker/function-mailboxes", "/box/:box/people": "caseworker/older-letters", "/box/:box/export": "caseworker/export", "/box/:box/leave": "caseworker/away",

	"/todo": "organiser/todo", "/org/people": "organiser/people", "/org/units": "organiser/units", "/org/figures": "organiser/statistics",
	"/org": "organiser/units", "/org/unit/:unit": "organiser/units", "/org/unit/:unit/search": "organiser/people", "/org/unit/:unit/import": "organiser/import", "/org/unit/:unit/import/start": "organiser/import", "/org/unit/:unit/brand": "organiser/look",
	"/org/unit/:unit/contacts": "organiser/contact-lists", "/org/unit/:unit/templates": "organiser/templates", "/org/person/:person": "organiser/people",
	"/org/mailbox/:mailbox": "organiser/function-mailboxes", "/org/help": "organiser/lost-password", "/org/recipients": "organiser/recipients", "/org/usage": "organiser/usage",

	"/org/domains": "administrator/domains", "/org/directory": "administrator/directory", "/admin": "administrator/state", "/admin/settings": "administrator/configuration", "/admin/accessibility": "administrator/accessibility", "/admin/update": "administrator/updates", "/admin/certificates": "administrator/certificates", "/admin/backup": "administrator/backup", "/admin/doctor": "administrator/health", "/admin/path": "administrator/canary",
	"/journal": "administrator/journal", "/trace": "administrator/trace",
}

// helpOfRecipients is what differs for registered recipients.
var helpOfRecipients = map[string]string{
	"/mail": "citizen/account", "/mail/sent": "citizen/account", "/mail/trash": "citizen/removing", "/mail/:holder": "citizen/reading", "/account/close": "citizen/removing",
	"/mail/new": "citizen/answering", "/mail/new/:to": "citizen/answering", "/mail/:holder/reply": "citizen/answering", "/account": "citizen/account", "/account/phone": "citizen/new-number",
	"/account/recovery": "citizen/locked-out", "/account/join": "citizen/account",
}

// helpOfAdministrators is what differs for who runs the machine.
var helpOfAdministrators = map[string]string{"/todo": "administrator/todo"}

// helpOfSetup is what differs within the set-up, whose pages are there before all others.
var helpOfSetup = map[string]string{
	"/setup/kit": "administrator/recovery-kit", "/setup/host": "administrator/certificates", "/setup/mail": "administrator/mail", "/setup/sms": "administrator/sms", "/setup/senders": "administrator/mail", "/setup/backup": "administrator/backup",
}

// HelpFor returns the path of the chapter on a page.
func HelpFor(route string, v web.Viewer) string {
	chapter := helpOf[route]
	if v.Kind == web.Person && v.Recipient {
		if own := helpOfRecipients[route]; own != "" {
			chapter = own
		}
	}
	if v.Kind == web.Person && v.Roles&mail.RoleAdmin != 0 {
		if own := helpOfAdministrators[route]; own != "" {
			chapter = own
		}
	}
	if chapter == "" && strings.HasPrefix(route, "/setup") {
		chapter = cmp.Or(helpOfSetup[route], "administrator/first-start")
	}
	if chapter == "" {
		return "/handbook"
	}
	return "/handbook/" + chapter
}

// Helped returns the routes of all pages that have a chapter of their own, for tests.
func Helped() []string {
	return slices.Sorted(maps.Keys(helpOf))
}
