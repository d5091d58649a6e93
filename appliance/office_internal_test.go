package appliance

import "sigill/appliance/office"

// OfficeOf is the demo's office.
func OfficeOf(d *Demo) *office.Office { return d.Appliance.office }
