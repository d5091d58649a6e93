package appliance_test

// apps is an app password made, shown once, and removed.
func (w *walk) apps() {
	b := w.tab().Signs(johanAt)
	b.Goes("/account").Look("account-apps")
	b.Goes("/account/apps").Look("apps-none")
	b.Fills("name", "Skrivaren på plan 2").Sends("/account/apps").Sees("visas bara den här gången").Look("apps-made")
	b.Goes("/account/apps").Sees("aldrig använt").Look("apps")
	b.Sends("/account/apps/remove").Sees("Applösenordet är borttaget").Look("apps-removed")
}
