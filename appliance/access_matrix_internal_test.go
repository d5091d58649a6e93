package appliance

import "sigill/appliance/courier"

// HookOf makes a provider of SMS known, and returns the path at which it reports. It
// must be called before Run.
func HookOf(d *Demo, provider string) string {
	t := d.Appliance.portal.Texter.(*texter)
	t.reports.forms = map[string]courier.ReportForm{provider: courier.ElksReport()}
	return "/hook/sms/" + provider + "/" + hookSecret(d.Appliance.founding.app, provider)
}
