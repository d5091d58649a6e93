package appliance_test

// domains is how a mail domain becomes the house's.
func (w *walk) domains() {
	b := w.tab().Signs(adminAt)
	b.Goes("/org/domains").Look("domains")
	b.Form("/org/domains", "domain", "ingen domän").Sees("Det är ingen domän").Look("domains-wrong")
	b.Form("/org/domains", "domain", "skola.exempelkommun.example").Sees("Domänen är tillagd").Look("domains-waits")
	b.Sends("/org/domains/prove").Sees("DNS svarar inte").Look("domains-dns")
	b.Form("/org/domains/vouch", "typed", "skolan.example").Sees("Det är inte samma domän").Look("domains-vouch")
	b.Form("/org/domains/vouch", "typed", "skola.exempelkommun.example").Sees("Domänen är husets nu").Look("domains-proven")
}
