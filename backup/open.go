package backup

import (
	"context"
	"fmt"

	"sigill/appliance/config"
	"sigill/appliance/erase"
)

// OpenTarget opens the target that a table of the configuration tells of.
func OpenTarget(_ context.Context, c config.Backup) (Target, error) {
	switch c.Kind {
	case config.BackupDir:
		return OpenDir(c.Path, erase.Machine{})
	}
	return nil, fmt.Errorf("backup %s: there is no target of the kind %q", c.Name, c.Kind)
}
