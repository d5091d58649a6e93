package appliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sigill/appliance/config"
	"sigill/appliance/door/admin"
	"sigill/appliance/door/control"
	"sigill/appliance/mail"
	"sigill/updater"
)

// UpdateCommand is `sigill update`: the commands, with what they say to people or scripts.
type UpdateCommand struct {
	Out  io.Writer
	JSON bool
}

// Check says whether there is something newer at the source.
func (c UpdateCommand) Check(ctx context.Context, p Places) error {
	s, err := c.ask(ctx, p, askUpdateLook, false)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("Version %s runs. Nothing newer is known.\n", s.Version)
	switch {
	case s.Source == "":
		text = fmt.Sprintf("Version %s runs. No source is configured (update.source).\n", s.Version)
	case s.Found != nil:
		text = fmt.Sprintf("Version %s runs. Version %s may be installed: sigill update apply\n%s", s.Version, s.Found.Version, s.Found.Notes)
	}
	if s.Failed != "" {
		text += "But " + updater.Refusal(s.Failed).Error() + ".\n"
	}
	return c.say(s, text)
}

// Apply installs what is at the source, and waits until the newer program runs, or the older
// one does again. Over: though its time is over.
func (c UpdateCommand) Apply(ctx context.Context, p Places, over bool) error {
	s, err := c.ask(ctx, p, askUpdateApply, over)
	if err != nil {
		return err
	}
	if s.Ready != nil && !c.JSON {
		fmt.Fprintf(c.Out, "Version %s is tried. The doors are shut meanwhile.\n", s.Ready.Version)
	}
	return c.wait(ctx, p)
}

// Rollback puts the program before in its place; of a service that does not run, too, by who
// may write there.
func (c UpdateCommand) Rollback(ctx context.Context, f config.Config, version string) error {
	p := PlacesOf(f)
	_, err := c.ask(ctx, p, askUpdateReturn, false)
	if err == nil {
		return c.wait(ctx, p)
	}
	if !errors.Is(err, control.ErrNobody) {
		return err
	}
	to, err := returnStill(f, version)
	if err != nil {
		return err
	}
	return c.say(admin.UpdateState{Version: to.Version}, fmt.Sprintf("Version %s is back. It runs from the next start on.\n", to.Version))
}

func (c UpdateCommand) ask(ctx context.Context, p Places, path string, over bool) (s admin.UpdateState, err error) {
	err = control.Ask(ctx, p.Run, path, updateAsk{over}, &s)
	return s, err
}

// How long a command waits for a program to take over, and between two looks.
const (
	takesOver = 15 * time.Minute
	looksAt   = 2 * time.Second
)

// wait waits until the appliance answers again, and says what has come of it.
func (c UpdateCommand) wait(ctx context.Context, p Places) error {
	return again(ctx, takesOver, looksAt, func(ctx context.Context) (bool, error) {
		s, err := c.ask(ctx, p, askUpdate, false)
		if err != nil || s.Doing != "" || s.Last == nil {
			return false, nil
		}
		if !s.Last.Went {
			return true, fmt.Errorf("version %s was not kept, version %s runs as before: %w", s.Last.To, s.Version, updater.Hitch(s.Last.Why))
		}
		return true, c.say(s, fmt.Sprintf("Version %s runs.\n", s.Version))
	})
}

func (c UpdateCommand) say(s admin.UpdateState, text string) error {
	if c.JSON {
		e := json.NewEncoder(c.Out)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	_, err := io.WriteString(c.Out, text)
	return err
}

// What a running appliance is asked of updates.
const (
	askUpdate       = "/update"
	askUpdateLook   = "/update/look"
	askUpdateApply  = "/update/apply"
	askUpdateReturn = "/update/return"
)

// updateAsk is the question of each.
type updateAsk struct{ Over bool }

func (a *Appliance) updateAnswer(ctx context.Context, _ updateAsk) (admin.UpdateState, error) {
	return updating{a}.Update(ctx)
}

func (a *Appliance) updateLook(ctx context.Context, in updateAsk) (admin.UpdateState, error) {
	if err := (updating{a}).Look(ctx); err != nil {
		return admin.UpdateState{}, err
	}
	return a.updateAnswer(ctx, in)
}

func (a *Appliance) updateApply(ctx context.Context, in updateAsk) (admin.UpdateState, error) {
	p := updating{a}
	if err := p.Fetch(ctx, in.Over); err != nil {
		return admin.UpdateState{}, err
	}
	if err := p.Install(ctx, mail.Actor{Kind: mail.ActorSystem}); err != nil {
		return admin.UpdateState{}, err
	}
	return a.updateAnswer(ctx, in)
}

func (a *Appliance) updateReturn(ctx context.Context, in updateAsk) (admin.UpdateState, error) {
	if err := (updating{a}).Return(ctx, mail.Actor{Kind: mail.ActorSystem}); err != nil {
		return admin.UpdateState{}, err
	}
	return a.updateAnswer(ctx, in)
}
