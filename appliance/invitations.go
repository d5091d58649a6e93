package appliance

import "context"

// forgetInvitations erases invitations that nobody has taken up in 90 days; none while
// the clock has leapt, for that would shut people out of their own key.
func (a *Appliance) forgetInvitations(ctx context.Context) error {
	if !a.brake.Check(a.c.Clock.Now(), a.c.Clock.Running()) {
		return nil
	}
	_, err := a.office.ForgetInvitations(ctx)
	return err
}
