package signon

import (
	"errors"
	"fmt"

	"sigill/appliance/mail"
)

// wrong is an answer that does not hold: it was made up, mixed up, or is for somebody
// else. People begin anew.
func wrong(why string) error {
	return mail.E(mail.Denied, "error.signon.wrong", errors.New("sign-on: "+why))
}

// late is an answer that comes too late, or to nothing.
func late(why string) error {
	return mail.E(mail.Denied, "error.signon.late", errors.New("sign-on: "+why))
}

// down is an issuer that cannot be used just now.
func down(what string, err error) error {
	return mail.E(mail.Again, "error.signon.down", fmt.Errorf("sign-on: the issuer's %s %s", what, detail(err)))
}

// setup is a fault that only the operator can mend, here or at the issuer.
func setup(format string, a ...any) error {
	return mail.E(mail.Internal, "error.signon.setup", fmt.Errorf("sign-on: "+format, a...))
}

// refused turns an error code of the issuer into an error. That one comes by the browser
// (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6), so it is anybody's word: a code that
// is not known is not repeated.
func refused(code string) error {
	cause := fmt.Errorf("sign-on: the issuer answers %s", code)
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return mail.E(mail.Denied, "error.signon.cancelled", cause)
	case "unmet_authentication_requirements": // OpenID Connect Core Unmet Authentication Requirements 1.0
		return mail.E(mail.Denied, "error.signon.level", cause)
	case "server_error", "temporarily_unavailable":
		return mail.E(mail.Again, "error.signon.down", cause)
	case "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type",
		"request_not_supported", "request_uri_not_supported", "registration_not_supported", "invalid_target":
		return mail.E(mail.Internal, "error.signon.setup", cause)
	}
	return mail.E(mail.Denied, "error.signon.cancelled", errors.New("sign-on: the issuer answers an error of its own"))
}
