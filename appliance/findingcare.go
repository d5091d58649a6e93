package appliance

import (
	"context"
	"slices"
	"strconv"
	"time"

	"sigill/appliance/doctor"
	"sigill/appliance/mail"
	"sigill/updater"
)

// upkeep is what the machine does to be there in five years: backups, updates, certificates,
// and the letter that tries the way.
func (a *Appliance) upkeep(ctx context.Context, now time.Time) ([]doctor.Finding, error) {
	kept, err := a.Backups(ctx)
	if err != nil {
		return nil, err
	}
	var facts []doctor.BackupFact
	for _, t := range kept.Targets {
		facts = append(facts, t.Fact())
	}
	list := append(doctor.BackupAge(now, facts), a.certificateTroubles()...)
	news, err := updating{a}.Update(ctx)
	if err != nil {
		return nil, err
	}
	if news.Way != byNobody { // else the image is replaced as a whole
		f := doctor.UpdateFact{Running: news.Version, Checked: news.Checked, Sourced: news.Source != ""}
		if news.Found != nil {
			f.Newest, f.Since = news.Found.Version, news.Found.Issued
		}
		f.Failed = news.Last != nil && !news.Last.Went
		f.Expired = news.Failed == string(updater.Expired)
		f.Refused = news.Failed != "" && !f.Expired
		list = append(list, doctor.Update(now, f)...)
	}
	return append(list, doctor.Canary(now, canaryFact(a.Tries(), a.LastTrip()))...), nil
}

// canaryFact is how the last trip went. One that is on its way says nothing yet.
func canaryFact(on bool, t mail.Trip) doctor.CanaryFact {
	f := doctor.CanaryFact{On: on}
	if t.Running || t.Began.IsZero() {
		return f
	}
	if broken, ok := t.Broken(); ok {
		f.Hop, f.At = strconv.Itoa(1+slices.Index(mail.Hops[:], broken.Hop)), t.Began
		return f
	}
	f.Last = t.Began
	return f
}
