package doctor

import (
	"crypto/x509"
	"fmt"
	"strings"
	"time"
)

const oneDay = 24 * time.Hour

// When somebody should see to it, and when they must.
const (
	endsSoon    = 30 * oneDay // a certificate that somebody replaces by hand
	endsNow     = 7 * oneDay
	renewsSoon  = 14 * oneDay // one that is renewed by itself: then it has failed for a while
	renewsNow   = 4 * oneDay
	waitsSoon   = 4 * time.Hour // a mail of ours: more than a passing fault
	waitsNow    = oneDay
	practisedIn = 365 * oneDay
	firstWeek   = 7 * oneDay // in which the kit should be practised with
	drilledIn   = 45 * oneDay
	backupLate  = 6 * time.Hour // a file server that begins anew mends itself
	backupFails = time.Hour
	updateIn    = 30 * oneDay
	checkedIn   = 30 * oneDay
	smsNear     = 90 // percent of what may be sent in a day
	daysLeft    = 7  // of SMS, at last week's pace
	daysYear    = 365
)

// Certificate says whether a door's certificate is good for its name, and for how long.
func Certificate(now time.Time, f CertificateFact) []Finding {
	check, soon, must := "tls."+f.Of, endsSoon, endsNow
	if f.Renews {
		soon, must = renewsSoon, renewsNow
	}
	var list []Finding
	add := func(g Grave, what string, args ...string) {
		list = append(list, finding(g, check, what, append(args, "Host", shown(f.Host))...))
	}
	left := f.Ends.Sub(now)
	switch {
	case f.Ends.IsZero(): // there is none yet
	case now.Before(f.Begins):
		add(Fault, "doctor.tls.early", "Day", day(f.Begins))
	case left <= 0:
		add(Fault, "doctor.tls.over", "Day", day(f.Ends))
	case left <= must:
		add(Fault, "doctor.tls.ends", "Day", day(f.Ends))
	case left <= soon:
		add(Warn, "doctor.tls.ends", "Day", day(f.Ends))
	}
	if f.Host != "" && len(f.Names) > 0 && !names(f.Names, f.Host) {
		add(Fault, "doctor.tls.name", "Names", shown(strings.Join(f.Names[:min(5, len(f.Names))], ", ")))
	}
	if !f.Failed.IsZero() {
		add(Warn, "doctor.tls.failed", "Moment", moment(f.Failed))
	}
	if f.SelfSigned {
		add(Warn, "doctor.tls.own")
	}
	if len(list) == 0 {
		list = append(list, finding(Good, check, "doctor.tls.good", "Day", day(f.Ends), "Host", shown(f.Host)))
	}
	return list
}

// names reports whether one of a certificate's names is good for a host: RFC 6125, 6.4.
func names(list []string, host string) bool {
	return (&x509.Certificate{DNSNames: list}).VerifyHostname(host) == nil
}

// Queue says whether our mail goes out.
func Queue(now time.Time, f QueueFact) []Finding {
	var list []Finding
	if f.Down.IsZero() {
		list = append(list, good("mail.smarthost"))
	} else {
		list = append(list, finding(Fault, "mail.smarthost", "doctor.smarthost.down", "Moment", moment(f.Down), "Detail", f.Detail))
	}
	const check = "mail.queue"
	waits := now.Sub(f.Oldest)
	args := []string{"Count", fmt.Sprint(f.Waiting), "Moment", moment(f.Oldest)}
	switch {
	case f.Oldest.IsZero() || waits < waitsSoon:
		list = append(list, good(check))
	case waits < waitsNow:
		list = append(list, finding(Warn, check, "doctor.queue.waits", args...))
	default:
		list = append(list, finding(Fault, check, "doctor.queue.waits", args...))
	}
	return list
}

