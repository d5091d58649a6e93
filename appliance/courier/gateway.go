package courier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sigill/appliance/mail"
)

// Gateway hands an SMS to a provider. Its error is a GatewayError, and holds
// neither number nor text.
type Gateway interface {
	Send(ctx context.Context, s mail.SMS) (mail.Receipt, error)
}

// GatewayError says why a gateway did not take an SMS, without its words: a
// provider's answer may repeat the text.
type GatewayError struct {
	Provider string
	Status   int    // of HTTP; 0 if there was no answer
	Detail   string // ours: "network", "timeout", "status", "answer", "request"
	// Sure: the SMS was certainly not taken, so that another provider may be asked.
	// Else it may be on its way.
	Sure bool
}

// Error is for the log.
func (e *GatewayError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("sms gateway %s: %s %d", e.Provider, e.Detail, e.Status)
	}
	return fmt.Sprintf("sms gateway %s: %s", e.Provider, e.Detail)
}

// refusal reports whether a status that is no success says that the SMS was not
// taken. Only 4xx does (RFC 9110, 15.5): behind a 5xx (a proxy's 502 or 504 above all)
// or a redirect the provider may have done its work all the same.
func refusal(status int) bool { return status/100 == 4 }

// Named is a gateway with its name in the configuration.
type Named struct {
	Name    string
	Gateway Gateway
}

// Failover asks several providers, one after the other. The reader must never get
// two SMS for one press of the button, so the next one is asked only when the one
// before has said no; and again by Resend, when no delivery report came in time.
type Failover struct{ list []Named }

// NewFailover takes at least one gateway, the preferred one first. Names must
// differ: receipts and reports are told apart by them.
func NewFailover(list ...Named) (*Failover, error) {
	seen := map[string]bool{}
	for _, g := range list {
		if g.Name == "" || g.Gateway == nil || seen[g.Name] {
			return nil, errors.New("courier: each gateway needs a name of its own")
		}
		seen[g.Name] = true
	}
	if len(list) == 0 {
		return nil, errors.New("courier: no SMS gateway")
	}
	return &Failover{list}, nil
}

// Send asks the providers in order.
func (f *Failover) Send(ctx context.Context, s mail.SMS) (mail.Receipt, error) {
	return f.from(ctx, 0, s)
}

// Resend hands the same SMS to the providers behind the one that gave r. The
// caller decides that its report is late and the PIN unread; he holds the text,
// in memory, for as long as the PIN lives. The error is a GatewayError with Sure
// if there is no further provider.
func (f *Failover) Resend(ctx context.Context, s mail.SMS, r mail.Receipt) (mail.Receipt, error) {
	for i, g := range f.list {
		if g.Name == r.Provider {
			return f.from(ctx, i+1, s)
		}
	}
	return mail.Receipt{}, &GatewayError{Provider: r.Provider, Detail: "unknown", Sure: true}
}

func (f *Failover) from(ctx context.Context, i int, s mail.SMS) (mail.Receipt, error) {
	err := error(&GatewayError{Detail: "no further provider", Sure: true})
	for _, g := range f.list[i:] {
		var r mail.Receipt
		if r, err = g.Gateway.Send(ctx, s); err == nil {
			r.Provider = g.Name
			return r, nil
		}
		var ge *GatewayError
		if !errors.As(err, &ge) || !ge.Sure || ctx.Err() != nil {
			return mail.Receipt{}, err
		}
	}
	return mail.Receipt{}, err
}

// DefaultGatewayTimeout is how long a provider may take to answer. The reader
// waits for it before a page.
const DefaultGatewayTimeout = 10 * time.Second
