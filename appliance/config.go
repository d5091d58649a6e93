package appliance

import (
	"crypto/tls"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"sigill/appliance/access"
	"sigill/appliance/config"
	"sigill/appliance/courier"
	"sigill/appliance/doctor"
	"sigill/appliance/door/portal"
	"sigill/appliance/door/smtpd"
	"sigill/appliance/keyring"
	"sigill/appliance/leaked"
	"sigill/appliance/mail"
	"sigill/appliance/policy"
	"sigill/appliance/seal"
	"sigill/appliance/syslog"
	"sigill/appliance/tlscert"
)

// Config is all that an appliance is told. Serve makes it of the configuration
// file, Demo of made-up people and a trap; the machine is the same.
type Config struct {
	Data string // directory of the store
	Keys string // directory of the appliance key
	// Credential is the file with that key which the service manager has brought; "" if none.
	Credential string
	// Key is the appliance key that somebody has unlocked; zero: it is read where it is.
	Key   seal.Secret
	Run   string // directory of the socket for commands; without it there is no socket
	House House
	Rules policy.Rules

	Web        net.Listener
	WebTLS     *tls.Config
	BaseURL    string
	Former     []string // host names that BaseURL had before
	Trial      bool     // WebTLS is of an authority that browsers do not know
	Proxies    []netip.Prefix
	SMTP       []smtpd.Listener
	SMTPTLS    *tls.Config
	SMTPLimits smtpd.Limits
	// Certificates are what WebTLS and SMTPTLS show; nil if nobody looks after them. Questions
	// is where an authority asks by HTTP-01 whether a name is ours; nil if none does.
	Certificates *tlscert.Keeper
	Questions    net.Listener
	Senders      smtpd.Rules // who may send; Reader is filled in
	Resolve      smtpd.Resolver

	Smarthost courier.Smarthost
	Gateway   func(hook func(provider string) string) (courier.Gateway, error) // hook is where a provider reports
	Reports   map[string]courier.ReportForm                                    // how reports are read, by provider
	From      mail.Address                                                     // of notices
	Own       string                                                           // domain in which we make addresses
	SendsFrom []netip.Addr                                                     // from which the smarthost reaches the world; empty: those of its name
	DKIM      []string                                                         // selectors by which it signs
	DNS       doctor.Resolver                                                  // nil: none is asked what it says of the house
	Gateways  int                                                              // of SMS: how many there are
	Alarms    Alarms
	Events    *syslog.Line // where the journal's events go; nil: nowhere

	Metrics        net.Listener   // for Prometheus; nil: there is none
	MetricsTrusted []netip.Prefix // that may ask there besides this computer
	SMS            access.SMSLimits
	SMSPrice       int64  // of a part, in millionths of Currency, where the gateway does not say it; 0: not known
	Currency       string // of the house and of the gateways' accounts: "SEK"
	Plans          mail.PlanLimits
	SignOn         SignOn
	Canary         Canary
	TraceDays      int // for which mails at the door are kept; 0: traceDays

	Leaked    *leaked.List // of leaked passwords; nil: the built-in ones
	Directory Directory    // the zero value: there is none
	Backups   []config.Backup

	Sharing keyring.Sharing // of R in the recovery kit, at the first start; the zero value: keyring.DefaultSharing

	// Required says from when on a person must have a second factor to sign in; ok false:
	// need not. Nil: as the person's departments say.
	Required func(mail.Person) (from time.Time, ok bool)

	Book func() config.Book // every setting, for who runs the machine
	// File is the text of the configuration file, which goes into backups; nil: there is none.
	File func() ([]byte, error)

	// Updates is what is known of newer programs; nil where there is nobody to take them.
	Updates *updates
	// Rehearsed says that the appliance is only opened to see whether it works: nothing is
	// erased, and nothing is begun of itself.
	Rehearsed bool

	// SetUp is the configuration file that the set-up writes; "": there is none to write.
	SetUp string
	// Unfinished: the set-up is not through. No mail is taken or sent.
	Unfinished bool

	// Overseen says that the service manager is told how it goes, if there is one.
	Overseen bool

	Clock mail.Clock
	Log   *slog.Logger
}

// SignOn is the organisation's own sign-on. The zero value: it has none.
type SignOn struct {
	Provider   portal.SignOnProvider
	Required   bool // people come in by it alone, but for administrators
	ServerHeld bool // the server holds the keys of who comes by it
}

// House is the organisation, as it shows itself.
type House struct {
	Name       string // "Exempelkommun"
	Department string // "Socialtjänsten"
	Phone      string
	Web        string
	Country    string // of national numbers and working days: "SE"
	Lang       string
	Domains    []string
	Admin      mail.Address // made an administrator at the first start, and invited; may be empty
}

// Sign is what is published of a sender.
func (h House) Sign() string {
	if h.Department == "" {
		return h.Name
	}
	return h.Department + ", " + h.Name
}

// brand is what it shows of itself before anybody has said anything on its pages.
func (h House) brand() mail.Brand {
	return mail.Brand{Name: h.Name, Sender: h.Department, Phone: h.Phone, Web: h.Web}
}
