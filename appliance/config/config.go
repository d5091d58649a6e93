package config

// DefaultPath is where the file is looked for.
const DefaultPath = "/etc/sigill/sigill.toml"

// Config is the whole configuration. The comments on the fields stand in the
// example file, which people read.
type Config struct {
	Unfinished bool      `toml:"unfinished"` // the set-up is not through: see Filled
	Data       string    `toml:"data"`       // directory of the store
	Keys       string    `toml:"keys"`       // directory of the appliance key; elsewhere than Data
	Run        string    `toml:"run"`        // directory of the socket for commands
	House      House     `toml:"house"`
	Web        Web       `toml:"web"`
	SMTP       SMTP      `toml:"smtp"`
	ACME       ACME      `toml:"acme"`
	Senders    Senders   `toml:"senders"`
	Smarthost  Smarthost `toml:"smarthost"`
	Notices    Notices   `toml:"notices"`
	SMS        SMS       `toml:"sms"`
	Retention  Retention `toml:"retention"`
	Plans      Plans     `toml:"plans"`
	Passwords  Passwords `toml:"passwords"`
	SignOn     SignOn    `toml:"sign_on"`
	Directory  Directory `toml:"directory"`
	Alarms     Alarms    `toml:"alarms"`
	Metrics    Metrics   `toml:"metrics"`
	Log        Log       `toml:"log"`
	Backups    []Backup  `toml:"backup"`
	Trace      Trace     `toml:"trace"`
	Canary     Canary    `toml:"canary"`
	Update     Update    `toml:"update"`
	origin     origin    `toml:"-"`
}

// House is the organisation, as readers see it.
type House struct {
	Name       string   `toml:"name"`
	Department string   `toml:"department"`
	Phone      string   `toml:"phone"`
	Web        string   `toml:"web"`
	Country    string   `toml:"country"`  // ISO 3166, two letters
	Zone       string   `toml:"zone"`     // of the time zone database
	Language   string   `toml:"language"` // tag of a catalogue
	Domains    []string `toml:"domains"`
	Admin      string   `toml:"admin"`    // address; may be empty
	Recovery   string   `toml:"recovery"` // one of Recoveries
}

// Recoveries are the ways in which the recovery key is shared on paper.
var Recoveries = [...]string{"2-of-3", "2-of-4", "2-of-5", "3-of-4", "3-of-5", "whole"}

// Web is the portal's listener.
type Web struct {
	BaseURL        string   `toml:"base_url"` // without a slash at its end
	Listen         string   `toml:"listen"`
	FormerHosts    []string `toml:"former_hosts"` // names that base_url had before
	TLS            string   `toml:"tls"`          // one of Certificates
	TLSCert        string   `toml:"tls_cert"`     // PEM files; both or none
	TLSKey         string   `toml:"tls_key"`
	TrustedProxies []string `toml:"trusted_proxies"` // networks
}

// SMTP is the listeners for mail.
type SMTP struct {
	Hostname        string `toml:"hostname"`
	Listen          string `toml:"listen"`
	Submission      string `toml:"submission"`  // of mail programs, by STARTTLS; "" if it is off
	Submissions     string `toml:"submissions"` // of mail programs, by TLS from the first byte; "" if it is off
	TLS             string `toml:"tls"`         // one of Certificates
	TLSCert         string `toml:"tls_cert"`
	TLSKey          string `toml:"tls_key"`
	MaxMessageBytes int64  `toml:"max_message_bytes"`
}

// Where a certificate comes from.
const (
	TLSFiles    = "files"    // two files that somebody else looks after; without their names there is none
	TLSACME     = "acme"     // an authority that gives certificates by itself
	TLSInternal = "internal" // this machine's own authority, which nobody knows: for trying out
)

// Certificates are the places where one may come from.
var Certificates = [...]string{TLSFiles, TLSACME, TLSInternal}

// ACME is the authority that certificates come from (RFC 8555).
type ACME struct {
	Directory   string `toml:"directory"`
	Contact     string `toml:"contact"`      // address; may be empty
	Listen      string `toml:"listen"`       // for HTTP-01; "" if it is off
	CAFile      string `toml:"ca_file"`      // that the directory's own certificate is signed by
	Account     string `toml:"account"`      // name of the key of an account that was ordered there; may be empty
	AccountFile string `toml:"account_file"` // with its key
	Key         Secret `toml:"-"`
}

