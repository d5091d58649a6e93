package doctor

// checks are all of them, in the order of the groups.
var checks = [...]string{
	"mail.smarthost", "mail.queue",
	"sms.gateway", "sms.budget", "sms.balance",
	"dns.spf", "dns.dmarc", "dns.dkim", "dns.mx", "dns.ptr", "dns.web",
	"tls.web", "tls.smtp",
	"machine.room", "machine.medium", "machine.clock", "machine.synced", "machine.swap", "machine.core", "machine.size", "machine.modes",
	"keys.kit", "keys.place", "keys.held", "keys.admin",
	"care.running", "care.store", "care.backup", "care.drill", "care.update", "care.work", "care.journal", "care.config", "care.canary",
}

// Checks returns the names of all checks: what metrics count and alarms are told by.
func Checks() []string { return append([]string(nil), checks[:]...) }
