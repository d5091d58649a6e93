package appliance

import (
	"context"

	"sigill/appliance/metrics"
)

// openLockedMetrics makes the listener for Prometheus, if there is to be one: whoever watches
// over the machine learns that it waits to be unlocked, rather than nothing.
func (l *lockedMachine) openLockedMetrics() {
	if l.c.Metrics == nil {
		return
	}
	failing := func() []string { return []string{"machine.locked"} }
	l.metrics = metrics.New(metrics.Config{Listener: l.c.Metrics, Trusted: l.c.MetricsTrusted, Figures: l.lockedFigures, Failing: failing, Log: l.c.Log})
}

// lockedFigures are what can be counted without the key.
func (l *lockedMachine) lockedFigures(context.Context) ([]metrics.Figure, error) {
	return l.keyFigures(true), nil
}

// keyFigures say whether the appliance has its key, and what waits for it.
func (a *Appliance) keyFigures(locked bool) []metrics.Figure {
	return []metrics.Figure{
		oneFigure("sigill_locked", "1 while the appliance waits to be unlocked.", figure(locked)),
		oneFigure("sigill_mails_spooled", "Mails that came while it was locked, and were not read since.", float64(len(a.spool.Waiting()))),
	}
}