// Senders says who may send for the house and who hands in mail for it.
type Senders struct {
	Networks []string `toml:"networks"`     // of the house's own relays
	Certs    []string `toml:"client_certs"` // SHA-256 of the public key, hex
	Peers    []string `toml:"gateways"`     // networks of gateways with inbound mail
	Shared   []Shared `toml:"shared"`
}

// Shared is a relay that serves others too.
type Shared struct {
	Name        string   `toml:"name"`
	Networks    []string `toml:"networks"`
	DKIM        []string `toml:"dkim_domains"`
	Header      string   `toml:"header"`
	SecretFiles []string `toml:"secret_files"`
	Secrets     []Secret `toml:"-"` // read from SecretFiles, in their order
}

// The ways in which TLS to the smarthost is done.
const (
	TLSVerify   = "verify"   // STARTTLS, with a certificate for its name
	TLSImplicit = "implicit" // TLS from the first byte, with a certificate for its name
	TLSLab      = "lab"      // with or without; on loopback only
)

// Smarthost is the server that carries our notices.
type Smarthost struct {
	Host         string `toml:"host"`
	Port         int    `toml:"port"`
	TLS          string `toml:"tls"`
	CAFile       string `toml:"ca_file"`
	User         string `toml:"user"`
	PasswordFile string `toml:"password_file"`
	Password     Secret `toml:"-"`
	// SendsFrom and DKIM are told to the doctor: from which addresses it reaches the world, and
	// by which selectors it signs.
	SendsFrom []string `toml:"sends_from"`
	DKIM      []string `toml:"dkim_selectors"`
}

// Notices are the mails that we send.
type Notices struct {
	From string `toml:"from"`
	Own  string `toml:"own_domain"`
}

// SMS are the gateways, in the order in which they are tried, and their budgets.
type SMS struct {
	Gateways  []Gateway `toml:"gateway"`
	Countries []string  `toml:"countries"` // calling codes
	PerNumber int       `toml:"per_number_and_day"`
	PerLetter int       `toml:"per_letter"`
	PerDay    int       `toml:"per_day"`
	Price     string    `toml:"price"`    // of a part, decimal, where the gateway does not say it; "" is not known
	Currency  string    `toml:"currency"` // ISO 4217, three letters
}

// The kinds of gateway.
const (
	Gateway46elks  = "46elks"
	GatewayGeneric = "generic"
)

// Gateway is one provider of SMS. The fields from URL on are the generic one's.
type Gateway struct {
	Kind        string            `toml:"kind"`
	Name        string            `toml:"name"`
	From        string            `toml:"from"`
	User        string            `toml:"user"` // 46elks
	SecretFile  string            `toml:"secret_file"`
	URL         string            `toml:"url"`
	Method      string            `toml:"method"`
	Header      map[string]string `toml:"header"`
	Body        string            `toml:"body"`
	SuccessFrom int               `toml:"success_from"`
	SuccessTo   int               `toml:"success_to"`
	Success     string            `toml:"success"`
	IDPath      string            `toml:"id_path"`
	IDRegexp    string            `toml:"id_regexp"`
	ReportID    string            `toml:"report_id"`     // where a delivery report has the id; "" asks for none
	ReportState string            `toml:"report_status"` // and the status
	Delivered   []string          `toml:"report_delivered"`
	Failed      []string          `toml:"report_failed"`
	CAFile      string            `toml:"ca_file"`
	Secret      Secret            `toml:"-"` // from SecretFile; {{secret}} in a header value
}

// Retention is how long letters live, in days.
type Retention struct {
	OpenWithin int `toml:"open_within_days"`
	ReadFor    int `toml:"read_for_days"`
	Min        int `toml:"min_days"` // 0: from an hour on
	Max        int `toml:"max_days"`
}

// Plans is how many letters a week the light plans have, each recipient one, and
// registered recipients.
type Plans struct {
	Lite         int `toml:"lite"`
	LiteBusiness int `toml:"lite_business"`
	Recipient    int `toml:"recipient"` // of registered recipients, to those who have written to them
}

// Passwords says which ones people may not choose.
type Passwords struct {
	Leaked string `toml:"leaked"` // file of Have I Been Pwned, ordered by SHA-1; may be empty
}

