package appliance

import "sigill/appliance/config"

// LetFile has the demo say that it runs by a configuration file. It must be called before
// Run.
func LetFile(f config.Config) func(*Demo) {
	return func(d *Demo) {
		d.Appliance.c.Book = func() config.Book { return f.Book(Languages()...) }
		d.Appliance.c.File = f.File
	}
}
