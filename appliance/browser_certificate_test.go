package appliance_test

import "strings"

// certificates are those that the doors show, with what to do where something is wrong.
func (w *walk) certificates() {
	const at = "/admin/certificates"
	b := w.tab().Signs(adminAt).Goes("/admin").Sees("Något är fel").Presses(`a[href="`+at+`"]`).Sees("mx.exempelkommun.se svarar inte", "Rotcertifikat för webbläsare", "Fingeravtryck").Look("certificates")
	if name, root := b.Downloads(`a[href="` + at + `/root"]`); name != "sigill-root.pem" || !strings.HasPrefix(string(root), "-----BEGIN CERTIFICATE-----") || strings.Contains(string(root), "PRIVATE") {
		w.Errorf("%s: %s", name, root)
	}
	b.Goes(at).Sends(at).Sees("Det provas igen inom en minut")
}
