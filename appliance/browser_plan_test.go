package appliance_test

import "sigill/appliance"

// plans is what somebody with a light plan sees, and who gives it.
func (w *walk) plans() {
	units, people := appliance.OrganisationOf(w.demo)
	unit, person := "/org/unit/"+units["Barn och familj"], "/org/person/"+people[johanAt]
	b := w.tab().Signs(adminAt)
	b.Goes(unit).Form(unit+"/change", "plan", "lite").Sees("Ändringen är sparad").Look("unit-plan")
	b.Goes(person).Sees("LITE PERSONAL").Look("person-plan")
	johan := w.tab().Signs(johanAt)
	johan.Goes("/account").Sees("brev kvar den här veckan").Look("account-light")
	johan.Goes("/write").Look("write-light")
	johan.Fills("to", "ny@example.org", "phone", "0707654321", "subject", "Hej", "text", "Hej").Presses(`button[value="send"]`).Sees("Med din plan kan du bara skriva till dem").Look("write-unmet")
	b.Form(person+"/plan", "plan", "pro").Sees("PRO PERSONAL")
	b.Goes(unit).Form(unit+"/change", "plan", "none").Sees("Ändringen är sparad")
}