// SMS says whether codes reach phones, and for how long yet.
func SMS(f SMSFact) []Finding {
	var list []Finding
	switch {
	case f.Gateways == 0:
		list = append(list, finding(Warn, "sms.gateway", "doctor.sms.none"))
	case !f.Down.IsZero():
		list = append(list, finding(Fault, "sms.gateway", "doctor.sms.down", "Moment", moment(f.Down)))
	default:
		list = append(list, good("sms.gateway"))
	}
	if f.Most > 0 {
		args := []string{"Sent", fmt.Sprint(f.Sent), "Most", fmt.Sprint(f.Most)}
		switch {
		case f.Sent >= f.Most:
			list = append(list, finding(Fault, "sms.budget", "doctor.sms.spent", args...))
		case f.Sent*100 >= f.Most*smsNear:
			list = append(list, finding(Warn, "sms.budget", "doctor.sms.near", args...))
		default:
			list = append(list, good("sms.budget"))
		}
	}
	for _, b := range f.Accounts {
		list = append(list, SMSBalance(b))
	}
	return list
}

// SMSBalance says how long the money at a provider lasts.
func SMSBalance(b BalanceFact) Finding {
	const check = "sms.balance"
	left := fmt.Sprintf("%d %s", b.Left/1_000_000, b.Currency)
	args := []string{"Provider", b.Provider, "Left", left}
	switch {
	case !b.Known:
		return finding(Note, check, balanceSilent, "Provider", b.Provider)
	case b.Left <= 0:
		return finding(Fault, check, "doctor.balance.out", args...)
	case b.PerDay <= 0:
		return finding(Good, check, "doctor.balance.good", args...)
	}
	days := b.Left / b.PerDay
	args = append(args, "Days", fmt.Sprint(days))
	switch {
	case days < daysLeft:
		return finding(Warn, check, "doctor.balance.low", args...)
	case days <= daysYear:
		return finding(Good, check, "doctor.balance.lasts", args...)
	}
	return finding(Good, check, "doctor.balance.year", args[:4]...)
}

// BackupAge says whether there is a backup, and whether it was ever restored for trial.
func BackupAge(now time.Time, list []BackupFact) []Finding {
	const check = "care.backup"
	if len(list) == 0 {
		return []Finding{finding(Warn, check, "doctor.backup.none")}
	}
	var found []Finding
	for _, b := range list {
		since := b.Last
		if since.IsZero() {
			since = b.Since
		}
		found = append(found, backupTrouble(b)...)
		_, stopped := backupStopped[b.Fault]
		late := b.Every > 0 && now.Sub(since) > max(2*b.Every, backupLate)
		switch {
		case stopped: // that is why it is late
		case late && b.Last.IsZero():
			found = append(found, finding(Fault, check, "doctor.backup.never", "Name", b.Name))
		case late:
			found = append(found, finding(Fault, check, "doctor.backup.old", "Name", b.Name, "Moment", moment(b.Last)))
		case !b.Failed.IsZero() && now.Sub(b.Failed) > backupFails:
			found = append(found, finding(Warn, check, "doctor.backup.failed", "Name", b.Name, "Moment", moment(b.Failed)))
		}
		if tried := later(b.Drill, b.Since); !b.Last.IsZero() && now.Sub(tried) > drilledIn {
			found = append(found, finding(Warn, "care.drill", "doctor.drill.old", "Name", b.Name))
		}
	}
	if len(found) == 0 {
		found = append(found, good(check))
	}
	return found
}

// backupStopped are the faults because of which the machine writes no more there of its own
// accord, before somebody has looked, and what is said of each.
var backupStopped = map[string]string{"foreign": "doctor.backup.foreign", "alive": "doctor.backup.alive", "lost": "doctor.backup.lost"}