// SignOn is where people of the house sign in for everything else, by OpenID Connect.
type SignOn struct {
	Issuer     string   `toml:"issuer"` // "" if it is off
	ClientID   string   `toml:"client_id"`
	SecretFile string   `toml:"secret_file"` // one of this and KeyFile
	KeyFile    string   `toml:"key_file"`
	KeyID      string   `toml:"key_id"`
	Scopes     []string `toml:"scopes"`
	Claim      string   `toml:"claim"` // that holds the address
	Unverified bool     `toml:"unverified"`
	ACR        []string `toml:"acr_values"`
	CAFile     string   `toml:"ca_file"`
	Label      string   `toml:"label"`       // of the button
	Required   bool     `toml:"required"`    // people sign in only there, but for administrators
	ServerHeld bool     `toml:"server_held"` // who signs in there needs no code of their own to read
	// SecondFactor says that two factors are demanded there of everybody.
	SecondFactor bool              `toml:"second_factor"`
	Require      map[string]string `toml:"require"` // claims with their values
	Extra        map[string]string `toml:"extra"`   // parameters of the request
	Secret       Secret            `toml:"-"`       // from SecretFile
	Key          Secret            `toml:"-"`       // from KeyFile: PEM
}

// Directory is where the house's people come from by themselves; off without a URL.
type Directory struct {
	URL          string `toml:"url"`
	StartTLS     bool   `toml:"starttls"`
	CAFile       string `toml:"ca_file"`
	BindDN       string `toml:"bind_dn"`
	PasswordFile string `toml:"password_file"`
	Password     Secret `toml:"-"`
	Base         string `toml:"base"`
	Filter       string `toml:"filter"`
	Disabled     string `toml:"disabled"`
	Mail         string `toml:"mail"`
	Name         string `toml:"name"`
	ID           string `toml:"id"`
	CostCentre   string `toml:"cost_centre"`
	Departments  string `toml:"departments"` // an attribute, "dn", or ""
	Separator    string `toml:"separator"`
	Unit         string `toml:"unit"`     // names with / between; "" is the root
	Schedule     string `toml:"schedule"` // cron, UTC
	SuspendGone  bool   `toml:"suspend_gone"`
	Brake        int    `toml:"brake"` // percent
}

// Canary is the letter by which the way of all is tried; off without From and Phone.
type Canary struct {
	From     string `toml:"from"`
	Phone    string `toml:"phone"`    // E.164
	Schedule string `toml:"schedule"` // cron, UTC; "" is by hand only
}

// Trace is what is kept of each mail at the door, for who helps people.
type Trace struct {
	KeepDays int `toml:"keep_days"`
}

// On reports whether there is a directory.
func (d Directory) On() bool { return d.URL != "" }

// Default returns what stands where the file says nothing. It is not valid by
// itself: what nobody can guess is empty.
func Default() Config {
	return Config{
		Data:      "/var/lib/sigill",
		Keys:      "/etc/sigill/keys",
		Run:       "/run/sigill",
		House:     House{Country: "SE", Zone: "Europe/Stockholm", Language: "sv", Recovery: "2-of-3"},
		Web:       Web{Listen: ":443", TLS: TLSFiles},
		SMTP:      SMTP{Listen: ":25", TLS: TLSFiles, MaxMessageBytes: 100 << 20},
		ACME:      ACME{Directory: "https://acme-v02.api.letsencrypt.org/directory", Listen: ":80"},
		Smarthost: Smarthost{Port: 587, TLS: TLSVerify},
		SMS: SMS{Countries: []string{"46", "45", "47", "358", "354", "298", "299"},
			PerNumber: 5, PerLetter: 15, PerDay: 2000, Currency: "SEK"},
		Retention: Retention{OpenWithin: 30, ReadFor: 30, Max: 365},
		Plans:     Plans{Lite: 10, LiteBusiness: 50, Recipient: 10},
		SignOn:    SignOn{Scopes: []string{"email", "profile"}, Claim: "email"},
		Update:    Update{Schedule: "40 3 * * *"},
		Directory: Directory{
			Filter: "(&(objectClass=person)(mail=*))", Mail: "mail", Name: "displayName", ID: "entryUUID", Departments: "department", Separator: "/",
			Schedule: "30 1 * * *", SuspendGone: true, Brake: 5,
		},
		Trace:  Trace{KeepDays: 30},
		Canary: Canary{Schedule: "15 2 * * *"},
		Alarms: Alarms{Mail: true},
		Log:    Log{Form: LogText, Level: "info"},
	}
}
