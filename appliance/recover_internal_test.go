package appliance

import (
	"context"
	"path/filepath"
	"sync/atomic"

	"sigill/appliance/mail"
	"sigill/appliance/office"
)

// over is the context of somebody who went away after the store had taken their work up.
type over struct{ context.Context }

func (over) Err() error { return context.Canceled }

// ApplyForNobody takes an answer for a command whose process has ended meanwhile.
func ApplyForNobody(d *Demo, answer []byte) (Restored, error) {
	return d.Appliance.recoverApply(over{context.Background()}, toApply{Data: filepath.Join(d.Dir, "data"), Answer: answer})
}

// Eraser is the way of the demo's office to its store, which may refuse to erase.
type Eraser struct {
	office.Store
	fault atomic.Pointer[error]
}

// EraserOf puts an Eraser before the demo's store. It must be called before Run.
func EraserOf(d *Demo) *Eraser {
	e := &Eraser{Store: d.Appliance.office.Store}
	d.Appliance.office.Store = e
	return e
}

// Refuse makes it fail from now on; nil: it works again.
func (e *Eraser) Refuse(fault error) { e.fault.Store(&fault) }

// EraseSlots erases, or fails.
func (e *Eraser) EraseSlots(ctx context.Context, slots []mail.Slot) error {
	if f := e.fault.Load(); f != nil && *f != nil {
		return *f
	}
	return e.Store.EraseSlots(ctx, slots)
}