// backupTrouble is what age does not tell: that copies are not what they should be, or that the
// machine has stopped writing them of its own accord.
func backupTrouble(b BackupFact) (found []Finding) {
	if what, ok := backupStopped[b.Fault]; ok {
		found = append(found, finding(Fault, "care.backup", what, "Name", b.Name))
	}
	if b.Damaged {
		found = append(found, finding(Fault, "care.backup", "doctor.backup.damaged", "Name", b.Name))
	}
	if b.Undrilled {
		found = append(found, finding(Fault, "care.drill", "doctor.drill.failed", "Name", b.Name))
	}
	return found
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Custody says whether the keys would be there after a fire, and how well they are kept
// from a thief.
func Custody(now time.Time, f CustodyFact) []Finding {
	var list []Finding
	switch {
	// Whoever takes the machine, or a copy of its disk, has what opens everything.
	case f.Lies && now.Sub(f.Founded) > firstWeek:
		list = append(list, finding(Fault, "keys.kit", "doctor.kit.lies"))
	case f.Lies:
		list = append(list, finding(Warn, "keys.kit", "doctor.kit.lies"))
	case f.Practised.IsZero() && now.Sub(f.Founded) > firstWeek:
		list = append(list, finding(Warn, "keys.kit", "doctor.kit.never"))
	case f.Practised.IsZero():
		list = append(list, finding(Note, "keys.kit", "doctor.kit.yet"))
	case now.Sub(f.Practised) > practisedIn:
		list = append(list, finding(Warn, "keys.kit", "doctor.kit.old", "Day", day(f.Practised)))
	default:
		list = append(list, good("keys.kit"))
	}
	switch f.Mode {
	case "":
	case "file":
		list = append(list, finding(Note, "keys.place", "doctor.place.file"))
	default:
		list = append(list, good("keys.place"))
	}
	if f.Opens > 0 {
		list = append(list, finding(Note, "keys.held", "doctor.held", "Count", fmt.Sprint(f.Opens)))
	}
	return list
}

// OneAdministrator says whether somebody could help the only one.
func OneAdministrator(f PeopleFact) []Finding {
	const check = "keys.admin"
	switch f.Administrators {
	case 0:
		return []Finding{finding(Fault, check, "doctor.admin.none")}
	case 1:
		return []Finding{finding(Warn, check, "doctor.admin.one")}
	}
	return []Finding{good(check)}
}

// Update says whether a newer version waits.
func Update(now time.Time, f UpdateFact) []Finding {
	const check = "care.update"
	args := []string{"Running", f.Running, "Newest", f.Newest}
	switch {
	case f.Failed:
		return []Finding{finding(Fault, check, "doctor.update.back", "Running", f.Running)}
	case f.Newest != "" && now.Sub(f.Since) > updateIn:
		return []Finding{finding(Warn, check, "doctor.update.waits", args...)}
	case f.Newest != "":
		return []Finding{finding(Note, check, "doctor.update.waits", args...)}
	case f.Expired:
		return []Finding{finding(Warn, check, "doctor.update.expired", args...)}
	case f.Refused:
		return []Finding{finding(Warn, check, "doctor.update.refused", args...)}
	case !f.Sourced:
		return []Finding{finding(Note, check, "doctor.update.nosource", args...)}
	case f.Checked.IsZero() || now.Sub(f.Checked) > checkedIn:
		return []Finding{finding(Note, check, "doctor.update.unasked", "Running", f.Running)}
	}
	return []Finding{good(check)}
}

// Care says whether the machine's own work is done.
func Care(f CareFact) []Finding {
	var list []Finding
	for _, name := range f.Failed {
		list = append(list, finding(Warn, "care.work", "doctor.work.failed", "Name", name))
	}
	if len(f.Failed) == 0 {
		list = append(list, good("care.work"))
	}
	if f.Unsigned.IsZero() {
		list = append(list, good("care.journal"))
	} else {
		list = append(list, finding(Fault, "care.journal", "doctor.journal.unsigned", "Moment", moment(f.Unsigned)))
	}
	switch {
	case f.Broken:
		list = append(list, finding(Fault, "care.config", "doctor.config.broken"))
	case f.Changed:
		list = append(list, finding(Note, "care.config", "doctor.config.changed"))
	default:
		list = append(list, good("care.config"))
	}
	return list
}

// Canary says whether the nightly letter came all the way.
func Canary(now time.Time, f CanaryFact) []Finding {
	const check = "care.canary"
	switch {
	case !f.On:
		return []Finding{finding(Note, check, "doctor.canary.off")}
	case f.Hop != "":
		return []Finding{finding(Fault, check, "doctor.canary.broke", "Hop", f.Hop, "Moment", moment(f.At))}
	case f.Last.IsZero():
		return []Finding{finding(Note, check, "doctor.canary.never")}
	case now.Sub(f.Last) > 2*oneDay:
		return []Finding{finding(Warn, check, "doctor.canary.old", "Moment", moment(f.Last))}
	}
	return []Finding{good(check)}
}
