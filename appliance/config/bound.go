package config

// Unit is what a number counts.
type Unit string

// The units; a number without one is a port or a status.
const (
	Bytes   Unit = "bytes"
	Days    Unit = "days"
	Letters Unit = "letters" // a week
	Percent Unit = "percent"
	Texts   Unit = "texts" // SMS
)

// Bound is between what a number must lie, both ends allowed.
type Bound struct {
	Least, Most int64
	Unit        Unit
}

// bounds are those of every number. Validate has them too, with more about how numbers go
// together; a test holds both equal.
var bounds = map[string]Bound{
	"smtp.max_message_bytes":     {1 << 20, 1 << 30, Bytes},
	"smarthost.port":             {1, 65535, ""},
	"sms.gateway.success_from":   {0, 599, ""},
	"sms.gateway.success_to":     {0, 599, ""},
	"sms.per_number_and_day":     {1, 1_000_000, Texts},
	"sms.per_letter":             {1, 1_000_000, Texts},
	"sms.per_day":                {1, 1_000_000, Texts},
	"retention.open_within_days": {1, 3650, Days},
	"retention.read_for_days":    {1, 3650, Days},
	"retention.min_days":         {0, 3650, Days},
	"retention.max_days":         {1, 3650, Days},
	"plans.lite":                 {1, 10_000, Letters},
	"plans.lite_business":        {1, 10_000, Letters},
	"plans.recipient":            {1, 10_000, Letters},
	"directory.brake":            {1, 100, Percent},
	"backup.keep_days":           {0, 3650, Days},
	"backup.keep_weeks":          {0, 520, ""},
	"backup.keep_months":         {0, 120, ""},
	"trace.keep_days":            {1, 90, Days},
}

// choices are of keys that must be one of a few words.
var choices = map[string][]string{
	"backup.kind":        {BackupDir, BackupSFTP, BackupS3},
	"house.recovery":     Recoveries[:],
	"log.form":           {LogText, LogJSON},
	"log.level":          Levels[:],
	"web.tls":            Certificates[:],
	"smtp.tls":           Certificates[:],
	"smarthost.tls":      {TLSVerify, TLSImplicit, TLSLab},
	"sms.gateway.kind":   {Gateway46elks, GatewayGeneric},
	"sms.gateway.method": {"GET", "POST", "PUT"},
}
