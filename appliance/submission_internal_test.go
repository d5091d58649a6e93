package appliance

import "sigill/appliance/door/portal"

// LetProgramsSend has the demo's pages as they are where mail programs can send. Nothing
// listens for them. It must be called before Run.
func LetProgramsSend(d *Demo) {
	d.Appliance.portal.Submission = portal.Submission{Host: "sakerpost.exempelkommun.se", StartTLS: 587, Implicit: 465}
}
